import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { failure } from "../../src/lib/result.ts";
import type { Task } from "../../src/model/ecs/records.ts";
import { createTaskReconciler, type TaskReconciler } from "../../src/reconcile/task/task-reconciler.ts";
import {
  exampleDefinition,
  exampleNetwork,
  exampleTask,
  FakeLogSink,
} from "../../src/reconcile/task/testing.ts";
import { Store } from "../../src/store/store.ts";
import { networkInterfaces } from "../../src/store/tables/ec2.ts";
import { taskDefinitions, tasks } from "../../src/store/tables/ecs.ts";
import { createDockerWorld, type DockerWorld, eventually } from "./docker-setup.ts";

let world: DockerWorld;
const running: TaskReconciler[] = [];
before(async () => {
  world = await createDockerWorld();
});
after(async () => {
  for (const reconciler of running) await reconciler.stop();
  await world.cleanUp();
});

const SCRIPT =
  'trap "echo bye; exit 7" TERM; i=0; while :; do i=$((i+1)); echo line $i; busybox sleep 0.1; done';

/** A store with one task of the image, and a fabric that says at once that ENIs are linked. */
function arrange(image: string): { store: Store; logs: FakeLogSink; task: () => Task } {
  const store = new Store(":memory:");
  exampleNetwork(store);
  const definition = exampleDefinition([
    {
      name: "web",
      image,
      essential: true,
      entryPoint: ["/bin/sh", "-c"],
      command: [SCRIPT],
      environment: [{ name: "PATH", value: "/bin" }],
      logConfiguration: {
        logDriver: "awslogs",
        options: { "awslogs-group": "/ecs/web", "awslogs-stream-prefix": "ecs" },
      },
    },
  ]);
  const created = exampleTask(definition);
  store.onChange(networkInterfaces, ({ after: eni }) => {
    if (eni?.sandbox === undefined || eni.linkState === "ready") return;
    queueMicrotask(() => {
      store.transaction((tx) => tx.put(networkInterfaces, { ...eni, linkState: "ready" }));
    });
  });
  store.transaction((tx) => {
    tx.put(taskDefinitions, definition);
    tx.put(tasks, created);
  });
  return { store, logs: new FakeLogSink(), task: () => store.get(tasks, created.arn) ?? created };
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
  return eventually(wanted, () => (task().lastStatus === wanted ? task() : undefined));
}

test("a task runs on while Berth is away, is taken up again, and its output has no gap and nothing twice", async () => {
  const { store, logs, task } = arrange(world.image);
  const first = await boot(store, logs);
  const before = await status(task, "RUNNING");
  const stream = `/ecs/web ecs/web/${before.taskId}`;
  const messages = () => logs.streams.get(stream)?.map(({ message }) => message) ?? [];
  await eventually("output", () => (messages().length >= 3 ? true : undefined));
  await first.stop();
  const seen = messages().length;
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(messages().length, seen, "nobody reads");
  await boot(store, logs);
  await eventually("more output", () => (messages().length >= seen + 8 ? true : undefined));
  assert.equal(task().containers[0]?.runtimeId, before.containers[0]?.runtimeId);
  store.transaction((tx) => tx.put(tasks, { ...task(), desiredStatus: "STOPPED" }));
  const stopped = await status(task, "STOPPED");
  assert.equal(stopped.containers[0]?.exitCode, 7);
  assert.equal(messages().at(-1), "bye");
  assert.deepEqual(
    messages().slice(0, -1),
    messages()
      .slice(0, -1)
      .map((_message, index) => `line ${index + 1}`),
  );
  assert.equal(store.list(networkInterfaces).length, 0);
});

test("a container that dies while Berth is away ends its task", async () => {
  const { store, logs, task } = arrange(world.image);
  const first = await boot(store, logs);
  const { containers } = await status(task, "RUNNING");
  await first.stop();
  await world.docker.getContainer(containers[0]?.runtimeId ?? "").kill();
  await boot(store, logs);
  const stopped = await status(task, "STOPPED");
  assert.deepEqual(
    [stopped.stopCode, stopped.stoppedReason, stopped.containers[0]?.exitCode],
    ["EssentialContainerExited", "Essential container in task exited", 137],
  );
});

test("an image that no registry has ends the task, with the registry's answer", async () => {
  const { store, logs, task } = arrange("127.0.0.1:1/nothing:1");
  await boot(store, logs);
  const stopped = await status(task, "STOPPED");
  assert.equal(stopped.stopCode, "TaskFailedToStart");
  assert.match(
    stopped.stoppedReason ?? "",
    /^CannotPullContainerError: pull image manifest has been retried 1 time\(s\): failed to resolve ref 127\.0\.0\.1:1\/nothing:1: failed to do request: .*connection refused$/,
  );
});
