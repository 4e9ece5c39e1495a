/** Tags of parameters; of Systems Manager's other resources there are none here. */
import type * as wire from "@aws-sdk/client-ssm";
import { parseReference } from "../../model/ssm/names.ts";
import type { Parameter } from "../../model/ssm/records.ts";
import { mergeTags, withoutTags } from "../../model/tags.ts";
import { parameters } from "../../store/tables/ssm.ts";
import type { HandlerContext } from "../operation.ts";
import { limitTags, oneOf, readTags, requireMember } from "./constraints.ts";
import { invalidResourceId } from "./errors.ts";
import { findParameter } from "./resolve.ts";

const RESOURCE_TYPES = [
  "Document",
  "ManagedInstance",
  "MaintenanceWindow",
  "Parameter",
  "PatchBaseline",
  "OpsItem",
  "OpsMetadata",
  "Automation",
  "Association",
] as const;

export function addTagsToResource(input: wire.AddTagsToResourceRequest, context: HandlerContext): object {
  const added = readTags(requireMember(input.Tags, "tags"));
  const parameter = requireTagged(input, context);
  const tags = limitTags(mergeTags(parameter.tags, added));
  context.store.transaction((tx) => tx.put(parameters, { ...parameter, tags }));
  return {};
}

export function removeTagsFromResource(
  input: wire.RemoveTagsFromResourceRequest,
  context: HandlerContext,
): object {
  const keys = requireMember(input.TagKeys, "tagKeys");
  const parameter = requireTagged(input, context);
  const tags = withoutTags(parameter.tags, keys);
  context.store.transaction((tx) => tx.put(parameters, { ...parameter, tags }));
  return {};
}

export function listTagsForResource(
  input: wire.ListTagsForResourceRequest,
  context: HandlerContext,
): wire.ListTagsForResourceResult {
  const { tags } = requireTagged(input, context);
  return { TagList: tags.map(({ key, value }) => ({ Key: key, Value: value })) };
}

/** Throws ValidationException or InvalidResourceId. */
function requireTagged(
  input: { readonly ResourceType?: string | undefined; readonly ResourceId?: string | undefined },
  context: HandlerContext,
): Parameter {
  const type = oneOf(requireMember(input.ResourceType, "resourceType"), "resourceType", RESOURCE_TYPES);
  const id = requireMember(input.ResourceId, "resourceId");
  const parameter = type === "Parameter" ? findParameter(context, parseReference(id).name) : undefined;
  if (parameter === undefined) throw invalidResourceId();
  return parameter;
}
