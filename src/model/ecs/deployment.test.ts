import assert from "node:assert/strict";
import { test } from "node:test";
import { circuitBreakerThreshold, deploymentBounds } from "./deployment.ts";

test("the lower bound is rounded up, the upper bound down", () => {
  const bounds = (desired: number, minimumHealthyPercent: number, maximumPercent: number) =>
    deploymentBounds(desired, { minimumHealthyPercent, maximumPercent });
  assert.deepEqual(bounds(4, 50, 200), { lower: 2, upper: 8 });
  assert.deepEqual(bounds(2, 75, 200), { lower: 2, upper: 4 });
  assert.deepEqual(bounds(3, 100, 125), { lower: 3, upper: 3 });
  assert.deepEqual(deploymentBounds(2, {}), { lower: 2, upper: 4 });
});

test("the circuit breaker trips at half the desired count, at least 3 and at most 200 failures", () => {
  const breaker = { enable: true, rollback: false };
  assert.equal(circuitBreakerThreshold(1, { deploymentCircuitBreaker: breaker }), 3);
  assert.equal(circuitBreakerThreshold(25, { deploymentCircuitBreaker: breaker }), 13);
  assert.equal(circuitBreakerThreshold(1000, { deploymentCircuitBreaker: breaker }), 200);
  const counted = { ...breaker, thresholdConfiguration: { type: "COUNT" as const, value: 7 } };
  assert.equal(circuitBreakerThreshold(1000, { deploymentCircuitBreaker: counted }), 7);
});
