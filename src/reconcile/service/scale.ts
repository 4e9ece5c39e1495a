/**
 * How many tasks to start and which to stop, in numbers alone: the rules of a rolling update (Amazon ECS developer
 * guide, "Deploy Amazon ECS services by replacing tasks") and of the replacement of unhealthy tasks ("Amazon ECS
 * services", service scheduler concepts).
 */
import type { Task } from "../../model/ecs/records.ts";
import { type AssessedTask, type HealthFailure, isLeaving, isUpToRunning, isWanted } from "./assess.ts";

export interface ScaleInput {
  readonly desired: number;
  /** So many healthy tasks must stay: ceil(desired × minimumHealthyPercent ÷ 100). */
  readonly lower: number;
  /** So many tasks may be RUNNING or on the way there: floor(desired × maximumPercent ÷ 100). */
  readonly upper: number;
  readonly primaryId: string | undefined;
  /** Tasks that are not STOPPED. */
  readonly tasks: readonly AssessedTask[];
  /** False while launches are delayed, and for good when the deployment failed. */
  readonly mayStart: boolean;
}

export interface ScaleStop {
  readonly task: Task;
  /** Why it is replaced; a stop without it is a matter of numbers. */
  readonly failure?: HealthFailure | undefined;
}

export interface ScaleOutcome {
  /** New tasks of the primary deployment. */
  readonly starts: number;
  /** How many of `starts` stand in for tasks that are unhealthy but still run. */
  readonly replacing: number;
  readonly stops: readonly ScaleStop[];
  /** The percentages leave no room to go on, and nothing is under way that could make room. */
  readonly blocked: boolean;
  /** Tasks that stay for their scale-in protection alone, with a deployment that they are of. */
  readonly guarded?: { readonly count: number; readonly deploymentId: string | undefined } | undefined;
}

export function planScale(input: ScaleInput): ScaleOutcome {
  const { desired, upper, primaryId, mayStart } = input;
  const wanted = input.tasks.filter(({ task }) => isWanted(task));
  const isCurrent = (assessed: AssessedTask): boolean =>
    assessed.task.deploymentId === primaryId && !isLeaving(assessed);
  const primary = wanted.filter(isCurrent);
  const others = wanted.filter((assessed) => !isCurrent(assessed));
  const unhealthy = primary.filter(isUnhealthy);
  const sound = primary.filter((assessed) => !isUnhealthy(assessed));
  const excess = Math.max(0, sound.length - desired);
  const surplus = pickSurplus(unguarded(sound), excess);
  const kept = sound.filter((assessed) => !surplus.includes(assessed));
  const confirmed = kept.filter(isHealthy).length;

  const stops: ScaleStop[] = [
    ...surplus.map(({ task }) => ({ task })),
    ...pickReplaced(unhealthy, confirmed, desired),
    ...pickOutdated(others, confirmed, input.lower),
  ];
  const occupied = input.tasks.filter(({ task }) => isUpToRunning(task)).length;
  const room = Math.max(0, upper - occupied);
  const needed = Math.max(0, desired - kept.length);
  const starts = mayStart ? Math.min(needed, room) : 0;
  const missing = Math.max(0, desired - primary.length);
  const replacing = Math.min(Math.max(0, starts - missing), unhealthy.length);

  // Without room for a replacement, unhealthy tasks go one by one: not before what is under way has ended.
  const underWay =
    stops.length > 0 ||
    occupied > wanted.length ||
    wanted.some(({ condition }) => condition.kind === "pending") ||
    primary.some(({ condition }) => condition.kind === "unconfirmed");
  const stuck = mayStart && needed > 0 && room === 0 && !underWay;
  const victim = stuck ? oldestFirst(wanted.filter(isUnhealthy))[0] : undefined;
  if (victim !== undefined) stops.push(stopUnhealthy(victim));
  const guarded = guardedOf(
    sound,
    excess - surplus.length,
    others,
    heldOutdated(others, confirmed, input.lower),
  );
  return {
    starts,
    replacing,
    stops,
    blocked: stuck && victim === undefined && guarded === undefined,
    ...(guarded === undefined ? {} : { guarded }),
  };
}

function unguarded(tasks: readonly AssessedTask[]): AssessedTask[] {
  return tasks.filter(({ guarded }) => guarded !== true);
}

/** How many tasks of the primary deployment are too many and stay, and how many others. */
function guardedOf(
  current: readonly AssessedTask[],
  excess: number,
  others: readonly AssessedTask[],
  outdated: number,
): ScaleOutcome["guarded"] {
  if (excess + outdated === 0) return undefined;
  const first = (outdated > 0 ? others : current).find(({ guarded }) => guarded === true);
  return { count: excess + outdated, deploymentId: first?.task.deploymentId };
}

