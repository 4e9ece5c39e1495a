/**
 * What should happen to a service next: pure, so the same snapshot at the same time gives the same plan, and what a
 * plan asks for is all in its result. A plan is carried out whole; the service is then planned again until there is
 * nothing left to do.
 */
import { deploymentBounds } from "../../model/ecs/deployment.ts";
import type { Deployment, Service, ServiceProgress, Task } from "../../model/ecs/records.ts";
import * as say from "../../model/ecs/service-events.ts";
import { isProtected } from "../../model/ecs/task-protection.ts";
import { type AssessedTask, assessTask, isLeaving, isReady, isUpToRunning, isWanted } from "./assess.ts";
import { judgeEnds } from "./breaker.ts";
import { type DaemonOutcome, planDaemons } from "./daemon.ts";
import { type Draft, primaryOf, type Step } from "./draft.ts";
import { launchesResumeAt } from "./failures.ts";
import { extraTasks, giveUpRebalancing, rebalance } from "./rebalance.ts";
import { planScale, type ScaleOutcome, type ScaleStop } from "./scale.ts";
import type { ServiceSnapshot } from "./snapshot.ts";

/** How long an INACTIVE service can still be described. */
const RETENTION_MS = 60 * 60_000;
/** How long an unchanged state is not announced again. */
export const QUIET_MS = 6 * 60 * 60_000;
/** So many rounds of failed launches are announced as an impairment; the documentation gives no number. */
const IMPAIRED_ROUNDS = 3;

export interface ServicePlan {
  readonly steps: readonly Step[];
  /** As it should be; the same object when nothing about it changes. */
  readonly service: Service;
  /** Only those that change. */
  readonly deployments: readonly Deployment[];
  readonly progress: ServiceProgress;
  /** The service is past its retention: everything about it goes. */
  readonly forget: boolean;
  /** When to look again though nothing changes, in milliseconds since the epoch. */
  readonly lookAgainAt?: number | undefined;
}

export function planService(snapshot: ServiceSnapshot, now: number): ServicePlan {
  const { service } = snapshot;
  const draft: Draft = {
    service,
    desired: desiredOf(snapshot),
    deployments: new Map(snapshot.deployments.map((deployment) => [deployment.id, deployment])),
    steps: [],
    progress: progressOf(snapshot),
    wakeTimes: [],
    now,
  };
  if (service.status === "INACTIVE") {
    const forgottenAt = (service.inactiveAt ?? now) + RETENTION_MS;
    draft.wakeTimes.push(forgottenAt);
    return finish(snapshot, draft, now >= forgottenAt);
  }
  const live = assessLive(snapshot, draft);
  judgeEnds(snapshot, live, draft);
  giveUpRebalancing(draft);
  const outcome = planNumbers(snapshot, live, draft);
  startAndStop(outcome, draft);
  if (isScheduled(service) && mayStart(draft)) rebalance(live, snapshot.zones, roomFor(live, draft), draft);
  retireDeployments(live, draft);
  if (service.status === "DRAINING") {
    if (live.length === 0 && !snapshot.registered) becomeInactive(draft);
  } else if (isScheduled(service)) {
    completeDeployment(live, draft);
    announce(live, outcome, draft);
  }
  return finish(snapshot, draft, false);
}

function desiredOf({ service, daemonInstances }: ServiceSnapshot): number {
  if (service.status !== "ACTIVE") return 0;
  return service.schedulingStrategy === "DAEMON" ? daemonInstances.length : service.desiredCount;
}

/** Whether the service scheduler starts tasks for it: not under another deployment controller. */
function isScheduled(service: Service): boolean {
  return service.status === "ACTIVE" && (service.deploymentController.type ?? "ECS") === "ECS";
}

function progressOf({ service, progress }: ServiceSnapshot): ServiceProgress {
  if (progress?.serviceCreatedAt === service.createdAt) return progress;
  return {
    account: service.account,
    region: service.region,
    serviceArn: service.arn,
    serviceCreatedAt: service.createdAt,
    onceHealthy: [],
    judgedStops: [],
    announcedAt: {},
  };
}

function assessLive({ service, tasks }: ServiceSnapshot, draft: Draft): AssessedTask[] {
  const graceMs = (service.healthCheckGracePeriodSeconds ?? 0) * 1000;
  const live = tasks.filter(({ task }) => task.lastStatus !== "STOPPED");
  return live.map((observed) => {
    const condition = assessTask(observed, graceMs, draft.now);
    if (condition.kind === "unconfirmed" && condition.changesAt !== undefined) {
      draft.wakeTimes.push(condition.changesAt);
    }
    const { task, host } = observed;
    return { task, condition, host, guarded: isGuarded(task, draft) };
  });
}

/** Not for a service that is being deleted. */
function isGuarded(task: Task, draft: Draft): boolean {
  if (draft.service.status !== "ACTIVE" || !isProtected(task, draft.now)) return false;
  if (task.protectedUntil !== undefined) draft.wakeTimes.push(task.protectedUntil);
  return true;
}

