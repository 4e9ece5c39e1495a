import type * as wire from "@aws-sdk/client-ecs";
import { tasks } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { readMaxResults } from "./constraints.ts";
import { invalidParameter, invalidToken, serviceNotFound } from "./errors.ts";
import { checkTaskId, containerInstanceArn, findService, findTask, requireKnownCluster } from "./resolve.ts";
import { describeTask } from "./views/task.ts";

export function describeTasks(
  input: wire.DescribeTasksRequest,
  context: HandlerContext,
): wire.DescribeTasksResponse {
  const cluster = requireKnownCluster(context, input.cluster);
  const asked = input.tasks ?? [];
  if (asked.length === 0) throw invalidParameter("Tasks cannot be empty.");
  if (asked.length > 100) throw invalidParameter("tasks can have at most 100 items.");
  const found: wire.Task[] = [];
  const failures: wire.Failure[] = [];
  for (const id of asked) {
    checkTaskId(id);
    const task = findTask(context, cluster, id);
    if (task !== undefined) found.push(describeTask(context.store, task, input.include));
    else {
      const arn = id.startsWith("arn:") ? id : `${cluster.arn.replace(":cluster/", ":task/")}/${id}`;
      failures.push({ arn, reason: "MISSING" });
    }
  }
  return { tasks: found, failures };
}

/** By default tasks that are meant to run; `PENDING` as desired status never matches (API reference, ListTasks). */
export function listTasks(input: wire.ListTasksRequest, context: HandlerContext): wire.ListTasksResponse {
  const cluster = requireKnownCluster(context, input.cluster);
  const service =
    input.serviceName === undefined ? undefined : findService(context, cluster, input.serviceName);
  if (input.serviceName !== undefined && service === undefined) throw serviceNotFound();
  const desiredStatus = input.desiredStatus ?? "RUNNING";
  if (!["RUNNING", "PENDING", "STOPPED"].includes(desiredStatus)) {
    throw invalidParameter("desiredStatus should be one of [RUNNING, PENDING, STOPPED]");
  }
  const instanceArn =
    input.containerInstance === undefined
      ? undefined
      : containerInstanceArn(cluster, input.containerInstance);
  const found = context.store
    .where(tasks, "cluster", cluster.arn)
    .filter((task) => task.desiredStatus === desiredStatus)
    .filter((task) => service === undefined || task.serviceArn === service.arn)
    .filter((task) => input.startedBy === undefined || task.startedBy === input.startedBy)
    .filter((task) => input.launchType === undefined || task.launchType === input.launchType)
    .filter((task) => input.family === undefined || familyOf(task.taskDefinitionArn) === input.family)
    .filter((task) => instanceArn === undefined || task.containerInstanceArn === instanceArn);
  const { items, nextToken } = page(found, {
    token: input.nextToken,
    limit: readMaxResults(input.maxResults, 100),
    key: (task) => task.arn,
    invalidToken,
  });
  return { taskArns: items.map((task) => task.arn), ...(nextToken === undefined ? {} : { nextToken }) };
}

function familyOf(taskDefinitionArn: string): string | undefined {
  return /task-definition\/(.+):\d+$/.exec(taskDefinitionArn)?.[1];
}
