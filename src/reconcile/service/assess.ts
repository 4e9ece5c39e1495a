/** How a task counts for its service: where it is on its way, and whether it is healthy. */
import type { Task, TaskStatus } from "../../model/ecs/records.ts";
import type { ObservedTarget, ObservedTask, TaskHost } from "./snapshot.ts";

/**
 * Without any health check a task counts as healthy so long after it came to RUNNING
 * (ECS API reference, DeploymentConfiguration, minimumHealthyPercent).
 */
export const SETTLING_MS = 40_000;

const UP_TO_RUNNING: ReadonlySet<TaskStatus> = new Set(["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"]);

export type HealthFailure =
  | { readonly kind: "container" }
  | { readonly kind: "target"; readonly target: ObservedTarget };

export type Condition =
  /** On its way to RUNNING. */
  | { readonly kind: "pending" }
  /**
   * RUNNING, not known to be healthy. `ready` when there is no check to wait for, only time;
   * `changesAt` when that time, or the grace period of a check that fails, ends.
   */
  | { readonly kind: "unconfirmed"; readonly ready: boolean; readonly changesAt?: number | undefined }
  | { readonly kind: "healthy" }
  | { readonly kind: "unhealthy"; readonly failure: HealthFailure };

export interface AssessedTask {
  readonly task: Task;
  readonly condition: Condition;
  readonly host?: TaskHost | undefined;
  /** Under scale-in protection: it goes for its health, not for numbers, a deployment or the zones. */
  readonly guarded?: boolean | undefined;
}

/** On an instance that is drained or gone: to be replaced, as far as the deployment configuration allows. */
export function isLeaving({ host }: AssessedTask): boolean {
  return host?.leaving === true;
}

/** In RUNNING or before it: these are what maximumPercent limits. */
export function isUpToRunning(task: Task): boolean {
  return UP_TO_RUNNING.has(task.lastStatus);
}

/** Up to RUNNING and meant to stay. */
export function isWanted(task: Task): boolean {
  return task.desiredStatus === "RUNNING" && isUpToRunning(task);
}

/**
 * @param gracePeriodMs since the task came to RUNNING, in which failing container and load balancer checks are
 *   overlooked (Service, healthCheckGracePeriodSeconds)
 */
export function assessTask(observed: ObservedTask, gracePeriodMs: number, now: number): Condition {
  const { task, containerHealth, targets } = observed;
  if (task.lastStatus !== "RUNNING") return { kind: "pending" };
  const startedAt = task.startedAt ?? task.createdAt;
  const failure = findFailure(observed);
  if (failure !== undefined) {
    const graceEnds = startedAt + gracePeriodMs;
    if (now >= graceEnds) return { kind: "unhealthy", failure };
    return { kind: "unconfirmed", ready: false, changesAt: graceEnds };
  }
  if (containerHealth === "none" && targets.length === 0) {
    const settledAt = startedAt + SETTLING_MS;
    if (now >= settledAt) return { kind: "healthy" };
    return { kind: "unconfirmed", ready: true, changesAt: settledAt };
  }
  const passed = containerHealth !== "waiting" && targets.every((target) => target.state === "healthy");
  return passed ? { kind: "healthy" } : { kind: "unconfirmed", ready: false };
}

/** RUNNING, and every check there is has passed: what a complete deployment and a steady state are made of. */
export function isReady(condition: Condition): boolean {
  return condition.kind === "healthy" || (condition.kind === "unconfirmed" && condition.ready);
}

function findFailure(observed: ObservedTask): HealthFailure | undefined {
  if (observed.containerHealth === "unhealthy") return { kind: "container" };
  const target = observed.targets.find((candidate) => candidate.state === "unhealthy");
  return target === undefined ? undefined : { kind: "target", target };
}
