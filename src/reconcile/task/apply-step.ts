/** Carries out what planTask decided: one step, then the store knows. */

import { unreachable } from "../../lib/assert.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import type { Task, TaskContainer } from "../../model/ecs/records.ts";
import type { ContainerRuntime, RuntimeFailure } from "../../runtime/container-runtime.ts";
import type { Store } from "../../store/store.ts";
import { networkInterfaces, vpcs } from "../../store/tables/ec2.ts";
import { tasks } from "../../store/tables/ecs.ts";
import type { ReconcileResult } from "../controller.ts";
import { containerSpec, unsupportedFeature } from "./container-spec.ts";
import { logDestination } from "./log-configuration.ts";
import type { LogFollower } from "./log-follower.ts";
import type { LogSink } from "./log-sink.ts";
import {
  cannotCreateContainer,
  cannotStartContainer,
  logGroupMissing,
  resourceInitialization,
} from "./reasons.ts";
import { newTaskInterface, sandboxSpec } from "./task-network.ts";
import type { TaskChanges, TaskStep, TaskView } from "./task-view.ts";

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
  pull(task: Task, containers: readonly TaskContainer[]): void;
}

/** Fargate writes 20 hexadecimal digits behind a container's name. */
const NAME_SUFFIX_LENGTH = 20;

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
      createInterface(deps, task);
      return "again";
    case "ensure-sandbox":
      await ensureSandbox(deps, view);
      return "again";
    case "pull":
      return pull(deps, view, step.containers);
    case "create":
      await createContainer(deps, view, step.container);
      return "again";
    case "start":
      await startContainer(deps, task, step);
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

/** On the task as it is now: while a step awaited, a handler may have written its part of the record. */
function changeTask(store: Store, taskArn: string, changes: TaskChanges): void {
  const task = store.get(tasks, taskArn);
  if (task === undefined) return;
  const settled =
    changes.desiredStatus === "STOPPED" && task.desiredStatus === "STOPPED"
      ? { stopCode: task.stopCode, stoppedReason: task.stoppedReason, stoppingAt: task.stoppingAt }
      : {};
  store.transaction((tx) => tx.put(tasks, { ...task, ...changes, ...settled, version: task.version + 1 }));
}

function engineError(problem: RuntimeFailure): Error {
  return new Error(`container engine: ${problem.kind}: ${problem.message}`);
}

function failTask({ store, clock }: StepDeps, taskArn: string, reason: string, more: TaskChanges = {}): void {
  changeTask(store, taskArn, {
    ...more,
    desiredStatus: "STOPPED",
    stopCode: "TaskFailedToStart",
    stoppedReason: reason,
    stoppingAt: clock.now(),
  });
}

function createInterface(deps: StepDeps, task: Task): void {
  const { store, random, clock, publicPool } = deps;
  const { attachment } = task;
  if (attachment === undefined) return;
  const made = newTaskInterface(store, task, attachment, { random, now: clock.now(), publicPool });
  if (!made.ok) {
    failTask(deps, task.arn, made.failure, { attachment: { ...attachment, status: "FAILED" } });
    return;
  }
  const { networkInterface } = made.value;
  store.transaction((tx) => {
    tx.put(networkInterfaces, networkInterface);
    tx.put(tasks, {
      ...task,
      attachment: made.value.attachment,
      availabilityZone: networkInterface.availabilityZone,
      version: task.version + 1,
    });
  });
}

async function ensureSandbox(
  deps: StepDeps,
  { task, definition, networkInterface }: TaskView,
): Promise<void> {
  const { store, runtime } = deps;
  if (networkInterface === undefined || definition === undefined) return;
  const vpc = store.get(vpcs, networkInterface.vpcId);
  if (vpc === undefined) {
    failTask(deps, task.arn, resourceInitialization(`no such VPC: ${networkInterface.vpcId}`));
    return;
  }
  const made = await runtime.ensureSandbox(sandboxSpec(task, definition, networkInterface, vpc));
  if (!made.ok) {
    if (made.failure.kind === "engine-unreachable") throw engineError(made.failure);
    failTask(
      deps,
      task.arn,
      resourceInitialization(`failed to create new container runtime task: ${made.failure.message}`),
    );
    return;
  }
  const { containerId, processId } = made.value;
  const current = store.get(networkInterfaces, networkInterface.networkInterfaceId);
  if (current === undefined) return;
  // A sandbox of another process is a new namespace: no link is in it, whatever was true of the old one.
  store.transaction((tx) =>
    tx.put(networkInterfaces, {
      ...current,
      sandbox: { kind: "container", containerId, processId },
      linkState: "absent",
    }),
  );
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
  if (!ensureLogStreams(deps, task, definition)) {
    failTask(deps, task.arn, logGroupMissing());
    return "again";
  }
  deps.pull(task, containers);
  return undefined;
}

function ensureLogStreams({ logs }: StepDeps, task: Task, definition: TaskView["definition"]): boolean {
  return task.containers.every((container) => {
    const given = definition?.definition.containerDefinitions?.find(({ name }) => name === container.name);
    const destination = given === undefined ? undefined : logDestination(task, given, container);
    if (destination === undefined) return true;
    const { scope, groupName, streamName, createGroup } = destination;
    return logs.ensureStream(scope, groupName, streamName, { createGroup }) === "ready";
  });
}

async function createContainer(deps: StepDeps, view: TaskView, record: TaskContainer): Promise<void> {
  const { task, definition } = view;
  const container = definition?.definition.containerDefinitions?.find(({ name }) => name === record.name);
  if (definition === undefined || container === undefined) return;
  const suffix = deps.random.hex(NAME_SUFFIX_LENGTH);
  const made = await deps.runtime.createContainer(
    containerSpec({ task, definition, container, record, suffix }),
  );
  if (made.ok) {
    changeContainer(deps, task, record.name, { runtimeId: made.value.containerId });
    return;
  }
  if (made.failure.kind === "engine-unreachable") throw engineError(made.failure);
  changeContainer(deps, task, record.name, {
    lastStatus: "STOPPED",
    reason: cannotCreateContainer(made.failure.message),
  });
}

async function startContainer(
  deps: StepDeps,
  task: Task,
  { containerId, name }: { readonly containerId: string; readonly name: string },
): Promise<void> {
  const started = await deps.runtime.startContainer(containerId);
  if (started.ok) return;
  if (started.failure.kind === "engine-unreachable") throw engineError(started.failure);
  changeContainer(deps, task, name, {
    lastStatus: "STOPPED",
    reason: cannotStartContainer(started.failure.message),
  });
}

function changeContainer(
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
