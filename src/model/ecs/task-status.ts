/**
 * The life of a task (Amazon ECS developer guide, "Amazon ECS task lifecycle"): statuses in their order. A task may
 * skip statuses, for example PROVISIONING without an elastic network interface, but never goes back.
 */
import type { Task, TaskStatus } from "./records.ts";

/** From first to last. */
export const TASK_STATUSES: readonly TaskStatus[] = [
  "PROVISIONING",
  "PENDING",
  "ACTIVATING",
  "RUNNING",
  "DEACTIVATING",
  "STOPPING",
  "DEPROVISIONING",
  "STOPPED",
];

/** Whether `lastStatus` may change so: forwards only, and a status that is kept is no move. */
export function canMove(from: TaskStatus, to: TaskStatus): boolean {
  return TASK_STATUSES.indexOf(to) > TASK_STATUSES.indexOf(from);
}

/** What `pendingCount` of services, deployments and clusters counts. */
export function countsAsPending(task: Task): boolean {
  return (
    task.desiredStatus === "RUNNING" &&
    TASK_STATUSES.indexOf(task.lastStatus) < TASK_STATUSES.indexOf("RUNNING")
  );
}

/** What `runningCount` counts: also a task that is about to stop, as long as it shows RUNNING. */
export function countsAsRunning(task: Task): boolean {
  return task.lastStatus === "RUNNING";
}

export function isBefore(status: TaskStatus, other: TaskStatus): boolean {
  return TASK_STATUSES.indexOf(status) < TASK_STATUSES.indexOf(other);
}
