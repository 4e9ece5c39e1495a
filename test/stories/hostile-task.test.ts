/**
 * What a task tries that it should not: others' credentials, metadata, addresses and namespaces, this machine, its
 * container engine, the operator's endpoint, another VPC. Each is refused, and `berth.log` tells of what Berth sees.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DeleteClusterCommand, ECSClient, RunTaskCommand, type Task } from "@aws-sdk/client-ecs";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  type Definition,
  type Ground,
  launch,
  optionsOf,
  register,
  runUntilRunning,
  setIngress,
  startGround,
} from "./ec2-setup.ts";
import { type Finished, present, REGION } from "./harness.ts";
import { createGroup, createNetwork } from "./network.ts";
import { pushSurroundings, SURROUNDINGS_IMAGE } from "./surroundings-setup.ts";
import { ask, environmentOf } from "./task-endpoint-setup.ts";
import { addressOf, CLUSTER, getFromTask, runInTask, untilStatus } from "./tasks.ts";

const RANGE = "10.87";
const ENDPOINTS = "http://169.254.170.2";
const AWS = `${ENDPOINTS}:4566/`;
const ROLE = "arn:aws:iam::000000000000:role/hostile";

/** Connects to each address in its arguments, and prints those that are open. */
const CONNECT = `
import { connect } from "node:net";
const reach = (target) => new Promise((resolve) => {
  const [host, port] = target.split(":");
  const socket = connect({ host, port: Number(port), timeout: 1500 });
  const end = (open) => { socket.destroy(); resolve(open ? [target] : []); };
  socket.once("connect", () => end(true)).once("timeout", () => end(false)).once("error", () => end(false));
});
console.log(JSON.stringify((await Promise.all(process.argv.slice(1).map(reach))).flat()));
`;

/** A request that leaves by the address in the first argument. */
const FROM = `
import { get } from "node:http";
const [localAddress, url] = process.argv.slice(1);
const request = get(url, { localAddress, timeout: 2500 }, (answer) => answer.on("data", (text) => console.log(String(text))));
request.on("timeout", () => request.destroy()).on("error", ({ code }) => console.log("failed", code));
`;

