import assert from "node:assert/strict";
import { test } from "node:test";
import type { Random } from "../../lib/random.ts";
import { systemRandom } from "../../lib/random.ts";
import { countsAsCapacity, isTerminating } from "../../model/autoscaling/lifecycle.ts";
import { type ToyWorld, toyWorld } from "./testing.ts";

function seeded(seed: number): Random {
  let state = seed;
  return {
    ...systemRandom,
    below(bound) {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return (state >> 8) % bound;
    },
  };
}

/** Users change sizes and protection, instances die, launches fail. */
function disturb(world: ToyWorld, random: Random): void {
  const members = world.members();
  const one = members[random.below(Math.max(1, members.length))];
  switch (random.below(8)) {
    case 0:
    case 1:
      world.change({ desiredCapacity: random.below(world.group().maxSize + 1) });
      break;
    case 2:
      if (one) world.changeInstance(one.instanceId, { state: "terminated", desiredState: "terminated" });
      return;
    case 3:
      if (one) world.changeMember(one.instanceId, { protectedFromScaleIn: random.below(2) === 0 });
      return;
    case 4:
      if (one?.lifecycleState === "InService")
        world.changeMember(one.instanceId, { healthStatus: "Unhealthy" });
      return;
    case 5:
      world.refusal = random.below(2) === 0 ? "no" : undefined;
      return;
    default:
      world.stepEc2();
      break;
  }
}

function checkRules(world: ToyWorld, before: ReturnType<ToyWorld["members"]>, seed: number): void {
  const { desiredCapacity } = world.group();
  const after = world.members();
  const counted = after.filter(countsAsCapacity).length;
  const countedBefore = before.filter(countsAsCapacity).length;
  assert.ok(counted <= Math.max(desiredCapacity, countedBefore), `seed ${seed}: launched beyond the desired`);
  for (const member of before) {
    const now = after.find(({ instanceId }) => instanceId === member.instanceId);
    if (!member.protectedFromScaleIn || !countsAsCapacity(member) || now === undefined) continue;
    const activity = world.activities().find(({ activityId }) => activityId === now.activityId);
    const scaledIn = isTerminating(now) && activity?.cause.includes("was selected for termination") === true;
    assert.ok(!scaledIn, `seed ${seed}: a protected instance was scaled in`);
  }
}

test("whatever happens, never more than the desired capacity is launched, and nothing protected is scaled in", () => {
  for (let seed = 1; seed <= 80; seed++) {
    const random = seeded(seed);
    const world = toyWorld({ maxSize: 6 }, random);
    for (let step = 0; step < 60; step++) {
      disturb(world, random);
      const before = world.members();
      world.reconcile();
      checkRules(world, before, seed);
      world.clock.advance(random.below(20) * 1000);
    }
    // Left in peace, with nothing protected, it comes to its desired capacity, balanced over its zones.
    world.refusal = undefined;
    world.change({ desiredCapacity: 4 });
    for (const { instanceId } of world.members())
      world.changeMember(instanceId, { protectedFromScaleIn: false });
    world.clock.advance(300_000);
    world.settle();
    world.settle();
    const members = world.members();
    assert.deepEqual(
      members.map(({ lifecycleState }) => lifecycleState),
      ["InService", "InService", "InService", "InService"],
      `seed ${seed}`,
    );
  }
});

test("scaling from nothing and back to less keeps the zones balanced", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seeded(seed);
    const world = toyWorld({ desiredCapacity: 1 + random.below(9) }, random);
    for (let round = 0; round < 8; round++) {
      world.change({ desiredCapacity: random.below(10) });
      world.settle();
      const inA = world.members().filter(({ availabilityZone }) => availabilityZone.endsWith("a")).length;
      const difference = Math.abs(2 * inA - world.members().length);
      assert.ok(difference <= 1, `seed ${seed}: ${inA} of ${world.members().length} in one zone`);
    }
  }
});
