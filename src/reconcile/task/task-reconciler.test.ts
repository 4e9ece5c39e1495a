import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerRuntime } from "../../runtime/container-runtime.ts";
import { discoveryInstances } from "../../store/tables/cloudmap.ts";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import { taskRegistrations, tasks } from "../../store/tables/ecs.ts";
import { createTaskWorld, type TaskWorld, WEB } from "./testing.ts";

const STOP = {
  desiredStatus: "STOPPED",
  stopCode: "UserInitiated",
  stoppedReason: "Task stopped by user",
} as const;
const LOGGED = {
  ...WEB,
  logConfiguration: {
    logDriver: "awslogs" as const,
    options: {
      "awslogs-group": "/ecs/web",
      "awslogs-region": "ap-northeast-1",
      "awslogs-stream-prefix": "ecs",
    },
  },
};

async function running(world: TaskWorld): Promise<TaskWorld> {
  world.start();
  await world.settle();
  return world;
}

test("a task comes to RUNNING with an ENI of its own, and goes without leaving anything", async () => {
  const world = await running(createTaskWorld());
  const task = world.task();
  assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING");
  const [eni] = world.store.list(networkInterfaces);
  assert.equal(eni?.owner.kind, "ecs-task");
  assert.deepEqual(eni?.groupIds, ["sg-web"]);
  assert.equal(eni?.description, `arn:aws:ecs:ap-northeast-1:000000000000:attachment/${task.attachment?.id}`);
  assert.equal(task.attachment?.status, "ATTACHED");
  assert.equal(task.attachment?.privateIpv4Address, eni?.privateIpAddress);
  assert.equal(task.availabilityZone, eni?.availabilityZone);
  for (const time of ["connectivityAt", "pullStartedAt", "pullStoppedAt", "startedAt"] as const) {
    assert.notEqual(task[time], undefined, time);
  }
  world.put(STOP);
  await world.settle();
  assert.equal(world.toText(), "STOPPED/STOPPED web=STOPPED(143)");
  assert.equal(world.store.list(networkInterfaces).length, 0);
  assert.equal(world.runtime.toText(), "");
  const stopped = world.task();
  assert.equal(stopped.attachment?.status, "DELETED");
  assert.equal(stopped.attachment?.privateIpv4Address, eni?.privateIpAddress);
  assert.notEqual(stopped.executionStoppedAt, undefined);
  assert.notEqual(stopped.stoppedAt, undefined);
});

test("the sandbox has the ENI's private name, the VPC's resolver, and the task's size as its limits", async () => {
  const world = await running(createTaskWorld());
  const address = world.task().attachment?.privateIpv4Address ?? "";
  const name = `ip-${address.replaceAll(".", "-")}.ap-northeast-1.compute.internal`;
  assert.deepEqual(world.runtime.sandboxSpec(world.task().taskId), {
    sandboxId: world.task().taskId,
    hostname: name,
    nameServers: ["10.0.0.2"],
    searchDomains: ["ap-northeast-1.compute.internal"],
    hosts: [{ name, address }],
    limits: { nanoCpus: 250_000_000, memoryBytes: 512 * 1024 * 1024 },
  });
});

test("statuses come one after the other and never go back", async () => {
  const world = createTaskWorld();
  const seen: string[] = [];
  world.store.onChange(tasks, ({ after }) => {
    if (after !== undefined && seen.at(-1) !== after.lastStatus) seen.push(after.lastStatus);
  });
  await running(world);
  world.put(STOP);
  await world.settle();
  assert.deepEqual(seen, ["PROVISIONING", "PENDING", "RUNNING", "STOPPING", "DEPROVISIONING", "STOPPED"]);
});

test("a stopped task is forgotten after an hour", async () => {
  const world = await running(createTaskWorld());
  world.put(STOP);
  await world.settle();
  world.clock.advance(3_599_000);
  await world.settle();
  assert.equal(world.store.list(tasks).length, 1);
  world.clock.advance(1000);
  await world.settle();
  assert.equal(world.store.list(tasks).length, 0);
});

