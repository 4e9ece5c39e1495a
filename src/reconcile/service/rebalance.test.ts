/** Availability Zone rebalancing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { exampleInstance } from "../../model/ecs/placement/testing.ts";
import type { ContainerInstance, Service } from "../../model/ecs/records.ts";
import { containerInstances } from "../../store/tables/ecs.ts";
import { exampleSpec, type ToyWorld, toyWorld } from "./testing.ts";

const ROOMY = { type: "m5.4xlarge", cpu: 16384, memory: 65536 };
const a = exampleInstance("a", { ...ROOMY, zone: "ap-northeast-1a" });
const c = exampleInstance("c", { ...ROOMY, zone: "ap-northeast-1c" });

function put(world: ToyWorld, ...instances: ContainerInstance[]): void {
  world.store.transaction((tx) => {
    for (const instance of instances) tx.put(containerInstances, instance);
  });
}

function lopsided(overrides: Partial<Service> = {}): ToyWorld {
  const world = toyWorld({
    spec: exampleSpec({ launchType: "EC2" }),
    desiredCount: 4,
    availabilityZoneRebalancing: "ENABLED",
    ...overrides,
  });
  put(world, a);
  world.run(60);
  return world;
}

const inZone = (world: ToyWorld, { arn }: ContainerInstance): number =>
  world
    .live()
    .filter(
      ({ containerInstanceArn, desiredStatus }) =>
        containerInstanceArn === arn && desiredStatus === "RUNNING",
    ).length;

test("new tasks in the poor zone come first, and as many go from the rich one when they are healthy", () => {
  const world = lopsided();
  const told = world.messages().length;
  put(world, c);
  let least = 4;
  for (let i = 0; i < 120; i++) {
    world.run(1);
    least = Math.min(least, world.live().filter(({ lastStatus }) => lastStatus === "RUNNING").length);
  }
  assert.equal(least, 4);
  assert.deepEqual([inZone(world, a), inZone(world, c)], [2, 2]);
  assert.deepEqual(world.messages().slice(told), [
    "is not AZ balanced with 4 tasks in ap-northeast-1a, 0 tasks in ap-northeast-1c. AZ Rebalancing in progress.",
    "has started 2 tasks in ap-northeast-1c to AZ Rebalance: ….",
    "has stopped 2 running tasks in ap-northeast-1a due to AZ rebalancing: ….",
    "is AZ balanced with 2 tasks in ap-northeast-1a, 2 tasks in ap-northeast-1c.",
    "has reached a steady state.",
  ]);
});

test("no more at once than maximumPercent allows; without room, and when it is off, nothing happens", () => {
  const world = lopsided({ deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 125 } });
  put(world, c);
  for (let i = 0; i < 240; i++) {
    world.run(1);
    assert.ok(world.live().filter(({ desiredStatus }) => desiredStatus === "RUNNING").length <= 5);
  }
  assert.deepEqual([inZone(world, a), inZone(world, c)], [2, 2]);

  for (const overrides of [
    { deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 } },
    { availabilityZoneRebalancing: "DISABLED" as const },
  ]) {
    const still = lopsided(overrides);
    put(still, c);
    still.run(120);
    assert.deepEqual([inZone(still, a), inZone(still, c)], [4, 0]);
  }
});

test("a zone without room is told once, and tried again when something changes", () => {
  const world = lopsided();
  put(world, exampleInstance("c", { ...ROOMY, cpu: 1, zone: "ap-northeast-1c" }));
  world.run(60);
  const refusals = world.messages().filter((message) => message.startsWith("is unable to place a task in"));
  assert.deepEqual(refusals, [
    "is unable to place a task in ap-northeast-1c because no container instance met all of its requirements.",
  ]);
  put(world, c);
  world.run(120);
  assert.deepEqual([inZone(world, a), inZone(world, c)], [2, 2]);
});

test("a change of the service ends it, and the surplus goes", () => {
  const world = lopsided();
  put(world, c);
  world.run(3);
  world.change({ desiredCount: 2 });
  world.run(120);
  assert.equal(world.live().length, 2);
  assert.ok(world.messages().includes("stopped AZ Rebalancing."));
});
