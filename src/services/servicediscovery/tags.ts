import type * as wire from "@aws-sdk/client-servicediscovery";
import { mergeTags, type Tag, withoutTags } from "../../model/tags.ts";
import { discoveryServices, namespaces } from "../../store/tables/cloudmap.ts";
import type { HandlerContext } from "../operation.ts";
import { checkLength } from "./constraints.ts";
import { tooManyTags } from "./errors.ts";
import { requireTaggable } from "./resolve.ts";

const MOST_TAGS = 50;

/** Throws InvalidInput or TooManyTagsException. */
export function readTags(tags: readonly wire.Tag[] | undefined, resourceName: string): Tag[] {
  const read = (tags ?? []).map((tag, index): Tag => {
    const key = tag.Key ?? "";
    const value = tag.Value ?? "";
    checkLength(key, `tags.${index + 1}.member.key`, 1, 128);
    checkLength(value, `tags.${index + 1}.member.value`, 0, 256);
    return { key, value };
  });
  if (read.length > MOST_TAGS) throw tooManyTags(resourceName, MOST_TAGS);
  return mergeTags([], read);
}

export function tagResource(
  input: wire.TagResourceRequest,
  context: HandlerContext,
): wire.TagResourceResponse {
  const { record } = requireTaggable(input.ResourceARN, context);
  const tags = mergeTags(record.tags, readTags(input.Tags, record.arn));
  if (tags.length > MOST_TAGS) throw tooManyTags(record.arn, MOST_TAGS);
  writeTags(record.arn, tags, context);
  return {};
}

export function untagResource(
  input: wire.UntagResourceRequest,
  context: HandlerContext,
): wire.UntagResourceResponse {
  const { record } = requireTaggable(input.ResourceARN, context);
  writeTags(record.arn, withoutTags(record.tags, input.TagKeys ?? []), context);
  return {};
}

export function listTagsForResource(
  input: wire.ListTagsForResourceRequest,
  context: HandlerContext,
): wire.ListTagsForResourceResponse {
  const { record } = requireTaggable(input.ResourceARN, context);
  return { Tags: record.tags.map(({ key, value }) => ({ Key: key, Value: value })) };
}

function writeTags(arn: string, tags: readonly Tag[], context: HandlerContext): void {
  const found = requireTaggable(arn, context);
  context.store.transaction((tx) => {
    if (found.kind === "namespace") tx.put(namespaces, { ...found.record, tags });
    else tx.put(discoveryServices, { ...found.record, tags });
  });
}
