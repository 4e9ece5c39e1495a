/** Tags of hosted zones; of health checks none exist. */
import type * as wire from "@aws-sdk/client-route-53";
import { mergeTags, type Tag, withoutTags } from "../../model/tags.ts";
import { hostedZones } from "../../store/tables/route53.ts";
import type { HandlerContext } from "../operation.ts";
import { checkEnum, checkLength } from "./constraints.ts";
import { invalidInput, noSuchHealthCheck } from "./errors.ts";
import { bareId, requireHostedZone } from "./resolve.ts";

const MOST_TAGS = 50;
const RESOURCE_TYPES = ["healthcheck", "hostedzone"] as const;

export function changeTagsForResource(
  input: wire.ChangeTagsForResourceRequest,
  context: HandlerContext,
): wire.ChangeTagsForResourceResponse {
  const zone = requireTaggable(input.ResourceType, input.ResourceId, context);
  const added = (input.AddTags ?? []).map(readTag);
  const removed = input.RemoveTagKeys ?? [];
  if (added.length === 0 && removed.length === 0) {
    throw invalidInput("At least one of AddTags or RemoveTagKeys must be specified.");
  }
  const tags = mergeTags(withoutTags(zone.tags, removed), added);
  if (tags.length > MOST_TAGS) throw invalidInput(`Number of tags exceeds the maximum limit of ${MOST_TAGS}`);
  context.store.transaction((tx) => tx.put(hostedZones, { ...zone, tags }));
  return {};
}

export function listTagsForResource(
  input: wire.ListTagsForResourceRequest,
  context: HandlerContext,
): wire.ListTagsForResourceResponse {
  return { ResourceTagSet: describeTagSet(input.ResourceType, input.ResourceId, context) };
}

export function listTagsForResources(
  input: wire.ListTagsForResourcesRequest,
  context: HandlerContext,
): wire.ListTagsForResourcesResponse {
  return {
    ResourceTagSets: (input.ResourceIds ?? []).map((id) => describeTagSet(input.ResourceType, id, context)),
  };
}

function describeTagSet(
  type: wire.TagResourceType | undefined,
  id: string | undefined,
  context: HandlerContext,
): wire.ResourceTagSet {
  const zone = requireTaggable(type, id, context);
  return {
    ResourceType: "hostedzone",
    ResourceId: zone.id,
    Tags: zone.tags.map(({ key, value }) => ({ Key: key, Value: value })),
  };
}

function requireTaggable(type: string | undefined, id: string | undefined, context: HandlerContext) {
  if (checkEnum(type, "resourceType", RESOURCE_TYPES) === "healthcheck") throw noSuchHealthCheck(bareId(id));
  return requireHostedZone(id, context);
}

function readTag(tag: wire.Tag, index: number): Tag {
  const key = tag.Key ?? "";
  const value = tag.Value ?? "";
  checkLength(key, `addTags.${index + 1}.member.key`, 1, 128);
  checkLength(value, `addTags.${index + 1}.member.value`, 0, 256);
  return { key, value };
}
