import type * as wire from "@aws-sdk/client-ecs";
import { pickCapacityProvider } from "../../model/ecs/capacity-strategy.ts";
import { isFargateSize } from "../../model/ecs/fargate-sizes.ts";
import { type NewTask, newTask } from "../../model/ecs/new-task.ts";
import type { Task, TaskDefinition } from "../../model/ecs/records.ts";
import type { Tag } from "../../model/tags.ts";
import { tasks } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import {
  checkChoice,
  checkExecuteCommand,
  checkNetwork,
  checkPlacement,
  checkPlatformVersion,
  checkRunnable,
  launchTypeOf,
  readTags,
  resolveCapacity,
} from "./constraints.ts";
import {
  clientException,
  idempotencyConflict,
  invalidParameter,
  taskNotFound,
  unsupportedFeature,
} from "./errors.ts";
import {
  checkTaskId,
  findTask,
  requireActiveTaskDefinition,
  requireCluster,
  requireKnownCluster,
} from "./resolve.ts";
import { describeTask } from "./views/task.ts";

const LARGEST_OVERRIDES = 8192;
const LONGEST_STARTED_BY = 128;

/** Writes the tasks; reconcile/task starts them. */
export function runTask(input: wire.RunTaskRequest, context: HandlerContext): wire.RunTaskResponse {
  const { store, scope, clock, random } = context;
  const cluster = requireCluster(context, input.cluster);
  const definition = requireActiveTaskDefinition(context, input.taskDefinition);
  checkRequest(input);
  const count = input.count ?? 1;
  if (!Number.isInteger(count) || count < 1 || count > 10) {
    throw invalidParameter("Count must be between 1 and 10.");
  }
  const capacity = resolveCapacity(cluster, input.launchType, input.capacityProviderStrategy);
  const launchType = launchTypeOf(capacity);
  checkNetwork(context, definition, input.networkConfiguration, capacity.launchType);
  checkRunnable(definition, launchType);
  checkPlacement(input, launchType);
  checkPlatformVersion(input.platformVersion, launchType);
  checkOverrides(definition, input.overrides, launchType);
  if (input.enableExecuteCommand === true) {
    checkExecuteCommand(definition, input.overrides?.taskRoleArn, "task couldn't be run");
  }
  if (launchType !== "FARGATE") throw invalidParameter("No Container Instances were found in your cluster.");
  const tags = [...propagatedTags(definition, input), ...readTags(input.tags)];

  const earlier =
    input.clientToken === undefined
      ? []
      : store.where(tasks, "clientToken", `${cluster.arn}|${input.clientToken}`);
  const request: NewTask = {
    scope,
    cluster,
    definition,
    group: input.group ?? `family:${definition.family}`,
    launchType,
    startedBy: input.startedBy,
    platformVersion: input.platformVersion,
    networkConfiguration: input.networkConfiguration,
    overrides: input.overrides,
    enableExecuteCommand: input.enableExecuteCommand ?? false,
    clientToken: input.clientToken,
    tags: input.enableECSManagedTags ? [...tags, { key: "aws:ecs:clusterName", value: cluster.name }] : tags,
    createdAt: clock.now(),
  };
  if (earlier.length > 0) {
    const asked = newTask(request, random);
    if (earlier.length !== count || earlier.some((task) => !isSameRequest(task, asked))) {
      throw idempotencyConflict(earlier.map((task) => task.arn));
    }
    return { tasks: earlier.map((task) => describeTask(store, task, ["TAGS"])), failures: [] };
  }

  const created: Task[] = [];
  for (let i = 0; i < count; i++) {
    const provider = pickCapacityProvider(
      capacity.capacityProviderStrategy,
      (name) => created.filter((task) => task.capacityProviderName === name).length,
    );
    created.push(newTask({ ...request, capacityProviderName: provider, siblings: created }, random));
  }
  store.transaction((tx) => {
    for (const task of created) tx.put(tasks, task);
  });
  return { tasks: created.map((task) => describeTask(store, task, ["TAGS"])), failures: [] };
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

/** Throws InvalidParameterException, or UnsupportedFeatureException for what Berth does not have yet. */
function checkRequest(input: wire.RunTaskRequest): void {
  if ((input.startedBy ?? "").length > LONGEST_STARTED_BY) {
    throw invalidParameter(`startedBy can have at most ${LONGEST_STARTED_BY} characters.`);
  }
  if (input.clientToken !== undefined && !/^[\x21-\x7e]{1,64}$/.test(input.clientToken)) {
    throw invalidParameter("clientToken must have 1 to 64 characters in the range of 33-126.");
  }
  if (input.group?.startsWith("family:") || input.group?.startsWith("service:")) {
    throw invalidParameter("group must not start with 'family:' or 'service:'.");
  }
  checkChoice("propagateTags", input.propagateTags, ["TASK_DEFINITION", "NONE"]);
  if (input.volumeConfigurations?.length) {
    throw unsupportedFeature("Berth does not implement volumes configured at launch yet.");
  }
}

function propagatedTags(definition: TaskDefinition, input: wire.RunTaskRequest): readonly Tag[] {
  const own = new Set((input.tags ?? []).map(({ key }) => key));
  return input.propagateTags === "TASK_DEFINITION" ? definition.tags.filter(({ key }) => !own.has(key)) : [];
}

function checkOverrides(
  definition: TaskDefinition,
  overrides: wire.TaskOverride | undefined,
  launchType: wire.LaunchType,
): void {
  if (overrides === undefined) return;
  const cpu = overrides.cpu ?? definition.definition.cpu;
  const memory = overrides.memory ?? definition.definition.memory;
  if (launchType === "FARGATE" && !isFargateSize(cpu, memory)) {
    throw clientException(
      `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. See the Amazon ECS documentation for the valid values.`,
    );
  }
  if (overrides.ephemeralStorage !== undefined || overrides.inferenceAcceleratorOverrides?.length) {
    throw unsupportedFeature(
      "Berth does not honour ephemeralStorage or inferenceAcceleratorOverrides in overrides yet.",
    );
  }
  if (JSON.stringify(overrides).length > LARGEST_OVERRIDES) {
    throw invalidParameter(`Overrides length must be at most ${LARGEST_OVERRIDES}`);
  }
  const names = (definition.definition.containerDefinitions ?? []).map(({ name }) => name);
  for (const { name, environmentFiles, resourceRequirements } of overrides.containerOverrides ?? []) {
    if (name !== undefined && !names.includes(name)) {
      throw invalidParameter(
        `Override for container named ${name} is not a container in the TaskDefinition.`,
      );
    }
    if (environmentFiles?.length || resourceRequirements?.length) {
      throw unsupportedFeature(
        `Berth does not honour environmentFiles or resourceRequirements in overrides yet (container ${name}).`,
      );
    }
  }
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