function planNumbers(
  { daemonInstances }: ServiceSnapshot,
  live: readonly AssessedTask[],
  draft: Draft,
): ScaleOutcome | DaemonOutcome {
  const { service, desired } = draft;
  const primary = primaryOf(draft);
  if (service.status === "ACTIVE" && !isScheduled(service)) {
    return { starts: 0, replacing: 0, stops: [], blocked: false };
  }
  const common = { primaryId: primary?.id, tasks: live, mayStart: mayStart(draft) };
  if (service.status === "ACTIVE" && service.schedulingStrategy === "DAEMON") {
    const { lower } = deploymentBounds(desired, {
      minimumHealthyPercent: 0,
      ...service.deploymentConfiguration,
    });
    return planDaemons({ ...common, lower, targets: daemonInstances.map(({ arn }) => arn) });
  }
  const bounds = deploymentBounds(desired, service.deploymentConfiguration);
  const extra = extraTasks(live, draft.progress).length;
  return planScale({ ...common, ...bounds, desired: desired + extra });
}

function roomFor(live: readonly AssessedTask[], { desired, service }: Draft): number {
  const { upper } = deploymentBounds(desired, service.deploymentConfiguration);
  return upper - live.filter(({ task }) => isUpToRunning(task)).length;
}

/** Not while launches are delayed, and not for a deployment that failed. */
function mayStart(draft: Draft): boolean {
  const primary = primaryOf(draft);
  const failures = draft.progress.launchFailures;
  const resumeAt = failures?.deploymentId === primary?.id ? launchesResumeAt(failures) : undefined;
  if (resumeAt !== undefined) draft.wakeTimes.push(resumeAt);
  return (
    primary !== undefined &&
    primary.rolloutState !== "FAILED" &&
    (resumeAt === undefined || draft.now >= resumeAt)
  );
}

function startAndStop(outcome: ScaleOutcome | DaemonOutcome, draft: Draft): void {
  const primary = primaryOf(draft);
  if (outcome.starts > 0 && primary !== undefined) {
    const { starts: count, replacing } = outcome;
    const on = "on" in outcome ? { on: outcome.on } : {};
    draft.steps.push({ kind: "start", deploymentId: primary.id, count, replacing, ...on });
  } else if (draft.progress.unplaced !== undefined) {
    draft.progress = { ...draft.progress, unplaced: undefined };
  }
  if (draft.progress.unplaced !== undefined) {
    draft.wakeTimes.push(draft.progress.unplaced.announcedAt + QUIET_MS);
  }
  for (const stop of outcome.stops) {
    if (stop.failure !== undefined) {
      draft.steps.push({ kind: "say", message: describeFailure(draft.service.name, stop) });
      countHealthFailure(stop.task, draft);
    }
    draft.steps.push({ kind: "stop", task: stop.task, reason: stopReason(stop, primary?.id) });
  }
  const running = outcome.stops
    .filter(({ task }) => task.lastStatus === "RUNNING")
    .map(({ task }) => task.taskId);
  const pending = outcome.stops.length - running.length;
  const { name } = draft.service;
  if (running.length > 0) draft.steps.push({ kind: "say", message: say.stoppedRunningTasks(name, running) });
  if (pending > 0) draft.steps.push({ kind: "say", message: say.stoppedPendingTasks(name, pending) });
}

function describeFailure(serviceName: string, { task, failure }: ScaleStop): string {
  if (failure?.kind !== "target") return say.failedContainerHealthChecks(serviceName, task.taskId);
  const { targetGroupArn, port, reason } = failure.target;
  return say.unhealthyInTargetGroup(serviceName, { taskId: task.taskId, port, targetGroupArn, reason });
}

/** The stopped reasons of ServiceSchedulerInitiated, as DescribeTasks shows them. */
function stopReason({ failure }: ScaleStop, primaryId: string | undefined): string {
  if (failure?.kind === "container") return "Task failed container health checks";
  if (failure?.kind === "target") {
    return `Task failed ELB health checks in (target-group ${failure.target.targetGroupArn})`;
  }
  return `Scaling activity initiated by (deployment ${primaryId ?? "unknown"})`;
}

/** A task replaced for its health without ever having been healthy is a failure of its deployment. */
function countHealthFailure(task: Task, draft: Draft): void {
  if (task.deploymentId === undefined || draft.progress.onceHealthy.includes(task.taskId)) return;
  const deployment = draft.deployments.get(task.deploymentId);
  if (deployment === undefined) return;
  draft.deployments.set(deployment.id, {
    ...deployment,
    failedTasks: deployment.failedTasks + 1,
    updatedAt: draft.now,
  });
}

/**
 * A former deployment is over when none of its tasks is RUNNING or before it; tasks that stop or drain no longer
 * hold it up.
 */
function retireDeployments(live: readonly AssessedTask[], draft: Draft): void {
  for (const deployment of draft.deployments.values()) {
    if (deployment.status !== "ACTIVE") continue;
    const remains = live.some(({ task }) => task.deploymentId === deployment.id && isUpToRunning(task));
    if (remains) continue;
    draft.deployments.set(deployment.id, { ...deployment, status: "INACTIVE", updatedAt: draft.now });
  }
}

