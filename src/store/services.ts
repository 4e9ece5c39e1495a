/** Views of services, deployments and clusters that are computed, not stored. */
import type { Deployment, Service, Task } from "../model/ecs/records.ts";
import { countsAsPending, countsAsRunning } from "../model/ecs/task-status.ts";
import type { StoreReader } from "./store.ts";
import { deployments, services, tasks } from "./tables/ecs.ts";

export interface TaskCounts {
  readonly running: number;
  /** On their way to RUNNING. */
  readonly pending: number;
  /** Neither stopped nor meant to stop. */
  readonly wanted: number;
}

export function countTasks(list: readonly Task[]): TaskCounts {
  return {
    running: list.filter(countsAsRunning).length,
    pending: list.filter(countsAsPending).length,
    wanted: list.filter((task) => task.desiredStatus === "RUNNING" && task.lastStatus !== "STOPPED").length,
  };
}

export function tasksOfService(store: StoreReader, serviceArn: string): Task[] {
  return store.where(tasks, "service", serviceArn);
}

export function tasksOfDeployment(store: StoreReader, deploymentId: string): Task[] {
  return store.where(tasks, "deployment", deploymentId);
}

export function tasksOfCluster(store: StoreReader, clusterArn: string): Task[] {
  return store.where(tasks, "cluster", clusterArn);
}

/** All deployments that are known of a service, the newest first. */
export function deploymentsOf(store: StoreReader, service: Service): Deployment[] {
  return store
    .where(deployments, "service", service.arn)
    .filter((deployment) => deployment.createdAt >= service.createdAt)
    .sort((a, b) => b.createdAt - a.createdAt);
}

export function primaryDeploymentOf(store: StoreReader, service: Service): Deployment | undefined {
  return deploymentsOf(store, service).find(({ status }) => status === "PRIMARY");
}

/** Services of a cluster that still count: not those that are gone but can be described for a while. */
export function liveServicesOfCluster(store: StoreReader, clusterArn: string): Service[] {
  return store.where(services, "cluster", clusterArn).filter(({ status }) => status !== "INACTIVE");
}
