/** Carries out what planTask decided: one step, then the store knows. */

import type * as wire from "@aws-sdk/client-ecs";
import { unreachable } from "../../lib/assert.ts";
import { dockerNameOf } from "../../model/ecs/docker-container.ts";
import type { Task, TaskContainer } from "../../model/ecs/records.ts";
import type { ContainerNetwork } from "../../runtime/container-runtime.ts";
import { endSessionsOf } from "../../store/iam-sessions.ts";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import { bridgeEndpoints, tasks } from "../../store/tables/ecs.ts";
import type { ReconcileResult } from "../controller.ts";
import { createEndpoint, createInterface, ensurePause, ensureSandbox } from "./apply-network.ts";
import { extraHostsOf, linkEnvironment } from "./bridge.ts";
import { containerSpec, unsupportedFeature } from "./container-spec.ts";
import { logDestination } from "./log-configuration.ts";
import {
  cannotCreateContainer,
  cannotStartContainer,
  cannotStartLogging,
  logGroupMissing,
  resourceInitialization,
} from "./reasons.ts";
import { taskLimits } from "./task-network.ts";
import { networkModeOf, type TaskStep, type TaskView } from "./task-view.ts";
import { changeContainerRecord, changeTask, engineError, failTask, type StepDeps } from "./write-task.ts";

/** Throws where the engine does not answer or refuses for now: the step is then tried again. */
export async function applyStep(
  deps: StepDeps,
  view: TaskView,
  step: TaskStep,
): Promise<ReconcileResult | "again" | undefined> {
  const { task } = view;
  switch (step.kind) {
    case "wait":
      return step.againAfterMs === undefined ? undefined : { againAfterMs: step.againAfterMs };
    case "change":
      changeTask(deps.store, task.arn, step.changes);
      return "again";
    case "create-interface":
      createInterface(deps, view);
      return "again";
    case "ensure-sandbox":
      await ensureSandbox(deps, view);
      return "again";
    case "create-endpoint":
      createEndpoint(deps, view, step.container);
      return "again";
    case "ensure-pause":
      await ensurePause(deps, view, step.container);
      return "again";
    case "pull":
      return pull(deps, view, step.containers);
    case "create":
      await createContainer(deps, view, step.container);
      return "again";
    case "start":
      await startContainer(deps, view, step);
      return "again";
    case "stop":
      await Promise.all(
        step.containers.map(async ({ containerId, timeoutSeconds }) => {
          const stopped = await deps.runtime.stopContainer(containerId, timeoutSeconds);
          if (!stopped.ok) throw engineError(stopped.failure);
        }),
      );
      return "again";
    case "deprovision":
      await deprovision(deps, task);
      return "again";
    case "forget":
      deps.store.transaction((tx) => tx.delete(tasks, task.arn));
      return undefined;
    default:
      return unreachable(step);
  }
}

function pull(
  deps: StepDeps,
  { task, definition }: TaskView,
  containers: readonly TaskContainer[],
): "again" | undefined {
  const problem = definition === undefined ? undefined : unsupportedFeature(definition);
  if (problem !== undefined) {
    failTask(deps, task.arn, resourceInitialization(problem));
    return "again";
  }
  if (task.launchType !== "EC2" && withoutLogStream(deps, task, definition).length > 0) {
    failTask(deps, task.arn, logGroupMissing());
    return "again";
  }
  deps.pull(task, containers);
  return undefined;
}

/** The containers whose log group is not there. */
function withoutLogStream(
  { logs }: StepDeps,
  task: Task,
  definition: TaskView["definition"],
): TaskContainer[] {
  return task.containers.filter((container) => {
    if (container.lastStatus === "STOPPED") return false;
    const given = definition?.definition.containerDefinitions?.find(({ name }) => name === container.name);
    const destination = given === undefined ? undefined : logDestination(task, given, container);
    if (destination === undefined) return false;
    const { scope, groupName, streamName, createGroup } = destination;
    return logs.ensureStream(scope, groupName, streamName, { createGroup }) !== "ready";
  });
}

