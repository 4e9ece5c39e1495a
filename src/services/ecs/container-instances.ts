/** Container instances: none exist, as Berth runs Fargate tasks only so far; these answers are simply true. */
import type * as wire from "@aws-sdk/client-ecs";
import type { Cluster } from "../../model/ecs/records.ts";
import type { HandlerContext } from "../operation.ts";
import { clientException, invalidParameter } from "./errors.ts";
import { requireActiveTaskDefinition, requireCluster, requireKnownCluster } from "./resolve.ts";

export function listContainerInstances(
  input: wire.ListContainerInstancesRequest,
  context: HandlerContext,
): wire.ListContainerInstancesResponse {
  requireKnownCluster(context, input.cluster);
  return { containerInstanceArns: [] };
}

export function describeContainerInstances(
  input: wire.DescribeContainerInstancesRequest,
  context: HandlerContext,
): wire.DescribeContainerInstancesResponse {
  const cluster = requireKnownCluster(context, input.cluster);
  const asked = input.containerInstances ?? [];
  if (asked.length === 0) throw clientException("Container Instances cannot be empty.");
  return {
    containerInstances: [],
    failures: missing(cluster, asked),
  };
}

const MOST_INSTANCES = 10;

/** Places a task on instances that the caller names; each of them is missing. */
export function startTask(input: wire.StartTaskRequest, context: HandlerContext): wire.StartTaskResponse {
  const cluster = requireCluster(context, input.cluster);
  requireActiveTaskDefinition(context, input.taskDefinition);
  const asked = input.containerInstances ?? [];
  if (asked.length === 0) throw clientException("Container Instances cannot be empty.");
  if (asked.length > MOST_INSTANCES) {
    throw invalidParameter(`containerInstances can have at most ${MOST_INSTANCES} items.`);
  }
  return { tasks: [], failures: missing(cluster, asked) };
}

function missing(cluster: Cluster, ids: readonly string[]): wire.Failure[] {
  return ids.map((id) => ({
    arn: id.startsWith("arn:") ? id : `${cluster.arn.replace(":cluster/", ":container-instance/")}/${id}`,
    reason: "MISSING",
  }));
}

export function listAttributes(
  input: wire.ListAttributesRequest,
  context: HandlerContext,
): wire.ListAttributesResponse {
  requireKnownCluster(context, input.cluster);
  if (input.targetType !== "container-instance") {
    throw invalidParameter("targetType must be container-instance");
  }
  return { attributes: [] };
}
