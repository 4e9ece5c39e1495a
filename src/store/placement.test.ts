import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import { capacityOf } from "../model/ecs/placement/capacity.ts";
import type { PlacementOutcome, PlacementRequest } from "../model/ecs/placement/outcome.ts";
import { exampleDefinition, exampleInstance, seededRandom } from "../model/ecs/placement/testing.ts";
import type { ContainerInstance, Task } from "../model/ecs/records.ts";
import { loadOf, remainingOf } from "./instance-usage.ts";
import { placeTask } from "./placement.ts";
import type { Store } from "./store.ts";
import { tasks } from "./tables/ecs.ts";
import { placedOn, port, reasonsOf, request, run, small, vpc, world } from "./testing.ts";

const random = seededRandom(1);

const runOnce = (store: Store, asked: PlacementRequest): PlacementOutcome => run(store, asked, random);

test("a task takes what it needs until it is STOPPED, in transactions that fail too", () => {
  const box = exampleInstance("1");
  const store = world([box]);
  runOnce(store, request(port));
  assert.deepEqual(remainingOf(store, box), {
    cpu: 2048,
    memory: 4096 - 64,
    portsTcp: [22, 2375, 8080],
    portsUdp: [5353],
    gpus: [],
    freeInterfaces: 2,
    runningTasks: 0,
    pendingTasks: 1,
    tasks: 1,
  });
  const [task] = store.list(tasks);
  assert.ok(task);
  assert.deepEqual([task.lastStatus, task.containerInstanceArn], ["PENDING", box.arn]);
  const before = remainingOf(store, box);
  assert.throws(() =>
    store.transaction((tx) => {
      tx.put(tasks, { ...task, lastStatus: "STOPPED" });
      assert.equal(remainingOf(store, box).memory, 4096);
      throw new Error("no");
    }),
  );
  assert.deepEqual(remainingOf(store, box), before);
  store.transaction((tx) => tx.put(tasks, { ...task, lastStatus: "RUNNING" }));
  assert.deepEqual([remainingOf(store, box).runningTasks, remainingOf(store, box).pendingTasks], [1, 0]);
  store.transaction((tx) => tx.put(tasks, { ...task, lastStatus: "STOPPED", desiredStatus: "STOPPED" }));
  assert.equal(remainingOf(store, box).tasks, 0);
  assert.deepEqual(loadOf(store, box.arn).groups.size, 0);
});

test("memoryReservation counts where it is given, and overrides are taken into account", () => {
  const soft = exampleDefinition("soft", {
    containerDefinitions: [{ name: "app", image: "app", memory: 1024, memoryReservation: 100 }],
  });
  const box = exampleInstance("1");
  const store = world([box], [soft]);
  runOnce(store, request(soft));
  assert.equal(remainingOf(store, box).memory, 3996);
  runOnce(
    store,
    request(soft, { overrides: { containerOverrides: [{ name: "app", cpu: 48, memoryReservation: 96 }] } }),
  );
  assert.deepEqual([remainingOf(store, box).memory, remainingOf(store, box).cpu], [3900, 2000]);
});

test("each reason is told, of the instance that is closest first", () => {
  const gpu = exampleDefinition("gpu", {
    containerDefinitions: [
      { name: "app", image: "app", memory: 1, resourceRequirements: [{ type: "GPU", value: "1" }] },
    ],
  });
  const only = (instance: ContainerInstance, asked: PlacementRequest) =>
    reasonsOf(placeTask(world([instance], [gpu]), asked, random));
  assert.deepEqual(only(exampleInstance("1", { cpu: 100 }), request(small)), ["RESOURCE:CPU"]);
  assert.deepEqual(only(exampleInstance("1", { memory: 100 }), request(small)), ["RESOURCE:MEMORY"]);
  assert.deepEqual(only(exampleInstance("1"), request(gpu)), ["RESOURCE:GPU"]);
  assert.deepEqual(only(exampleInstance("1", {}, { agentConnected: false }), request(small)), ["AGENT"]);
  assert.deepEqual(
    only(exampleInstance("1", {}, { attributes: [] }), request(vpc)).includes("RESOURCE:ENI"),
    true,
  );
  assert.deepEqual(only(exampleInstance("1", { zone: "ap-northeast-1d" }), request(vpc)), ["LOCATION"]);
  assert.deepEqual(
    only(exampleInstance("1"), request({ ...small, requiresAttributes: [{ name: "ecs.capability.magic" }] })),
    ["ATTRIBUTE"],
  );
  assert.deepEqual(
    only(
      exampleInstance("1"),
      request(small, { placementConstraints: [{ type: "memberOf", expression: "attribute:x exists" }] }),
    ),
    ["MemberOf placement constraint unsatisfied"],
  );
  const store = world([exampleInstance("1", { cpu: 1, memory: 1 }), exampleInstance("2", { cpu: 1 })]);
  assert.deepEqual(reasonsOf(placeTask(store, request(small), random)), ["RESOURCE:CPU", "RESOURCE:CPU"]);
  const outcome = placeTask(store, request(small), random);
  assert.match(outcome.kind === "refused" ? (outcome.failures[0]?.containerInstanceArn ?? "") : "", /\/2$/);
});

