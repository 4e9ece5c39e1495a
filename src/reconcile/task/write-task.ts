/** Writing what a step has done, on the task as it is then. */
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import type { Task, TaskContainer } from "../../model/ecs/records.ts";
import { changedTask } from "../../model/ecs/task-change.ts";
import type { ContainerRuntime, RuntimeFailure } from "../../runtime/container-runtime.ts";
import type { Store } from "../../store/store.ts";
import { tasks } from "../../store/tables/ecs.ts";
import type { HostPorts } from "./host-ports.ts";
import type { LogFollower } from "./log-follower.ts";
import type { LogSink } from "./log-sink.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { SecretReader } from "./task-secrets.ts";
import type { TaskChanges } from "./task-view.ts";

export interface StepDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly runtime: ContainerRuntime;
  readonly logs: LogSink;
  readonly follower: Pick<LogFollower, "drain">;
  /** Where addresses for `assignPublicIp` come from, for example `198.18.0.0/16`. */
  readonly publicPool: string;
  readonly hostPorts: HostPorts;
  /** Whether SDKs in containers are pointed at Berth. */
  readonly awsEndpoint?: boolean | undefined;
  /** Holds a directory for each EFS file system. */
  readonly fileSystems: string;
  readonly readSecret: SecretReader;
  readonly readObject: ObjectReader;
  pull(task: Task, containers: readonly TaskContainer[]): void;
}

/** On the task as it is now: while a step awaited, a handler may have written its part of the record. */
export function changeTask(store: Store, taskArn: string, changes: TaskChanges): void {
  const task = store.get(tasks, taskArn);
  if (task === undefined) return;
  const settled =
    changes.desiredStatus === "STOPPED" && task.desiredStatus === "STOPPED"
      ? { stopCode: task.stopCode, stoppedReason: task.stoppedReason, stoppingAt: task.stoppingAt }
      : {};
  store.transaction((tx) => tx.put(tasks, changedTask(task, { ...changes, ...settled })));
}

export function engineError(problem: RuntimeFailure): Error {
  return new Error(`container engine: ${problem.kind}: ${problem.message}`);
}

export function failTask(
  { store, clock }: StepDeps,
  taskArn: string,
  reason: string,
  more: TaskChanges = {},
): void {
  changeTask(store, taskArn, {
    ...more,
    desiredStatus: "STOPPED",
    stopCode: "TaskFailedToStart",
    stoppedReason: reason,
    stoppingAt: clock.now(),
  });
}

export function changeContainerRecord(
  { store }: StepDeps,
  { arn }: Task,
  name: string,
  changes: Partial<TaskContainer>,
): void {
  const containers = store
    .get(tasks, arn)
    ?.containers.map((container) => (container.name === name ? { ...container, ...changes } : container));
  if (containers !== undefined) changeTask(store, arn, { containers });
}
