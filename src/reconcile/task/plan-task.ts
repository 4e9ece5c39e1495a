/**
 * One look at one task: what is the next step? Pure. Everything that a step needs is read again from the store and
 * the engine, so that a crash between any two steps loses nothing.
 *
 * PROVISIONING → PENDING → ACTIVATING → RUNNING → DEACTIVATING → STOPPING → DEPROVISIONING → STOPPED (developer
 * guide, "Amazon ECS task lifecycle"); statuses are left out where there is nothing to do in them, never gone back to.
 */
import type { Task } from "../../model/ecs/records.ts";
import { taskHealth, withObserved } from "./observed-containers.ts";
import { holdsBridge } from "./plan-bridge.ts";
import { planContainers, planRestart } from "./plan-containers.ts";
import { planStop } from "./plan-stop.ts";
import { ESSENTIAL_CONTAINER_EXITED, failedToStart, INCOMPATIBLE, NETWORK_TIMEOUT } from "./reasons.ts";
import { planHost, rebootedSince } from "./task-host.ts";
import {
  containerDefinitions,
  networkModeOf,
  runningSandbox,
  stopTask,
  type TaskStep,
  type TaskView,
} from "./task-view.ts";

/** Developer guide, "Amazon ECS stopped task errors": stopped tasks are shown for one hour. */
export const STOPPED_TASK_RETENTION_MS = 3_600_000;
/** How long the network may take; the agent's own limit for an ENI is of this size. */
export const NETWORK_TIMEOUT_MS = 180_000;
/** The engine's events tell of every change; this catches what might have been missed. */
const LOOK_AGAIN_MS = 300_000;

export function planTask(view: TaskView): TaskStep {
  const { task } = view;
  if (task.lastStatus === "STOPPED") return planForget(view);
  const observed = planObserved(view);
  if (observed !== undefined) return observed;
  if (task.desiredStatus === "STOPPED") return planStop(view);
  return planHost(view) ?? planFailure(view) ?? planStart(view);
}

function planForget({ task, now }: TaskView): TaskStep {
  const remainingMs = (task.stoppedAt ?? task.createdAt) + STOPPED_TASK_RETENTION_MS - now;
  return remainingMs > 0 ? { kind: "wait", againAfterMs: remainingMs } : { kind: "forget" };
}

/** What the engine shows goes into the record before anything is decided on it. */
function planObserved(view: TaskView): TaskStep | undefined {
  const { task, observed } = view;
  if (task.lastStatus === "PROVISIONING") return undefined;
  const stopping = task.desiredStatus === "STOPPED";
  const containers = withObserved(task.containers, containerDefinitions(view), observed, stopping);
  if (containers === task.containers) return undefined;
  return { kind: "change", changes: { containers, healthStatus: taskHealth(containers) } };
}

function planFailure(view: TaskView): TaskStep | undefined {
  const { task, definition, now } = view;
  if (definition === undefined || (task.launchType !== "EC2" && networkModeOf(view) !== "awsvpc")) {
    return stopTask(now, "TaskFailedToStart", INCOMPATIBLE);
  }
  const ended = task.containers.find(({ essential, lastStatus }) => essential && lastStatus === "STOPPED");
  if (ended !== undefined) {
    return ended.startedAt === undefined && ended.reason !== undefined
      ? stopTask(now, "TaskFailedToStart", failedToStart(task.launchType, ended.reason))
      : stopTask(now, "EssentialContainerExited", ESSENTIAL_CONTAINER_EXITED);
  }
  if (rebootedSince(view)) return stopTask(now, "EssentialContainerExited", ESSENTIAL_CONTAINER_EXITED);
  // The pause container is essential, too: without the one that they joined the containers' network is gone.
  const begun = task.containers.some(({ runtimeId }) => runtimeId !== undefined);
  return begun && !holdsNetwork(view)
    ? stopTask(now, "EssentialContainerExited", ESSENTIAL_CONTAINER_EXITED)
    : undefined;
}

/** Another process is a new, empty namespace: the engine or the machine was started anew. */
function holdsNetwork(view: TaskView): boolean {
  switch (networkModeOf(view)) {
    case "awsvpc":
      return holdsInterface(view);
    case "bridge":
      return holdsBridge(view);
    default:
      // The namespace is the instance's, or the container's alone.
      return true;
  }
}

function holdsInterface(view: TaskView): boolean {
  const holder = view.networkInterface?.sandbox;
  const sandbox = runningSandbox(view);
  return sandbox !== undefined && holder?.kind === "container" && holder.processId === sandbox.processId;
}

function planStart(view: TaskView): TaskStep {
  const { task, now } = view;
  switch (task.lastStatus) {
    case "PROVISIONING":
      return planNetwork(view) ?? provisioned(task, now);
    case "PENDING":
      return planNetworkAgain(view) ?? planContainers(view) ?? planSteady(view);
    case "ACTIVATING":
      return planRestart(view) ?? planSteady(view);
    case "RUNNING":
      return planRestart(view) ?? { kind: "wait", againAfterMs: LOOK_AGAIN_MS };
    default:
      // A task on its way down whose desired status is RUNNING: nobody writes that.
      return stopTask(now, "TaskFailedToStart", "Task failed to start");
  }
}

/** Undefined when the sandbox runs and its ENI is linked into it. */
function planNetwork(view: TaskView): TaskStep | undefined {
  const { task, networkInterface, now, runningSince } = view;
  if (networkModeOf(view) !== "awsvpc") return undefined;
  if (networkInterface === undefined) {
    return task.attachment === undefined
      ? stopTask(now, "TaskFailedToStart", INCOMPATIBLE)
      : { kind: "create-interface" };
  }
  if (!holdsInterface(view)) return { kind: "ensure-sandbox" };
  if (networkInterface.linkState === "ready") return undefined;
  const remainingMs = Math.max(networkInterface.createTime, runningSince) + NETWORK_TIMEOUT_MS - now;
  return remainingMs > 0
    ? { kind: "wait", againAfterMs: remainingMs }
    : stopTask(now, "TaskFailedToStart", NETWORK_TIMEOUT);
}

function provisioned(task: Task, now: number): TaskStep {
  const { attachment } = task;
  return {
    kind: "change",
    changes: {
      lastStatus: "PENDING",
      connectivityAt: now,
      ...(attachment === undefined ? {} : { attachment: { ...attachment, status: "ATTACHED" } }),
    },
  };
}

/** The machine may have been started anew before the first container was made: the sandbox is set up once more. */
function planNetworkAgain(view: TaskView): TaskStep | undefined {
  const begun = view.task.containers.some(({ runtimeId }) => runtimeId !== undefined);
  return begun ? undefined : planNetwork(view);
}

/** All containers are where they belong: first registered with what finds the task, then RUNNING. */
function planSteady({ task, now, registrationComplete }: TaskView): TaskStep {
  if (registrationComplete) {
    return { kind: "change", changes: { lastStatus: "RUNNING", startedAt: now } };
  }
  return task.lastStatus === "ACTIVATING"
    ? { kind: "wait", againAfterMs: LOOK_AGAIN_MS }
    : { kind: "change", changes: { lastStatus: "ACTIVATING" } };
}
