/**
 * One task on each container instance (Amazon ECS developer guide, "Amazon ECS services", daemon scheduling strategy):
 * never two at once, so an update stops the old one first, as far as the lower bound allows.
 */
import { type AssessedTask, isLeaving, isWanted } from "./assess.ts";
import { pickSurplus, type ScaleOutcome, type ScaleStop } from "./scale.ts";

export interface DaemonInput {
  /** ARNs of the ACTIVE container instances that are to have a task. */
  readonly targets: readonly string[];
  /** So many healthy tasks must stay. */
  readonly lower: number;
  readonly primaryId: string | undefined;
  /** Tasks that are not STOPPED. */
  readonly tasks: readonly AssessedTask[];
  readonly mayStart: boolean;
}

export interface DaemonOutcome extends ScaleOutcome {
  /** Container instances that get a task. */
  readonly on: readonly string[];
}

export function planDaemons({ targets, lower, primaryId, tasks, mayStart }: DaemonInput): DaemonOutcome {
  const isTarget = new Set(targets);
  const wanted = tasks.filter(({ task }) => isWanted(task));
  const placed = wanted.filter(({ host }) => isTarget.has(host?.containerInstanceArn ?? ""));
  const current = placed.filter(({ task }) => task.deploymentId === primaryId);
  const former = placed.filter(({ task }) => task.deploymentId !== primaryId);
  const unhealthy = current.filter(({ condition }) => condition.kind === "unhealthy");
  const sound = current.filter(({ condition }) => condition.kind !== "unhealthy");

  const stops: ScaleStop[] = [
    ...wanted.filter((assessed) => !placed.includes(assessed) && mayLeave(assessed)),
    ...secondOnes(sound),
    ...outdated(former, sound, lower),
  ].map(({ task }) => ({ task }));
  for (const { task, condition } of unhealthy) {
    stops.push({ task, failure: condition.kind === "unhealthy" ? condition.failure : undefined });
  }
  const occupied = new Set(tasks.map(({ host }) => host?.containerInstanceArn));
  const on = mayStart ? targets.filter((arn) => !occupied.has(arn)) : [];
  return { starts: on.length, on, replacing: 0, stops, blocked: false };
}

/** On an instance that is drained a daemon that runs is the last to go. */
function mayLeave(assessed: AssessedTask): boolean {
  const { condition, host } = assessed;
  return !isLeaving(assessed) || condition.kind === "pending" || host?.otherTasks === 0;
}

function secondOnes(sound: readonly AssessedTask[]): AssessedTask[] {
  const byInstance = Map.groupBy(sound, ({ host }) => host?.containerInstanceArn);
  return [...byInstance.values()].flatMap((there) => pickSurplus(there, there.length - 1));
}

function outdated(
  former: readonly AssessedTask[],
  sound: readonly AssessedTask[],
  lower: number,
): AssessedTask[] {
  const pending = former.filter(({ condition }) => condition.kind === "pending");
  const running = former.filter(({ condition }) => condition.kind !== "pending");
  const confirmed = sound.filter(({ condition }) => condition.kind === "healthy").length;
  return [...pending, ...pickSurplus(running, Math.max(0, confirmed + running.length - lower))];
}