test("when an essential container exits the task stops, whatever else runs", async () => {
  const world = await running(createTaskWorld([WEB, { name: "side", image: "busybox", essential: false }]));
  world.runtime.exit(world.task().taskId, "web", 1);
  await world.settle();
  assert.equal(world.toText(), "STOPPED/STOPPED web=STOPPED(1) side=STOPPED(143)");
  assert.equal(world.task().stopCode, "EssentialContainerExited");
  assert.equal(world.task().stoppedReason, "Essential container in task exited");
});

test("when another container exits the task goes on", async () => {
  const world = await running(createTaskWorld([WEB, { name: "side", image: "busybox", essential: false }]));
  world.runtime.exit(world.task().taskId, "side", 0);
  await world.settle();
  assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING side=STOPPED(0)");
});

test("a container that the kernel killed for its memory says so", async () => {
  const world = await running(createTaskWorld());
  world.runtime.exit(world.task().taskId, "web", 137, true);
  await world.settle();
  assert.equal(world.task().containers[0]?.reason, "OutOfMemoryError: Container killed due to memory usage");
  assert.equal(world.task().containers[0]?.exitCode, 137);
});

test("a task whose sandbox is killed, or of which the engine knows nothing any more, stops", async () => {
  for (const lose of ["killSandbox", "loseSandbox"] as const) {
    const world = await running(createTaskWorld());
    world.runtime[lose](world.task().taskId);
    await world.settle();
    assert.equal(world.task().lastStatus, "STOPPED", lose);
    assert.equal(world.task().stopCode, "EssentialContainerExited", lose);
  }
});

test("an image that cannot be had ends the task in Fargate's words", async () => {
  const world = createTaskWorld();
  world.runtime.failNext("pull nginx", {
    kind: "image-not-found",
    message: "manifest for nginx:latest not found",
  });
  await running(world);
  const reason =
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/library/nginx:latest: docker.io/library/nginx:latest: not found";
  const task = world.task();
  assert.equal(task.lastStatus, "STOPPED");
  assert.deepEqual([task.stopCode, task.stoppedReason], ["TaskFailedToStart", reason]);
  assert.equal(task.containers[0]?.reason, reason);
  assert.equal(task.executionStoppedAt, undefined);
  assert.notEqual(task.pullStoppedAt, undefined);
});

test("a registry that cannot be reached is asked once more", async () => {
  const world = createTaskWorld();
  const refused = { kind: "image-pull-failed", message: "connection refused" } as const;
  world.runtime.failNext("pull nginx", refused);
  await running(world);
  assert.equal(world.task().lastStatus, "PENDING");
  await world.pass(1);
  assert.equal(world.task().lastStatus, "RUNNING");
});

test("a container that cannot be started ends the task with the engine's words", async () => {
  const world = createTaskWorld();
  const message = 'OCI runtime create failed: exec: "nope": executable file not found in $PATH: unknown';
  world.runtime.failNext("start web", { kind: "start-failed", message });
  await running(world);
  assert.equal(world.task().lastStatus, "STOPPED");
  assert.equal(world.task().stopCode, "TaskFailedToStart");
  assert.equal(
    world.task().stoppedReason,
    `CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: ${message}`,
  );
});

test("a subnet without a free address fails the task as EC2 fails ECS", async () => {
  const world = createTaskWorld([WEB], {
    subnets: ["10.0.1.0/30"],
    namedSubnets: ["subnet-0"],
  });
  await running(world);
  assert.equal(world.task().stopCode, "TaskFailedToStart");
  assert.equal(
    world.task().stoppedReason,
    "Unexpected EC2 error while attempting to Create Network Interface in subnet 'subnet-0': InsufficientFreeAddressesInSubnet",
  );
  assert.equal(world.task().lastStatus, "STOPPED");
});

