/** Images, then containers in the order of their dependencies. Pure. */
import type * as wire from "@aws-sdk/client-ecs";
import type { TaskContainer } from "../../model/ecs/records.ts";
import { dependencyState } from "./dependencies.ts";
import { restartsAfter } from "./observed-containers.ts";
import { planBridge } from "./plan-bridge.ts";
import { cannotStartContainer, shortened } from "./reasons.ts";
import {
  changeContainer,
  containerDefinitions,
  runningSandbox,
  sharesNamespaces,
  type TaskStep,
  type TaskView,
} from "./task-view.ts";

/** A container that is stopped before it could start has the exit code of a SIGTERM (Amazon ECS agent). */
const TERMINATED = 143;

/** Undefined when every container runs, or ended as it may. */
export function planContainers(view: TaskView): TaskStep | undefined {
  const { task } = view;
  const unpulled = task.containers.filter(
    ({ imageId, lastStatus }) => imageId === undefined && lastStatus === "PENDING",
  );
  if (unpulled.length > 0) return { kind: "pull", containers: unpulled };
  let waiting: TaskStep | undefined = planRestart(view);
  if (waiting !== undefined) return waiting;
  for (const container of task.containers) {
    if (container.lastStatus !== "PENDING") continue;
    const step = planContainer(view, container);
    if (step.kind !== "wait") return step;
    waiting = sooner(waiting, step);
  }
  return waiting;
}

function planContainer(view: TaskView, container: TaskContainer): TaskStep {
  const { task, now, observed } = view;
  const definitions = containerDefinitions(view);
  const definition = definitions.find(({ name }) => name === container.name);
  if (definition === undefined) {
    return changeContainer(view, container, {
      lastStatus: "STOPPED",
      reason: cannotStartContainer(`no container definition ${container.name}`),
    });
  }
  const state = dependencyState(definition, definitions, task.containers, now);
  if (state.kind === "waiting") return { kind: "wait", againAfterMs: state.againAfterMs };
  if (state.kind === "never") {
    return changeContainer(view, container, {
      lastStatus: "STOPPED",
      exitCode: TERMINATED,
      reason: shortened(`CannotStartContainerError: ${state.reason}`),
    });
  }
  const seen = observed.find(({ name }) => name === container.name);
  if (seen === undefined) {
    return (
      planNamespaces(view) ??
      planVolumesFrom(view, container, definition) ??
      planBridge(view, container, definition) ?? { kind: "create", container }
    );
  }
  return { kind: "start", containerId: seen.containerId, name: container.name };
}

function planNamespaces(view: TaskView): TaskStep | undefined {
  return sharesNamespaces(view) && runningSandbox(view) === undefined
    ? { kind: "ensure-namespaces" }
    : undefined;
}

/** Those containers must have been created, no more (Amazon ECS agent). */
function planVolumesFrom(
  { task, observed }: TaskView,
  container: TaskContainer,
  { volumesFrom }: wire.ContainerDefinition,
): TaskStep | undefined {
  const missing = (volumesFrom ?? []).find(
    ({ sourceContainer }) => !observed.some(({ name }) => name === sourceContainer),
  );
  if (missing === undefined) return undefined;
  const source = task.containers.find(({ name }) => name === missing.sourceContainer);
  if (source?.lastStatus !== "STOPPED") return { kind: "wait" };
  return changeContainer({ task }, container, {
    lastStatus: "STOPPED",
    exitCode: TERMINATED,
    reason: shortened(
      `CannotCreateContainerError: No such container: ${missing.sourceContainer}, whose volumes are mounted`,
    ),
  });
}

function sooner(
  a: TaskStep | undefined,
  b: { readonly kind: "wait"; readonly againAfterMs?: number | undefined },
): TaskStep {
  if (a?.kind !== "wait" || a.againAfterMs === undefined) return b;
  return b.againAfterMs === undefined || a.againAfterMs < b.againAfterMs ? a : b;
}

/** Containers that ended, and that their restart policy starts again in place. */
export function planRestart(view: TaskView): TaskStep | undefined {
  for (const seen of view.observed) {
    const definition = containerDefinitions(view).find(({ name }) => name === seen.name);
    const record = view.task.containers.find(({ name }) => name === seen.name);
    if (seen.state !== "exited" || record === undefined || record.lastStatus === "STOPPED") continue;
    if (restartsAfter(definition?.restartPolicy, seen)) {
      return { kind: "start", containerId: seen.containerId, name: record.name };
    }
  }
  return undefined;
}
