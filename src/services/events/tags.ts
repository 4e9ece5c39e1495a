/** Tags of event buses and rules. */
import type * as wire from "@aws-sdk/client-eventbridge";
import { mergeTags, type Tag, withoutTags } from "../../model/tags.ts";
import { eventBuses, eventRules } from "../../store/tables/events.ts";
import type { HandlerContext } from "../operation.ts";
import { recordOf } from "./buses.ts";
import { limitTags, readTags, requireMember } from "./constraints.ts";
import { requireTagged } from "./resolve.ts";

export function tagResource(input: wire.TagResourceRequest, context: HandlerContext): object {
  const added = readTags(requireMember(input.Tags, "tags"));
  return retag(context, input.ResourceARN, (tags) => limitTags(mergeTags(tags, added)));
}

export function untagResource(input: wire.UntagResourceRequest, context: HandlerContext): object {
  const keys = requireMember(input.TagKeys, "tagKeys");
  return retag(context, input.ResourceARN, (tags) => withoutTags(tags, keys));
}

export function listTagsForResource(
  input: wire.ListTagsForResourceRequest,
  context: HandlerContext,
): wire.ListTagsForResourceResponse {
  const tagged = requireTagged(context, requireMember(input.ResourceARN, "resourceARN"));
  const tags = tagged.kind === "bus" ? (tagged.bus.record?.tags ?? []) : tagged.rule.tags;
  return { Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) };
}

function retag(
  context: HandlerContext,
  resourceArn: string | undefined,
  change: (tags: readonly Tag[]) => Tag[],
): object {
  const tagged = requireTagged(context, requireMember(resourceArn, "resourceARN"));
  context.store.transaction((tx) => {
    if (tagged.kind === "rule") {
      tx.put(eventRules, { ...tagged.rule, tags: change(tagged.rule.tags) });
    } else {
      const bus = recordOf(context, tagged.bus);
      tx.put(eventBuses, { ...bus, tags: change(bus.tags) });
    }
  });
  return {};
}
