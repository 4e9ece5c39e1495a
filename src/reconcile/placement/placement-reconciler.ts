/** Places the tasks of a cluster that wait for a container instance, as soon as there is one that takes them. */
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import { placedLater } from "../../model/ecs/new-task.ts";
import type { PlacementRequest } from "../../model/ecs/placement/outcome.ts";
import type { Task, TaskDefinition } from "../../model/ecs/records.ts";
import { bringsInstances } from "../../store/capacity-providers.ts";
import { instancesAwaitingDaemons } from "../../store/daemons.ts";
import { instancesOfCluster, onInstance, placeTask } from "../../store/placement.ts";
import type { Store, Transaction } from "../../store/store.ts";
import {
  capacityProviders,
  clusters,
  containerInstances,
  services,
  taskDefinitions,
  tasks,
} from "../../store/tables/ecs.ts";
import { Controller } from "../controller.ts";
import { judgeWaiting } from "./plan-waiting.ts";

export interface PlacementReconcilerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export function createPlacementReconciler(deps: PlacementReconcilerDeps): {
  start(): void;
  stop(): Promise<void>;
} {
  const { store, clock, log } = deps;
  const controller = new Controller({
    name: "placement",
    clock,
    log,
    reconcile: async (clusterArn) => {
      reconcileCluster(deps, clusterArn);
      return undefined;
    },
  });
  const enqueue = (clusterArn: string | undefined): void => {
    if (clusterArn !== undefined && store.count(tasks, "unplaced", clusterArn) > 0) {
      controller.enqueue(clusterArn);
    }
  };
  return {
    start() {
      store.onChange(containerInstances, ({ before, after }) => enqueue((after ?? before)?.clusterArn));
      store.onChange(services, ({ before, after }) => enqueue((after ?? before)?.clusterArn));
      store.onChange(tasks, ({ before, after }) => {
        if (concernsPlacement(before, after)) enqueue((after ?? before)?.clusterArn);
      });
      store.onChange(capacityProviders, () => {
        for (const { arn } of store.list(clusters)) enqueue(arn);
      });
      for (const { arn } of store.list(clusters)) enqueue(arn);
    },
    stop: () => controller.stop(),
  };
}

/** A new task, one that comes to an instance, one that leaves room. */
function concernsPlacement(before: Task | undefined, after: Task | undefined): boolean {
  if ((after ?? before)?.launchType !== "EC2") return false;
  return (
    before?.containerInstanceArn !== after?.containerInstanceArn ||
    before?.desiredStatus !== after?.desiredStatus ||
    before?.lastStatus !== after?.lastStatus
  );
}

/** The oldest first. Alike tasks are not tried again after the first of them found no place. */
export function reconcileCluster(deps: PlacementReconcilerDeps, clusterArn: string): void {
  const { store } = deps;
  store.transaction((tx) => {
    const waiting = store
      .where(tasks, "unplaced", clusterArn)
      .filter(({ desiredStatus }) => desiredStatus === "RUNNING")
      .sort((a, b) => a.createdAt - b.createdAt || (a.taskId < b.taskId ? -1 : 1));
    if (waiting.length === 0) return;
    const awaitingDaemons = instancesAwaitingDaemons(store, clusterArn);
    const waitOn = new Set<string>();
    for (const task of waiting) {
      const definition = store.get(taskDefinitions, task.taskDefinitionArn);
      if (definition === undefined) continue;
      const request: PlacementRequest = {
        ...requestOf(store, task, definition),
        among: ({ arn }) => !awaitingDaemons.has(arn),
      };
      const { definition: _, among: __, ...words } = request;
      const key = JSON.stringify([definition.arn, words]);
      if (!waitOn.has(key) && !decide(deps, tx, task, request)) waitOn.add(key);
    }
  });
}

/** False when the task goes on waiting. */
function decide(
  { store, clock, random }: PlacementReconcilerDeps,
  tx: Transaction,
  task: Task,
  request: PlacementRequest,
): boolean {
  const provider = task.capacityProviderName;
  const registered = instancesOfCluster(store, task.clusterArn).filter(
    ({ capacityProviderName, status }) => capacityProviderName === provider && status !== "INACTIVE",
  ).length;
  const verdict = judgeWaiting(placeTask(store, request, random), {
    bringsInstances: provider !== undefined && bringsInstances(store, task, provider),
    registered,
  });
  switch (verdict.kind) {
    case "wait":
      return false;
    case "fail":
      tx.put(tasks, {
        ...task,
        desiredStatus: "STOPPED",
        stopCode: "TaskFailedToStart",
        stoppedReason: verdict.reason,
        stoppingAt: clock.now(),
        version: task.version + 1,
      });
      return true;
    case "place": {
      const place = onInstance(store, verdict.containerInstance, task.networkConfiguration);
      const awsvpc = request.definition.definition.networkMode === "awsvpc";
      const siblings = task.serviceArn === undefined ? [] : store.where(tasks, "service", task.serviceArn);
      tx.put(tasks, placedLater(task, { ...place, siblings, awsvpc }, random));
      return true;
    }
  }
}

/** A service's tasks follow what the service says now. */
function requestOf(store: Store, task: Task, definition: TaskDefinition): PlacementRequest {
  const { clusterArn, group, serviceArn, deploymentId, networkConfiguration, capacityProviderName } = task;
  const owner = (serviceArn === undefined ? undefined : store.get(services, serviceArn)) ?? task;
  return {
    clusterArn,
    definition,
    overrides: task.overrides,
    group,
    serviceArn,
    deploymentId,
    placementConstraints: owner.placementConstraints ?? [],
    placementStrategy: owner.placementStrategy ?? [],
    networkConfiguration,
    capacityProviderName,
  };
}
