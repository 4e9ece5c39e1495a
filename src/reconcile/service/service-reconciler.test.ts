import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";
import { deployments, serviceProgress, services, taskRegistrations, tasks } from "../../store/tables/ecs.ts";
import { createServiceReconciler } from "./service-reconciler.ts";
import { exampleSpec, SCOPE, SERVICE_ARN, type ToyWorld, toyWorld } from "./testing.ts";

const MINUTE = 60;

/** RUNNING tasks by deployment. */
function running(world: ToyWorld): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const task of world.live()) {
    if (task.lastStatus !== "RUNNING") continue;
    counts[task.deploymentId ?? ""] = (counts[task.deploymentId ?? ""] ?? 0) + 1;
  }
  return counts;
}

test("a new service starts its tasks, and is complete and steady as soon as they run", () => {
  const world = toyWorld();
  world.run(5);
  assert.deepEqual(running(world), { "ecs-svc/1": 2 });
  assert.deepEqual(world.messages(), [
    "has started 2 tasks: ….",
    "(deployment ecs-svc/1) deployment completed.",
    "has reached a steady state.",
  ]);
  assert.equal(world.deployment("ecs-svc/1").rolloutState, "COMPLETED");
  assert.equal(world.deployment("ecs-svc/1").rolloutStateReason, "ECS deployment ecs-svc/1 completed.");
  assert.notEqual(world.deployment("ecs-svc/1").finishedAt, undefined);
});

test("a task of a service carries the service's group, deployment, and placement of the definition", () => {
  const world = toyWorld({ desiredCount: 1 });
  world.reconcile();
  const [task] = world.tasks();
  assert.equal(task?.group, "service:web");
  assert.equal(task?.startedBy, "ecs-svc/1");
  assert.equal(task?.deploymentId, "ecs-svc/1");
  assert.equal(task?.lastStatus, "PROVISIONING");
  assert.equal(task?.platformVersion, "1.4.0");
  assert.match(task?.arn ?? "", /^arn:aws:ecs:ap-northeast-1:000000000000:task\/main\/[0-9a-f]{32}$/);
  assert.deepEqual(task?.tags, []);
});

test("tags come from the service or the task definition, and managed tags are added", () => {
  const ofService = toyWorld({
    desiredCount: 1,
    tags: [{ key: "from", value: "service" }],
    spec: exampleSpec({ propagateTags: "SERVICE", enableECSManagedTags: true }),
  });
  ofService.reconcile();
  assert.deepEqual(ofService.tasks()[0]?.tags, [
    { key: "from", value: "service" },
    { key: "aws:ecs:clusterName", value: "main" },
    { key: "aws:ecs:serviceName", value: "web" },
  ]);
  const ofDefinition = toyWorld({ desiredCount: 1, spec: exampleSpec({ propagateTags: "TASK_DEFINITION" }) });
  ofDefinition.reconcile();
  assert.deepEqual(ofDefinition.tasks()[0]?.tags, [{ key: "from", value: "definition" }]);
});

test("capacity providers share the tasks by base and weight", () => {
  const world = toyWorld({
    desiredCount: 5,
    spec: exampleSpec({
      launchType: undefined,
      capacityProviderStrategy: [
        { capacityProvider: "FARGATE", base: 1, weight: 1 },
        { capacityProvider: "FARGATE_SPOT", weight: 3 },
      ],
    }),
  });
  world.reconcile();
  const providers = world.tasks().map((task) => task.capacityProviderName);
  assert.equal(providers.filter((name) => name === "FARGATE").length, 2);
  assert.equal(providers.filter((name) => name === "FARGATE_SPOT").length, 3);
});

test("nothing is done twice when nothing changes", () => {
  const world = toyWorld();
  world.run(5);
  const before = world.messages().length;
  for (let i = 0; i < 5; i++) world.reconcile();
  assert.equal(world.tasks().length, 2);
  assert.equal(world.messages().length, before);
});

test("a steady state is announced again every six hours", () => {
  const world = toyWorld();
  world.run(5);
  world.clock.advance(6 * 60 * MINUTE * 1000);
  world.reconcile();
  world.reconcile();
  assert.equal(world.messages().filter((message) => message.includes("steady")).length, 2);
});