test("a task with assignPublicIp has an address of the pool, and without groups the VPC's default one", async () => {
  const world = await running(
    createTaskWorld([WEB], {
      task: {
        networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-0"], assignPublicIp: "ENABLED" } },
      },
    }),
  );
  const [eni] = world.store.list(networkInterfaces);
  assert.match(eni?.amazonPublicIp ?? "", /^198\.18\./);
  assert.deepEqual(eni?.groupIds, ["sg-default"]);
});

test("a network that does not come up in three minutes ends the task", async () => {
  const world = createTaskWorld();
  world.fabricWorks = false;
  await running(world);
  assert.equal(world.toText(), "RUNNING/PROVISIONING web=PENDING");
  await world.pass(179);
  assert.equal(world.task().desiredStatus, "RUNNING");
  await world.pass(1);
  assert.equal(world.task().stoppedReason, "Timeout waiting for network interface provisioning to complete.");
  assert.equal(world.task().stopCode, "TaskFailedToStart");
  assert.equal(world.runtime.toText(), "");
});

test("a log group that is missing ends the task, unless it may be created", async () => {
  const missing = createTaskWorld([LOGGED]);
  missing.logs.groups.clear();
  await running(missing);
  assert.equal(
    missing.task().stoppedReason,
    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1",
  );
  const { options } = LOGGED.logConfiguration;
  const created = createTaskWorld([
    {
      ...LOGGED,
      logConfiguration: { logDriver: "awslogs", options: { ...options, "awslogs-create-group": "true" } },
    },
  ]);
  created.logs.groups.clear();
  await running(created);
  assert.equal(created.task().lastStatus, "RUNNING");
});

test("output comes into the stream of the container, also what was written while Berth was down", async () => {
  const world = await running(createTaskWorld([LOGGED]));
  const { taskId } = world.task();
  world.runtime.print(taskId, "web", "one");
  world.runtime.print(taskId, "web", "two");
  await world.pass(1);
  await world.kill();
  world.runtime.print(taskId, "web", "three");
  world.start();
  await world.settle();
  world.runtime.print(taskId, "web", "four");
  world.runtime.exit(taskId, "web", 0);
  await world.settle();
  assert.equal(world.task().lastStatus, "STOPPED");
  assert.equal(world.logs.toText(), `/ecs/web ecs/web/${taskId}: one, two, three, four`);
});

test("containers start in the order of dependsOn and stop in the reverse one", async () => {
  const world = createTaskWorld([
    { ...WEB, dependsOn: [{ containerName: "db", condition: "HEALTHY" }] },
    {
      name: "db",
      image: "db",
      essential: true,
      stopTimeout: 7,
      healthCheck: { command: ["CMD", "true"] },
      dependsOn: [{ containerName: "init", condition: "SUCCESS" }],
    },
    { name: "init", image: "init", essential: false },
  ]);
  await running(world);
  const { taskId } = world.task();
  assert.equal(world.toText(), "RUNNING/PENDING web=PENDING db=PENDING init=RUNNING");
  world.runtime.exit(taskId, "init", 0);
  await world.settle();
  assert.equal(world.toText(), "RUNNING/PENDING web=PENDING db=RUNNING init=STOPPED(0)");
  world.runtime.setHealth(taskId, "db", "healthy");
  await world.settle();
  assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING db=RUNNING init=STOPPED(0)");
  world.put(STOP);
  await world.settle();
  assert.deepEqual(world.runtime.history, [
    "start init",
    "start db",
    "start web",
    "stop web SIGTERM 30 s",
    "stop db SIGTERM 7 s",
  ]);
});

