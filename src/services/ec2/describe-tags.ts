import type * as wire from "@aws-sdk/client-ec2";
import type { Tag } from "../../model/tags.ts";
import type { HandlerContext } from "../operation.ts";
import type { FilterTable } from "./filters.ts";
import { listed } from "./listing.ts";
import { ID_KINDS } from "./resource-ids.ts";
import { listTaggableResources } from "./tagging.ts";

interface TagOfResource {
  readonly resourceId: string;
  readonly resourceType: wire.ResourceType;
  readonly key: string;
  readonly value: string;
  /** For `tag:<key>` filters. */
  readonly tags: readonly Tag[];
}

const FILTERS: FilterTable<TagOfResource> = {
  key: (tag) => tag.key,
  value: (tag) => tag.value,
  "resource-id": (tag) => tag.resourceId,
  "resource-type": (tag) => tag.resourceType,
};

export function describeTags(
  input: wire.DescribeTagsRequest,
  context: HandlerContext,
): wire.DescribeTagsResult {
  const tags = listTaggableResources(context).flatMap(({ resourceId, resourceType, tags }) =>
    tags.map((tag): TagOfResource => ({ resourceId, resourceType, ...tag, tags: [tag] })),
  );
  const { items, nextToken } = listed(tags, {
    // Tags have no id parameter; the key only orders them.
    idKind: ID_KINDS.vpc,
    key: (tag) => `${tag.resourceId}|${tag.key}`,
    filters: input.Filters,
    filterTable: FILTERS,
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  return {
    Tags: items.map((tag) => ({
      ResourceId: tag.resourceId,
      ResourceType: tag.resourceType,
      Key: tag.key,
      Value: tag.value,
    })),
    NextToken: nextToken,
  };
}
