import type * as wire from "@aws-sdk/client-ecs";
import { launchTypeOf, pickCapacityProvider } from "../../model/ecs/capacity-strategy.ts";
import { type NewTask, newTask } from "../../model/ecs/new-task.ts";
import type { Task } from "../../model/ecs/records.ts";
import { onInstance } from "../../store/placement.ts";
import { tasks } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import {
  checkExecuteCommand,
  checkNetwork,
  checkPlatformVersion,
  checkRunnable,
  resolveCapacity,
} from "./constraints.ts";
import { idempotencyConflict, invalidParameter, taskNotFound } from "./errors.ts";
import { type Placing, placeForCaller } from "./place-tasks.ts";
import { checkPlacement, readStrategies } from "./placement-rules.ts";
import {
  checkTaskId,
  findTask,
  requireActiveTaskDefinition,
  requireCluster,
  requireKnownCluster,
} from "./resolve.ts";
import { checkOverrides, checkTaskRequest, tagsOfTask } from "./task-rules.ts";
import { describeTask } from "./views/task.ts";

/** Writes the tasks; reconcile/task starts them, reconcile/placement those that wait for an instance. */
export function runTask(input: wire.RunTaskRequest, context: HandlerContext): wire.RunTaskResponse {
  const { store, random } = context;
  const count = readCount(input);
  const { request, strategy } = readRequest(input, context);
  const earlier =
    input.clientToken === undefined
      ? []
      : store.where(tasks, "clientToken", `${request.cluster.arn}|${input.clientToken}`);
  if (earlier.length > 0) {
    const asked = newTask(request, random);
    if (earlier.length !== count || earlier.some((task) => !isSameRequest(task, asked))) {
      throw idempotencyConflict(earlier.map((task) => task.arn));
    }
    return { tasks: earlier.map((task) => describeTask(store, task, ["TAGS"])), failures: [] };
  }
  const { created, failures } = makeTasks(context, request, strategy, count);
  return { tasks: created.map((task) => describeTask(store, task, ["TAGS"])), failures };
}

function readCount(input: wire.RunTaskRequest): number {
  const count = input.count ?? 1;
  if (!Number.isInteger(count) || count < 1 || count > 10) {
    throw invalidParameter("Count must be between 1 and 10.");
  }
  if (input.clientToken !== undefined && !/^[\x21-\x7e]{1,64}$/.test(input.clientToken)) {
    throw invalidParameter("clientToken must have 1 to 64 characters in the range of 33-126.");
  }
  return count;
}

/** Everything that is checked before the first task is made. */
function readRequest(
  input: wire.RunTaskRequest,
  context: HandlerContext,
): { request: NewTask; strategy: readonly wire.CapacityProviderStrategyItem[] } {
  const cluster = requireCluster(context, input.cluster);
  const definition = requireActiveTaskDefinition(context, input.taskDefinition);
  checkTaskRequest(input);
  const capacity = resolveCapacity(cluster, input.launchType, input.capacityProviderStrategy);
  const launchType = launchTypeOf(capacity);
  checkNetwork(context, definition, input.networkConfiguration, launchType);
  checkRunnable(definition, launchType);
  checkPlacement(input, launchType);
  checkPlatformVersion(input.platformVersion, launchType);
  checkOverrides(definition, input.overrides, launchType);
  if (input.enableExecuteCommand === true) {
    checkExecuteCommand(definition, input.overrides?.taskRoleArn, "task couldn't be run");
  }
  const request: NewTask = {
    scope: context.scope,
    cluster,
    definition,
    group: input.group ?? `family:${definition.family}`,
    launchType,
    startedBy: input.startedBy,
    platformVersion: input.platformVersion,
    networkConfiguration: input.networkConfiguration,
    placementConstraints: input.placementConstraints ?? [],
    placementStrategy: readStrategies(input.placementStrategy),
    overrides: input.overrides,
    enableExecuteCommand: input.enableExecuteCommand ?? false,
    clientToken: input.clientToken,
    tags: tagsOfTask(definition, cluster, input),
    createdAt: context.clock.now(),
  };
  return { request, strategy: capacity.capacityProviderStrategy };
}

/** In one transaction: each task is placed among those that were placed before it. */
function makeTasks(
  context: HandlerContext,
  request: NewTask,
  strategy: readonly wire.CapacityProviderStrategyItem[],
  count: number,
): { created: Task[]; failures: wire.Failure[] } {
  const created: Task[] = [];
  const failures = new Map<string | undefined, wire.Failure>();
  context.store.transaction((tx) => {
    for (let i = 0; i < count; i++) {
      const capacityProviderName = pickCapacityProvider(
        strategy,
        (name) => created.filter((task) => task.capacityProviderName === name).length,
      );
      const asked: NewTask = { ...request, capacityProviderName, siblings: created };
      const placing = request.launchType === "EC2" ? place(context, asked) : undefined;
      if (placing?.kind === "refused") {
        for (const failure of placing.failures) failures.set(failure.arn, failure);
        continue;
      }
      const where =
        placing?.kind === "placed"
          ? onInstance(context.store, placing.containerInstance, asked.networkConfiguration)
          : {};
      const task = newTask({ ...asked, ...where }, context.random);
      tx.put(tasks, task);
      created.push(task);
    }
  });
  return { created, failures: [...failures.values()] };
}

function place(context: HandlerContext, asked: NewTask): Placing {
  return placeForCaller(context, {
    clusterArn: asked.cluster.arn,
    definition: asked.definition,
    overrides: asked.overrides,
    group: asked.group,
    placementConstraints: asked.placementConstraints ?? [],
    placementStrategy: asked.placementStrategy ?? [],
    networkConfiguration: asked.networkConfiguration,
    capacityProviderName: asked.capacityProviderName,
  });
}

/** Whether two tasks were asked for in the same words. */
function isSameRequest(a: Task, b: Task): boolean {
  const words = ({
    taskDefinitionArn,
    group,
    startedBy,
    networkConfiguration,
    overrides,
    launchType,
  }: Task) =>
    JSON.stringify({ taskDefinitionArn, group, startedBy, networkConfiguration, overrides, launchType });
  return words(a) === words(b);
}

/** Marks the task; reconcile/task stops it. */
export function stopTask(input: wire.StopTaskRequest, context: HandlerContext): wire.StopTaskResponse {
  const { store, clock } = context;
  const task = requireTaskToStop(context, input);
  const stopping: Task =
    task.desiredStatus === "STOPPED"
      ? task
      : {
          ...task,
          desiredStatus: "STOPPED",
          stopCode: "UserInitiated",
          stoppedReason: input.reason ?? "Task stopped by user",
          stoppingAt: clock.now(),
          version: task.version + 1,
        };
  store.transaction((tx) => tx.put(tasks, stopping));
  return { task: describeTask(store, stopping, ["TAGS"]) };
}

function requireTaskToStop(context: HandlerContext, input: wire.StopTaskRequest): Task {
  const cluster = requireKnownCluster(context, input.cluster);
  if ((input.reason ?? "").length > 1024) throw invalidParameter("reason can have at most 1024 characters.");
  const id = input.task ?? "";
  checkTaskId(id);
  const task = findTask(context, cluster, id);
  if (task === undefined) throw taskNotFound();
  return task;
}
