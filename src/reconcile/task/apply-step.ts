/** Carries out what planTask decided: one step, then the store knows. */

import { unreachable } from "../../lib/assert.ts";
import type { Task, TaskContainer } from "../../model/ecs/records.ts";
import { endSessionsOf } from "../../store/iam-sessions.ts";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import { bridgeEndpoints, tasks } from "../../store/tables/ecs.ts";
import type { ReconcileResult } from "../controller.ts";
import {
  createEndpoint,
  createInterface,
  ensureNamespaces,
  ensurePause,
  ensureSandbox,
} from "./apply-network.ts";
import { createContainer } from "./create-container.ts";
import { environmentFromFiles } from "./environment-files.ts";
import { refusedLogStream, unassumableRole } from "./execution-role.ts";
import { firelensProblem } from "./firelens.ts";
import { taskRoles } from "./image-source.ts";
import { logDestination, logOptionsFault } from "./log-configuration.ts";
import { cannotStartContainer, cannotStartLogging, loggingFailed, NO_SUCH_LOG_GROUP } from "./reasons.ts";
import { secretsOf } from "./task-secrets.ts";
import type { TaskStep, TaskView } from "./task-view.ts";
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
    case "ensure-namespaces":
      await ensureNamespaces(deps, view);
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

/** Role, secrets and log streams first: a task that lacks them never pulls (developer guide, "ResourceInitializationError"). */
function pull(deps: StepDeps, view: TaskView, containers: readonly TaskContainer[]): "again" | undefined {
  const { task } = view;
  const problem = resourceProblem(deps, view);
  if (problem !== undefined) {
    failTask(deps, task.arn, problem);
    return "again";
  }
  deps.pull(task, containers);
  return undefined;
}

/** The task's stopped reason. */
function resourceProblem(deps: StepDeps, view: TaskView): string | undefined {
  const { task } = view;
  const roles = taskRoles(deps.store, task);
  if (roles === undefined) return undefined;
  const role = unassumableRole(roles);
  if (role !== undefined) return role;
  for (const container of roles.definition.definition.containerDefinitions ?? []) {
    const values = secretsOf(roles, deps.readSecret, container);
    if (!values.ok) return values.failure;
    const files = environmentFromFiles({ ...deps, roles }, container);
    if (!files.ok) return files.failure;
  }
  const router = firelensProblem(view, { ...deps, roles });
  if (router !== undefined || task.launchType === "EC2") return router;
  for (const container of task.containers) {
    const problem = logProblem(deps, view, container);
    if (problem !== undefined) return loggingFailed(problem);
  }
  return undefined;
}

/** Why the container's output could not go where its definition says, in CloudWatch Logs' words. Makes the stream. */
function logProblem(
  { store, logs }: StepDeps,
  { task, definition }: TaskView,
  container: TaskContainer,
): string | undefined {
  if (container.lastStatus === "STOPPED") return undefined;
  const given = definition?.definition.containerDefinitions?.find(({ name }) => name === container.name);
  const destination = given === undefined ? undefined : logDestination(task, given, container);
  const roles = taskRoles(store, task);
  if (given === undefined || destination === undefined || roles === undefined) return undefined;
  const problem = logOptionsFault(given) ?? refusedLogStream(roles, destination);
  if (problem !== undefined) return problem;
  const { scope, groupName, streamName, createGroup } = destination;
  return logs.ensureStream(scope, groupName, streamName, { createGroup }) === "ready"
    ? undefined
    : NO_SUCH_LOG_GROUP;
}

async function startContainer(
  deps: StepDeps,
  view: TaskView,
  { containerId, name }: { readonly containerId: string; readonly name: string },
): Promise<void> {
  const { task } = view;
  const { launchType } = task;
  const record = task.containers.find((container) => container.name === name);
  const problem = launchType === "EC2" && record !== undefined ? logProblem(deps, view, record) : undefined;
  if (problem !== undefined) {
    changeContainerRecord(deps, task, name, { lastStatus: "STOPPED", reason: cannotStartLogging(problem) });
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
