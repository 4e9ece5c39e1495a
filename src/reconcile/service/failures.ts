/**
 * What the ends of tasks mean: failures of a deployment, the circuit breaker, and the delay of further launches.
 * Sources: Amazon ECS developer guide, "How the Amazon ECS deployment circuit breaker detects failures" and "Amazon
 * ECS service throttle logic"; API reference, Deployment (failedTasks) and DeploymentCircuitBreaker.
 */
import type { Deployment, Service, ServiceProgress, Task } from "../../model/ecs/records.ts";
import { type AssessedTask, SETTLING_MS } from "./assess.ts";
import type { ObservedTask } from "./snapshot.ts";

/** Of the documentation only the cap is known (27 minutes); the first delay and its doubling are ours. */
const FIRST_LAUNCH_DELAY_MS = 10_000;
const LONGEST_LAUNCH_DELAY_MS = 27 * 60_000;

export interface Judgement {
  readonly onceHealthy: readonly string[];
  readonly judgedStops: readonly string[];
  readonly launchFailures: ServiceProgress["launchFailures"];
  /** By deployment id: tasks that were healthy for the first time. */
  readonly recovered: ReadonlySet<string>;
  /** By deployment id: tasks that ended, since the last look, without ever having been healthy. */
  readonly failed: ReadonlyMap<string, number>;
}

/** Compares what the tasks show with what was known, so that each end and each recovery counts exactly once. */
export function judgeTasks(
  service: Service,
  primaryId: string | undefined,
  observed: readonly ObservedTask[],
  assessed: readonly AssessedTask[],
  progress: ServiceProgress,
  now: number,
): Judgement {
  const known = new Set(progress.onceHealthy);
  const judged = new Set(progress.judgedStops);
  const recovered = new Set<string>();
  const onceHealthy: string[] = [];
  for (const { task, condition } of assessed) {
    const before = known.has(task.taskId);
    if (before || condition.kind === "healthy") onceHealthy.push(task.taskId);
    if (!before && condition.kind === "healthy" && task.deploymentId !== undefined)
      recovered.add(task.deploymentId);
  }
  const failed = new Map<string, number>();
  const neverRan: Task[] = [];
  for (const observedTask of observed) {
    const { task } = observedTask;
    if (task.lastStatus !== "STOPPED" || judged.has(task.taskId) || task.deploymentId === undefined) continue;
    if (!isFailure(observedTask, known)) continue;
    failed.set(task.deploymentId, (failed.get(task.deploymentId) ?? 0) + 1);
    if (task.startedAt === undefined && task.deploymentId === primaryId) neverRan.push(task);
  }
  return {
    onceHealthy: sameOrNew(progress.onceHealthy, onceHealthy.sort()),
    judgedStops: sameOrNew(
      progress.judgedStops,
      observed
        .filter(({ task }) => task.lastStatus === "STOPPED")
        .map(({ task }) => task.taskId)
        .sort(),
    ),
    launchFailures: trackLaunches(service, primaryId, observed, neverRan, progress.launchFailures, now),
    recovered,
    failed,
  };
}

/** A task that someone stopped on purpose is no failure, nor is one that ends after it was healthy. */
function isFailure(
  { task, containerHealth, targets }: ObservedTask,
  onceHealthy: ReadonlySet<string>,
): boolean {
  if (task.stopCode === "ServiceSchedulerInitiated" || task.stopCode === "UserInitiated") return false;
  if (onceHealthy.has(task.taskId)) return false;
  if (task.startedAt === undefined) return true;
  if (containerHealth !== "none" || targets.length > 0) return true;
  const endedAt = task.stoppingAt ?? task.executionStoppedAt ?? task.stoppedAt ?? task.startedAt;
  return endedAt - task.startedAt < SETTLING_MS;
}

/**
 * Tasks launched together that fail together are one round. Rounds end when a task launched later runs, with a new
 * deployment, and with an update of the service.
 */
function trackLaunches(
  service: Service,
  primaryId: string | undefined,
  observed: readonly ObservedTask[],
  neverRan: readonly Task[],
  before: ServiceProgress["launchFailures"],
  now: number,
): ServiceProgress["launchFailures"] {
  if (primaryId === undefined) return undefined;
  const current =
    before?.deploymentId === primaryId && before.desiredCount === service.desiredCount ? before : undefined;
  const since = current?.lastAt ?? Number.NEGATIVE_INFINITY;
  const ran = observed.some(
    ({ task }) => task.deploymentId === primaryId && task.startedAt !== undefined && task.startedAt > since,
  );
  const failures = neverRan.filter((task) => task.createdAt > since);
  if (failures.length > 0) {
    const rounds = ran && current !== undefined ? 1 : (current?.rounds ?? 0) + 1;
    return { deploymentId: primaryId, desiredCount: service.desiredCount, rounds, lastAt: now };
  }
  return current !== undefined && ran ? undefined : current;
}

/** When the next launch is allowed; undefined when at once. */
export function launchesResumeAt(launchFailures: ServiceProgress["launchFailures"]): number | undefined {
  if (launchFailures === undefined) return undefined;
  const delay = Math.min(FIRST_LAUNCH_DELAY_MS * 2 ** (launchFailures.rounds - 1), LONGEST_LAUNCH_DELAY_MS);
  return launchFailures.lastAt + delay;
}

/** The deployment to go back to: the last one that completed, in the life of this service. */
export function findRollbackTarget(
  service: Service,
  failed: Deployment,
  deployments: readonly Deployment[],
): Deployment | undefined {
  return deployments
    .filter(
      (candidate) =>
        candidate.id !== failed.id &&
        candidate.rolloutState === "COMPLETED" &&
        candidate.createdAt >= service.createdAt,
    )
    .sort((a, b) => (b.finishedAt ?? b.createdAt) - (a.finishedAt ?? a.createdAt))[0];
}

function sameOrNew(before: readonly string[], after: readonly string[]): readonly string[] {
  return before.length === after.length && before.every((id, index) => id === after[index]) ? before : after;
}
