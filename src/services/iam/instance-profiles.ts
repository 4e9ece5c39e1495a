/** Instance profiles: containers of one role. */
import type * as wire from "@aws-sdk/client-iam";
import type { InstanceProfile } from "../../model/iam/records.ts";
import { instanceProfiles } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { readPath, requireName } from "./constraints.ts";
import { instanceProfileExists, limitExceeded, roleHasProfiles, roleNotFound } from "./errors.ts";
import { iamPage } from "./pages.ts";
import { entityArn, newId, requireInstanceProfile, requireRole } from "./resolve.ts";
import { readTags } from "./tags.ts";
import { describeInstanceProfile } from "./views/entities.ts";

export function createInstanceProfile(
  input: wire.CreateInstanceProfileRequest,
  context: HandlerContext,
): wire.CreateInstanceProfileResponse {
  const { account } = context.scope;
  const name = requireName(input.InstanceProfileName, "InstanceProfileName", 128);
  const path = readPath(input.Path);
  const profile: InstanceProfile = {
    account,
    arn: entityArn(context, "instance-profile", path, name),
    instanceProfileName: name,
    instanceProfileId: newId(context, "AIPA"),
    path,
    roleNames: [],
    createDate: context.clock.now(),
    tags: readTags(input.Tags),
  };
  if (context.store.get(instanceProfiles, `${account}/${name}`)) throw instanceProfileExists(name);
  context.store.transaction((tx) => tx.put(instanceProfiles, profile));
  return { InstanceProfile: describeInstanceProfile(context, profile) };
}

export function getInstanceProfile(
  input: wire.GetInstanceProfileRequest,
  context: HandlerContext,
): wire.GetInstanceProfileResponse {
  const profile = requireInstanceProfile(context, input.InstanceProfileName);
  return { InstanceProfile: describeInstanceProfile(context, profile) };
}

export function listInstanceProfiles(
  input: wire.ListInstanceProfilesRequest,
  context: HandlerContext,
): wire.ListInstanceProfilesResponse {
  const prefix = input.PathPrefix ?? "/";
  const found = context.store
    .where(instanceProfiles, "account", context.scope.account)
    .filter((profile) => profile.path.startsWith(prefix));
  const { items, end } = iamPage(found, input, (profile) => profile.instanceProfileName);
  return { InstanceProfiles: items.map((profile) => describeInstanceProfile(context, profile)), ...end };
}

export function listInstanceProfilesForRole(
  input: wire.ListInstanceProfilesForRoleRequest,
  context: HandlerContext,
): wire.ListInstanceProfilesForRoleResponse {
  const role = requireRole(context, input.RoleName);
  const found = context.store
    .where(instanceProfiles, "role", role.roleName)
    .filter((profile) => profile.account === role.account);
  const { items, end } = iamPage(found, input, (profile) => profile.instanceProfileName);
  return { InstanceProfiles: items.map((profile) => describeInstanceProfile(context, profile)), ...end };
}

export function addRoleToInstanceProfile(
  input: wire.AddRoleToInstanceProfileRequest,
  context: HandlerContext,
): object {
  const profile = requireInstanceProfile(context, input.InstanceProfileName);
  const role = requireRole(context, input.RoleName);
  if (profile.roleNames.length > 0) {
    throw limitExceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
  }
  context.store.transaction((tx) => tx.put(instanceProfiles, { ...profile, roleNames: [role.roleName] }));
  return {};
}

export function removeRoleFromInstanceProfile(
  input: wire.RemoveRoleFromInstanceProfileRequest,
  context: HandlerContext,
): object {
  const profile = requireInstanceProfile(context, input.InstanceProfileName);
  const roleName = requireName(input.RoleName, "RoleName", 64);
  if (!profile.roleNames.includes(roleName)) throw roleNotFound(roleName);
  const roleNames = profile.roleNames.filter((name) => name !== roleName);
  context.store.transaction((tx) => tx.put(instanceProfiles, { ...profile, roleNames }));
  return {};
}

export function deleteInstanceProfile(
  input: wire.DeleteInstanceProfileRequest,
  context: HandlerContext,
): object {
  const profile = requireInstanceProfile(context, input.InstanceProfileName);
  if (profile.roleNames.length > 0) throw roleHasProfiles();
  const key = `${profile.account}/${profile.instanceProfileName}`;
  context.store.transaction((tx) => tx.delete(instanceProfiles, key));
  return {};
}
