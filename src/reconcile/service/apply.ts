/** Carries a plan out, in the transaction in which its snapshot was read. */
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import type { Deployment, Service, Task } from "../../model/ecs/records.ts";
import { startedTasks, startedToRebalance, unableToPlaceInZone } from "../../model/ecs/service-events.ts";
import { changedTask } from "../../model/ecs/task-change.ts";
import { addServiceEvent } from "../../store/service-events.ts";
import type { Store, Transaction } from "../../store/store.ts";
import { deployments, serviceEvents, serviceProgress, services, tasks } from "../../store/tables/ecs.ts";
import type { Step } from "./draft.ts";
import { launchTasks } from "./launch.ts";
import { QUIET_MS, type ServicePlan } from "./plan.ts";
import type { ServiceSnapshot } from "./snapshot.ts";

export interface ServiceReconcilerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Whether the plan changes anything. */
export function applyPlan(
  deps: ServiceReconcilerDeps,
  tx: Transaction,
  snapshot: ServiceSnapshot,
  plan: ServicePlan,
): boolean {
  if (plan.forget) {
    forgetService(tx, snapshot);
    return true;
  }
  if (plan.service !== snapshot.service) tx.put(services, plan.service);
  // As it happened: one failed, and another takes its place.
  const failedFirst = plan.deployments.toSorted(
    (one, other) => Number(hasFailed(other)) - Number(hasFailed(one)),
  );
  for (const deployment of failedFirst) tx.put(deployments, deployment);
  if (plan.progress !== snapshot.progress) tx.put(serviceProgress, plan.progress);
  const outcomes = plan.steps.map((step) => applyStep(deps, tx, plan.service, step));
  return (
    outcomes.includes(true) ||
    plan.deployments.length > 0 ||
    plan.service !== snapshot.service ||
    plan.progress !== snapshot.progress
  );
}

function hasFailed({ rolloutState }: Deployment): boolean {
  return rolloutState === "FAILED";
}

/** Whether it changed anything. */
function applyStep(deps: ServiceReconcilerDeps, tx: Transaction, service: Service, step: Step): boolean {
  switch (step.kind) {
    case "say":
      addServiceEvent(tx, deps.store, deps, service.arn, step.message);
      return true;
    case "stop":
      stopTask(deps, tx, step.task, step.reason);
      return true;
    case "start":
      return startTasks(deps, tx, service, step);
  }
}

/** Writes what should be; `lastStatus` follows when reconcile/task makes it so. */
function stopTask({ clock }: ServiceReconcilerDeps, tx: Transaction, task: Task, reason: string): void {
  tx.put(
    tasks,
    changedTask(task, {
      desiredStatus: "STOPPED",
      stopCode: "ServiceSchedulerInitiated",
      stoppedReason: reason,
      stoppingAt: clock.now(),
    }),
  );
}

/** Whether anything came of it: tasks, or a message that tells why not. */
function startTasks(
  deps: ServiceReconcilerDeps,
  tx: Transaction,
  service: Service,
  step: Extract<Step, { kind: "start" }>,
): boolean {
  const { started, refusal } = launchTasks(deps, tx, service, step);
  if (started.length > 0) {
    const ids = started.map(({ taskId }) => taskId);
    const replacing = Math.min(step.replacing, started.length);
    const message =
      step.zone === undefined
        ? startedTasks(service.name, ids, replacing)
        : startedToRebalance(service.name, step.zone, ids);
    addServiceEvent(tx, deps.store, deps, service.arn, message);
    if (step.zone !== undefined) rememberExtra(deps, tx, service, ids);
  }
  if (refusal === undefined) return started.length > 0;
  const told =
    step.zone === undefined
      ? tellRefusal(deps, tx, service, refusal, "unplaced")
      : tellRefusal(deps, tx, service, unableToPlaceInZone(service.name, step.zone), "rebalancing");
  return started.length > 0 || told;
}

function rememberExtra(
  { store }: ServiceReconcilerDeps,
  tx: Transaction,
  service: Service,
  ids: readonly string[],
): void {
  const progress = store.get(serviceProgress, service.arn);
  if (progress?.rebalancing === undefined) return;
  const { rebalancing } = progress;
  const started = [...rebalancing.started, ...ids];
  tx.put(serviceProgress, { ...progress, rebalancing: { ...rebalancing, started } });
}

/** The same message again only after six hours, unless tasks found their place in between. */
function tellRefusal(
  deps: ServiceReconcilerDeps,
  tx: Transaction,
  service: Service,
  message: string,
  during: "unplaced" | "rebalancing",
): boolean {
  const { store, clock } = deps;
  const progress = store.get(serviceProgress, service.arn);
  if (progress === undefined) return false;
  const { unplaced, rebalancing } = progress;
  const told = during === "unplaced" ? unplaced : rebalancing?.refused;
  if (told?.message === message && clock.now() < told.announcedAt + QUIET_MS) return false;
  addServiceEvent(tx, store, deps, service.arn, message);
  const refused = { message, announcedAt: clock.now() };
  const changes =
    during === "unplaced"
      ? { unplaced: refused }
      : { rebalancing: rebalancing === undefined ? undefined : { ...rebalancing, refused } };
  tx.put(serviceProgress, { ...progress, ...changes });
  return true;
}

/** Stopped tasks are left to their own retention. */
function forgetService(tx: Transaction, { service, deployments: all }: ServiceSnapshot): void {
  for (const deployment of all) tx.delete(deployments, deployment.id);
  tx.delete(serviceEvents, service.arn);
  tx.delete(serviceProgress, service.arn);
  tx.delete(services, service.arn);
}