async function createContainer(deps: StepDeps, view: TaskView, record: TaskContainer): Promise<void> {
  const { task, definition } = view;
  const container = definition?.definition.containerDefinitions?.find(({ name }) => name === record.name);
  if (definition === undefined || container === undefined) return;
  const endpoint = view.endpoints.find(({ containerName }) => containerName === record.name);
  const network = networkOf(view, container);
  const made = await deps.runtime.createContainer(
    containerSpec({
      task,
      definition,
      container,
      record,
      network,
      engineName: endpoint?.engineName ?? dockerNameOf(definition, record),
      awsEndpoint: deps.awsEndpoint,
      linkEnvironment: linkEnvironment(task, definition, container, view.endpoints),
      // Where there is no pause container that carries them.
      sandboxLimits:
        network.kind === "joined" || network.kind === "none" ? taskLimits(task, definition) : undefined,
    }),
  );
  if (made.ok) {
    changeContainerRecord(deps, task, record.name, {
      runtimeId: made.value.containerId,
      createdAt: deps.clock.now(),
    });
    return;
  }
  if (made.failure.kind === "engine-unreachable") throw engineError(made.failure);
  changeContainerRecord(deps, task, record.name, {
    lastStatus: "STOPPED",
    reason: cannotCreateContainer(made.failure.message),
  });
}

async function startContainer(
  deps: StepDeps,
  { task, definition }: TaskView,
  { containerId, name }: { readonly containerId: string; readonly name: string },
): Promise<void> {
  const { launchType } = task;
  const mute = launchType === "EC2" ? withoutLogStream(deps, task, definition) : [];
  if (mute.some((container) => container.name === name)) {
    changeContainerRecord(deps, task, name, { lastStatus: "STOPPED", reason: cannotStartLogging() });
    return;
  }
  const started = await deps.runtime.startContainer(containerId);
  if (started.ok) return;
  if (started.failure.kind === "engine-unreachable") throw engineError(started.failure);
  changeContainerRecord(deps, task, name, {
    lastStatus: "STOPPED",
    reason: cannotStartContainer(started.failure.message, launchType),
  });
}

function networkOf(view: TaskView, container: wire.ContainerDefinition): ContainerNetwork {
  const { hostname, disableNetworking } = container;
  switch (networkModeOf(view)) {
    case "awsvpc":
      return { kind: "sandbox" };
    case "host":
      return { kind: "joined", sandboxId: view.host?.instance?.instanceId ?? "" };
    case "none":
      return { kind: "none", hostname, hosts: extraHostsOf(container) };
    default:
      return disableNetworking === true
        ? { kind: "none", hostname, hosts: extraHostsOf(container) }
        : { kind: "own" };
  }
}

/** Output first: what is not read is gone with the container. */
async function deprovision(deps: StepDeps, task: Task): Promise<void> {
  const { store, runtime, follower, clock } = deps;
  await follower.drain(task.arn);
  const removed = await runtime.removeSandbox(task.taskId);
  if (!removed.ok) throw engineError(removed.failure);
  store.transaction((tx) => {
    const current = store.get(tasks, task.arn);
    if (current === undefined) return;
    for (const { networkInterfaceId } of store.where(networkInterfaces, "owner", task.arn)) {
      tx.delete(networkInterfaces, networkInterfaceId);
    }
    for (const { endpointId } of store.where(bridgeEndpoints, "task", task.arn)) {
      tx.delete(bridgeEndpoints, endpointId);
    }
    endSessionsOf(store, tx, task.taskId);
    tx.put(tasks, {
      ...current,
      lastStatus: "STOPPED",
      stoppedAt: clock.now(),
      ...(current.attachment === undefined
        ? {}
        : { attachment: { ...current.attachment, status: "DELETED" as const } }),
      version: current.version + 1,
    });
  });
}
