/** StartTask: a task on each instance that the caller names. */
import type * as wire from "@aws-sdk/client-ecs";
import { type NewTask, newTask } from "../../model/ecs/new-task.ts";
import type { Cluster, Task, TaskDefinition } from "../../model/ecs/records.ts";
import { onInstance, placeTask } from "../../store/placement.ts";
import { tasks } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { checkExecuteCommand, checkNetwork, checkRunnable } from "./constraints.ts";
import { instanceFailure, readInstanceIds } from "./container-instances.ts";
import { findContainerInstance, requireActiveTaskDefinition, requireCluster } from "./resolve.ts";
import { checkOverrides, checkTaskRequest, tagsOfTask } from "./task-rules.ts";
import { describeTask } from "./views/task.ts";

const MOST_INSTANCES = 10;

export function startTask(input: wire.StartTaskRequest, context: HandlerContext): wire.StartTaskResponse {
  const { store } = context;
  const cluster = requireCluster(context, input.cluster);
  const definition = requireActiveTaskDefinition(context, input.taskDefinition);
  const asked = readInstanceIds(input.containerInstances, MOST_INSTANCES);
  checkTaskRequest(input);
  checkNetwork(context, definition, input.networkConfiguration, "EC2");
  checkRunnable(definition, "EC2");
  checkOverrides(definition, input.overrides, "EC2");
  if (input.enableExecuteCommand === true) {
    checkExecuteCommand(definition, input.overrides?.taskRoleArn, "task couldn't be run");
  }
  const request = newRequest(input, context, cluster, definition);
  const created: Task[] = [];
  const failures: wire.Failure[] = [];
  store.transaction((tx) => {
    for (const id of asked) {
      const started = start(context, cluster, request, id);
      if (!("arn" in started)) failures.push(started.failure);
      else {
        tx.put(tasks, started);
        created.push(started);
      }
    }
  });
  return { tasks: created.map((task) => describeTask(store, task, ["TAGS"])), failures };
}

function newRequest(
  input: wire.StartTaskRequest,
  context: HandlerContext,
  cluster: Cluster,
  definition: TaskDefinition,
): NewTask {
  return {
    scope: context.scope,
    cluster,
    definition,
    group: input.group ?? `family:${definition.family}`,
    launchType: "EC2",
    startedBy: input.startedBy,
    networkConfiguration: input.networkConfiguration,
    overrides: input.overrides,
    enableExecuteCommand: input.enableExecuteCommand ?? false,
    tags: tagsOfTask(definition, cluster, input),
    createdAt: context.clock.now(),
  };
}

/** The caller chose the place; whether the task fits there is asked all the same. */
function start(
  context: HandlerContext,
  cluster: Cluster,
  request: NewTask,
  id: string,
): Task | { readonly failure: wire.Failure } {
  const instance = findContainerInstance(context, cluster, id);
  if (instance === undefined) return { failure: instanceFailure(cluster, id, "MISSING") };
  if (instance.status !== "ACTIVE") return { failure: instanceFailure(cluster, id, "INACTIVE") };
  const outcome = placeTask(
    context.store,
    {
      clusterArn: cluster.arn,
      definition: request.definition,
      overrides: request.overrides,
      group: request.group,
      placementConstraints: [],
      placementStrategy: [],
      networkConfiguration: request.networkConfiguration,
      among: ({ arn }) => arn === instance.arn,
    },
    context.random,
  );
  if (outcome.kind === "placed") {
    const where = onInstance(context.store, outcome.containerInstance, request.networkConfiguration);
    return newTask({ ...request, ...where }, context.random);
  }
  const reason = outcome.kind === "refused" ? outcome.failures[0]?.reason : undefined;
  return { failure: instanceFailure(cluster, id, reason ?? "INACTIVE") };
}
