/** Attributes of container instances: those that users give them (developer guide, "Container instance attributes"). */
import type * as wire from "@aws-sdk/client-ecs";
import type { Cluster, ContainerInstance } from "../../model/ecs/records.ts";
import { containerInstances } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { readMaxResults } from "./constraints.ts";
import { attributeLimitExceeded, invalidParameter, invalidToken, targetNotFound } from "./errors.ts";
import { findContainerInstance, requireCluster, requireKnownCluster } from "./resolve.ts";

const MOST_ATTRIBUTES = 10;

export function putAttributes(
  input: wire.PutAttributesRequest,
  context: HandlerContext,
): wire.PutAttributesResponse {
  const cluster = requireCluster(context, input.cluster);
  const given = readAttributes(input.attributes);
  for (const attribute of given) checkAttribute(attribute);
  change(context, cluster, given, (attributes, { name, value }) => {
    const others = attributes.filter((attribute) => attribute.name !== name);
    const changed = [...others, value === undefined ? { name } : { name, value }];
    if (changed.filter(isCustom).length > MOST_ATTRIBUTES) throw attributeLimitExceeded();
    return changed;
  });
  return { attributes: [...given] };
}

/** A value that is given has to be the attribute's. */
export function deleteAttributes(
  input: wire.DeleteAttributesRequest,
  context: HandlerContext,
): wire.DeleteAttributesResponse {
  const cluster = requireCluster(context, input.cluster);
  const given = readAttributes(input.attributes);
  for (const attribute of given) checkAttribute(attribute);
  change(context, cluster, given, (attributes, { name, value }) =>
    attributes.filter(
      (attribute) => attribute.name !== name || (value !== undefined && attribute.value !== value),
    ),
  );
  return { attributes: [...given] };
}

export function listAttributes(
  input: wire.ListAttributesRequest,
  context: HandlerContext,
): wire.ListAttributesResponse {
  const cluster = requireKnownCluster(context, input.cluster);
  if (input.targetType !== "container-instance") {
    throw invalidParameter("targetType must be container-instance");
  }
  if (input.attributeValue !== undefined && input.attributeName === undefined) {
    throw invalidParameter("attributeName must be specified with attributeValue.");
  }
  const found = context.store
    .where(containerInstances, "cluster", cluster.arn)
    .filter(({ status }) => status !== "INACTIVE")
    .flatMap(({ arn, attributes }) => attributes.map((attribute) => ({ ...attribute, targetId: arn })))
    .filter(({ name }) => input.attributeName === undefined || name === input.attributeName)
    .filter(({ value }) => input.attributeValue === undefined || value === input.attributeValue);
  const { items, nextToken } = page(found, {
    token: input.nextToken,
    limit: readMaxResults(input.maxResults, 100),
    key: ({ targetId, name }) => `${targetId}|${name}`,
    invalidToken,
  });
  return { attributes: items, ...(nextToken === undefined ? {} : { nextToken }) };
}

function readAttributes(given: readonly wire.Attribute[] | undefined): readonly wire.Attribute[] {
  if (given === undefined || given.length === 0) throw invalidParameter("attributes can not be empty");
  if (given.length > MOST_ATTRIBUTES) {
    throw invalidParameter(`attributes can have at most ${MOST_ATTRIBUTES} items.`);
  }
  return given;
}

/** API reference, Attribute. Throws InvalidParameterException. */
export function checkAttribute({ name = "", value, targetType }: wire.Attribute): void {
  if (!/^[a-zA-Z0-9_./\\-]{1,128}$/.test(name)) {
    throw invalidParameter("Attribute name contains invalid characters or is not 1 to 128 characters long.");
  }
  if (value !== undefined && !/^(?! )[a-zA-Z0-9_.@/\\: -]{1,128}(?<! )$/.test(value)) {
    throw invalidParameter("Attribute value contains invalid characters or is not 1 to 128 characters long.");
  }
  if (!isCustom({ name })) throw invalidParameter(`Attribute name ${name} has a reserved prefix.`);
  if (targetType !== undefined && targetType !== "container-instance") {
    throw invalidParameter("targetType must be container-instance");
  }
}

/** Neither the service's own nor an agent's capability. */
export function isCustom({ name }: Pick<wire.Attribute, "name">): boolean {
  return !/^(?:ecs\.|com\.amazonaws\.)/.test(name ?? "");
}

/** All of it or nothing. Throws TargetNotFoundException. */
function change(
  context: HandlerContext,
  cluster: Cluster,
  given: readonly wire.Attribute[],
  apply: (attributes: readonly wire.Attribute[], attribute: wire.Attribute) => readonly wire.Attribute[],
): void {
  const changed = new Map<string, ContainerInstance>();
  for (const attribute of given) {
    const { targetId = "", targetType } = attribute;
    if (!targetId.startsWith("arn:") && targetType === undefined) {
      throw invalidParameter("targetType must be specified with the short form of a targetId.");
    }
    const known = findContainerInstance(context, cluster, targetId);
    if (known === undefined || known.status === "INACTIVE") throw targetNotFound(targetId);
    const instance = changed.get(known.arn) ?? known;
    changed.set(known.arn, {
      ...instance,
      attributes: apply(instance.attributes, attribute),
      version: known.version + 1,
    });
  }
  context.store.transaction((tx) => {
    for (const instance of changed.values()) tx.put(containerInstances, instance);
  });
}