test("a rolling update keeps the old tasks until the new ones have run for 40 seconds", () => {
  const world = toyWorld();
  world.run(60);
  world.deploy(2);
  world.run(38);
  assert.deepEqual(running(world), { "ecs-svc/1": 2, "ecs-svc/2": 2 });
  assert.equal(world.deployment("ecs-svc/1").status, "ACTIVE");
  world.run(10);
  assert.deepEqual(running(world), { "ecs-svc/2": 2 });
  assert.equal(world.deployment("ecs-svc/1").status, "INACTIVE");
  assert.deepEqual(world.messages().slice(3), [
    "has started 2 tasks: ….",
    "has stopped 2 running tasks: ….",
    "(deployment ecs-svc/2) deployment completed.",
    "has reached a steady state.",
  ]);
  for (const task of world.tasks().filter(({ deploymentId }) => deploymentId === "ecs-svc/1")) {
    assert.equal(task.stopCode, "ServiceSchedulerInitiated");
    assert.equal(task.stoppedReason, "Scaling activity initiated by (deployment ecs-svc/2)");
  }
});

test("with 50 and 100 percent half of the tasks is replaced first", () => {
  const world = toyWorld({
    desiredCount: 4,
    deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 },
  });
  world.run(60);
  world.deploy(2);
  world.reconcile();
  assert.equal(world.live().filter((task) => task.desiredStatus === "STOPPED").length, 2);
  world.run(20);
  assert.deepEqual(running(world), { "ecs-svc/1": 2, "ecs-svc/2": 2 });
  world.run(100);
  assert.deepEqual(running(world), { "ecs-svc/2": 4 });
});

test("percentages that leave no room stop an update and say so once", () => {
  const world = toyWorld({
    desiredCount: 1,
    deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 150 },
  });
  world.run(60);
  world.deploy(2);
  world.run(60);
  assert.deepEqual(running(world), { "ecs-svc/1": 1 });
  const said = world.messages().filter((message) => message.startsWith("was unable to stop or start tasks"));
  assert.equal(said.length, 1);
});

test("a steady service follows its desired count up and down without a new deployment", () => {
  const world = toyWorld();
  world.run(60);
  world.change({ desiredCount: 4 });
  world.run(60);
  assert.deepEqual(running(world), { "ecs-svc/1": 4 });
  world.change({ desiredCount: 1 });
  world.run(60);
  assert.deepEqual(running(world), { "ecs-svc/1": 1 });
  assert.deepEqual(world.messages().slice(3), [
    "has started 2 tasks: ….",
    "has reached a steady state.",
    "has stopped 3 running tasks: ….",
    "has reached a steady state.",
  ]);
});

test("scaling in takes tasks that do not run yet first", () => {
  const world = toyWorld();
  world.run(60);
  world.change({ desiredCount: 4 });
  world.reconcile();
  world.change({ desiredCount: 2 });
  world.reconcile();
  assert.equal(world.messages().at(-1), "stopped 2 pending tasks.");
  assert.deepEqual(running(world), { "ecs-svc/1": 2 });
});

test("a task that dies is replaced at once", () => {
  const world = toyWorld();
  world.run(60);
  const [victim] = world.live();
  assert.ok(victim);
  world.put({
    ...victim,
    desiredStatus: "STOPPED",
    lastStatus: "STOPPED",
    stopCode: "EssentialContainerExited",
  });
  world.reconcile();
  assert.equal(world.live().length, 2);
  assert.equal(world.deployment("ecs-svc/1").failedTasks, 0);
});

test("a draining service stops all of its tasks, becomes inactive when the last is gone, and is forgotten after an hour", () => {
  const world = toyWorld({ desiredCount: 3 });
  world.run(60);
  world.change({ status: "DRAINING", desiredCount: 0 });
  world.reconcile();
  assert.ok(world.live().every((task) => task.desiredStatus === "STOPPED"));
  assert.equal(world.service().status, "DRAINING");
  world.run(10);
  assert.equal(world.service().status, "INACTIVE");
  assert.equal(world.live().length, 0);
  world.clock.advance(59 * MINUTE * 1000);
  world.reconcile();
  assert.notEqual(world.store.get(services, SERVICE_ARN), undefined);
  world.clock.advance(MINUTE * 1000);
  world.reconcile();
  assert.equal(world.store.get(services, SERVICE_ARN), undefined);
  assert.equal(world.store.count(deployments, "service", SERVICE_ARN), 0);
});

