/** Container instances as their operators see and steer them. */
import type * as wire from "@aws-sdk/client-ecs";
import { type Expression, parseClusterQuery } from "../../model/ecs/placement/cluster-query.ts";
import type { Cluster, ContainerInstance, Task } from "../../model/ecs/records.ts";
import { matchesQuery } from "../../store/placement.ts";
import type { Transaction } from "../../store/store.ts";
import { containerInstances, tasks } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { checkChoice, readMaxResults } from "./constraints.ts";
import {
  clientException,
  invalidParameter,
  invalidToken,
  missingVersion,
  noUpdateAvailable,
} from "./errors.ts";
import {
  containerInstanceArn,
  findContainerInstance,
  requireCluster,
  requireContainerInstance,
  requireKnownCluster,
} from "./resolve.ts";
import { describeContainerInstance } from "./views/container-instance.ts";

const STATUSES = ["ACTIVE", "DRAINING", "REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED"];

/** All that are not INACTIVE, unless a status or a query picks some. */
export function listContainerInstances(
  input: wire.ListContainerInstancesRequest,
  context: HandlerContext,
): wire.ListContainerInstancesResponse {
  const cluster = requireKnownCluster(context, input.cluster);
  checkChoice("status", input.status, STATUSES);
  const query = input.filter === undefined || input.filter === "" ? undefined : readQuery(input.filter);
  const found = context.store
    .where(containerInstances, "cluster", cluster.arn)
    .filter(({ status }) => (input.status === undefined ? status !== "INACTIVE" : status === input.status))
    .filter((instance) => query === undefined || matchesQuery(context.store, query, instance));
  const { items, nextToken } = page(found, {
    token: input.nextToken,
    limit: readMaxResults(input.maxResults, 100),
    key: ({ arn }) => arn,
    invalidToken,
  });
  return {
    containerInstanceArns: items.map(({ arn }) => arn),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

/** Throws InvalidParameterException. */
function readQuery(text: string): Expression {
  const parsed = parseClusterQuery(text);
  if (!parsed.ok) throw invalidParameter(`filter '${text}' is invalid.`);
  return parsed.value;
}

export function describeContainerInstances(
  input: wire.DescribeContainerInstancesRequest,
  context: HandlerContext,
): wire.DescribeContainerInstancesResponse {
  const cluster = requireKnownCluster(context, input.cluster);
  const asked = readInstanceIds(input.containerInstances, 100);
  const found: wire.ContainerInstance[] = [];
  const failures: wire.Failure[] = [];
  for (const id of asked) {
    const instance = findContainerInstance(context, cluster, id);
    if (instance === undefined) failures.push(instanceFailure(cluster, id, "MISSING"));
    else found.push(describeContainerInstance(context.store, instance, input.include));
  }
  return { containerInstances: found, failures };
}

export function updateContainerInstancesState(
  input: wire.UpdateContainerInstancesStateRequest,
  context: HandlerContext,
): wire.UpdateContainerInstancesStateResponse {
  const { store } = context;
  const cluster = requireCluster(context, input.cluster);
  const { status } = input;
  if (status !== "ACTIVE" && status !== "DRAINING") {
    throw invalidParameter("Container instance status should be one of [ACTIVE, DRAINING]");
  }
  const asked = readInstanceIds(input.containerInstances, 10);
  const changed: ContainerInstance[] = [];
  const failures: wire.Failure[] = [];
  for (const id of asked) {
    const instance = findContainerInstance(context, cluster, id);
    if (instance === undefined) failures.push(instanceFailure(cluster, id, "MISSING"));
    else if (instance.status !== "ACTIVE" && instance.status !== "DRAINING") {
      failures.push(instanceFailure(cluster, id, "INACTIVE"));
    } else if (instance.status === status) changed.push(instance);
    else changed.push({ ...instance, status, version: instance.version + 1 });
  }
  store.transaction((tx) => {
    for (const instance of changed) tx.put(containerInstances, instance);
  });
  return {
    containerInstances: changed.map((instance) => describeContainerInstance(store, instance, ["TAGS"])),
    failures,
  };
}

/** With `force` its tasks are stopped: nobody would look after them. */
export function deregisterContainerInstance(
  input: wire.DeregisterContainerInstanceRequest,
  context: HandlerContext,
): wire.DeregisterContainerInstanceResponse {
  const { store, clock } = context;
  const cluster = requireCluster(context, input.cluster);
  const instance = requireContainerInstance(context, cluster, input.containerInstance);
  const left = store.where(tasks, "containerInstance", instance.arn);
  if (left.length > 0 && input.force !== true) {
    throw invalidParameter("Found running tasks on the instance.");
  }
  const now = clock.now();
  const gone: ContainerInstance = {
    ...instance,
    status: "INACTIVE",
    deregisteredAt: now,
    version: instance.version + 1,
  };
  store.transaction((tx) => {
    tx.put(containerInstances, gone);
    for (const task of left) stopOrphan(tx, task, now);
  });
  return { containerInstance: describeContainerInstance(store, gone, ["TAGS"]) };
}

function stopOrphan(tx: Transaction, task: Task, now: number): void {
  if (task.desiredStatus === "STOPPED") return;
  tx.put(tasks, {
    ...task,
    desiredStatus: "STOPPED",
    stopCode: "UserInitiated",
    stoppedReason: "Container instance deregistration forced by user",
    stoppingAt: now,
    version: task.version + 1,
  });
}

/** Instances have the newest agent that Berth knows; there is never another to go to. */
export function updateContainerAgent(
  input: wire.UpdateContainerAgentRequest,
  context: HandlerContext,
): wire.UpdateContainerAgentResponse {
  const cluster = requireCluster(context, input.cluster);
  const instance = requireContainerInstance(context, cluster, input.containerInstance);
  if (instance.versionInfo.agentVersion === undefined) throw missingVersion();
  throw noUpdateAvailable();
}

/** Throws ClientException, or InvalidParameterException when there are too many. */
export function readInstanceIds(given: readonly string[] | undefined, maximum: number): readonly string[] {
  if (given === undefined || given.length === 0)
    throw clientException("Container Instances cannot be empty.");
  if (given.length > maximum) {
    throw invalidParameter(`containerInstances can have at most ${maximum} items.`);
  }
  return given;
}

export function instanceFailure(cluster: Cluster, idOrArn: string, reason: string): wire.Failure {
  return { arn: containerInstanceArn(cluster, idOrArn), reason };
}
