/** Tags of log groups, by ARN and in the older form by name. */
import type * as wire from "@aws-sdk/client-cloudwatch-logs";
import type { LogGroup } from "../../model/logs/records.ts";
import { logGroups } from "../../store/tables/logs.ts";
import type { HandlerContext } from "../operation.ts";
import { readTags, requireMember } from "./constraints.ts";
import { tooManyTags } from "./errors.ts";
import { requireGroup, requireTaggedGroup } from "./resolve.ts";

const MOST_TAGS = 50;

function addTags(
  context: HandlerContext,
  group: LogGroup,
  added: Record<string, string> | undefined,
): object {
  const tags = { ...group.tags, ...readTags(requireMember(added, "tags")) };
  if (Object.keys(tags).length > MOST_TAGS) throw tooManyTags(group.arn);
  context.store.transaction((tx) => tx.put(logGroups, { ...group, tags }));
  return {};
}

function removeTags(context: HandlerContext, group: LogGroup, keys: readonly string[]): object {
  const tags = Object.fromEntries(Object.entries(group.tags).filter(([key]) => !keys.includes(key)));
  context.store.transaction((tx) => tx.put(logGroups, { ...group, tags }));
  return {};
}

export function tagResource(input: wire.TagResourceRequest, context: HandlerContext): object {
  return addTags(context, requireTaggedGroup(context, input.resourceArn), input.tags);
}

export function untagResource(input: wire.UntagResourceRequest, context: HandlerContext): object {
  const keys = requireMember(input.tagKeys, "tagKeys");
  return removeTags(context, requireTaggedGroup(context, input.resourceArn), keys);
}

export function listTagsForResource(
  input: wire.ListTagsForResourceRequest,
  context: HandlerContext,
): wire.ListTagsForResourceResponse {
  return { tags: { ...requireTaggedGroup(context, input.resourceArn).tags } };
}

export function tagLogGroup(input: wire.TagLogGroupRequest, context: HandlerContext): object {
  return addTags(context, requireGroup(context, input.logGroupName), input.tags);
}

export function untagLogGroup(input: wire.UntagLogGroupRequest, context: HandlerContext): object {
  const keys = requireMember(input.tags, "tags");
  return removeTags(context, requireGroup(context, input.logGroupName), keys);
}

export function listTagsLogGroup(
  input: wire.ListTagsLogGroupRequest,
  context: HandlerContext,
): wire.ListTagsLogGroupResponse {
  return { tags: { ...requireGroup(context, input.logGroupName).tags } };
}
