import assert from "node:assert/strict";
import { test } from "node:test";
import { planScaling, SCALE_IN_CALM_MS, type ScalingInput } from "./plan-scaling.ts";

const INPUT: ScalingInput = {
  minSize: 0,
  maxSize: 10,
  instances: 2,
  inUse: 2,
  missing: 0,
  targetCapacity: 100,
  minimumStep: 1,
  maximumStep: 10_000,
};

const desired = (overrides: Partial<ScalingInput>) =>
  planScaling({ ...INPUT, ...overrides }, 0).desiredCapacity;

test("at its target the group stays", () => {
  assert.deepEqual(planScaling(INPUT, 0), { metric: 100 });
  assert.deepEqual(planScaling({ ...INPUT, instances: 0, inUse: 0 }, 0), { metric: 100 });
});

test("what is missing is added, within the step sizes and the group's maximum", () => {
  assert.equal(planScaling({ ...INPUT, instances: 0, inUse: 0, missing: 1 }, 0).metric, 200);
  assert.equal(desired({ instances: 0, inUse: 0, missing: 3 }), 3);
  assert.equal(desired({ missing: 3 }), 5);
  assert.equal(desired({ missing: 1, minimumStep: 4 }), 6);
  assert.equal(desired({ missing: 5, maximumStep: 2 }), 4);
  assert.equal(desired({ missing: 50 }), 10);
});

test("a target below 100 keeps spare instances", () => {
  assert.equal(desired({ targetCapacity: 50 }), 4);
  assert.equal(desired({ targetCapacity: 80, instances: 4, inUse: 4 }), 5);
  assert.equal(desired({ targetCapacity: 50, instances: 4, inUse: 2 }), undefined);
});

test("the group shrinks only when it was below its target for a while, and never under its minimum", () => {
  const idle = { ...INPUT, instances: 4, inUse: 1, minSize: 2 };
  const first = planScaling(idle, 1000);
  assert.deepEqual(first, { metric: 25, calmSince: 1000 });
  const calm = { ...idle, calmSince: first.calmSince };
  assert.equal(planScaling(calm, 1000 + SCALE_IN_CALM_MS - 1).desiredCapacity, undefined);
  assert.equal(planScaling(calm, 1000 + SCALE_IN_CALM_MS).desiredCapacity, 2);
});

test("whatever the input, the desired capacity is within the group's sizes", () => {
  let state = 7;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % bound;
  };
  for (let round = 0; round < 5000; round++) {
    const minSize = below(5);
    const maxSize = minSize + below(8);
    const instances = minSize + below(maxSize - minSize + 1);
    const input = {
      minSize,
      maxSize,
      instances,
      inUse: below(instances + 1),
      missing: below(12),
      targetCapacity: 1 + below(100),
      minimumStep: 1 + below(3),
      maximumStep: 3 + below(5),
      calmSince: below(2) === 0 ? undefined : 0,
    };
    const { desiredCapacity } = planScaling(input, SCALE_IN_CALM_MS);
    if (desiredCapacity === undefined) continue;
    assert.ok(desiredCapacity >= minSize && desiredCapacity <= maxSize, JSON.stringify(input));
    assert.notEqual(desiredCapacity, instances);
    if (input.missing > 0) assert.ok(desiredCapacity > instances, JSON.stringify(input));
  }
});
