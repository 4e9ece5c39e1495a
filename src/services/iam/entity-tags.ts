/** Tags of roles, policies and instance profiles. */
import type * as wire from "@aws-sdk/client-iam";
import { instanceProfiles, policies, roles } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { iamPage } from "./pages.ts";
import {
  requireInstanceProfile,
  requireOwnPolicy,
  requireOwnRole,
  requirePolicy,
  requireRole,
} from "./resolve.ts";
import { describeTags, withoutTagKeys, withTags } from "./tags.ts";

export function tagRole(input: wire.TagRoleRequest, context: HandlerContext): object {
  const role = requireOwnRole(context, input.RoleName);
  const tags = withTags(role.tags, input.Tags);
  context.store.transaction((tx) => tx.put(roles, { ...role, tags }));
  return {};
}

export function untagRole(input: wire.UntagRoleRequest, context: HandlerContext): object {
  const role = requireOwnRole(context, input.RoleName);
  const tags = withoutTagKeys(role.tags, input.TagKeys);
  context.store.transaction((tx) => tx.put(roles, { ...role, tags }));
  return {};
}

export function listRoleTags(
  input: wire.ListRoleTagsRequest,
  context: HandlerContext,
): wire.ListRoleTagsResponse {
  const { items, end } = iamPage(requireRole(context, input.RoleName).tags, input, (tag) => tag.key);
  return { Tags: describeTags(items), ...end };
}

export function tagPolicy(input: wire.TagPolicyRequest, context: HandlerContext): object {
  const policy = requireOwnPolicy(context, input.PolicyArn);
  const tags = withTags(policy.tags, input.Tags);
  context.store.transaction((tx) => tx.put(policies, { ...policy, tags }));
  return {};
}

export function untagPolicy(input: wire.UntagPolicyRequest, context: HandlerContext): object {
  const policy = requireOwnPolicy(context, input.PolicyArn);
  const tags = withoutTagKeys(policy.tags, input.TagKeys);
  context.store.transaction((tx) => tx.put(policies, { ...policy, tags }));
  return {};
}

export function listPolicyTags(
  input: wire.ListPolicyTagsRequest,
  context: HandlerContext,
): wire.ListPolicyTagsResponse {
  const { items, end } = iamPage(requirePolicy(context, input.PolicyArn).tags, input, (tag) => tag.key);
  return { Tags: describeTags(items), ...end };
}

export function tagInstanceProfile(input: wire.TagInstanceProfileRequest, context: HandlerContext): object {
  const profile = requireInstanceProfile(context, input.InstanceProfileName);
  const tags = withTags(profile.tags, input.Tags);
  context.store.transaction((tx) => tx.put(instanceProfiles, { ...profile, tags }));
  return {};
}

export function untagInstanceProfile(
  input: wire.UntagInstanceProfileRequest,
  context: HandlerContext,
): object {
  const profile = requireInstanceProfile(context, input.InstanceProfileName);
  const tags = withoutTagKeys(profile.tags, input.TagKeys);
  context.store.transaction((tx) => tx.put(instanceProfiles, { ...profile, tags }));
  return {};
}

export function listInstanceProfileTags(
  input: wire.ListInstanceProfileTagsRequest,
  context: HandlerContext,
): wire.ListInstanceProfileTagsResponse {
  const { tags } = requireInstanceProfile(context, input.InstanceProfileName);
  const { items, end } = iamPage(tags, input, (tag) => tag.key);
  return { Tags: describeTags(items), ...end };
}