test("a dependency that fails, or is not healthy in its start timeout, ends the task", async () => {
  const init = { name: "init", image: "i", essential: false, startTimeout: 20 };
  for (const condition of ["SUCCESS", "COMPLETE"] as const) {
    const world = createTaskWorld([{ ...WEB, dependsOn: [{ containerName: "init", condition }] }, init]);
    await running(world);
    if (condition === "SUCCESS") world.runtime.exit(world.task().taskId, "init", 2);
    await world.pass(20);
    assert.equal(world.task().lastStatus, "STOPPED", condition);
    assert.equal(world.task().stopCode, "TaskFailedToStart", condition);
    assert.equal(world.task().containers[0]?.exitCode, 143, condition);
    assert.match(
      world.task().containers[0]?.reason ?? "",
      condition === "SUCCESS"
        ? /^CannotStartContainerError: dependency graph: .*as dependency did not exit successfully\.$/
        : /^CannotStartContainerError: dependency graph: .*has timed out\.$/,
    );
  }
});

test("health is that of the essential containers, and only of checks in the definition", async () => {
  const check = { command: ["CMD-SHELL", "true"] };
  const world = await running(
    createTaskWorld([
      { ...WEB, healthCheck: check },
      { name: "side", image: "busybox", essential: false, healthCheck: check },
    ]),
  );
  const { taskId } = world.task();
  assert.equal(world.task().healthStatus, "UNKNOWN");
  world.runtime.setHealth(taskId, "web", "healthy");
  world.runtime.setHealth(taskId, "side", "unhealthy");
  await world.settle();
  assert.equal(world.task().healthStatus, "HEALTHY");
  assert.equal(world.task().containers[1]?.healthStatus, "UNHEALTHY");
  world.runtime.setHealth(taskId, "web", "unhealthy");
  await world.settle();
  assert.equal(world.task().healthStatus, "UNHEALTHY");
  assert.equal(world.task().lastStatus, "RUNNING");
});

test("a container with a restart policy is started again in place when it ran long enough", async () => {
  const world = await running(
    createTaskWorld([
      { ...WEB, restartPolicy: { enabled: true, restartAttemptPeriod: 60, ignoredExitCodes: [3] } },
    ]),
  );
  const { taskId, containers } = world.task();
  await world.pass(60);
  world.runtime.exit(taskId, "web", 1);
  await world.settle();
  assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING");
  assert.equal(world.task().containers[0]?.runtimeId, containers[0]?.runtimeId);
  await world.pass(59);
  world.runtime.exit(taskId, "web", 1);
  await world.settle();
  assert.equal(world.toText(), "STOPPED/STOPPED web=STOPPED(1)");
});

test("a task stopped while its image comes in does not wait for it", async () => {
  const world = createTaskWorld();
  world.start(boundTo(world.runtime, { pullImage: () => new Promise(() => undefined) }));
  await world.settle();
  assert.equal(world.task().lastStatus, "PENDING");
  world.put(STOP);
  await world.settle();
  assert.equal(world.toText(), "STOPPED/STOPPED web=STOPPED");
  assert.equal(world.task().stoppedReason, "Task stopped by user");
});

test("a stopping service task waits until it is out of its target groups", async () => {
  const world = await running(createTaskWorld());
  const { account, region, arn } = world.task();
  const instance = { serviceId: "srv-1", instanceId: world.task().taskId };
  world.store.transaction((tx) =>
    tx.put(taskRegistrations, {
      account,
      region,
      taskArn: arn,
      serviceArn: "arn:aws:ecs:ap-northeast-1:000000000000:service/main/web",
      targets: [],
      instances: [instance],
      registeredAt: 0,
    }),
  );
  world.store.transaction((tx) =>
    tx.put(discoveryInstances, { account, region, ...instance, attributes: {}, health: "HEALTHY" }),
  );
  world.put(STOP);
  await world.settle();
  assert.equal(world.toText(), "STOPPED/DEACTIVATING web=RUNNING");
  world.store.transaction((tx) => tx.delete(taskRegistrations, arn));
  await world.settle();
  assert.equal(world.task().lastStatus, "STOPPED");
});

