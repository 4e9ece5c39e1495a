/** IAM's records in the form of its API. */
import type * as wire from "@aws-sdk/client-iam";
import type { InstanceProfile, Policy, Role, User } from "../../../model/iam/records.ts";
import { roles, users } from "../../../store/tables/iam.ts";
import type { HandlerContext } from "../../operation.ts";
import { encodeDocument } from "../documents.ts";
import { iamPage } from "../pages.ts";
import { findRole } from "../resolve.ts";
import { describeTags } from "../tags.ts";

/** As in lists: without tags, boundary and last use. */
export function describeRoleInList(role: Role): wire.Role {
  return {
    Path: role.path,
    RoleName: role.roleName,
    RoleId: role.roleId,
    Arn: role.arn,
    CreateDate: new Date(role.createDate),
    AssumeRolePolicyDocument: encodeDocument(role.assumeRolePolicyDocument),
    ...(role.description === undefined ? {} : { Description: role.description }),
    MaxSessionDuration: role.maxSessionDurationSeconds,
  };
}

export function describeRole(role: Role): wire.Role {
  return {
    ...describeRoleInList(role),
    ...(role.permissionsBoundaryArn === undefined
      ? {}
      : {
          PermissionsBoundary: {
            PermissionsBoundaryType: "PermissionsBoundaryPolicy",
            PermissionsBoundaryArn: role.permissionsBoundaryArn,
          },
        }),
    ...(role.tags.length === 0 ? {} : { Tags: describeTags(role.tags) }),
    RoleLastUsed: {},
  };
}

/** As in lists: without tags and boundary. */
export function describeUserInList(user: User): wire.User {
  return {
    Path: user.path,
    UserName: user.userName,
    UserId: user.userId,
    Arn: user.arn,
    CreateDate: new Date(user.createDate),
  };
}

export function describeUser(user: User): wire.User {
  return {
    ...describeUserInList(user),
    ...(user.permissionsBoundaryArn === undefined
      ? {}
      : {
          PermissionsBoundary: {
            PermissionsBoundaryType: "PermissionsBoundaryPolicy",
            PermissionsBoundaryArn: user.permissionsBoundaryArn,
          },
        }),
    ...(user.tags.length === 0 ? {} : { Tags: describeTags(user.tags) }),
  };
}

/** Throws ValidationError. */
export function attachedPoliciesPage(
  arns: readonly string[],
  input: {
    readonly PathPrefix?: string | undefined;
    readonly Marker?: string | undefined;
    readonly MaxItems?: number | undefined;
  },
): {
  readonly AttachedPolicies: wire.AttachedPolicy[];
  readonly IsTruncated: boolean;
  readonly Marker?: string;
} {
  const prefix = input.PathPrefix ?? "/";
  const attached = arns
    .filter((arn) => arn.slice(arn.indexOf("/")).startsWith(prefix))
    .map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf("/") + 1), PolicyArn: arn }));
  const { items, end } = iamPage(attached, input, (policy) => policy.PolicyArn);
  return { AttachedPolicies: items, ...end };
}

export function describePolicy(context: HandlerContext, policy: Policy): wire.Policy {
  const { account } = context.scope;
  const attached = [
    ...context.store.where(roles, "policy", policy.arn),
    ...context.store.where(users, "policy", policy.arn),
  ];
  const bounded = [
    ...context.store.where(roles, "account", account),
    ...context.store.where(users, "account", account),
  ].filter((entity) => entity.permissionsBoundaryArn === policy.arn);
  return {
    PolicyName: policy.policyName,
    PolicyId: policy.policyId,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.versions.find((version) => version.isDefault)?.versionId ?? "v1",
    AttachmentCount: attached.filter((entity) => entity.account === account).length,
    PermissionsBoundaryUsageCount: bounded.length,
    IsAttachable: true,
    ...(policy.description === undefined ? {} : { Description: policy.description }),
    CreateDate: new Date(policy.createDate),
    UpdateDate: new Date(policy.updateDate),
  };
}

export function describePolicyVersion(version: Policy["versions"][number]): wire.PolicyVersion {
  return {
    VersionId: version.versionId,
    IsDefaultVersion: version.isDefault,
    CreateDate: new Date(version.createDate),
  };
}

export function describeInstanceProfile(
  context: HandlerContext,
  profile: InstanceProfile,
): wire.InstanceProfile {
  return {
    Path: profile.path,
    InstanceProfileName: profile.instanceProfileName,
    InstanceProfileId: profile.instanceProfileId,
    Arn: profile.arn,
    CreateDate: new Date(profile.createDate),
    Roles: profile.roleNames.flatMap((name) => {
      const role = findRole(context, name);
      return role === undefined ? [] : [describeRoleInList(role)];
    }),
    ...(profile.tags.length === 0 ? {} : { Tags: describeTags(profile.tags) }),
  };
}
