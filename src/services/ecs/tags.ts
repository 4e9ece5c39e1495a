/** TagResource, UntagResource, ListTagsForResource: on all that ECS tags. */
import type * as wire from "@aws-sdk/client-ecs";
import { parseArn } from "../../model/arn.ts";
import { inScope } from "../../model/scope.ts";
import { mergeTags, type Tag, withoutTags } from "../../model/tags.ts";
import type { Transaction } from "../../store/store.ts";
import {
  capacityProviders,
  clusters,
  containerInstances,
  services,
  taskDefinitions,
  tasks,
} from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { readTags } from "./constraints.ts";
import { clusterNotFound, invalidParameter, resourceNotFound } from "./errors.ts";

const MOST_TAGS = 50;

interface TaggedResource {
  readonly tags: readonly Tag[];
  put(tx: Transaction, tags: readonly Tag[]): void;
}

export function tagResource(
  input: wire.TagResourceRequest,
  context: HandlerContext,
): wire.TagResourceResponse {
  const resource = requireResource(context, input.resourceArn);
  const tags = mergeTags(resource.tags, readTags(input.tags));
  if (tags.length > MOST_TAGS) throw invalidParameter("Tags can have a maximum of 50 items.");
  context.store.transaction((tx) => resource.put(tx, tags));
  return {};
}

export function untagResource(
  input: wire.UntagResourceRequest,
  context: HandlerContext,
): wire.UntagResourceResponse {
  const resource = requireResource(context, input.resourceArn);
  const tags = withoutTags(resource.tags, input.tagKeys ?? []);
  context.store.transaction((tx) => resource.put(tx, tags));
  return {};
}

export function listTagsForResource(
  input: wire.ListTagsForResourceRequest,
  context: HandlerContext,
): { tags: wire.Tag[] } {
  return { tags: [...requireResource(context, input.resourceArn).tags] };
}

/**
 * Throws InvalidParameterException for an ARN that names nothing that can be tagged, and for an inactive cluster;
 * ClusterNotFoundException or ResourceNotFoundException for one that names nothing that is there.
 */
function requireResource(context: HandlerContext, arn: string | undefined): TaggedResource {
  const parts = parseArn(arn ?? "");
  const { account, region } = context.scope;
  if (arn === undefined || parts?.service !== "ecs" || parts.account !== account || parts.region !== region) {
    throw invalidParameter("The ARN provided is invalid.");
  }
  const [kind, ...rest] = parts.resource.split("/");
  const scoped = kind === "service" || kind === "task" || kind === "container-instance";
  if (scoped && rest.length === 1) {
    throw invalidParameter("Long arn format must be used for tagging operations");
  }
  switch (kind) {
    case "cluster":
      return requireTaggedCluster(context, arn);
    case "service":
    case "task":
    case "task-definition":
      return requireOther(context, kind, arn);
    case "container-instance":
    case "capacity-provider":
      return requireCapacity(context, kind, arn);
    default:
      throw invalidParameter("The ARN provided is invalid.");
  }
}

function requireTaggedCluster({ store, scope }: HandlerContext, arn: string): TaggedResource {
  const cluster = store.get(clusters, arn);
  if (cluster === undefined || !inScope(cluster, scope)) throw clusterNotFound();
  if (cluster.status !== "ACTIVE") {
    throw invalidParameter("The specified cluster is inactive. Specify an active cluster and try again.");
  }
  return { tags: cluster.tags, put: (tx, tags) => tx.put(clusters, { ...cluster, tags }) };
}

function requireOther(
  { store }: HandlerContext,
  kind: "service" | "task" | "task-definition",
  arn: string,
): TaggedResource {
  switch (kind) {
    case "service": {
      const service = store.get(services, arn);
      if (service === undefined || service.status === "INACTIVE") break;
      return { tags: service.tags, put: (tx, tags) => tx.put(services, { ...service, tags }) };
    }
    case "task": {
      const task = store.get(tasks, arn);
      if (task === undefined) break;
      return { tags: task.tags, put: (tx, tags) => tx.put(tasks, { ...task, tags }) };
    }
    case "task-definition": {
      const definition = store.get(taskDefinitions, arn);
      if (definition === undefined) break;
      return { tags: definition.tags, put: (tx, tags) => tx.put(taskDefinitions, { ...definition, tags }) };
    }
  }
  throw resourceNotFound();
}

function requireCapacity(
  { store }: HandlerContext,
  kind: "container-instance" | "capacity-provider",
  arn: string,
): TaggedResource {
  if (kind === "container-instance") {
    const instance = store.get(containerInstances, arn);
    if (instance === undefined || instance.status === "INACTIVE") throw resourceNotFound();
    return { tags: instance.tags, put: (tx, tags) => tx.put(containerInstances, { ...instance, tags }) };
  }
  const provider = store.get(capacityProviders, arn);
  if (provider?.status !== "ACTIVE") throw resourceNotFound();
  return { tags: provider.tags, put: (tx, tags) => tx.put(capacityProviders, { ...provider, tags }) };
}
