/** The container instance that a task is on, under launch type EC2, and what becomes of the task with it. Pure. */
import type { Instance } from "../../model/ec2/records.ts";
import type { ContainerInstance } from "../../model/ecs/records.ts";
import { hostGoneReason } from "./reasons.ts";
import { stopTask, type TaskStep, type TaskView } from "./task-view.ts";

export interface TaskHost {
  readonly containerInstance: ContainerInstance;
  /** Absent: a client registered it without an instance of ours, or it is long gone. */
  readonly instance: Instance | undefined;
  /** Since when its machine has been up, in milliseconds since the epoch; absent while it is not. */
  readonly upSince?: number | undefined;
}

/** The placement, the boot and the events of the engine bring the next look; this catches what might have been missed. */
const LOOK_AGAIN_MS = 300_000;

/** What goes before every other step; undefined when the task may go on. */
export function planHost(view: TaskView): TaskStep | undefined {
  const { task, host, now } = view;
  if (task.launchType !== "EC2") return undefined;
  const wait: TaskStep = { kind: "wait", againAfterMs: LOOK_AGAIN_MS };
  if (task.containerInstanceArn === undefined) return wait;
  const gone = hostGone(view);
  if (gone !== undefined) return stopTask(now, "TerminationNotice", gone);
  const coming = task.lastStatus === "PROVISIONING" || task.lastStatus === "PENDING";
  const { instance } = host ?? {};
  if (instance?.state !== "running" || host?.upSince === undefined) return coming ? wait : undefined;
  if (task.availabilityZone !== undefined) return undefined;
  const connected = task.lastStatus === "PENDING" ? { connectivityAt: now } : {};
  return { kind: "change", changes: { availabilityZone: instance.availabilityZone, ...connected } };
}

/** The task's stopped reason when its instance is not there any more, or is about to go. */
export function hostGone({ task, host }: Pick<TaskView, "task" | "host">): string | undefined {
  if (task.launchType !== "EC2" || task.containerInstanceArn === undefined) return undefined;
  const { instance, containerInstance } = host ?? {};
  if (instance === undefined) {
    const id = containerInstance?.ec2InstanceId;
    return containerInstance !== undefined && id === undefined ? undefined : hostGoneReason(id, "terminated");
  }
  const { instanceId, desiredState, state } = instance;
  if (desiredState === "terminated" || state === "shutting-down" || state === "terminated") {
    return hostGoneReason(instanceId, "terminated");
  }
  return desiredState === "stopped" || state === "stopping" || state === "stopped"
    ? hostGoneReason(instanceId, "stopped")
    : undefined;
}

/** Whether something of the task was started before its machine was: a boot in between ended it in truth. */
export function rebootedSince({ host, observed }: Pick<TaskView, "host" | "observed">): boolean {
  const upSince = host?.upSince;
  if (upSince === undefined) return false;
  return observed.some(
    ({ name, startedAt }) => name !== undefined && startedAt !== undefined && startedAt < upSince,
  );
}
