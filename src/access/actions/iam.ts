import type * as sdk from "@aws-sdk/client-iam";
import { roles, users } from "../../store/tables/iam.ts";
import { type ActionRules, ANY, type Asking, type CallFacts, type Keys, passing, tagList } from "./action.ts";

function entity(call: CallFacts, kind: string, path: string | undefined, name: string | undefined): string {
  return `arn:aws:iam::${call.scope.account}:${kind}${path ?? "/"}${name ?? ""}`;
}

/** With its path, where it exists. */
function roleArn(call: CallFacts, name: string | undefined): string {
  return call.store.get(roles, `${call.scope.account}/${name}`)?.arn ?? entity(call, "role", "/", name);
}

/** Operations that name no user are about the caller. */
function userArn(call: CallFacts, given: string | undefined): string {
  const name = given ?? call.userName;
  return call.store.get(users, `${call.scope.account}/${name}`)?.arn ?? entity(call, "user", "/", name);
}

interface OfRole {
  readonly RoleName?: string | undefined;
}
interface OfUser {
  readonly UserName?: string | undefined;
}
interface OfPolicy {
  readonly PolicyArn?: string | undefined;
}

/** `iam:PermissionsBoundary` is the boundary that the entity has, or is to get. */
function roleKeys(
  input: OfRole & OfPolicy & { readonly PermissionsBoundary?: string | undefined },
  call: CallFacts,
): Keys {
  const role = call.store.get(roles, `${call.scope.account}/${input.RoleName}`);
  return {
    "iam:PermissionsBoundary": input.PermissionsBoundary ?? role?.permissionsBoundaryArn,
    "iam:PolicyARN": input.PolicyArn,
  };
}

function userKeys(
  input: OfUser & OfPolicy & { readonly PermissionsBoundary?: string | undefined },
  call: CallFacts,
): Keys {
  const user = call.store.get(users, `${call.scope.account}/${input.UserName}`);
  return {
    "iam:PermissionsBoundary": input.PermissionsBoundary ?? user?.permissionsBoundaryArn,
    "iam:PolicyARN": input.PolicyArn,
  };
}

const onRole = { on: (input: OfRole, call: CallFacts) => [roleArn(call, input.RoleName)], keys: roleKeys };
const onUser = { on: (input: OfUser, call: CallFacts) => [userArn(call, input.UserName)], keys: userKeys };
const onPolicy = {
  on: (input: OfPolicy) => [input.PolicyArn ?? "*"],
  shown: (input: OfPolicy) => `policy ${input.PolicyArn ?? ""}`,
};
const onProfile = {
  on: (input: { readonly InstanceProfileName?: string | undefined }, call: CallFacts) => [
    entity(call, "instance-profile", "/", input.InstanceProfileName),
  ],
};
/** Lists are asked for by their path. */
const onList = (kind: string) => ({
  on: (input: { readonly PathPrefix?: string | undefined }, call: CallFacts) => [
    entity(call, kind, input.PathPrefix, ""),
  ],
});

function tagging(action: string, resource: string, tags: readonly sdk.Tag[] | undefined): Asking[] {
  return (tags ?? []).length === 0 ? [] : [{ action: `iam:${action}`, resource }];
}

const roleActions = {
  AttachRolePolicy: onRole,
  CreateRole: {
    on: (input, call) => [entity(call, "role", input.Path, input.RoleName)],
    keys: roleKeys,
    tags: (input) => tagList(input.Tags),
    also: (input, call) => tagging("TagRole", entity(call, "role", input.Path, input.RoleName), input.Tags),
  },
  CreateServiceLinkedRole: {
    on: (input, call) => [entity(call, "role", `/aws-service-role/${input.AWSServiceName}/`, "*")],
    keys: (input): Keys => ({ "iam:AWSServiceName": input.AWSServiceName }),
  },
  DeleteRole: onRole,
  DeleteRolePermissionsBoundary: onRole,
  DeleteRolePolicy: onRole,
  DeleteServiceLinkedRole: onRole,
  DetachRolePolicy: onRole,
  GetRole: onRole,
  GetRolePolicy: onRole,
  GetServiceLinkedRoleDeletionStatus: {
    on: (_input, call) => [entity(call, "role", "/aws-service-role/", "*")],
  },
  ListAttachedRolePolicies: onRole,
  ListInstanceProfilesForRole: onRole,
  ListRolePolicies: onRole,
  ListRoles: onList("role"),
  ListRoleTags: onRole,
  PutRolePermissionsBoundary: onRole,
  PutRolePolicy: onRole,
  TagRole: { ...onRole, tags: (input) => tagList(input.Tags) },
  UntagRole: { ...onRole, tagKeys: (input) => input.TagKeys ?? [] },
  UpdateAssumeRolePolicy: onRole,
  UpdateRole: onRole,
  UpdateRoleDescription: onRole,
} satisfies ActionRules<typeof sdk>;

