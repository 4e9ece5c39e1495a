/** What a client gets wrong is told in the service's own words, and changes nothing. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import {
  CreateNetworkInterfaceCommand,
  CreateSubnetCommand,
  DeleteNetworkInterfaceCommand,
} from "@aws-sdk/client-ec2";
import { CreateClusterCommand, DescribeTasksCommand, ListTasksCommand } from "@aws-sdk/client-ecs";
import { serviceCatalog } from "../../src/gateway/service-catalog.ts";
import { CASES, jsonBase, UNBUILT } from "./bad-requests.ts";
import { findFreePort, present, REGION, run, startTestBerth, type TestBerth, until } from "./harness.ts";
import { hostileRequests } from "./hostile.ts";
import { createGroup, createNetwork, type Network } from "./network.ts";
import { jsonRequest, queryRequest, type RawAnswer, type RawRequest, send } from "./raw.ts";
import { CLUSTER, createService, registerTask, startTask, untilStatus, untilSteady } from "./tasks.ts";

const LARGE = 40 * 1024 * 1024;

describe("bad input", { timeout: 240_000 }, () => {
  let berth: TestBerth;
  let network: Network;
  let group: string;
  let database: DatabaseSync;

  before(async () => {
    berth = await startTestBerth();
    await berth.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    network = await createNetwork(berth, "10.7");
    group = await createGroup(berth, network.vpcId, "bad");
    database = new DatabaseSync(join(berth.stateDirectory, "berth.db"), { readOnly: true });
    await untilQuiet();
  });

  after(() => {
    database?.close();
    berth?.down();
  });

  const dump = () => JSON.stringify(database.prepare("SELECT * FROM records ORDER BY 1, 2").all());
  /** Goes up with every transaction of the server. */
  const version = () => Number(database.prepare("PRAGMA data_version").get()?.["data_version"]);

  async function untilQuiet(): Promise<void> {
    await until("nothing is written", 20, async () => {
      const before = version();
      await pause(300);
      return version() === before;
    });
  }

  /** The answer to a request that is refused, and changes nothing. */
  async function refused(request: RawRequest): Promise<RawAnswer> {
    const before = dump();
    const answer = await send(berth.port, request);
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}: ${answer.body.slice(0, 300)}`);
    assert.equal(dump(), before, "the state has changed");
    return answer;
  }

  it("the checks of this file see a write", async () => {
    const [state, count] = [dump(), version()];
    await berth.ecs.send(new CreateClusterCommand({ clusterName: "written" }));
    assert.notEqual(dump(), state);
    assert.notEqual(version(), count);
  });

  for (const { title, request, status, code } of CASES) {
    it(`${title} is refused`, async () => {
      const answer = await refused(request);
      if (status !== undefined) assert.equal(answer.status, status);
      assert.match(answer.code ?? "", typeof code === "string" ? new RegExp(`^${code}$`) : code, answer.body);
    });
  }

  for (const [service, operation, request] of UNBUILT) {
    it(`an operation of ${service} that Berth does not have is refused by its name`, async () => {
      const answer = await refused(request);
      assert.equal(answer.code, "NotImplemented", answer.body);
      assert.match(answer.body, new RegExp(`Berth does not implement ${service}:${operation}\\.`));
    });
  }

  it("a service that Berth does not have is refused by its name", async () => {
    const answer = await refused({
      ...jsonBase,
      headers: { ...jsonBase.headers, "x-amz-target": "DynamoDB_20120810.ListTables" },
    });
    assert.match(answer.body, /Berth does not implement \w+:ListTables/);
  });

  it("a body that is too large is answered with 413", async () => {
    const { status } = await refused(jsonRequest("ecs", "CreateCluster", " ".repeat(LARGE)));
    assert.equal(status, 413);
  });

  it("a foreign host, an origin or another site is refused, whatever the request", async () => {
    for (const headers of [
      { host: "berth.example.com" },
      { host: "127.0.0.1.example.com:4566" },
      { origin: "https://example.com" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]) {
      for (const request of [
        jsonRequest("ecs", "CreateCluster", '{"clusterName":"foreign"}'),
        queryRequest("ec2", "CreateInternetGateway"),
        { method: "GET", path: "/_berth/status" },
        { method: "GET", path: "/v2/" },
      ]) {
        const answer = await refused({ ...request, headers: { ...request.headers, ...headers } });
        assert.equal(answer.status, 403, JSON.stringify(headers));
      }
    }
  });

  it("an image that there is not is the task's stopped reason", async () => {
    const known = await stoppedReason(await registerTask(berth, "absent", { image: `${berth.image}-not` }));
    assert.match(known, /^CannotPullContainerError: .*story:latest-not: not found$/);
    // Port 1 of this machine: no test asks a registry outside.
    const unknown = await stoppedReason(
      await registerTask(berth, "nowhere", { image: "127.0.0.1:1/nothing:1" }),
    );
    assert.match(unknown, /^CannotPullContainerError: .*connection refused/);
  });

  async function stoppedReason(definition: string, subnet = network.privateSubnetId): Promise<string> {
    const arn = await startTask(berth, definition, { subnet, securityGroup: group });
    const task = await untilStatus(berth, arn, "STOPPED");
    assert.equal(task.stopCode, "TaskFailedToStart");
    return present(task.stoppedReason, "stoppedReason");
  }

  it("a full subnet is the stopped reason of tasks; a service gets its task once there is room", async () => {
    const { ec2, ecs } = berth;
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId: network.vpcId,
        CidrBlock: "10.7.20.0/28",
        AvailabilityZone: `${REGION}a`,
      }),
    );
    const subnet = present(Subnet?.SubnetId, "SubnetId");
    // Of 16 addresses AWS keeps five.
    const interfaceIds: (string | undefined)[] = [];
    for (let count = 0; count < 11; count++) {
      const made = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: subnet }));
      interfaceIds.push(made.NetworkInterface?.NetworkInterfaceId);
    }
    await assert.rejects(ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: subnet })), {
      name: "InsufficientFreeAddressesInSubnet",
    });
    const definition = await registerTask(berth, "full");
    assert.equal(
      await stoppedReason(definition, subnet),
      `Unexpected EC2 error while attempting to Create Network Interface in subnet '${subnet}': InsufficientFreeAddressesInSubnet`,
    );

    await createService(berth, "full", definition, { subnet, securityGroup: group });
    const { tasks: stopped } = await until("the service's task has stopped", 30, async () => {
      const { taskArns = [] } = await ecs.send(
        new ListTasksCommand({ cluster: CLUSTER, serviceName: "full", desiredStatus: "STOPPED" }),
      );
      return taskArns.length > 0 && ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns }));
    });
    assert.match(stopped?.[0]?.stoppedReason ?? "", /: InsufficientFreeAddressesInSubnet$/);

    await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: interfaceIds[0] }));
    await untilSteady(berth, "full", 1);
  });

  it("a port that is taken is told in one line, with what to do, and nothing is begun", async () => {
    const port = await findFreePort();
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    const stateDirectory = mkdtempSync("/tmp/bs-taken-");
    const program = new URL("../../berth", import.meta.url).pathname;
    const flags = ["--state-dir", stateDirectory, "--port", String(port), "--public-pool", "198.19.250.0/24"];
    try {
      for (const detach of [["--detach"], []]) {
        const { exitCode, stderr } = await run(program, ["up", ...detach, ...flags, "--log-level", "error"]);
        assert.equal(exitCode, 1, stderr);
        const lines = stderr
          .trim()
          .split("\n")
          .filter((line) => line.startsWith("berth: "));
        assert.equal(lines.length, 1, stderr);
        assert.match(lines[0] ?? "", new RegExp(`port ${port} on 127\\.0\\.0\\.1 is taken.*--port`));
        const { stdout: routes } = await run("ip", ["-4", "route", "show"]);
        assert.ok(!routes.includes("198.19.250."), "it has begun nothing");
        if (detach.length > 0) assert.equal(stderr.trim().split("\n").length, 1, stderr);
      }
    } finally {
      server.close();
      await run(program, ["down", ...flags]);
      rmSync(stateDirectory, { recursive: true, force: true });
    }
  });

  for (const entry of serviceCatalog) {
    it(`no operation of ${entry.id} fails on input made to break it, nor changes anything that it refuses`, async (t) => {
      const requests = hostileRequests(await entry.load());
      const broken: string[] = [];
      let accepted = 0;
      for (const { title, request } of requests) {
        const before = version();
        const answer = await send(berth.port, request);
        if (answer.status >= 500) broken.push(`${title}: ${answer.status} ${answer.body.slice(0, 200)}`);
        if (answer.status < 400) accepted++;
        if (answer.status < 400 || version() === before) continue;
        // Something that was accepted earlier may just have been carried out.
        await untilQuiet();
        const quiet = version();
        await send(berth.port, request);
        if (version() !== quiet) broken.push(`${title}: ${answer.code}, yet something was written`);
      }
      t.diagnostic(`${requests.length} requests, ${accepted} of them accepted`);
      assert.deepEqual(broken, []);
    });
  }
});
