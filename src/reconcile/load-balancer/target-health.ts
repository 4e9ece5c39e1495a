/**
 * What the load balancer says about a target, in AWS's words. Pure.
 * Texts and reason codes: "Target health status" and "Target health reason codes" in the ALB user guide.
 */
import type { ObservedTarget } from "../../fabric/config.ts";
import type { Target, TargetGroup } from "../../model/elb/records.ts";
import { DEREGISTRATION_IN_PROGRESS, NOT_IN_USE, REGISTRATION_IN_PROGRESS } from "../../store/targets.ts";

export type TargetHealth = Target["health"];

const INITIAL_CHECKING: TargetHealth = {
  state: "initial",
  reason: "Elb.InitialHealthChecking",
  description: "Initial health checks in progress",
};
const HEALTH_CHECK_DISABLED: TargetHealth = {
  state: "unavailable",
  reason: "Target.HealthCheckDisabled",
  description: "Health checks are disabled",
};
const HEALTHY: TargetHealth = { state: "healthy" };

/** A drained target goes no sooner than this, so that a request under way is seen. */
export const SHORTEST_DRAINING_MS = 1_000;
const DEFAULT_DRAINING_SECONDS = 300;

/**
 * The health of a target from what each node that serves saw of it (none: no node serves yet). One node that finds
 * it unhealthy makes it so; it is healthy when every node that has an opinion finds so. A target that has been
 * healthy or unhealthy never becomes initial again: a node that has just been started says nothing about it.
 */
export function planTargetHealth(
  target: Pick<Target, "health" | "deregisteredAt">,
  group: Pick<TargetGroup, "healthCheck">,
  observations: readonly ObservedTarget[],
): TargetHealth {
  if (target.deregisteredAt !== undefined) return DEREGISTRATION_IN_PROGRESS;
  if (!group.healthCheck.enabled) return HEALTH_CHECK_DISABLED;
  const unhealthy = observations.filter((observation) => observation.state === "unhealthy");
  if (unhealthy.length > 0) return describeUnhealthy(unhealthy);
  const decided = target.health.state === "healthy" || target.health.state === "unhealthy";
  if (observations.length === 0) return decided ? target.health : REGISTRATION_IN_PROGRESS;
  if (observations.every((observation) => observation.state === "healthy")) return HEALTHY;
  return decided ? target.health : INITIAL_CHECKING;
}

/** The health of a target whose group no listener or rule forwards to. */
export function unusedHealth(): TargetHealth {
  return NOT_IN_USE;
}

function describeUnhealthy(observations: readonly ObservedTarget[]): TargetHealth {
  const codes = new Set<number>();
  let timeout = false;
  for (const { lastCheck } of observations) {
    if (lastCheck?.outcome === "wrong-code") codes.add(lastCheck.code);
    if (lastCheck?.outcome === "timeout") timeout = true;
  }
  if (codes.size > 0) {
    const list = [...codes].sort((a, b) => a - b).join(", ");
    return {
      state: "unhealthy",
      reason: "Target.ResponseCodeMismatch",
      description: `Health checks failed with these codes: [${list}]`,
    };
  }
  if (timeout) return { state: "unhealthy", reason: "Target.Timeout", description: "Request timed out" };
  return { state: "unhealthy", reason: "Target.FailedHealthChecks", description: "Health checks failed" };
}

/**
 * Whether draining is over. AWS shows a target as draining for the whole `deregistration_delay.timeout_seconds`,
 * five minutes unless set, also when nobody is connected to it. Here it is over as soon as no connection is open,
 * because nobody wants to wait five minutes for a local `destroy`; the delay is only the longest that it lasts.
 */
export function isDrained(
  target: Pick<Target, "deregisteredAt">,
  group: Pick<TargetGroup, "attributes">,
  observations: readonly ObservedTarget[],
  now: number,
): boolean {
  if (target.deregisteredAt === undefined) return false;
  const drainingMs = now - target.deregisteredAt;
  const delaySeconds = Number(
    group.attributes["deregistration_delay.timeout_seconds"] ?? DEFAULT_DRAINING_SECONDS,
  );
  if (drainingMs >= delaySeconds * 1000) return true;
  const openSessions = observations.reduce((sum, observation) => sum + observation.openSessions, 0);
  return drainingMs >= SHORTEST_DRAINING_MS && openSessions === 0;
}
