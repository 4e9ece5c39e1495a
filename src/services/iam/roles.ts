/** Roles: create, read, update, delete. */
import type * as wire from "@aws-sdk/client-iam";
import type { Role } from "../../model/iam/records.ts";
import { instanceProfiles, roles } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { readDescription, readPath, readSessionDuration, requireMember, requireName } from "./constraints.ts";
import { readTrustPolicy } from "./documents.ts";
import {
  roleExists,
  roleHasAttachedPolicies,
  roleHasInlinePolicies,
  roleHasProfiles,
  validationError,
} from "./errors.ts";
import { iamPage } from "./pages.ts";
import { entityArn, findRole, newId, requireAttachableArn, requireOwnRole, requireRole } from "./resolve.ts";
import { readTags } from "./tags.ts";
import { describeRole, describeRoleInList } from "./views/entities.ts";

const SHORTEST_SESSION_SECONDS = 3600;

export function createRole(input: wire.CreateRoleRequest, context: HandlerContext): wire.CreateRoleResponse {
  const roleName = requireName(input.RoleName, "RoleName", 64);
  const path = readPath(input.Path);
  if (path.startsWith("/aws-service-role/")) {
    throw validationError(
      `Roles with a path of ${path} cannot be created: they belong to service-linked roles.`,
    );
  }
  const role: Role = {
    account: context.scope.account,
    arn: entityArn(context, "role", path, roleName),
    roleName,
    roleId: newId(context, "AROA"),
    path,
    assumeRolePolicyDocument: readTrustPolicy(input.AssumeRolePolicyDocument, "assumeRolePolicyDocument"),
    description: readDescription(input.Description),
    maxSessionDurationSeconds: readSessionDuration(input.MaxSessionDuration) ?? SHORTEST_SESSION_SECONDS,
    ...(input.PermissionsBoundary === undefined
      ? {}
      : { permissionsBoundaryArn: requireAttachableArn(context, input.PermissionsBoundary) }),
    inlinePolicies: [],
    attachedPolicyArns: [],
    createDate: context.clock.now(),
    tags: readTags(input.Tags),
  };
  if (findRole(context, roleName) !== undefined) throw roleExists(roleName);
  context.store.transaction((tx) => tx.put(roles, role));
  const { RoleLastUsed: _unused, ...shown } = describeRole(role);
  return { Role: shown };
}

export function getRole(input: wire.GetRoleRequest, context: HandlerContext): wire.GetRoleResponse {
  return { Role: describeRole(requireRole(context, input.RoleName)) };
}

export function listRoles(input: wire.ListRolesRequest, context: HandlerContext): wire.ListRolesResponse {
  const prefix = input.PathPrefix ?? "/";
  const found = context.store
    .where(roles, "account", context.scope.account)
    .filter((role) => role.path.startsWith(prefix));
  const { items, end } = iamPage(found, input, (role) => role.roleName);
  return { Roles: items.map(describeRoleInList), ...end };
}

export function updateRole(input: wire.UpdateRoleRequest, context: HandlerContext): wire.UpdateRoleResponse {
  const role = requireOwnRole(context, input.RoleName);
  const maxSessionDurationSeconds = readSessionDuration(input.MaxSessionDuration) ?? SHORTEST_SESSION_SECONDS;
  // UpdateRole sets both: without a description the role has none any more.
  const updated = { ...role, description: readDescription(input.Description), maxSessionDurationSeconds };
  context.store.transaction((tx) => tx.put(roles, updated));
  return {};
}

export function updateRoleDescription(
  input: wire.UpdateRoleDescriptionRequest,
  context: HandlerContext,
): wire.UpdateRoleDescriptionResponse {
  const role = requireOwnRole(context, input.RoleName);
  const updated = { ...role, description: readDescription(requireMember(input.Description, "Description")) };
  context.store.transaction((tx) => tx.put(roles, updated));
  return { Role: describeRole(updated) };
}

export function updateAssumeRolePolicy(
  input: wire.UpdateAssumeRolePolicyRequest,
  context: HandlerContext,
): object {
  const role = requireOwnRole(context, input.RoleName);
  const assumeRolePolicyDocument = readTrustPolicy(input.PolicyDocument, "policyDocument");
  context.store.transaction((tx) => tx.put(roles, { ...role, assumeRolePolicyDocument }));
  return {};
}

export function deleteRole(input: wire.DeleteRoleRequest, context: HandlerContext): object {
  const role = requireOwnRole(context, input.RoleName);
  const key = `${role.account}/${role.roleName}`;
  const profiles = context.store.where(instanceProfiles, "role", role.roleName);
  if (profiles.some((profile) => profile.account === role.account)) throw roleHasProfiles();
  if (role.attachedPolicyArns.length > 0) throw roleHasAttachedPolicies();
  if (role.inlinePolicies.length > 0) throw roleHasInlinePolicies();
  context.store.transaction((tx) => tx.delete(roles, key));
  return {};
}

export function putRolePermissionsBoundary(
  input: wire.PutRolePermissionsBoundaryRequest,
  context: HandlerContext,
): object {
  const role = requireOwnRole(context, input.RoleName);
  const permissionsBoundaryArn = requireAttachableArn(context, input.PermissionsBoundary);
  context.store.transaction((tx) => tx.put(roles, { ...role, permissionsBoundaryArn }));
  return {};
}

export function deleteRolePermissionsBoundary(
  input: wire.DeleteRolePermissionsBoundaryRequest,
  context: HandlerContext,
): object {
  const role = requireOwnRole(context, input.RoleName);
  context.store.transaction((tx) => tx.put(roles, { ...role, permissionsBoundaryArn: undefined }));
  return {};
}