/** Of those that might go now. */
function heldOutdated(others: readonly AssessedTask[], confirmed: number, lower: number): number {
  const running = others.filter(({ condition }) => condition.kind !== "pending");
  const allowed = Math.min(running.length, Math.max(0, confirmed + running.length - lower));
  return Math.max(0, allowed - unguarded(running).length);
}

function isHealthy({ condition }: AssessedTask): boolean {
  return condition.kind === "healthy";
}

function isUnhealthy({ condition }: AssessedTask): boolean {
  return condition.kind === "unhealthy";
}

function stopUnhealthy({ task, condition }: AssessedTask): ScaleStop {
  return { task, failure: condition.kind === "unhealthy" ? condition.failure : undefined };
}

/** Unhealthy tasks go when as many healthy ones stand in for them, or when they are too many in any case. */
function pickReplaced(unhealthy: readonly AssessedTask[], confirmed: number, desired: number): ScaleStop[] {
  const removable = Math.max(0, confirmed + unhealthy.length - desired);
  const picked = oldestFirst(unhealthy).slice(0, removable);
  return desired === 0 ? picked.map(({ task }) => ({ task })) : picked.map(stopUnhealthy);
}

/**
 * Tasks of former deployments, and those on instances that are drained (developer guide, "Draining Amazon ECS container
 * instances"), go as far as the lower bound allows. All that run hold up the bound, so that an update
 * that follows hard on another does not stop what serves; those in the worst condition go first.
 */
function pickOutdated(others: readonly AssessedTask[], confirmed: number, lower: number): ScaleStop[] {
  const pending = unguarded(others).filter(({ condition }) => condition.kind === "pending");
  const running = others.filter(({ condition }) => condition.kind !== "pending");
  const allowed = Math.max(0, confirmed + running.length - lower);
  return [...pending, ...pickSurplus(unguarded(running), allowed)].map(({ task }) => ({ task }));
}

const RANK = { pending: 0, unhealthy: 1, unconfirmed: 2, healthy: 3 } as const;

/**
 * Picks `count` tasks to scale in by: those that serve least first, then as the placement strategy wants the rest to
 * be: out of the Availability Zone (or what else it spreads over) that has most, or from the instance that has most
 * left; then at random (task ids are random, so their order is; the same input gives the same victims).
 */
export function pickSurplus(tasks: readonly AssessedTask[], count: number): AssessedTask[] {
  const left = [...tasks].sort((a, b) => (a.task.taskId < b.task.taskId ? -1 : 1));
  const picked: AssessedTask[] = [];
  while (picked.length < count && left.length > 0) {
    const held = new Map<string, number>();
    for (const assessed of left) {
      for (const key of spreadKeys(assessed)) held.set(key, (held.get(key) ?? 0) + 1);
    }
    let best = 0;
    for (let i = 1; i < left.length; i++) {
      if (goesBefore(left[i], left[best], held)) best = i;
    }
    picked.push(...left.splice(best, 1));
  }
  return picked;
}

function goesBefore(
  a: AssessedTask | undefined,
  b: AssessedTask | undefined,
  held: ReadonlyMap<string, number>,
): boolean {
  if (a === undefined || b === undefined) return false;
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank < 0;
  const [first, second] = [weightsOf(a, held), weightsOf(b, held)];
  for (const [index, weight] of first.entries()) {
    const other = second[index] ?? 0;
    if (weight !== other) return weight > other;
  }
  return false;
}

/** Tasks that wait for an instance serve less than any other. */
function rankOf({ task, condition }: AssessedTask): number {
  const waits = task.launchType === "EC2" && task.containerInstanceArn === undefined;
  return waits ? -1 : RANK[condition.kind];
}

/** By strategy: the higher, the sooner the task goes. */
function weightsOf(assessed: AssessedTask, held: ReadonlyMap<string, number>): number[] {
  const keys = spreadKeys(assessed);
  if (assessed.host === undefined) return keys.map((key) => held.get(key) ?? 0);
  return assessed.host.strategies.map((strategy, index) =>
    strategy.kind === "binpack" ? strategy.remaining : (held.get(`${index} ${strategy.value}`) ?? 0),
  );
}

/** On Fargate tasks are spread over the zones. */
function spreadKeys({ task, host }: AssessedTask): string[] {
  if (host === undefined) return [`0 ${task.availabilityZone ?? ""}`];
  return host.strategies.flatMap((strategy, index) =>
    strategy.kind === "spread" ? [`${index} ${strategy.value}`] : [],
  );
}

function oldestFirst(tasks: readonly AssessedTask[]): AssessedTask[] {
  return [...tasks].sort(
    (a, b) => a.task.createdAt - b.task.createdAt || (a.task.taskId < b.task.taskId ? -1 : 1),
  );
}
