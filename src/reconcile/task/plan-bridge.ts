/** The network of one container under `bridge`: its endpoint, its pause container, its link. Pure. */
import type * as wire from "@aws-sdk/client-ecs";
import type { TaskContainer } from "../../model/ecs/records.ts";
import { networkBindingsOf } from "./host-ports.ts";
import { NETWORK_NOT_SET_UP } from "./reasons.ts";
import { changeContainer, networkModeOf, type TaskStep, type TaskView } from "./task-view.ts";

/** ECS_CONTAINER_START_TIMEOUT's default. */
const START_TIMEOUT_MS = 180_000;

/** Undefined when the container has its network, or needs none of its own. */
export function planBridge(
  view: TaskView,
  container: TaskContainer,
  definition: wire.ContainerDefinition,
): TaskStep | undefined {
  if (networkModeOf(view) !== "bridge" || definition.disableNetworking === true) return undefined;
  const endpoint = view.endpoints.find(({ containerName }) => containerName === container.name);
  if (endpoint === undefined) return { kind: "create-endpoint", container };
  const pause = pauseOf(view, container.name);
  if (pause === undefined || endpoint.sandbox?.processId !== pause.processId) {
    return { kind: "ensure-pause", container };
  }
  if (endpoint.linkState !== "ready") {
    const since = Math.max(pause.startedAt ?? view.now, view.runningSince);
    const remainingMs = since + START_TIMEOUT_MS - view.now;
    return remainingMs > 0
      ? { kind: "wait", againAfterMs: remainingMs }
      : changeContainer(view, container, { lastStatus: "STOPPED", reason: NETWORK_NOT_SET_UP });
  }
  if (container.networkBindings !== undefined) return undefined;
  return changeContainer(view, container, {
    networkBindings: networkBindingsOf(definition.portMappings ?? [], endpoint.ports),
  });
}

function pauseOf({ observed }: TaskView, name: string) {
  return observed.find(({ holdsFor, state }) => holdsFor === name && state === "running");
}

/** Whether what containers were started in is still there. Another process is a new, empty namespace. */
export function holdsBridge(view: TaskView): boolean {
  return view.endpoints.every(({ containerName, sandbox }) => {
    const container = view.task.containers.find(({ name }) => name === containerName);
    if (container?.runtimeId === undefined || container.lastStatus === "STOPPED") return true;
    return pauseOf(view, containerName)?.processId === sandbox?.processId;
  });
}
