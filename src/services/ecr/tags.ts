/** Tags of repositories. */
import type * as wire from "@aws-sdk/client-ecr";
import { mergeTags, type Tag, withoutTags } from "../../model/tags.ts";
import { repositories } from "../../store/tables/ecr.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidTag, invalidValue, tooManyTags } from "./errors.ts";
import { requireTaggedRepository } from "./resolve.ts";

const MOST_TAGS = 50;

/** Throws InvalidTagParameterException or TooManyTagsException. */
export function readTags(tags: readonly wire.Tag[] | undefined): Tag[] {
  const read = (tags ?? []).map(({ Key = "", Value = "" }) => {
    if (Key.length < 1 || Key.length > 128) {
      throw invalidTag("Tag keys must have a length between 1 and 128 characters.");
    }
    if (Value.length > 256) throw invalidTag("Tag values must have at most 256 characters.");
    if (Key.toLowerCase().startsWith("aws:")) throw invalidTag("Tag keys must not begin with aws:.");
    return { key: Key, value: Value };
  });
  return limited(mergeTags([], read));
}

function limited(tags: Tag[]): Tag[] {
  if (tags.length > MOST_TAGS) throw tooManyTags();
  return tags;
}

export function tagResource(input: wire.TagResourceRequest, context: HandlerContext): object {
  const repository = requireTaggedRepository(context, input.resourceArn);
  const tags = limited(mergeTags(repository.tags, readTags(input.tags)));
  context.store.transaction((tx) => tx.put(repositories, { ...repository, tags }));
  return {};
}

export function untagResource(input: wire.UntagResourceRequest, context: HandlerContext): object {
  const repository = requireTaggedRepository(context, input.resourceArn);
  if (input.tagKeys === undefined) throw invalidValue("tagKeys", "must not be null");
  const tags = withoutTags(repository.tags, input.tagKeys);
  context.store.transaction((tx) => tx.put(repositories, { ...repository, tags }));
  return {};
}

export function listTagsForResource(
  input: wire.ListTagsForResourceRequest,
  context: HandlerContext,
): wire.ListTagsForResourceResponse {
  const { tags } = requireTaggedRepository(context, input.resourceArn);
  return { tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) };
}