test("a deleted service is not inactive before what its tasks had registered is gone", () => {
  const world = toyWorld({ desiredCount: 0 });
  const registration = {
    ...SCOPE,
    taskArn: "task",
    serviceArn: SERVICE_ARN,
    targets: [],
    instances: [{ serviceId: "srv-1", instanceId: "i" }],
    registeredAt: 0,
  };
  world.store.transaction((tx) => tx.put(taskRegistrations, registration));
  world.change({ status: "DRAINING" });
  world.run(5);
  assert.equal(world.service().status, "DRAINING");
  world.store.transaction((tx) => tx.delete(taskRegistrations, "task"));
  world.reconcile();
  assert.equal(world.service().status, "INACTIVE");
});

test("a service that takes the name of a deleted one begins with a clean record", () => {
  const world = toyWorld({ desiredCount: 1 });
  world.run(60, () => true);
  world.change({ createdAt: world.clock.now(), desiredCount: 1 });
  world.reconcile();
  const progress = world.store.get(serviceProgress, SERVICE_ARN);
  assert.equal(progress?.serviceCreatedAt, world.clock.now());
});

test("services under another deployment controller, or with the daemon strategy, are left alone", () => {
  for (const change of [
    { schedulingStrategy: "DAEMON" },
    { deploymentController: { type: "EXTERNAL" } },
  ] as const) {
    const world = toyWorld(change);
    world.run(3);
    assert.equal(world.store.count(tasks, "service", SERVICE_ARN), 0);
  }
});

test("the loop follows services and their tasks by itself, and looks again when time alone changes something", async () => {
  const world = toyWorld({ desiredCount: 1 });
  const { store, clock } = world;
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const loop = createServiceReconciler({ store, clock, random: systemRandom, log: silentLog });
  loop.start();
  await settle();
  assert.equal(world.live().length, 1);
  for (let i = 0; i < 4; i++) {
    world.step();
    await settle();
  }
  assert.equal(world.deployment("ecs-svc/1").rolloutState, "COMPLETED");
  world.deploy(2);
  await settle();
  for (let i = 0; i < 4; i++) {
    world.step();
    await settle();
  }
  assert.deepEqual(running(world), { "ecs-svc/1": 1, "ecs-svc/2": 1 });
  clock.advance(40_000);
  await settle();
  world.step();
  await settle();
  assert.deepEqual(running(world), { "ecs-svc/2": 1 });
  await loop.stop();
});

test("tasks under scale-in protection stay when the service scales in, until the protection ends", () => {
  const world = toyWorld({ desiredCount: 3 });
  world.run(60);
  const [first, second] = world.live();
  const protectedUntil = world.clock.now() + 10 * MINUTE * 1000;
  world.store.transaction((tx) => {
    for (const task of [first, second]) if (task !== undefined) tx.put(tasks, { ...task, protectedUntil });
    tx.put(services, { ...world.service(), desiredCount: 1 });
  });
  world.run(30);
  assert.deepEqual(
    new Set(world.live().map(({ taskId }) => taskId)),
    new Set([first?.taskId, second?.taskId]),
  );
  assert.ok(
    world
      .messages()
      .includes(
        "was unable to reach steady state because (taskSet ecs-svc/1) was unable to scale in due to (reason 1 tasks under protection)",
      ),
    world.messages().join("\n"),
  );
  world.run(11 * MINUTE);
  assert.equal(world.live().length, 1);
});

test("a deployment waits for tasks of the former one that are under scale-in protection", () => {
  const world = toyWorld({ desiredCount: 2 });
  world.run(60);
  const [guarded] = world.live();
  assert.ok(guarded);
  const protectedUntil = world.clock.now() + 10 * MINUTE * 1000;
  world.store.transaction((tx) => tx.put(tasks, { ...guarded, protectedUntil }));
  world.deploy(2);
  world.run(5 * MINUTE);
  assert.deepEqual(running(world), { "ecs-svc/1": 1, "ecs-svc/2": 2 });
  assert.equal(world.deployment("ecs-svc/2").rolloutState, "IN_PROGRESS");
  world.run(6 * MINUTE);
  assert.deepEqual(running(world), { "ecs-svc/2": 2 });
  assert.equal(world.deployment("ecs-svc/2").rolloutState, "COMPLETED");
});
