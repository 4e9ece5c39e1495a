/** The service scheduler's loop: load, plan, apply, in one transaction per service; it never waits for anything. */
import type { Service, Task, TaskRegistration } from "../../model/ecs/records.ts";
import type { Target } from "../../model/elb/records.ts";
import type { Store } from "../../store/store.ts";
import {
  containerInstances,
  deployments,
  serviceProgress,
  services,
  taskRegistrations,
  tasks,
} from "../../store/tables/ecs.ts";
import { targets } from "../../store/tables/elb.ts";
import { Controller, type ReconcileResult } from "../controller.ts";
import { applyPlan, type ServiceReconcilerDeps } from "./apply.ts";
import { observeService } from "./observe.ts";
import { planService } from "./plan.ts";

/** A plan leads to nothing more than a few others; more would be a bug, and must not hold up the process. */
const MOST_PLANS = 10;

export function createServiceReconciler(deps: ServiceReconcilerDeps): {
  start(): void;
  stop(): Promise<void>;
} {
  const { store, clock, log } = deps;
  const controller = new Controller({
    name: "service",
    clock,
    log,
    reconcile: async (arn) => reconcileService(deps, arn),
  });
  return {
    start() {
      store.onChange(services, (change) => controller.enqueue(change.key));
      store.onChange(deployments, ({ before, after }) => {
        const arn = (after ?? before)?.serviceArn;
        if (arn !== undefined) controller.enqueue(arn);
      });
      store.onChange(tasks, ({ before, after }) => {
        const task = after ?? before;
        if (task === undefined || !concernsScheduler(before, after)) return;
        if (task.serviceArn !== undefined) controller.enqueue(task.serviceArn);
        if (task.containerInstanceArn !== undefined) enqueueWaiting(store, controller, task.clusterArn);
      });
      store.onChange(containerInstances, ({ before, after }) => {
        const clusterArn = (after ?? before)?.clusterArn;
        if (clusterArn !== undefined) enqueueCluster(store, controller, clusterArn);
      });
      store.onChange(targets, ({ key, before, after }) => {
        if (!concernsHealth(before, after)) return;
        for (const { serviceArn } of store.where(taskRegistrations, "target", key))
          controller.enqueue(serviceArn);
      });
      store.onChange(
        taskRegistrations,
        ({ before, after }: { before?: TaskRegistration; after?: TaskRegistration }) => {
          const arn = (after ?? before)?.serviceArn;
          if (arn !== undefined) controller.enqueue(arn);
        },
      );
      for (const service of store.list(services)) controller.enqueue(service.arn);
    },
    stop: () => controller.stop(),
  };
}

/** Plans and applies until there is nothing left to do. */
export function reconcileService(deps: ServiceReconcilerDeps, arn: string): ReconcileResult | undefined {
  const { store, clock, log } = deps;
  for (let plans = 0; plans < MOST_PLANS; plans++) {
    const service: Service | undefined = store.get(services, arn);
    if (service === undefined) return undefined;
    const now = clock.now();
    const { changed, plan } = store.transaction((tx) => {
      const snapshot = observeService(store, service);
      const made = planService(snapshot, now);
      return { changed: applyPlan(deps, tx, snapshot, made), plan: made };
    });
    if (changed) continue;
    return plan.lookAgainAt === undefined ? undefined : { againAfterMs: plan.lookAgainAt - now };
  }
  log.error("a service is planned over and over", { service: arn });
  return { againAfterMs: 1000 };
}

/** Those on container instances; daemons first, as they are placed first. */
function enqueueCluster(store: Store, controller: Controller, clusterArn: string): void {
  const placed = store
    .where(services, "cluster", clusterArn)
    .filter(({ spec, status }) => spec.launchType !== "FARGATE" && status !== "INACTIVE");
  for (const strategy of ["DAEMON", "REPLICA"]) {
    for (const service of placed) {
      if (service.schedulingStrategy === strategy) controller.enqueue(service.arn);
    }
  }
}

/** Those that found no place for a task, and daemons that are to leave after the others. */
function enqueueWaiting(store: Store, controller: Controller, clusterArn: string): void {
  for (const { arn, schedulingStrategy } of store.where(services, "cluster", clusterArn)) {
    const waits = store.get(serviceProgress, arn)?.unplaced !== undefined;
    if (waits || schedulingStrategy === "DAEMON") controller.enqueue(arn);
  }
}

function concernsScheduler(before: Task | undefined, after: Task | undefined): boolean {
  return (
    before?.lastStatus !== after?.lastStatus ||
    before?.desiredStatus !== after?.desiredStatus ||
    before?.startedAt !== after?.startedAt ||
    before?.containerInstanceArn !== after?.containerInstanceArn ||
    JSON.stringify(before?.containers.map(({ healthStatus }) => healthStatus)) !==
      JSON.stringify(after?.containers.map(({ healthStatus }) => healthStatus))
  );
}

function concernsHealth(before: Target | undefined, after: Target | undefined): boolean {
  return before?.health.state !== after?.health.state;
}
