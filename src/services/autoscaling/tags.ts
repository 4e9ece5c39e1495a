/** CreateOrUpdateTags, DeleteTags and DescribeTags, and tags as groups are created with them. */
import type * as wire from "@aws-sdk/client-auto-scaling";
import type { AutoScalingGroup } from "../../model/autoscaling/records.ts";
import { autoScalingGroups } from "../../store/tables/autoscaling.ts";
import type { HandlerContext } from "../operation.ts";
import { nextToken, onePage, requireMember } from "./constraints.ts";
import { validationError } from "./errors.ts";
import { requireGroup, scopeKey } from "./resolve.ts";

const RESOURCE_TYPE = "auto-scaling-group";
const MOST_TAGS = 50;

/** Throws ValidationError. `groupName` counts where a tag names no resource: at creation. */
export function readTag(tag: wire.Tag, groupName: string): wire.TagDescription {
  const key = requireMember(tag.Key, "tags.1.member.key");
  if (key.toLowerCase().startsWith("aws:")) {
    throw validationError("aws: prefixed tag key names are not allowed for external use");
  }
  return {
    ResourceId: tag.ResourceId ?? groupName,
    ResourceType: tag.ResourceType ?? RESOURCE_TYPE,
    Key: key,
    Value: tag.Value ?? "",
    PropagateAtLaunch: tag.PropagateAtLaunch ?? false,
  };
}

/** In the order of their keys; of two with one key the later counts. */
export function mergeTagDescriptions(
  tags: readonly wire.TagDescription[],
  added: readonly wire.TagDescription[],
): wire.TagDescription[] {
  const byKey = new Map([...tags, ...added].map((tag) => [tag.Key ?? "", tag]));
  if (byKey.size > MOST_TAGS) {
    throw validationError(`The number of tags exceeds the limit of ${MOST_TAGS} for an Auto Scaling group`);
  }
  return [...byKey.values()].sort((a, b) => ((a.Key ?? "") < (b.Key ?? "") ? -1 : 1));
}

export function createOrUpdateTags(
  input: wire.CreateOrUpdateTagsType,
  context: HandlerContext,
): Record<never, never> {
  const changes = groupsOf(input.Tags, context);
  context.store.transaction((tx) => {
    for (const { group, tags } of changes) {
      const added = tags.map((tag) => readTag(tag, group.name));
      tx.put(autoScalingGroups, { ...group, tags: mergeTagDescriptions(group.tags, added) });
    }
  });
  return {};
}

export function deleteTags(input: wire.DeleteTagsType, context: HandlerContext): Record<never, never> {
  const changes = groupsOf(input.Tags, context);
  context.store.transaction((tx) => {
    for (const { group, tags } of changes) {
      const gone = new Set(tags.map(({ Key }) => Key));
      tx.put(autoScalingGroups, { ...group, tags: group.tags.filter(({ Key }) => !gone.has(Key)) });
    }
  });
  return {};
}

/** The groups that the tags name, each with its tags. Throws ValidationError when one does not exist. */
function groupsOf(
  tags: readonly wire.Tag[] | undefined,
  context: HandlerContext,
): { readonly group: AutoScalingGroup; readonly tags: wire.Tag[] }[] {
  const byGroup = new Map<string, wire.Tag[]>();
  for (const tag of requireMember(tags, "tags")) {
    const name = requireMember(tag.ResourceId, "tags.1.member.resourceId");
    byGroup.set(name, [...(byGroup.get(name) ?? []), tag]);
  }
  return [...byGroup].map(([name, named]) => ({ group: requireGroup(context, name), tags: named }));
}

export function describeTags(input: wire.DescribeTagsType, context: HandlerContext): wire.TagsType {
  const filters = input.Filters ?? [];
  const all = context.store
    .where(autoScalingGroups, "scope", scopeKey(context))
    .flatMap(({ tags }) => tags)
    .filter((tag) => filters.every((filter) => matches(filter, tag)));
  const shown = onePage(all, input, (tag) => `${tag.ResourceId}|${tag.Key}`, { usual: 50, most: 100 });
  return { Tags: shown.items, ...nextToken(shown) };
}

function matches(filter: wire.Filter, tag: wire.TagDescription): boolean {
  const values = filter.Values ?? [];
  switch (filter.Name) {
    case "auto-scaling-group":
      return values.includes(tag.ResourceId ?? "");
    case "key":
      return values.includes(tag.Key ?? "");
    case "value":
      return values.includes(tag.Value ?? "");
    case "propagate-at-launch":
      return values.includes(String(tag.PropagateAtLaunch));
    default:
      throw validationError(
        `Filter type ${filter.Name} is not correct. Allowed Filter types are: auto-scaling-group key value propagate-at-launch`,
      );
  }
}

/** Of DescribeAutoScalingGroups: `tag-key`, `tag-value` and `tag:<key>`. */
export function matchesTagFilter(filter: wire.Filter, group: AutoScalingGroup): boolean {
  const values = filter.Values ?? [];
  const name = filter.Name ?? "";
  if (name === "tag-key") return group.tags.some(({ Key }) => values.includes(Key ?? ""));
  if (name === "tag-value") return group.tags.some(({ Value }) => values.includes(Value ?? ""));
  if (name.startsWith("tag:")) {
    return group.tags.some(({ Key, Value }) => `tag:${Key}` === name && values.includes(Value ?? ""));
  }
  throw validationError(
    `Filter type ${name} is not correct. Allowed Filter types are: tag-key tag-value tag:<key>`,
  );
}
