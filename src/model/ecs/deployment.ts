/** The arithmetic of a deployment configuration, and how a deployment is given up. */
import type * as wire from "@aws-sdk/client-ecs";
import type { Deployment } from "./records.ts";

/** The defaults of a REPLICA service (API reference, DeploymentConfiguration). */
const DEFAULT_MINIMUM_HEALTHY_PERCENT = 100;
const DEFAULT_MAXIMUM_PERCENT = 200;

/** How many healthy tasks must stay, rounded up, and how many may be RUNNING or PENDING, rounded down. */
export function deploymentBounds(
  desiredCount: number,
  configuration: wire.DeploymentConfiguration,
): { readonly lower: number; readonly upper: number } {
  const minimum = configuration.minimumHealthyPercent ?? DEFAULT_MINIMUM_HEALTHY_PERCENT;
  const maximum = configuration.maximumPercent ?? DEFAULT_MAXIMUM_PERCENT;
  return {
    lower: Math.ceil((desiredCount * minimum) / 100),
    upper: Math.floor((desiredCount * maximum) / 100),
  };
}

/** How many failures make a deployment fail (API reference, ThresholdConfiguration; by default 50 %, 3 to 200). */
export function circuitBreakerThreshold(
  desiredCount: number,
  configuration: wire.DeploymentConfiguration,
): number {
  const { type, value } = configuration.deploymentCircuitBreaker?.thresholdConfiguration ?? {};
  const share = Math.ceil((desiredCount * (value ?? 50)) / 100);
  switch (type) {
    case "COUNT":
      return Math.max(1, value ?? 3);
    case "UNBOUNDED_PERCENT":
      return Math.max(1, share);
    default:
      return Math.min(200, Math.max(3, share));
  }
}

/**
 * Gives a deployment up in favour of one that was complete: that one itself comes back, with the tasks that it still
 * has, not a copy of it.
 */
export function rollBack(
  failed: Deployment,
  target: Deployment,
  reason: string,
  now: number,
): { readonly failed: Deployment; readonly target: Deployment } {
  return {
    failed: {
      ...failed,
      status: "ACTIVE",
      rolloutState: "FAILED",
      rolloutStateReason: reason,
      updatedAt: now,
      finishedAt: now,
      rollback: { toDeploymentId: target.id, startedAt: now },
    },
    target: {
      ...target,
      status: "PRIMARY",
      rolloutState: "IN_PROGRESS",
      rolloutStateReason: rollingBackReason(target.id),
      failedTasks: 0,
      updatedAt: now,
    },
  };
}

/** Of the deployment that a service comes back to, until it is complete again. */
export function rollingBackReason(deploymentId: string): string {
  return `ECS deployment circuit breaker: rolling back to deploymentId ${deploymentId}.`;
}

/** Where a roll-back of a deployment leads: the one that completed last, if any. */
export function lastCompleted(
  deployments: readonly Deployment[],
  except: Deployment,
): Deployment | undefined {
  return deployments
    .filter((candidate) => candidate.id !== except.id && candidate.rolloutState === "COMPLETED")
    .sort((a, b) => (b.finishedAt ?? b.createdAt) - (a.finishedAt ?? a.createdAt))[0];
}
