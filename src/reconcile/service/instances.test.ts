/** Services on container instances: placement, its refusals, draining, daemons. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ExampleInstance, exampleInstance } from "../../model/ecs/placement/testing.ts";
import type { ContainerInstance, Service } from "../../model/ecs/records.ts";
import { capacityProviders, containerInstances, tasks } from "../../store/tables/ecs.ts";
import { exampleSpec, SCOPE, type ToyWorld, toyWorld } from "./testing.ts";

const ROOMY: ExampleInstance = { type: "m5.4xlarge", cpu: 16384, memory: 65536 };
const ON_EC2: Partial<Service> = { spec: exampleSpec({ launchType: "EC2" }) };
const SEE = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";
const NONE_MET = "was unable to place a task because no container instance met all of its requirements.";

function put(world: ToyWorld, ...instances: ContainerInstance[]): void {
  world.store.transaction((tx) => {
    for (const instance of instances) tx.put(containerInstances, instance);
  });
}

function on(world: ToyWorld, id: string): number {
  return world.live().filter(({ containerInstanceArn }) => containerInstanceArn?.endsWith(`/${id}`)).length;
}

test("tasks are placed when they are planned", () => {
  const world = toyWorld(ON_EC2);
  put(world, exampleInstance("a", ROOMY), exampleInstance("c", { ...ROOMY, zone: "ap-northeast-1c" }));
  world.run(60);
  assert.deepEqual([on(world, "a"), on(world, "c")], [1, 1]);
  assert.deepEqual(world.messages().slice(0, 1), ["has started 2 tasks: …."]);
  assert.ok(world.messages().includes("has reached a steady state."));
});

test("without any instance no task is made, the event tells it once, and an instance ends it", () => {
  const world = toyWorld(ON_EC2);
  world.run(30);
  assert.equal(world.tasks().length, 0);
  const none = `${NONE_MET} Reason: No Container Instances were found in your cluster.`;
  assert.deepEqual(world.messages(), [none]);
  world.clock.advance(6 * 60 * 60_000);
  world.reconcile();
  assert.deepEqual(world.messages(), [none, none]);
  put(world, exampleInstance("a", ROOMY));
  world.run(60);
  assert.equal(world.live().length, 2);
  assert.equal(world.store.list(tasks).length, 2);
});

test("as many as there is room for are started, and the closest instance is named for the rest", () => {
  const world = toyWorld({ ...ON_EC2, desiredCount: 3 });
  put(world, exampleInstance("abc", { type: "m5.large" }));
  world.run(5);
  assert.deepEqual(world.messages(), [
    "has started 2 tasks: ….",
    `${NONE_MET} The closest matching (container-instance abc) encountered error "RESOURCE:ENI". ${SEE}`,
  ]);
  put(world, exampleInstance("def", ROOMY));
  world.run(60);
  assert.deepEqual([on(world, "abc"), on(world, "def")], [2, 1]);
});

for (const [what, box, text] of [
  ["CPU", { ...ROOMY, cpu: 1 }, "has insufficient CPU units available."],
  ["memory", { ...ROOMY, memory: 1 }, "has insufficient memory available."],
] as const) {
  test(`the event for too little ${what}`, () => {
    const world = toyWorld(ON_EC2);
    put(world, exampleInstance("x", box));
    world.run(2);
    assert.deepEqual(world.messages(), [
      `${NONE_MET} The closest matching (container-instance x) ${text} ${SEE}`,
    ]);
  });
}

test("the events for an agent that is away and for a constraint", () => {
  const world = toyWorld({
    ...ON_EC2,
    placementConstraints: [{ type: "memberOf", expression: "attribute:ssd exists" }],
  });
  put(world, exampleInstance("x", ROOMY));
  world.run(2);
  put(world, exampleInstance("x", { ...ROOMY, attributes: [{ name: "ssd" }] }, { agentConnected: false }));
  world.run(2);
  assert.deepEqual(world.messages(), [
    `${NONE_MET} The closest matching (container-instance x) encountered error "MemberOf placement constraint unsatisfied.". ${SEE}`,
    `${NONE_MET} The closest matching (container-instance x) encountered error "AGENT". ${SEE}`,
  ]);
});

function withProvider(world: ToyWorld, managedScaling: "ENABLED" | "DISABLED"): void {
  world.store.transaction((tx) =>
    tx.put(capacityProviders, {
      ...SCOPE,
      arn: `arn:aws:ecs:${SCOPE.region}:${SCOPE.account}:capacity-provider/cp`,
      name: "cp",
      status: "ACTIVE",
      autoScalingGroupProvider: {
        autoScalingGroupArn: "asg",
        managedScaling: { status: managedScaling },
      },
      createdAt: 0,
      tags: [],
    }),
  );
}

const BY_PROVIDER: Partial<Service> = {
  spec: exampleSpec({
    launchType: undefined,
    capacityProviderStrategy: [{ capacityProvider: "cp", weight: 1 }],
  }),
};

test("under managed scaling tasks wait, unplaced, in PROVISIONING", () => {
  const world = toyWorld(BY_PROVIDER);
  withProvider(world, "ENABLED");
  world.reconcile();
  assert.deepEqual(
    world.live().map((task) => [task.lastStatus, task.containerInstanceArn, task.capacityProviderName]),
    [
      ["PROVISIONING", undefined, "cp"],
      ["PROVISIONING", undefined, "cp"],
    ],
  );
  world.change({ desiredCount: 600 });
  world.reconcile();
  assert.equal(world.live().length, 500);
  assert.ok(
    world
      .messages()
      .includes(
        "was unable to place tasks in your cluster because the tasks provisioning capacity limit was exceeded.",
      ),
  );
});

test("without managed scaling an empty provider is an event", () => {
  const world = toyWorld(BY_PROVIDER);
  withProvider(world, "DISABLED");
  world.run(3);
  assert.deepEqual(world.messages(), [
    "was unable to reach steady state. Reason: No Container Instances were found in your capacity provider.",
  ]);
});

test("scaling in leaves the instances balanced, or with binpack frees the one that has most left", () => {
  const world = toyWorld({ ...ON_EC2, desiredCount: 6 });
  put(world, exampleInstance("a", ROOMY), exampleInstance("b", ROOMY), exampleInstance("c", ROOMY));
  world.run(60);
  world.change({ desiredCount: 3 });
  world.run(10);
  assert.deepEqual([on(world, "a"), on(world, "b"), on(world, "c")], [1, 1, 1]);

  const packed = toyWorld({
    ...ON_EC2,
    desiredCount: 6,
    placementStrategy: [{ type: "binpack", field: "memory" }],
  });
  put(packed, exampleInstance("a", { ...ROOMY, memory: 2048 }), exampleInstance("b", ROOMY));
  packed.run(60);
  assert.deepEqual([on(packed, "a"), on(packed, "b")], [4, 2]);
  packed.change({ desiredCount: 4 });
  packed.run(10);
  assert.deepEqual([on(packed, "a"), on(packed, "b")], [4, 0]);
});

test("draining at 100/200: replaced elsewhere first; pending ones stop at once", () => {
  const world = toyWorld({ ...ON_EC2, desiredCount: 4 });
  const a = exampleInstance("a", ROOMY);
  put(world, a, exampleInstance("b", ROOMY));
  world.run(60);
  put(world, { ...a, status: "DRAINING" });
  world.reconcile();
  assert.deepEqual([on(world, "a"), on(world, "b")], [2, 4]);
  assert.equal(world.live().filter(({ desiredStatus }) => desiredStatus === "STOPPED").length, 0);
  world.run(60);
  assert.deepEqual([on(world, "a"), on(world, "b")], [0, 4]);

  const early = toyWorld({ ...ON_EC2, desiredCount: 2 });
  put(early, a);
  early.reconcile();
  put(early, { ...a, status: "DRAINING" });
  early.reconcile();
  assert.ok(early.live().every(({ desiredStatus }) => desiredStatus === "STOPPED"));
  assert.ok(early.messages().includes("stopped 2 pending tasks."));
});

test("draining at 50/100 stops first; at 100/100 it is blocked, and told", () => {
  const half = toyWorld({
    ...ON_EC2,
    desiredCount: 4,
    deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 },
  });
  const a = exampleInstance("a", ROOMY);
  put(half, a, exampleInstance("b", ROOMY));
  half.run(60);
  put(half, { ...a, status: "DRAINING" });
  half.reconcile();
  assert.equal(half.live().filter(({ desiredStatus }) => desiredStatus === "STOPPED").length, 2);
  half.run(120);
  assert.deepEqual([on(half, "a"), on(half, "b")], [0, 4]);

  const stuck = toyWorld({
    ...ON_EC2,
    deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 100 },
  });
  put(stuck, a, exampleInstance("b", ROOMY));
  stuck.run(60);
  put(stuck, { ...a, status: "DRAINING" });
  stuck.run(60);
  assert.deepEqual([on(stuck, "a"), on(stuck, "b")], [1, 1]);
  assert.ok(stuck.messages().some((message) => message.startsWith("was unable to stop or start tasks")));
});

test("draining without room elsewhere leaves the tasks where they are", () => {
  const world = toyWorld(ON_EC2);
  const a = exampleInstance("a", ROOMY);
  put(world, a);
  world.run(60);
  put(world, { ...a, status: "DRAINING" });
  world.run(60);
  assert.equal(on(world, "a"), 2);
  assert.equal(
    world.messages().at(-1),
    `${NONE_MET} Reason: No Container Instances were found in your cluster.`,
  );
});

const DAEMON: Partial<Service> = {
  ...ON_EC2,
  schedulingStrategy: "DAEMON",
  desiredCount: 0,
  deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
};

test("a daemon has one task on each instance that its constraints allow", () => {
  const world = toyWorld({
    ...DAEMON,
    placementConstraints: [{ type: "memberOf", expression: "attribute:ecs.instance-type =~ m5.*" }],
  });
  put(
    world,
    exampleInstance("a", ROOMY),
    exampleInstance("b", ROOMY),
    exampleInstance("t", { type: "t3.micro" }),
  );
  world.run(60);
  assert.deepEqual([on(world, "a"), on(world, "b"), on(world, "t")], [1, 1, 0]);
  assert.ok(world.messages().includes("has reached a steady state."));
  put(world, exampleInstance("c", ROOMY));
  world.run(60);
  assert.equal(on(world, "c"), 1);
});

test("an update of a daemon never has two tasks on an instance", () => {
  const world = toyWorld(DAEMON);
  put(world, exampleInstance("a", ROOMY), exampleInstance("b", ROOMY));
  world.run(60);
  world.deploy(2);
  for (let i = 0; i < 90; i++) {
    world.run(1);
    assert.ok(on(world, "a") <= 1 && on(world, "b") <= 1);
  }
  assert.deepEqual(
    world.live().map(({ deploymentId }) => deploymentId),
    ["ecs-svc/2", "ecs-svc/2"],
  );
  assert.equal(world.deployment("ecs-svc/2").rolloutState, "COMPLETED");
});

test("on a draining instance the daemon leaves after the others", () => {
  const world = toyWorld(DAEMON);
  const a = exampleInstance("a", ROOMY);
  put(world, a, exampleInstance("b", ROOMY));
  world.run(60);
  const [daemon] = world.live();
  assert.ok(daemon);
  const arn = `${daemon.arn.slice(0, -32)}${"f".repeat(32)}`;
  const other = {
    ...daemon,
    arn,
    taskId: "f".repeat(32),
    serviceArn: undefined,
    deploymentId: undefined,
    containerInstanceArn: a.arn,
  };
  world.put(other);
  put(world, { ...a, status: "DRAINING" });
  world.run(20);
  assert.equal(on(world, "a"), 1);
  world.put({ ...other, lastStatus: "STOPPED", desiredStatus: "STOPPED" });
  world.run(20);
  assert.deepEqual([on(world, "a"), on(world, "b")], [0, 1]);
});

test("a deleted daemon stops everywhere", () => {
  const world = toyWorld(DAEMON);
  put(world, exampleInstance("a", ROOMY), exampleInstance("b", ROOMY));
  world.run(60);
  world.change({ status: "DRAINING", desiredCount: 0 });
  world.run(20);
  assert.equal(world.live().length, 0);
  assert.equal(world.service().status, "INACTIVE");
});