test("only ACTIVE instances count, and only those of the capacity provider", () => {
  const draining = exampleInstance("1", {}, { status: "DRAINING" });
  assert.equal(placedOn(placeTask(world([draining]), request(small), random)), "no-instances");
  const store = world([exampleInstance("1"), exampleInstance("2", {}, { capacityProviderName: "cp" })]);
  assert.equal(placedOn(placeTask(store, request(small, { capacityProviderName: "cp" }), random)), "2");
  assert.equal(
    placedOn(placeTask(store, request(small, { capacityProviderName: "other" }), random)),
    "no-instances",
  );
});

test("a host port is given once per instance, also to tasks that are stopping", () => {
  const store = world([exampleInstance("1")]);
  assert.equal(placedOn(runOnce(store, request(port))), "1");
  assert.deepEqual(reasonsOf(runOnce(store, request(port))), ["RESOURCE:PORTS"]);
  const [task] = store.list(tasks) as [Task];
  store.transaction((tx) => tx.put(tasks, { ...task, desiredStatus: "STOPPED", lastStatus: "STOPPING" }));
  assert.deepEqual(reasonsOf(runOnce(store, request(port))), ["RESOURCE:PORTS"]);
  store.transaction((tx) => tx.put(tasks, { ...task, desiredStatus: "STOPPED", lastStatus: "STOPPED" }));
  assert.equal(placedOn(runOnce(store, request(port))), "1");
});

test("awsvpc tasks find as many interfaces as the type has beside the primary one; a trunk carries more", () => {
  const store = world([exampleInstance("1", { type: "t2.micro", memory: 99_999, cpu: 99_999 })]);
  assert.equal(placedOn(runOnce(store, request(vpc))), "1");
  assert.deepEqual(reasonsOf(runOnce(store, request(vpc))), ["RESOURCE:ENI"]);
  assert.equal(placedOn(runOnce(store, request(small))), "1", "others go on");
  const trunk = exampleInstance("2", { memory: 99_999, cpu: 99_999 }, { trunkInterfaceId: "eni-1" });
  const trunked = world([trunk]);
  let count = 0;
  while (placedOn(runOnce(trunked, request(vpc))) === "2") count++;
  assert.equal(count, capacityOf(trunk).taskInterfaces);
  assert.equal(count, 10);
});

test("an awsvpc task gets a subnet of its instance's zone", () => {
  const store = world([exampleInstance("1", { zone: "ap-northeast-1c" })]);
  for (let i = 0; i < 2; i++) runOnce(store, request(vpc));
  assert.deepEqual(
    store.list(tasks).map(({ attachment }) => attachment?.subnetId),
    ["subnet-c", "subnet-c"],
  );
});

test("distinctInstance: one task of the group per instance", () => {
  const store = world([exampleInstance("1"), exampleInstance("2")]);
  const asked = request(small, { placementConstraints: [{ type: "distinctInstance" }] });
  const found = [runOnce(store, asked), runOnce(store, asked)].map(placedOn).sort();
  assert.deepEqual(found, ["1", "2"]);
  assert.deepEqual(
    new Set(reasonsOf(runOnce(store, asked))),
    new Set(["DistinctInstance placement constraint unsatisfied"]),
  );
  assert.notEqual(placedOn(runOnce(store, { ...asked, group: "other" })), "refused");
});

test("affinity: a definition's own memberOf sees the tasks that are placed", () => {
  const friend = exampleDefinition("friend", {
    ...small.definition,
    placementConstraints: [{ type: "memberOf", expression: "task:group == family:small" }],
  });
  const store = world([exampleInstance("1"), exampleInstance("2")], [friend]);
  assert.equal(placedOn(placeTask(store, request(friend), random)), "refused");
  const where = placedOn(runOnce(store, request(small)));
  assert.equal(placedOn(placeTask(store, request(friend), random)), where);
});

test("strategies apply in their order", () => {
  const boxes = [
    exampleInstance("1", { zone: "ap-northeast-1a", cpu: 2000, memory: 4000 }),
    exampleInstance("2", { zone: "ap-northeast-1a", cpu: 3000, memory: 2000 }),
    exampleInstance("3", { zone: "ap-northeast-1c", cpu: 4000, memory: 9000 }),
  ];
  const choose = (...placementStrategy: wire.PlacementStrategy[]) =>
    placedOn(placeTask(world(boxes), request(small, { placementStrategy }), random));
  assert.equal(choose({ type: "binpack", field: "memory" }), "2");
  assert.equal(choose({ type: "binpack", field: "CPU" }), "1");
  const store = world(boxes);
  const byZone: wire.PlacementStrategy[] = [
    { type: "spread", field: "attribute:ecs.availability-zone" },
    { type: "binpack", field: "memory" },
  ];
  const order = Array.from({ length: 4 }, () =>
    placedOn(runOnce(store, request(small, { placementStrategy: byZone }))),
  );
  assert.deepEqual(order.sort(), ["2", "2", "3", "3"]);
  const hosts = world(boxes);
  const spread = Array.from({ length: 3 }, () =>
    placedOn(runOnce(hosts, request(small, { placementStrategy: [{ type: "spread", field: "host" }] }))),
  );
  assert.deepEqual(spread.sort(), ["1", "2", "3"]);
});
