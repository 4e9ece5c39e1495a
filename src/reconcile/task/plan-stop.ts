/** The way down: out of what finds the task, containers in reverse order, then its network. Pure. */
import type { TaskContainer } from "../../model/ecs/records.ts";
import { stoppableNow } from "./dependencies.ts";
import { hostGone } from "./task-host.ts";
import { containerDefinitions, type TaskChanges, type TaskStep, type TaskView } from "./task-view.ts";

/** ECS_CONTAINER_STOP_TIMEOUT's default, in seconds, between SIGTERM and SIGKILL. */
const DEFAULT_STOP_TIMEOUT_SECONDS = 30;
/** reconcile/registration changes a record when it is done; this catches what might have been missed. */
const LOOK_AGAIN_MS = 30_000;
/** When an instance shuts down its Docker gives containers so many seconds, whatever they would like. */
const SHUTDOWN_TIMEOUT_SECONDS = 10;

export function planStop(view: TaskView): TaskStep {
  const { task } = view;
  // Where there is no host left, nothing is served until connections have drained.
  const deregistrationComplete = view.deregistrationComplete || hostGone(view) !== undefined;
  switch (task.lastStatus) {
    case "PROVISIONING":
      return toDeprovisioning(view);
    case "PENDING":
      return running(view).length > 0 ? to("STOPPING") : toDeprovisioning(view);
    case "ACTIVATING":
    case "RUNNING":
      return to(deregistrationComplete ? "STOPPING" : "DEACTIVATING");
    case "DEACTIVATING":
      return deregistrationComplete ? to("STOPPING") : { kind: "wait", againAfterMs: LOOK_AGAIN_MS };
    case "STOPPING":
      return planStopContainers(view) ?? toDeprovisioning(view);
    default:
      return { kind: "deprovision" };
  }
}

function to(lastStatus: "STOPPING" | "DEACTIVATING"): TaskStep {
  return { kind: "change", changes: { lastStatus } };
}

function running({ observed }: TaskView) {
  return observed.flatMap(({ name, state, containerId }) =>
    name !== undefined && state === "running" ? [{ name, containerId }] : [],
  );
}

function planStopContainers(view: TaskView): TaskStep | undefined {
  const left = running(view);
  if (left.length === 0) return undefined;
  const definitions = containerDefinitions(view);
  const most = hostGone(view) === undefined ? Number.POSITIVE_INFINITY : SHUTDOWN_TIMEOUT_SECONDS;
  const next = stoppableNow(
    left.map(({ name }) => name),
    definitions,
  );
  return {
    kind: "stop",
    containers: left
      .filter(({ name }) => next.includes(name))
      .map(({ name, containerId }) => ({
        containerId,
        timeoutSeconds: Math.min(
          most,
          definitions.find((definition) => definition.name === name)?.stopTimeout ??
            DEFAULT_STOP_TIMEOUT_SECONDS,
        ),
      })),
  };
}

function toDeprovisioning({ task, now }: TaskView): TaskStep {
  const executed = task.containers.some(({ startedAt }) => startedAt !== undefined);
  const changes: TaskChanges = {
    lastStatus: "DEPROVISIONING",
    containers: task.containers.map(ended),
    ...(executed ? { executionStoppedAt: now } : {}),
    ...(task.attachment === undefined ? {} : { attachment: { ...task.attachment, status: "DETACHING" } }),
  };
  return { kind: "change", changes };
}

/** Containers that never came to run are stopped without an exit code. */
function ended(container: TaskContainer): TaskContainer {
  return container.lastStatus === "STOPPED" ? container : { ...container, lastStatus: "STOPPED" };
}
