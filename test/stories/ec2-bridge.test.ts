/** One instance, and one task definition in each network mode that lives in the instance's network; awsvpc beside them. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Instance } from "@aws-sdk/client-ec2";
import type { Task } from "@aws-sdk/client-ecs";
import {
  bindingsOf,
  type Ground,
  getFromInstance,
  hostPortOf,
  inInstance,
  launch,
  register,
  runTask,
  runUntilRunning,
  setIngress,
  startGround,
  stop,
  stopAll,
  untilJoined,
  webContainer,
} from "./ec2-setup.ts";
import { present, until } from "./harness.ts";
import { addressOf, describeTask, getFromTask, runInTask } from "./tasks.ts";

const DYNAMIC = [32768, 65535] as const;
const FIXED = [8080, 8080] as const;

describe("network modes on a container instance", { timeout: 180_000 }, () => {
  let ground: Ground;
  let instance: Instance;
  let client: Instance;
  let containerInstanceArn: string;

  before(async () => {
    ground = await startGround("10.20");
    const [, subnet] = ground.network.publicSubnetIds;
    [instance, client] = await Promise.all([
      launch(ground, { instanceType: "t3.small" }),
      launch(ground, { instanceType: "t3.micro", subnet, joins: false }),
    ]);
    const joined = await untilJoined(ground, present(instance.InstanceId, "InstanceId"));
    containerInstanceArn = present(joined.containerInstanceArn, "containerInstanceArn");
  });

  afterEach(() => stopAll(ground));

  after(() => ground?.down());

  const arnOf = (task: Task) => present(task.taskArn, "taskArn");
  const who = (answer: string) => answer.match(/^name=(.*)$/m)?.[1];
  const addressOnBridge = async (task: Task, container = "web") => {
    const { stdout } = await runInTask(ground, arnOf(task), container, ["ip", "-4", "addr", "show", "eth0"]);
    return present(stdout.match(/inet (172\.17\.\d+\.\d+)\/16/)?.[1], `address on docker0 (${stdout})`);
  };
  const getFromClient = (port: number, path = "/cgi-bin/who") =>
    getFromInstance(ground, client.InstanceId, `http://${instance.PrivateIpAddress}:${port}${path}`);

  async function assertRefused(definition: string, reason: string): Promise<void> {
    const { tasks, failures } = await runTask(ground, definition);
    assert.deepEqual(tasks, []);
    assert.deepEqual(failures, [{ arn: containerInstanceArn, reason }]);
  }

  it("refuses a second copy of a fixed host port", async () => {
    const definition = await register(ground, "fixed", {
      portMappings: [{ containerPort: 80, hostPort: 8080 }],
    });
    const task = await runUntilRunning(ground, definition);
    assert.equal(task.launchType, "EC2");
    assert.equal(task.containerInstanceArn, containerInstanceArn);
    assert.deepEqual(bindingsOf(task), [
      { bindIP: "0.0.0.0", containerPort: 80, hostPort: 8080, protocol: "tcp" },
    ]);
    await assertRefused(definition, "RESOURCE:PORTS");
    await setIngress(ground, true, FIXED, "10.20.2.0/24");
    await until("the port answers", 5, async () => who((await getFromClient(8080)).stdout) === "fixed");
    await stop(ground, task);
    await runUntilRunning(ground, definition);
  });

  it("gives dynamic ports, reachable as far as the instance's security group lets in", async () => {
    const definition = await register(ground, "dynamic", {
      portMappings: [{ containerPort: 80, hostPort: 0 }],
    });
    const tasks = [await runUntilRunning(ground, definition), await runUntilRunning(ground, definition)];
    const ports = tasks.map((task) => hostPortOf(task));
    assert.equal(new Set(ports).size, 2, ports.join());
    for (const port of ports) assert.ok(port >= 32768, `port ${port}`);
    for (const port of ports) assert.equal((await getFromClient(port)).exitCode, 28, "not let in yet");
    await setIngress(ground, true, DYNAMIC, "10.20.2.0/24");
    for (const port of ports) {
      await until("let in", 5, async () => who((await getFromClient(port)).stdout) === "dynamic");
      const { stdout } = await getFromClient(port);
      // Docker does not hide the client behind the bridge.
      assert.equal(stdout.match(/^client=(.*)$/m)?.[1], `[::ffff:${client.PrivateIpAddress}]`);
    }
    await setIngress(ground, false, DYNAMIC, "10.20.2.0/24");
    await until("shut out", 5, async () => (await getFromClient(ports[0] ?? 0)).exitCode === 28);
  });

  it("connects containers by address and not by name, across tasks and to the outside", async () => {
    const definition = await register(ground, "neighbours", {
      portMappings: [{ containerPort: 80, hostPort: 0 }],
    });
    const [one, two] = [await runUntilRunning(ground, definition), await runUntilRunning(ground, definition)];
    const addresses = [await addressOnBridge(one), await addressOnBridge(two)];
    assert.deepEqual(addresses, ["172.17.0.2", "172.17.0.3"]);
    assert.equal(
      who((await getFromTask(ground, arnOf(one), addresses[1] ?? "", "/cgi-bin/who")).stdout),
      "neighbours",
    );
    const named = await runInTask(ground, arnOf(one), "web", ["nslookup", "web"]);
    assert.notEqual(named.exitCode, 0, named.stdout);
    // By the instance's own address and the published port, as from anywhere else.
    const { stdout } = await runInTask(ground, arnOf(one), "web", [
      "sh",
      "-c",
      `printf 'GET /cgi-bin/who HTTP/1.0\\r\\n\\r\\n' | nc -w 2 ${instance.PrivateIpAddress} ${hostPortOf(two)}`,
    ]);
    assert.equal(who(stdout), "neighbours", "hairpin by the host port");
    const own = await inInstance(ground, instance.InstanceId, "curl", "-s", "-m", "2", `http://172.17.0.3/`);
    assert.equal(own.stdout, "ok\n", "from the instance to docker0");
  });

  it("links give name, alias and environment variables", async () => {
    const { image } = ground;
    const definition = await register(
      ground,
      "linked",
      {},
      {
        containerDefinitions: [
          webContainer(image, "front", { name: "front", links: ["app:backend"] }),
          webContainer(image, "app", { name: "app", portMappings: [{ containerPort: 80, hostPort: 0 }] }),
        ],
      },
    );
    const task = await runUntilRunning(ground, definition);
    const address = await addressOnBridge(task, "app");
    const run = async (...command: string[]) =>
      (await runInTask(ground, arnOf(task), "front", command)).stdout;
    assert.match(await run("cat", "/etc/hosts"), new RegExp(`^${address}\\s+backend$`, "m"));
    const variables = await run("env");
    for (const line of [
      `BACKEND_PORT=tcp://${address}:80`,
      `BACKEND_PORT_80_TCP_ADDR=${address}`,
      "BACKEND_PORT_80_TCP_PORT=80",
      "BACKEND_ENV_NAME=app",
    ]) {
      assert.ok(variables.split("\n").includes(line), `${line} in ${variables}`);
    }
    const answer = await run(
      "sh",
      "-c",
      "printf 'GET /cgi-bin/who HTTP/1.0\\r\\n\\r\\n' | nc -w 2 backend 80",
    );
    assert.equal(who(answer), "app");
  });

  it("host: the port is the instance's own, and there is one of it", async () => {
    const definition = await register(
      ground,
      "hosted",
      { portMappings: [{ containerPort: 80 }] },
      { networkMode: "host" },
    );
    const task = await runUntilRunning(ground, definition);
    assert.deepEqual(bindingsOf(task), []);
    await setIngress(ground, true, [80, 80], "10.20.2.0/24");
    await until("let in", 5, async () => who((await getFromClient(80)).stdout) === "hosted");
    assert.equal(
      (await inInstance(ground, instance.InstanceId, "curl", "-s", "http://127.0.0.1/")).stdout,
      "ok\n",
    );
    const { stdout } = await runInTask(ground, arnOf(task), "web", ["ip", "-4", "addr"]);
    assert.ok(stdout.includes(`inet ${instance.PrivateIpAddress}/24`) && stdout.includes("docker0"), stdout);
    await assertRefused(definition, "RESOURCE:PORTS");
  });

  it("none: loopback and nothing else", async () => {
    const definition = await register(ground, "alone", {}, { networkMode: "none" });
    const task = await runUntilRunning(ground, definition);
    const { stdout } = await runInTask(ground, arnOf(task), "web", ["ip", "-o", "-4", "addr"]);
    assert.match(stdout, /^1: lo\s+inet 127\.0\.0\.1\/8[^\n]*\n$/);
    const away = await runInTask(ground, arnOf(task), "web", ["ip", "route"]);
    assert.equal(away.stdout, "");
    assert.deepEqual(bindingsOf(await describeTask(ground, arnOf(task))), []);
  });

  it("awsvpc: the same port twice is no clash", async () => {
    const definition = await register(
      ground,
      "owned",
      { portMappings: [{ containerPort: 80, hostPort: 80 }] },
      { networkMode: "awsvpc" },
    );
    const networkConfiguration = {
      awsvpcConfiguration: {
        subnets: [ground.network.publicSubnetIds[0]],
        securityGroups: [ground.securityGroup],
      },
    };
    const tasks = [
      await runUntilRunning(ground, definition, { networkConfiguration }),
      await runUntilRunning(ground, definition, { networkConfiguration }),
    ];
    const addresses = tasks.map(addressOf);
    assert.equal(new Set(addresses).size, 2);
    for (const address of addresses) {
      const { stdout } = await getFromInstance(ground, client.InstanceId, `http://${address}/cgi-bin/who`);
      assert.equal(who(stdout), "owned");
    }
  });
});
