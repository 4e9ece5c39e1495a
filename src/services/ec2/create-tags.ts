/** CreateTags and DeleteTags. */
import type * as wire from "@aws-sdk/client-ec2";
import type { Tag } from "../../model/tags.ts";
import type { HandlerContext } from "../operation.ts";
import { missingParameter } from "./errors.ts";
import { checkedTags, mergedWithinLimit, requireTaggableResources } from "./tagging.ts";

export function createTags(input: wire.CreateTagsRequest, context: HandlerContext): object {
  if (!input.Resources?.length) throw missingParameter("resourceIdSet");
  if (!input.Tags?.length) throw missingParameter("tagSet");
  const added = checkedTags(input.Tags);
  requireTaggableResources(context, input.Resources);
  changeTags(context, input.Resources, (tags) => mergedWithinLimit(tags, added));
  return {};
}

/** Without tags, all of the user's are removed; a tag with a value only where the value is the same. */
export function deleteTags(input: wire.DeleteTagsRequest, context: HandlerContext): object {
  if (!input.Resources?.length) throw missingParameter("resourceIdSet");
  const removed = input.Tags;
  const goes = (tag: Tag) =>
    !tag.key.startsWith("aws:") &&
    (!removed?.length ||
      removed.some(({ Key, Value }) => Key === tag.key && (Value === undefined || Value === tag.value)));
  changeTags(context, input.Resources, (tags) => tags.filter((tag) => !goes(tag)));
  return {};
}

/** One after the other, each read afresh: two rules of one group are parts of one record. */
function changeTags(
  context: HandlerContext,
  resourceIds: readonly string[],
  change: (tags: readonly Tag[]) => Tag[],
): void {
  context.store.transaction((tx) => {
    for (const id of resourceIds) {
      for (const resource of requireTaggableResources(context, [id])) {
        resource.replaceTags(tx, change(resource.tags));
      }
    }
  });
}