test("sandboxes that no task needs are removed at the start, those of living tasks are not", async () => {
  const world = await running(createTaskWorld());
  await world.kill();
  await world.runtime.ensureSandbox({
    sandboxId: "gone",
    hostname: "gone",
    nameServers: [],
    searchDomains: [],
    hosts: [],
    limits: {},
  });
  const before = world.runtime.toText();
  world.start();
  await world.settle();
  assert.equal(before.split("\n").length, 3);
  assert.equal(world.runtime.toText().split("\n").length, 2);
  assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING");
});

test("a container that dies while Berth is down is noticed, and the others are taken up as they are", async () => {
  const world = await running(createTaskWorld([WEB, { name: "side", image: "busybox", essential: false }]));
  const [web] = world.task().containers;
  await world.kill();
  world.runtime.exit(world.task().taskId, "side", 9);
  world.start();
  await world.settle();
  assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING side=STOPPED(9)");
  assert.equal(world.task().containers[0]?.runtimeId, web?.runtimeId);
});

test("a crash after any call of the engine, before its outcome is written, changes nothing in the end", async () => {
  const definitions = [
    { ...LOGGED, dependsOn: [{ containerName: "side", condition: "START" as const }] },
    { name: "side", image: "busybox", essential: false },
  ];
  for (let crashAt = 1; crashAt < 60; crashAt++) {
    const world = createTaskWorld(definitions);
    const crash = crashingAfter(world.runtime, crashAt);
    world.start(crash.runtime);
    await lifeOf(world, crash);
    assert.equal(world.toText(), "STOPPED/STOPPED web=STOPPED(143) side=STOPPED(143)", `call ${crashAt}`);
    assert.equal(world.runtime.toText(), "", `call ${crashAt}`);
    assert.equal(world.store.list(networkInterfaces).length, 0, `call ${crashAt}`);
    assert.deepEqual(
      world.runtime.history,
      ["start side", "start web", "stop web SIGTERM 30 s", "stop side SIGTERM 30 s"],
      `call ${crashAt}`,
    );
    assert.equal(world.logs.toText(), `/ecs/web ecs/web/${world.task().taskId}: hello`, `call ${crashAt}`);
  }
});

/** To RUNNING, a line of output, and down again; when the process "crashes" another one goes on. */
async function lifeOf(world: TaskWorld, crash: { crashed: boolean }): Promise<void> {
  let printed = false;
  for (let round = 0; round < 12 && world.task().lastStatus !== "STOPPED"; round++) {
    await world.settle();
    if (crash.crashed) {
      crash.crashed = false;
      await world.kill();
      world.start();
    }
    if (world.task().lastStatus === "RUNNING") {
      if (!printed) world.runtime.print(world.task().taskId, "web", "hello");
      printed = true;
      world.put(STOP);
    }
    await world.pass(1);
  }
}

function boundTo(runtime: ContainerRuntime, over: Partial<ContainerRuntime>): ContainerRuntime {
  return new Proxy(runtime, {
    get(target, name) {
      const own = Reflect.get(over, name);
      if (own !== undefined) return own;
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The call takes effect, but its caller never learns; nothing works any more until a new process starts. */
function crashingAfter(runtime: ContainerRuntime, callNumber: number) {
  const state = { crashed: false, runtime };
  let calls = 0;
  const EFFECTS = [
    "ensureSandbox",
    "pullImage",
    "createContainer",
    "startContainer",
    "stopContainer",
    "removeSandbox",
    "observeSandbox",
  ];
  state.runtime = new Proxy(runtime, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (!EFFECTS.includes(String(name))) return value.bind(target);
      return async (...parameters: unknown[]) => {
        if (calls >= callNumber) throw new Error("the process has crashed");
        const outcome = await value.apply(target, parameters);
        if (++calls < callNumber) return outcome;
        state.crashed = true;
        throw new Error("the process crashes");
      };
    },
  });
  return state;
}
