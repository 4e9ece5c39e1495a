import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../../model/ecs/records.ts";
import { bridgeEndpoints, tasks } from "../../store/tables/ecs.ts";
import { createInstanceTaskWorld } from "./instance-testing.ts";
import { type TaskWorld, WEB } from "./testing.ts";

const APP = { name: "app", image: "app", essential: true };

async function running(...given: Parameters<typeof createInstanceTaskWorld>): Promise<TaskWorld> {
  const world = await createInstanceTaskWorld(...given);
  world.start();
  await world.settle();
  return world;
}

/** `web 172.17.0.2 02:42:ac:11:00:02 80->32768/tcp ready`. */
function endpointsOf({ store }: TaskWorld): string[] {
  return store
    .list(bridgeEndpoints)
    .map(({ containerName, address, macAddress, ports, linkState }) =>
      [
        containerName,
        address,
        macAddress,
        ...ports.map((port) => `${port.containerPort}->${port.hostPort}/${port.protocol}`),
        linkState,
      ].join(" "),
    )
    .sort();
}

test("under bridge each container has a pause container, an address and published ports of its own", async () => {
  const world = await running([
    { ...WEB, portMappings: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 443 }] },
    { ...APP, portMappings: [{ containerPort: 8000 }, { containerPort: 53, protocol: "udp" }] },
  ]);
  assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING app=RUNNING");
  assert.deepEqual(endpointsOf(world), [
    "app 172.17.0.3 02:42:ac:11:00:03 8000->32769/tcp 53->32770/udp ready",
    "web 172.17.0.2 02:42:ac:11:00:02 80->8080/tcp 443->32768/tcp ready",
  ]);
  const { taskId, containers, availabilityZone, connectivityAt } = world.task();
  assert.deepEqual(containers[0]?.networkBindings, [
    { bindIP: "0.0.0.0", containerPort: 80, hostPort: 8080, protocol: "tcp" },
    { bindIP: "0.0.0.0", containerPort: 443, hostPort: 32768, protocol: "tcp" },
  ]);
  assert.equal(availabilityZone, "ap-northeast-1a");
  assert.ok(connectivityAt !== undefined);
  const spec = world.runtime.specOf(taskId, "web");
  assert.deepEqual(spec?.network, { kind: "own" });
  assert.equal(spec.environment["AWS_EXECUTION_ENV"], "AWS_ECS_EC2");
  const pause = world.runtime.sandboxSpec(taskId, "web");
  assert.deepEqual(pause?.nameServers, ["10.0.0.2"]);
  assert.deepEqual(pause.searchDomains, ["ap-northeast-1.compute.internal"]);
  assert.match(pause.hostname, /^[0-9a-f]{12}$/);
  assert.deepEqual(pause.hosts, [{ name: pause.hostname, address: "172.17.0.2" }]);
  assert.match(spec.engineName, /^ecs-web-7-web-[0-9a-f]{20}$/);
});

test("names and resolvers that a container asks for are its own; a link gives names, variables and an order", async () => {
  const world = await running([
    {
      ...WEB,
      hostname: "front",
      links: ["app:backend"],
      extraHosts: [{ hostname: "db", ipAddress: "10.0.0.50" }],
      dnsServers: ["10.0.0.53"],
      dnsSearchDomains: ["example.internal"],
      environment: [{ name: "BACKEND_PORT_9000_UDP_PROTO", value: "mine" }],
    },
    {
      ...APP,
      portMappings: [{ containerPort: 8000 }, { containerPort: 9000, protocol: "udp" }],
      environment: [{ name: "COLOR", value: "red" }],
    },
  ]);
  const { taskId } = world.task();
  assert.deepEqual(world.runtime.history, ["start app", "start web"]);
  const linked = world.store.list(bridgeEndpoints).find(({ containerName }) => containerName === "app");
  const own = world.store.list(bridgeEndpoints).find(({ containerName }) => containerName === "web");
  const pause = world.runtime.sandboxSpec(taskId, "web");
  assert.equal(pause?.hostname, "front");
  assert.deepEqual([pause.nameServers, pause.searchDomains], [["10.0.0.53"], ["example.internal"]]);
  assert.deepEqual(pause.hosts, [
    { name: "db", address: "10.0.0.50" },
    { name: "backend", address: "172.17.0.2" },
    { name: linked?.endpointId.slice(0, 12), address: "172.17.0.2" },
    { name: linked?.engineName, address: "172.17.0.2" },
    { name: "front", address: "172.17.0.3" },
  ]);
  const environment = world.runtime.specOf(taskId, "web")?.environment ?? {};
  const backend = Object.entries(environment).filter(([name]) => name.startsWith("BACKEND_"));
  assert.deepEqual(Object.fromEntries(backend), {
    BACKEND_PORT: "tcp://172.17.0.2:8000",
    BACKEND_PORT_8000_TCP: "tcp://172.17.0.2:8000",
    BACKEND_PORT_8000_TCP_ADDR: "172.17.0.2",
    BACKEND_PORT_8000_TCP_PORT: "8000",
    BACKEND_PORT_8000_TCP_PROTO: "tcp",
    BACKEND_PORT_9000_UDP: "udp://172.17.0.2:9000",
    BACKEND_PORT_9000_UDP_ADDR: "172.17.0.2",
    BACKEND_PORT_9000_UDP_PORT: "9000",
    BACKEND_PORT_9000_UDP_PROTO: "mine",
    BACKEND_NAME: `/${own?.engineName}/backend`,
    BACKEND_ENV_AWS_EXECUTION_ENV: "AWS_ECS_EC2",
    BACKEND_ENV_AWS_REGION: "ap-northeast-1",
    BACKEND_ENV_AWS_DEFAULT_REGION: "ap-northeast-1",
    BACKEND_ENV_COLOR: "red",
  });
  assert.deepEqual(world.runtime.sandboxSpec(taskId, "app")?.hosts.length, 1, "nothing names the other way");
});

