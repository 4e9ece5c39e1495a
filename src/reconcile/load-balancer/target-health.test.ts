import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObservedTarget } from "../../fabric/config.ts";
import type { TargetGroup } from "../../model/elb/records.ts";
import { isDrained, planTargetHealth, type TargetHealth } from "./target-health.ts";

const GROUP: Pick<TargetGroup, "healthCheck" | "attributes"> = {
  healthCheck: {
    ...{ enabled: true, protocol: "HTTP", port: "traffic-port" },
    ...{ intervalSeconds: 30, timeoutSeconds: 5, healthyThresholdCount: 5, unhealthyThresholdCount: 2 },
  },
  attributes: { "deregistration_delay.timeout_seconds": "300" },
};
const INITIAL: TargetHealth = { state: "initial" };
const HEALTHY: TargetHealth = { state: "healthy" };

function seen(state: ObservedTarget["state"], changes: Partial<ObservedTarget> = {}): ObservedTarget {
  return { backendId: "g", address: "10.0.0.1", port: 80, state, openSessions: 0, ...changes };
}

test("a target that no node knows yet is being registered", () => {
  assert.deepEqual(planTargetHealth({ health: INITIAL }, GROUP, []), {
    state: "initial",
    reason: "Elb.RegistrationInProgress",
    description: "Target registration is in progress",
  });
});

test("a target stays initial until every node has seen a success", () => {
  assert.equal(
    planTargetHealth({ health: INITIAL }, GROUP, [seen("healthy"), seen("initial")]).reason,
    "Elb.InitialHealthChecking",
  );
  assert.deepEqual(planTargetHealth({ health: INITIAL }, GROUP, [seen("healthy"), seen("healthy")]), HEALTHY);
});

test("one node that finds a target unhealthy makes it so, with the codes that it saw", () => {
  const wrong = (code: number) => seen("unhealthy", { lastCheck: { outcome: "wrong-code", code } });
  assert.deepEqual(planTargetHealth({ health: HEALTHY }, GROUP, [seen("healthy"), wrong(404)]), {
    state: "unhealthy",
    reason: "Target.ResponseCodeMismatch",
    description: "Health checks failed with these codes: [404]",
  });
  assert.equal(
    planTargetHealth({ health: HEALTHY }, GROUP, [wrong(500), wrong(404), wrong(404)]).description,
    "Health checks failed with these codes: [404, 500]",
  );
});

test("a probe without an answer timed out, any other failure just failed", () => {
  const timeout = seen("unhealthy", { lastCheck: { outcome: "timeout" } });
  assert.deepEqual(planTargetHealth({ health: INITIAL }, GROUP, [timeout]), {
    state: "unhealthy",
    reason: "Target.Timeout",
    description: "Request timed out",
  });
  assert.deepEqual(planTargetHealth({ health: INITIAL }, GROUP, [seen("unhealthy")]), {
    state: "unhealthy",
    reason: "Target.FailedHealthChecks",
    description: "Health checks failed",
  });
});

test("a healthy target does not become initial because a node or Berth was started again", () => {
  assert.deepEqual(planTargetHealth({ health: HEALTHY }, GROUP, [seen("initial")]), HEALTHY);
  assert.deepEqual(planTargetHealth({ health: HEALTHY }, GROUP, []), HEALTHY);
});

test("a deregistered target drains, whatever was seen", () => {
  assert.deepEqual(planTargetHealth({ health: HEALTHY, deregisteredAt: 1 }, GROUP, [seen("unhealthy")]), {
    state: "draining",
    reason: "Target.DeregistrationInProgress",
    description: "Target deregistration is in progress",
  });
});

test("without health checks a target's health is unavailable", () => {
  const group = { healthCheck: { ...GROUP.healthCheck, enabled: false } };
  assert.equal(
    planTargetHealth({ health: INITIAL }, group, [seen("healthy")]).reason,
    "Target.HealthCheckDisabled",
  );
});

test("draining ends when nobody is connected, not before a second, at the latest after the delay", () => {
  const busy = [seen("healthy"), seen("healthy", { openSessions: 1 })];
  const idle = [seen("healthy"), seen("healthy")];
  const target = { deregisteredAt: 10_000 };
  assert.equal(isDrained({}, GROUP, idle, 1e9), false);
  assert.equal(isDrained(target, GROUP, idle, 10_999), false);
  assert.equal(isDrained(target, GROUP, idle, 11_000), true);
  assert.equal(isDrained(target, GROUP, [], 11_000), true);
  assert.equal(isDrained(target, GROUP, busy, 309_999), false);
  assert.equal(isDrained(target, GROUP, busy, 310_000), true);
});