const userActions = {
  AttachUserPolicy: onUser,
  CreateAccessKey: onUser,
  CreateUser: {
    on: (input, call) => [entity(call, "user", input.Path, input.UserName)],
    keys: userKeys,
    tags: (input) => tagList(input.Tags),
    also: (input, call) => tagging("TagUser", entity(call, "user", input.Path, input.UserName), input.Tags),
  },
  DeleteAccessKey: onUser,
  DeleteUser: onUser,
  DeleteUserPermissionsBoundary: onUser,
  DeleteUserPolicy: onUser,
  DetachUserPolicy: onUser,
  GetAccessKeyLastUsed: { on: (_input, call) => [userArn(call, "*")] },
  GetUser: onUser,
  GetUserPolicy: onUser,
  ListAccessKeys: onUser,
  ListAttachedUserPolicies: onUser,
  ListGroupsForUser: onUser,
  ListUserPolicies: onUser,
  ListUsers: onList("user"),
  ListUserTags: onUser,
  PutUserPermissionsBoundary: onUser,
  PutUserPolicy: onUser,
  TagUser: { ...onUser, tags: (input) => tagList(input.Tags) },
  UntagUser: { ...onUser, tagKeys: (input) => input.TagKeys ?? [] },
  UpdateAccessKey: onUser,
  UpdateUser: onUser,
} satisfies ActionRules<typeof sdk>;

const policyActions = {
  CreatePolicy: {
    on: (input, call) => [entity(call, "policy", input.Path, input.PolicyName)],
    shown: (input) => `policy ${input.PolicyName}`,
    tags: (input) => tagList(input.Tags),
    also: (input, call) =>
      tagging("TagPolicy", entity(call, "policy", input.Path, input.PolicyName), input.Tags),
  },
  CreatePolicyVersion: onPolicy,
  DeletePolicy: onPolicy,
  DeletePolicyVersion: onPolicy,
  GetPolicy: onPolicy,
  GetPolicyVersion: onPolicy,
  ListEntitiesForPolicy: onPolicy,
  ListPolicies: { shown: (input) => `policy path ${input.PathPrefix ?? "/"}` },
  ListPolicyTags: onPolicy,
  ListPolicyVersions: onPolicy,
  SetDefaultPolicyVersion: onPolicy,
  TagPolicy: { ...onPolicy, tags: (input) => tagList(input.Tags) },
  UntagPolicy: { ...onPolicy, tagKeys: (input) => input.TagKeys ?? [] },
  GetContextKeysForCustomPolicy: ANY,
  GetContextKeysForPrincipalPolicy: { on: (input) => [input.PolicySourceArn ?? "*"] },
  SimulateCustomPolicy: ANY,
  SimulatePrincipalPolicy: { on: (input) => [input.PolicySourceArn ?? "*"] },
} satisfies ActionRules<typeof sdk>;

export const iamActions = {
  ...roleActions,
  ...userActions,
  ...policyActions,
  AddRoleToInstanceProfile: {
    ...onProfile,
    also: (input, call) => passing([roleArn(call, input.RoleName)], "ec2.amazonaws.com"),
  },
  CreateInstanceProfile: {
    on: (input, call) => [entity(call, "instance-profile", input.Path, input.InstanceProfileName)],
    tags: (input) => tagList(input.Tags),
    also: (input, call) =>
      tagging(
        "TagInstanceProfile",
        entity(call, "instance-profile", input.Path, input.InstanceProfileName),
        input.Tags,
      ),
  },
  DeleteInstanceProfile: onProfile,
  GetInstanceProfile: onProfile,
  ListInstanceProfiles: onList("instance-profile"),
  ListInstanceProfileTags: onProfile,
  RemoveRoleFromInstanceProfile: onProfile,
  TagInstanceProfile: { ...onProfile, tags: (input) => tagList(input.Tags) },
  UntagInstanceProfile: { ...onProfile, tagKeys: (input) => input.TagKeys ?? [] },
  ListAccountAliases: ANY,
} satisfies ActionRules<typeof sdk>;