/**
 * Tasks without any check are ready as soon as they run: nothing in the documentation makes a new service wait for
 * longer. A circuit breaker watches them for the 40 seconds after which they count as healthy, or else it could not
 * see containers that exit right after their start.
 */
function completeDeployment(live: readonly AssessedTask[], draft: Draft): void {
  const { now, service } = draft;
  const primary = primaryOf(draft);
  if (primary === undefined || primary.rolloutState !== "IN_PROGRESS" || !isSettled(live, draft)) return;
  const watched = service.deploymentConfiguration.deploymentCircuitBreaker?.enable === true;
  const unproven = live.some(({ task, condition }) => isUpToRunning(task) && condition.kind !== "healthy");
  if (watched && unproven) return;
  draft.deployments.set(primary.id, {
    ...primary,
    rolloutState: "COMPLETED",
    rolloutStateReason: `ECS deployment ${primary.id} completed.`,
    updatedAt: now,
    finishedAt: primary.finishedAt ?? now,
  });
  for (const other of draft.deployments.values()) {
    if (other.rollback?.toDeploymentId !== primary.id || other.rollback.finishedAt !== undefined) continue;
    draft.deployments.set(other.id, { ...other, rollback: { ...other.rollback, finishedAt: now } });
  }
  draft.steps.push({ kind: "say", message: say.deploymentCompleted(draft.service.name, primary.id) });
  // Steady by a new deployment is news, even when no look at the service found it unsteady in between.
  draft.progress = { ...draft.progress, announcedAt: { ...draft.progress.announcedAt, steady: undefined } };
}

/** All tasks there should be, of the primary deployment, ready; none else; and nothing planned. */
function isSettled(live: readonly AssessedTask[], draft: Draft): boolean {
  const primary = primaryOf(draft);
  const occupying = live.filter(({ task }) => isUpToRunning(task));
  return (
    occupying.length === draft.desired &&
    occupying.every(
      (assessed) =>
        isWanted(assessed.task) &&
        assessed.task.deploymentId === primary?.id &&
        isReady(assessed.condition) &&
        !isLeaving(assessed),
    ) &&
    [...draft.deployments.values()].every((deployment) => deployment.status !== "ACTIVE") &&
    draft.steps.every((step) => step.kind === "say")
  );
}

/** Messages about a state: once when it begins, and again every 6 hours that it lasts. */
function announce(live: readonly AssessedTask[], outcome: ScaleOutcome, draft: Draft): void {
  const { name } = draft.service;
  const steady = primaryOf(draft)?.rolloutState === "COMPLETED" && isSettled(live, draft);
  const impaired = (draft.progress.launchFailures?.rounds ?? 0) >= IMPAIRED_ROUNDS;
  const before = draft.progress.announcedAt;
  const guarded = "guarded" in outcome ? outcome.guarded : undefined;
  const after = {
    // Tasks more or less for the sake of the zones do not make it unsteady.
    steady:
      draft.progress.rebalancing === undefined
        ? announceState(steady, before.steady, say.reachedSteadyState(name), draft)
        : before.steady,
    impaired: announceState(impaired, before.impaired, say.unableToStartTasks(name), draft),
    blocked: announceState(outcome.blocked, before.blocked, say.blockedByConfiguration(name), draft),
    guarded: announceState(
      guarded !== undefined,
      before.guarded,
      say.unableToScaleIn(name, guarded?.deploymentId ?? "", guarded?.count ?? 0),
      draft,
    ),
  };
  const same =
    after.steady === before.steady &&
    after.impaired === before.impaired &&
    after.blocked === before.blocked &&
    after.guarded === before.guarded;
  if (!same) draft.progress = { ...draft.progress, announcedAt: after };
}

function announceState(
  holds: boolean,
  before: number | undefined,
  message: string,
  draft: Draft,
): number | undefined {
  if (!holds) return undefined;
  const due = before === undefined || draft.now >= before + QUIET_MS;
  if (due) draft.steps.push({ kind: "say", message });
  const at = due ? draft.now : before;
  draft.wakeTimes.push(at + QUIET_MS);
  return at;
}

function becomeInactive(draft: Draft): void {
  draft.service = { ...draft.service, status: "INACTIVE", inactiveAt: draft.now };
  draft.wakeTimes.push(draft.now + RETENTION_MS);
  for (const deployment of draft.deployments.values()) {
    if (deployment.status === "INACTIVE") continue;
    draft.deployments.set(deployment.id, { ...deployment, status: "INACTIVE", updatedAt: draft.now });
  }
}

function finish(snapshot: ServiceSnapshot, draft: Draft, forget: boolean): ServicePlan {
  const before = new Map(snapshot.deployments.map((deployment) => [deployment.id, deployment]));
  const later = draft.wakeTimes.filter((time) => time > draft.now);
  return {
    steps: draft.steps,
    service: draft.service,
    deployments: [...draft.deployments.values()].filter(
      (deployment) => before.get(deployment.id) !== deployment,
    ),
    progress: draft.progress,
    forget,
    ...(later.length === 0 ? {} : { lookAgainAt: Math.min(...later) }),
  };
}