test("a container does not start before its link is there, and ends with Docker's words when it never is", async () => {
  const world = await createInstanceTaskWorld();
  world.fabricWorks = false;
  world.start();
  await world.settle();
  assert.equal(world.toText(), "RUNNING/PENDING web=PENDING");
  assert.equal(world.runtime.specOf(world.task().taskId, "web"), undefined);
  await world.pass(181);
  const { stopCode, stoppedReason, containers, lastStatus } = world.task();
  assert.deepEqual(
    [lastStatus, stopCode, stoppedReason, containers[0]?.reason],
    [
      "STOPPED",
      "TaskFailedToStart",
      "Task failed to start",
      "DockerTimeoutError: Could not transition to started; timed out after waiting 3m0s",
    ],
  );
  assert.deepEqual(endpointsOf(world), []);
});

test("when a task stops its endpoints and pause containers go with it, and the address is free again", async () => {
  const world = await running();
  world.put({ desiredStatus: "STOPPED" });
  await world.settle();
  assert.equal(world.toText(), "STOPPED/STOPPED web=STOPPED(143)");
  assert.deepEqual(endpointsOf(world), []);
  assert.equal(world.runtime.toText(), "i-01 sandbox running");
  assert.deepEqual(world.task().containers[0]?.networkBindings, []);
});

test("the pause container of a container that runs is essential", async () => {
  const world = await running([WEB, APP]);
  world.runtime.killSandbox(world.task().taskId, "app");
  await world.settle();
  assert.deepEqual(
    [world.task().stopCode, world.task().stoppedReason],
    ["EssentialContainerExited", "Essential container in task exited"],
  );
});

test("a static port that another container publishes is refused as Docker refuses it", async () => {
  const mapped = { portMappings: [{ containerPort: 80, hostPort: 8080 }] };
  const world = await running([
    { ...WEB, ...mapped },
    { ...APP, ...mapped, essential: false },
  ]);
  assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING app=STOPPED");
  assert.match(
    world.task().containers[1]?.reason ?? "",
    /^CannotStartContainerError: Error response from daemon: driver failed programming external connectivity on endpoint ecs-web-7-app-[0-9a-f]{20} \([0-9a-f]{64}\): Bind for 0\.0\.0\.0:8080 failed: port is already allocated$/,
  );
});

test("the next task on an instance gets the next ports, and the addresses that are free", async () => {
  const world = await running([{ ...WEB, portMappings: [{ containerPort: 80 }] }]);
  const first = world.task();
  const another: Task = {
    ...first,
    arn: `${first.arn}b`,
    taskId: "b".repeat(32),
    lastStatus: "PENDING",
    containers: first.containers.map(({ arn, name, image, essential }) => ({
      ...{ arn, name, image, essential },
      ...{ lastStatus: "PENDING", healthStatus: "UNKNOWN" },
    })),
  };
  world.store.transaction((tx) => tx.put(tasks, another));
  await world.settle();
  const shown = endpointsOf(world);
  assert.deepEqual(shown, [
    "web 172.17.0.2 02:42:ac:11:00:02 80->32768/tcp ready",
    "web 172.17.0.3 02:42:ac:11:00:03 80->32769/tcp ready",
  ]);
});
