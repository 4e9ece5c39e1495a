/** Tasks on a container instance, with the network left out: links are said to be there as soon as they are asked for. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { failure } from "../../src/lib/result.ts";
import type { Task, TaskDefinition } from "../../src/model/ecs/records.ts";
import {
  CONTAINER_INSTANCE_ARN,
  exampleContainerInstance,
  exampleInstance,
} from "../../src/reconcile/task/instance-testing.ts";
import { createTaskReconciler, type TaskReconciler } from "../../src/reconcile/task/task-reconciler.ts";
import {
  exampleDefinition,
  exampleNetwork,
  exampleTask,
  FakeLogSink,
} from "../../src/reconcile/task/testing.ts";
import { Store } from "../../src/store/store.ts";
import { instances } from "../../src/store/tables/ec2.ts";
import { bridgeEndpoints, containerInstances, taskDefinitions, tasks } from "../../src/store/tables/ecs.ts";
import { createDockerWorld, type DockerWorld, eventually, sandbox, value } from "./docker-setup.ts";

let world: DockerWorld;
const running: TaskReconciler[] = [];
before(async () => {
  world = await createDockerWorld();
});
after(async () => {
  for (const reconciler of running) await reconciler.stop();
  await world.cleanUp();
});

function container(name: string, script: string, more: Partial<wire.ContainerDefinition> = {}) {
  return {
    name,
    image: world.image,
    essential: true,
    entryPoint: ["/bin/sh", "-c"],
    command: [script],
    environment: [{ name: "PATH", value: "/bin" }],
    logConfiguration: {
      logDriver: "awslogs" as const,
      options: { "awslogs-group": "/ecs/web", "awslogs-stream-prefix": "ecs" },
    },
    ...more,
  };
}

async function arrange(
  containers: readonly wire.ContainerDefinition[],
  networkMode: wire.NetworkMode,
  size: Partial<TaskDefinition["definition"]> = {},
) {
  const instanceId = `i-${systemRandom.hex(17)}`;
  value(await world.runtime.ensureSandbox(sandbox(instanceId, { machine: true, hostname: "the-instance" })));
  const store = new Store(":memory:");
  exampleNetwork(store);
  const definition = exampleDefinition(containers, {
    networkMode,
    cpu: undefined,
    memory: undefined,
    ...size,
  });
  const created = exampleTask(definition, {
    launchType: "EC2",
    containerInstanceArn: CONTAINER_INSTANCE_ARN,
    networkConfiguration: undefined,
    attachment: undefined,
  });
  store.onChange(bridgeEndpoints, ({ after: endpoint }) => {
    if (endpoint?.sandbox === undefined || endpoint.linkState === "ready") return;
    queueMicrotask(() => {
      store.transaction((tx) => tx.put(bridgeEndpoints, { ...endpoint, linkState: "ready" }));
    });
  });
  store.transaction((tx) => {
    tx.put(instances, exampleInstance({ instanceId }));
    tx.put(containerInstances, exampleContainerInstance({ ec2InstanceId: instanceId }));
    tx.put(taskDefinitions, definition);
    tx.put(tasks, created);
  });
  const logs = new FakeLogSink();
  const task = () => store.get(tasks, created.arn) ?? created;
  return { instanceId, store, logs, task, reconciler: await boot(store, logs) };
}

async function boot(store: Store, logs: FakeLogSink): Promise<TaskReconciler> {
  const reconciler = createTaskReconciler({
    store,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    runtime: await world.anotherRuntime(),
    logs,
    settings: { publicPool: "198.18.0.0/16", endpoint: "127.0.0.1:4566", fileSystems: "/nonexistent" },
    readSecret: () => failure("no secrets in this test"),
    readObject: () => failure("no-bucket"),
    imageReference: (image) => image,
    registryCredentials: () => undefined,
    registrationComplete: () => true,
    deregistrationComplete: () => true,
  });
  running.push(reconciler);
  reconciler.start();
  return reconciler;
}

function status(task: () => Task, wanted: Task["lastStatus"]) {
  return eventually(`${wanted}: ${JSON.stringify(task())}`, () =>
    task().lastStatus === wanted ? task() : undefined,
  );
}

const STAY = 'trap "exit 0" TERM; while :; do busybox sleep 0.1; done';

test("what links say is in /etc/hosts and the environment of the container that links, and gone with the task", async () => {
  const script = `busybox cat /etc/hosts /etc/resolv.conf; busybox env; echo end; ${STAY}`;
  const { store, logs, task, instanceId } = await arrange(
    [
      container("web", script, { links: ["app:backend"], hostname: "front", dnsServers: ["10.0.0.53"] }),
      container("app", STAY, { portMappings: [{ containerPort: 8000, hostPort: 0 }] }),
    ],
    "bridge",
  );
  const { taskId, containers } = await status(task, "RUNNING");
  const lines = () => (logs.streams.get(`/ecs/web ecs/web/${taskId}`) ?? []).map(({ message }) => message);
  await eventually("output", () => (lines().includes("end") ? true : undefined));
  const app = store.list(bridgeEndpoints).find(({ containerName }) => containerName === "app");
  assert.ok(app);
  for (const line of [
    "172.17.0.2\tbackend",
    `172.17.0.2\t${app.engineName}`,
    "172.17.0.3\tfront",
    "nameserver 10.0.0.53",
    "BACKEND_PORT_8000_TCP_ADDR=172.17.0.2",
    "AWS_EXECUTION_ENV=AWS_ECS_EC2",
    "HOSTNAME=front",
  ]) {
    assert.ok(lines().includes(line), `${line} in ${lines().join("\n")}`);
  }
  assert.deepEqual(containers[1]?.networkBindings, [
    { bindIP: "0.0.0.0", containerPort: 8000, hostPort: 32768, protocol: "tcp" },
  ]);
  const info = await world.docker.getContainer(containers[1]?.runtimeId ?? "").inspect();
  assert.equal(info.Name, `/${app.engineName}`);
  store.transaction((tx) => tx.put(tasks, { ...task(), desiredStatus: "STOPPED" }));
  await status(task, "STOPPED");
  assert.deepEqual(value(await world.runtime.observeSandbox(taskId)), []);
  assert.equal(store.list(bridgeEndpoints).length, 0);
  assert.ok(value(await world.runtime.listSandboxes()).includes(instanceId));
});

test("under host a container has its instance's name, and keeps the size of its task", async () => {
  const script = `busybox hostname; busybox cat /proc/self/cgroup; ${STAY}`;
  const { logs, task } = await arrange([container("web", script)], "host", { cpu: "256", memory: "64" });
  const { taskId } = await status(task, "RUNNING");
  const lines = () => (logs.streams.get(`/ecs/web ecs/web/${taskId}`) ?? []).map(({ message }) => message);
  await eventually("output", () => (lines().length > 2 ? true : undefined));
  assert.equal(lines()[0], "the-instance");
  assert.ok(lines().some((line) => line.includes(`/ecs/${taskId}/`)));
});

test("when the machine is started anew, what ran on it before has ended", async () => {
  const { task, instanceId } = await arrange([container("web", STAY)], "bridge");
  await status(task, "RUNNING");
  const [machine] = value(await world.runtime.observeSandbox(instanceId));
  await world.docker.getContainer(machine?.containerId ?? "").restart({ t: 1 });
  const stopped = await status(task, "STOPPED");
  assert.equal(stopped.stoppedReason, "Essential container in task exited");
  assert.equal(stopped.containers[0]?.exitCode, 0);
});
