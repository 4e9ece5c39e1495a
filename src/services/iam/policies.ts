/** Managed policies and who they are attached to. */
import type * as wire from "@aws-sdk/client-iam";
import { awsManagedPolicies, isAwsManagedArn } from "../../model/iam/aws-managed-policies.ts";
import type { Policy, Role } from "../../model/iam/records.ts";
import { policies, roles, users } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { readDescription, readPath, requireName, requirePolicyArn } from "./constraints.ts";
import { countedSize, LARGEST_MANAGED_POLICY, readIdentityPolicy } from "./documents.ts";
import { limitExceeded, policyAttached, policyExists, policyHasVersions } from "./errors.ts";
import { iamPage } from "./pages.ts";
import { entityArn, newId, requireOwnPolicy, requirePolicy } from "./resolve.ts";
import { describeTags, readTags } from "./tags.ts";
import { describePolicy } from "./views/entities.ts";

/** Throws MalformedPolicyDocument, LimitExceeded. */
export function readManagedPolicy(document: string | undefined): string {
  const text = readIdentityPolicy(document);
  if (countedSize(text) > LARGEST_MANAGED_POLICY) {
    throw limitExceeded(`Cannot exceed quota for PolicySize: ${LARGEST_MANAGED_POLICY}`);
  }
  return text;
}

export function createPolicy(
  input: wire.CreatePolicyRequest,
  context: HandlerContext,
): wire.CreatePolicyResponse {
  const policyName = requireName(input.PolicyName, "PolicyName", 128);
  const path = readPath(input.Path);
  const document = readManagedPolicy(input.PolicyDocument);
  const now = context.clock.now();
  const policy: Policy = {
    account: context.scope.account,
    arn: entityArn(context, "policy", path, policyName),
    policyName,
    policyId: newId(context, "ANPA"),
    path,
    description: readDescription(input.Description),
    versions: [{ versionId: "v1", document, isDefault: true, createDate: now }],
    createDate: now,
    updateDate: now,
    tags: readTags(input.Tags),
  };
  const lower = policyName.toLowerCase();
  const existing = context.store.where(policies, "account", policy.account);
  if (existing.some((other) => other.policyName.toLowerCase() === lower)) throw policyExists(policyName);
  context.store.transaction((tx) => tx.put(policies, policy));
  const { Description: _unused, ...shown } = describePolicy(context, policy);
  return {
    Policy: { ...shown, ...(policy.tags.length === 0 ? {} : { Tags: describeTags(policy.tags) }) },
  };
}

export function getPolicy(input: wire.GetPolicyRequest, context: HandlerContext): wire.GetPolicyResponse {
  const policy = requirePolicy(context, input.PolicyArn);
  return { Policy: { ...describePolicy(context, policy), Tags: describeTags(policy.tags) } };
}

export function listPolicies(
  input: wire.ListPoliciesRequest,
  context: HandlerContext,
): wire.ListPoliciesResponse {
  const own = context.store.where(policies, "account", context.scope.account);
  const all =
    input.Scope === "AWS"
      ? awsManagedPolicies
      : input.Scope === "Local"
        ? own
        : [...own, ...awsManagedPolicies];
  const prefix = input.PathPrefix ?? "/";
  const shown = all
    .filter((policy) => policy.path.startsWith(prefix))
    .map((policy) => ({ arn: policy.arn, view: describePolicy(context, policy) }))
    .filter(({ view }) => {
      if (input.OnlyAttached === true && view.AttachmentCount === 0) return false;
      return input.PolicyUsageFilter === "PermissionsBoundary"
        ? view.PermissionsBoundaryUsageCount !== 0
        : true;
    });
  const { items, end } = iamPage(shown, input, ({ arn }) => arn);
  // As at AWS, lists show no descriptions.
  return { Policies: items.map(({ view: { Description: _unused, ...view } }) => view), ...end };
}

export function deletePolicy(input: wire.DeletePolicyRequest, context: HandlerContext): object {
  const policy = requireOwnPolicy(context, input.PolicyArn);
  const own = [
    ...context.store.where(roles, "account", policy.account),
    ...context.store.where(users, "account", policy.account),
  ];
  const used = own.some(
    (entity) =>
      entity.attachedPolicyArns.includes(policy.arn) || entity.permissionsBoundaryArn === policy.arn,
  );
  if (used) throw policyAttached();
  if (policy.versions.length > 1) throw policyHasVersions();
  context.store.transaction((tx) => tx.delete(policies, policy.arn));
  return {};
}

export function listEntitiesForPolicy(
  input: wire.ListEntitiesForPolicyRequest,
  context: HandlerContext,
): wire.ListEntitiesForPolicyResponse {
  const policyArn = requirePolicyArn(input.PolicyArn);
  if (!isAwsManagedArn(policyArn)) requirePolicy(context, policyArn);
  const { account } = context.scope;
  const boundary = input.PolicyUsageFilter === "PermissionsBoundary";
  const prefix = input.PathPrefix ?? "/";
  const uses = (entity: Pick<Role, "permissionsBoundaryArn" | "attachedPolicyArns" | "path">) =>
    (boundary
      ? entity.permissionsBoundaryArn === policyArn
      : entity.attachedPolicyArns.includes(policyArn)) && entity.path.startsWith(prefix);
  const wanted = (kind: wire.EntityType) => input.EntityFilter === undefined || input.EntityFilter === kind;
  const foundRoles = wanted("Role") ? context.store.where(roles, "account", account).filter(uses) : [];
  const foundUsers = wanted("User") ? context.store.where(users, "account", account).filter(uses) : [];
  const entities = [
    ...foundUsers.map(({ userName, userId }) => ({ kind: "user" as const, name: userName, id: userId })),
    ...foundRoles.map(({ roleName, roleId }) => ({ kind: "role" as const, name: roleName, id: roleId })),
  ];
  const { items, end } = iamPage(entities, input, ({ kind, name }) => `${kind}/${name}`);
  return {
    PolicyGroups: [],
    PolicyUsers: items.flatMap(({ kind, name, id }) =>
      kind === "user" ? [{ UserName: name, UserId: id }] : [],
    ),
    PolicyRoles: items.flatMap(({ kind, name, id }) =>
      kind === "role" ? [{ RoleName: name, RoleId: id }] : [],
    ),
    ...end,
  };
}