describe("a hostile task", { timeout: 5 * 60_000 }, () => {
  let ground: Ground;
  let server: Server;
  /** In this machine's /tmp. */
  let marker: string;
  /** On Fargate, with a neighbour in its subnet, and a stranger in another VPC. */
  let mine: string;
  let victim: Task;
  let stranger: Task;
  /** On the instance: with its network, its processes and privileges, and with an interface of its own. */
  let onHost: string;
  let onInterface: string;

  before(async () => {
    ground = await startGround(RANGE);
    await pushSurroundings(ground);
    await createRole();
    marker = mkdtempSync("/tmp/machine-");
    server = createServer((socket) => socket.end("the machine\n"));
    await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
    await setIngress(ground, true, [0, 65_535], "0.0.0.0/0");
    await launch(ground, { instanceType: "t3.large" });
    const subnet = ground.network.publicSubnetIds[0];
    const elsewhere = await createNetwork(ground, "10.88");
    const theirGroup = await createGroup(ground, elsewhere.vpcId, "theirs");
    [mine, victim, stranger] = await Promise.all([
      onFargate("mine", subnet, ground.securityGroup).then(arnOf),
      onFargate("victim", subnet, ground.securityGroup),
      onFargate("stranger", elsewhere.publicSubnetIds[0], theirGroup),
    ]);
    const capabilities = { add: ["NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_PTRACE"] };
    onHost = arnOf(
      await onInstance(
        "on-host",
        { networkMode: "host", pidMode: "host" },
        { linuxParameters: { capabilities } },
      ),
    );
    onInterface = arnOf(
      await onInstance("on-interface", { networkMode: "awsvpc" }, { linuxParameters: { capabilities } }),
    );
  });

  after(() => {
    server?.close();
    rmSync(marker, { recursive: true, force: true });
    ground?.down();
  });

  const arnOf = ({ taskArn }: Task) => present(taskArn, "taskArn");
  const logOf = () => readFileSync(join(ground.stateDirectory, "berth.log"), "utf8");

  /** What the log tells since a moment ago. */
  async function logged(attempt: () => Promise<void>): Promise<string> {
    const before = logOf().length;
    await attempt();
    return logOf().slice(before);
  }

  async function createRole(): Promise<void> {
    const Principal = { Service: "ecs-tasks.amazonaws.com" };
    const Statement = [{ Effect: "Allow", Action: "sts:AssumeRole", Principal }];
    await new IAMClient(optionsOf(ground)).send(
      new CreateRoleCommand({
        RoleName: "hostile",
        AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
      }),
    );
  }

  async function onFargate(family: string, subnet: string, group: string): Promise<Task> {
    const taskDefinition = await register(ground, family, web({}), {
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      taskRoleArn: ROLE,
    });
    const { tasks } = await ground.ecs.send(
      new RunTaskCommand({
        cluster: CLUSTER,
        taskDefinition,
        launchType: "FARGATE",
        networkConfiguration: {
          awsvpcConfiguration: { subnets: [subnet], securityGroups: [group], assignPublicIp: "ENABLED" },
        },
      }),
    );
    return untilStatus(ground, present(tasks?.[0]?.taskArn, "taskArn"), "RUNNING");
  }

  function web(more: object) {
    return { image: SURROUNDINGS_IMAGE, memory: 128, ...more };
  }

  async function onInstance(family: string, more: Definition, container: object = {}): Promise<Task> {
    const definition = await register(ground, family, web(container), { taskRoleArn: ROLE, ...more });
    const awsvpcConfiguration = {
      subnets: [ground.network.publicSubnetIds[0]],
      securityGroups: [ground.securityGroup],
    };
    return runUntilRunning(
      ground,
      definition,
      more.networkMode === "awsvpc" ? { networkConfiguration: { awsvpcConfiguration } } : {},
    );
  }

  function shell(task: string, script: string): Promise<Finished> {
    return runInTask(ground, task, "web", ["/bin/busybox", "sh", "-c", script]);
  }

  async function node(task: string, program: string, ...given: string[]): Promise<string> {
    const command = ["/bin/node", "--input-type=module", "-e", program, ...given];
    return (await runInTask(ground, task, "web", command)).stdout.trim();
  }

  it("gets no credentials of another task, by their path or by a guess", async () => {
    const theirs = await environmentOf(ground, arnOf(victim));
    const url = `${ENDPOINTS}${theirs["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]}`;
    assert.equal((await ask(ground, arnOf(victim), url)).status, 200);
    for (const thief of [mine, onHost, onInterface, arnOf(stranger)]) {
      const told = await logged(async () => {
        const { status, body } = await ask(ground, thief, url);
        assert.equal(status, 400, body);
        assert.equal(JSON.parse(body).code, "InvalidIdInRequest");
      });
      assert.match(told, new RegExp(`credentials refused: they are another task's.*${victim.taskArn}`));
    }
    const neighbour = (await environmentOf(ground, onInterface))["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
    assert.equal((await ask(ground, onHost, `${ENDPOINTS}${neighbour}`)).status, 400, "on the same instance");
    const told = await logged(async () => {
      const guess = `${ENDPOINTS}/v2/credentials/00000000-0000-4000-8000-000000000000`;
      assert.equal((await ask(ground, mine, guess)).status, 400);
    });
    assert.match(told, /credentials refused: no task has that id/);
  });

  it("gets no metadata or stats of another task, and cannot protect it", async () => {
    const theirs = await environmentOf(ground, arnOf(victim));
    const { ECS_CONTAINER_METADATA_URI: v3, ECS_CONTAINER_METADATA_URI_V4: v4, ECS_AGENT_URI: api } = theirs;
    for (const thief of [mine, onHost, onInterface, arnOf(stranger)]) {
      const told = await logged(async () => {
        for (const url of [v3, v4, `${v4}/task`, `${v4}/stats`, `${api}/task-protection/v1/state`]) {
          const { status, body } = await ask(ground, thief, `${url}`);
          assert.ok(status >= 400, `${url} ${status}`);
          assert.ok(!body.includes(arnOf(victim)), body);
        }
      });
      assert.match(told, new RegExp(`metadata refused: it is another task's.*${victim.taskArn}`));
    }
    const own = JSON.parse((await ask(ground, mine, `${ENDPOINTS}/v2/metadata`)).body);
    assert.equal(own.TaskARN, mine);
  });

  it("sees no process and no namespace but its own, or its instance's", async () => {
    const listOf = async (task: string) => (await shell(task, "busybox ps")).stdout;
    const alone = await listOf(mine);
    assert.doesNotMatch(alone, /dockerd|containerd|haproxy|cli\.ts|berth/);
    const shared = await listOf(onHost);
    assert.match(shared, /sleep 86400/, "the instance's own");
    assert.doesNotMatch(shared, /dockerd|containerd|haproxy|cli\.ts|berth/);
    // The first process that it sees is the instance's: its network is the one that it joins.
    const { stdout } = await shell(onHost, "busybox nsenter -t 1 -n -m busybox ip -o -4 addr");
    assert.doesNotMatch(stdout, new RegExp(`${addressOf(victim)}/|${addressOf(stranger)}/`));
    for (const { address } of machineAddresses()) assert.ok(!stdout.includes(` ${address}/`), stdout);
  });

  it("cannot speak with another's address", async () => {
    const stolen = addressOf(victim);
    const theirs = await environmentOf(ground, arnOf(victim));
    const url = `${ENDPOINTS}${theirs["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]}`;
    for (const thief of [onInterface, onHost]) {
      const own = await environmentOf(ground, thief);
      const mayAsk = `${ENDPOINTS}${own["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]}`;
      assert.match(await node(thief, FROM, "0.0.0.0", mayAsk), /AccessKeyId/, "as itself");
      const added = await shell(thief, `busybox ip addr add ${stolen}/32 dev eth0`);
      assert.equal(added.exitCode, 0, added.stderr);
      try {
        assert.doesNotMatch(await node(thief, FROM, stolen, url), /AccessKeyId/);
        // Nor is what is for the other led to it by announcing that the address is here.
        await shell(
          thief,
          `busybox arping -q -c 2 -U -I eth0 ${stolen}; busybox arping -q -c 2 -A -I eth0 ${stolen}`,
        );
        assert.equal((await getFromTask(ground, mine, stolen)).stdout, "ok\n");
        const gateway = await shell(thief, `busybox arping -q -c 2 -U -I eth0 ${RANGE}.1.1`);
        assert.notEqual(gateway.exitCode, 127);
        assert.equal((await getFromTask(ground, mine, stolen)).stdout, "ok\n");
      } finally {
        await shell(thief, `busybox ip addr del ${stolen}/32 dev eth0`);
      }
    }
  });

  it("cannot speak with the hardware address of another", async () => {
    const details = victim.attachments?.[0]?.details ?? [];
    const mac = details.find(({ name }) => name === "macAddress")?.value;
    const own = (await shell(onInterface, "cat /sys/class/net/eth0/address")).stdout.trim();
    await shell(onInterface, `busybox ip link set eth0 address ${mac}`);
    try {
      assert.equal((await getFromTask(ground, mine, addressOf(victim))).stdout, "ok\n");
    } finally {
      await shell(onInterface, `busybox ip link set eth0 address ${own}`);
    }
  });

  it("reaches no service of this machine, nor another VPC, by any address", async () => {
    const ports = [portOf(server), ground.port];
    const addresses = [
      ...machineAddresses().map(({ address }) => address),
      ...[`${RANGE}.0.1`, `${RANGE}.0.2`, `${RANGE}.1.1`, "169.254.170.2", "169.254.169.254"],
      ...["169.254.169.253", "169.254.0.1", "169.254.0.2", "172.17.0.1", "127.0.0.1"],
      ground.publicPool.replace(/\.0\/24$/, ".1"),
    ];
    const targets = [...new Set(addresses)].flatMap((address) => ports.map((port) => `${address}:${port}`));
    for (const thief of [mine, onHost, onInterface]) {
      const theirs = `${addressOf(stranger)}:80`;
      assert.equal(await node(thief, CONNECT, ...targets, theirs), "[]");
    }
    assert.equal(await node(mine, CONNECT, `${addressOf(victim)}:80`), `["${addressOf(victim)}:80"]`);
  });

  it("finds its instance's files in a host volume, never this machine's", async () => {
    const paths = [
      "/",
      "/var/run",
      "/var/run/docker.sock",
      ground.stateDirectory,
      "/proc/1/root",
      "/../../../tmp",
    ];
    const volumes = paths.map((sourcePath, index) => ({ name: `v${index}`, host: { sourcePath } }));
    const mountPoints = volumes.map(({ name }) => ({ sourceVolume: name, containerPath: `/host/${name}` }));
    const task = arnOf(await onInstance("volumes", { networkMode: "bridge", volumes }, { mountPoints }));
    const list = async (path: string) => (await shell(task, `busybox ls -A ${path}`)).stdout.split("\n");
    assert.match((await shell(task, "cat /host/v0/etc/os-release")).stdout, /^NAME="Amazon Linux"$/m);
    for (const [index, path] of paths.entries()) {
      const names = await list(`/host/v${index}`);
      for (const secret of [basename(marker), "berth.pid", "berth.log", "sealing-key", "dockerd.pid"]) {
        assert.ok(!names.includes(secret), `${secret} at ${path}`);
      }
    }
    assert.deepEqual(await list("/host/v2"), [""]);
    assert.deepEqual(await list("/host/v3"), [""]);
    const socket = await shell(task, "busybox find /host /run /var -type s 2>/dev/null");
    assert.equal(socket.stdout, "");
  });

  it("uses no key but its own, and with that only what its role may", async () => {
    const target = "AmazonEC2ContainerServiceV20141113.ListClusters";
    const type = "application/x-amz-json-1.1";
    const send = (headers: Record<string, string>) =>
      ask(ground, mine, AWS, {
        method: "POST",
        body: "{}",
        headers: { "content-type": type, "x-amz-target": target, ...headers },
      });
    const without = await logged(async () => {
      const { status, body } = await send({});
      assert.equal(status, 403, body);
      assert.match(body, /MissingAuthenticationToken/);
    });
    assert.match(without, new RegExp(`no good credentials.*${RANGE.replace(".", "\\.")}\\.1\\.`));
    const scope = `20260101/${REGION}/ecs/aws4_request`;
    for (const key of ["test", "000000000000", "AKIAIOSFODNN7EXAMPLE"]) {
      const foreign = await logged(async () => {
        const authorization = `AWS4-HMAC-SHA256 Credential=${key}/${scope}, SignedHeaders=host, Signature=0`;
        const { status, body } = await send({ authorization });
        assert.ok(status >= 400, body);
        assert.match(body, /UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId/);
      });
      assert.match(foreign, new RegExp(`no good credentials.*${key}`));
    }
    const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path } = await environmentOf(ground, mine);
    const found = JSON.parse((await ask(ground, mine, `${ENDPOINTS}${path}`)).body);
    const credentials = {
      accessKeyId: String(found.AccessKeyId),
      secretAccessKey: String(found.SecretAccessKey),
      sessionToken: String(found.Token),
    };
    const asTask = new ECSClient({ ...optionsOf(ground), credentials });
    const denied = await logged(async () => {
      await assert.rejects(asTask.send(new DeleteClusterCommand({ cluster: CLUSTER })), {
        name: "AccessDeniedException",
      });
    });
    assert.match(denied, /request denied.*DeleteCluster.*assumed-role\/hostile\//);
  });
});

function machineAddresses(): { readonly address: string }[] {
  return Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).filter(({ family, internal }) => family === "IPv4" && !internal),
  );
}

function portOf(server: Server): number {
  const listening = server.address();
  return typeof listening === "object" && listening !== null ? listening.port : 0;
}
