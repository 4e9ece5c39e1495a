/** What roles may do: inline and attached policies. */
import type * as wire from "@aws-sdk/client-iam";
import { roles } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { requireName, requirePolicyArn } from "./constraints.ts";
import { countedSize, encodeDocument, LARGEST_INLINE_POLICIES, readIdentityPolicy } from "./documents.ts";
import { limitExceeded, policyNotFound, rolePolicyNotFound } from "./errors.ts";
import { iamPage } from "./pages.ts";
import { requireAttachableArn, requireOwnRole, requireRole } from "./resolve.ts";
import { attachedPoliciesPage } from "./views/entities.ts";

/** "Managed policies attached to an IAM role", the quota before it is raised. */
const MOST_ATTACHED = 10;

export function putRolePolicy(input: wire.PutRolePolicyRequest, context: HandlerContext): object {
  const role = requireOwnRole(context, input.RoleName);
  const policyName = requireName(input.PolicyName, "PolicyName", 128);
  const policyDocument = readIdentityPolicy(input.PolicyDocument);
  const inlinePolicies = [
    ...role.inlinePolicies.filter((policy) => policy.policyName !== policyName),
    { policyName, policyDocument },
  ];
  const size = inlinePolicies.reduce((sum, policy) => sum + countedSize(policy.policyDocument), 0);
  if (size > LARGEST_INLINE_POLICIES) {
    throw limitExceeded(
      `Maximum policy size of ${LARGEST_INLINE_POLICIES} bytes exceeded for role ${role.roleName}`,
    );
  }
  context.store.transaction((tx) => tx.put(roles, { ...role, inlinePolicies }));
  return {};
}

export function getRolePolicy(
  input: wire.GetRolePolicyRequest,
  context: HandlerContext,
): wire.GetRolePolicyResponse {
  const role = requireRole(context, input.RoleName);
  const policyName = requireName(input.PolicyName, "PolicyName", 128);
  const policy = role.inlinePolicies.find((candidate) => candidate.policyName === policyName);
  if (policy === undefined) throw rolePolicyNotFound(policyName);
  return {
    RoleName: role.roleName,
    PolicyName: policyName,
    PolicyDocument: encodeDocument(policy.policyDocument),
  };
}

export function listRolePolicies(
  input: wire.ListRolePoliciesRequest,
  context: HandlerContext,
): wire.ListRolePoliciesResponse {
  const role = requireRole(context, input.RoleName);
  const names = role.inlinePolicies.map((policy) => policy.policyName);
  const { items, end } = iamPage(names, input, (name) => name);
  return { PolicyNames: items, ...end };
}

export function deleteRolePolicy(input: wire.DeleteRolePolicyRequest, context: HandlerContext): object {
  const role = requireOwnRole(context, input.RoleName);
  const policyName = requireName(input.PolicyName, "PolicyName", 128);
  const inlinePolicies = role.inlinePolicies.filter((policy) => policy.policyName !== policyName);
  if (inlinePolicies.length === role.inlinePolicies.length) throw rolePolicyNotFound(policyName);
  context.store.transaction((tx) => tx.put(roles, { ...role, inlinePolicies }));
  return {};
}

/** Attaching what is attached already changes nothing. */
export function attachRolePolicy(input: wire.AttachRolePolicyRequest, context: HandlerContext): object {
  const role = requireOwnRole(context, input.RoleName);
  const policyArn = requireAttachableArn(context, input.PolicyArn);
  if (role.attachedPolicyArns.includes(policyArn)) return {};
  if (role.attachedPolicyArns.length >= MOST_ATTACHED) {
    throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${MOST_ATTACHED}`);
  }
  const attachedPolicyArns = [...role.attachedPolicyArns, policyArn];
  context.store.transaction((tx) => tx.put(roles, { ...role, attachedPolicyArns }));
  return {};
}

export function detachRolePolicy(input: wire.DetachRolePolicyRequest, context: HandlerContext): object {
  const role = requireOwnRole(context, input.RoleName);
  const policyArn = requirePolicyArn(input.PolicyArn);
  if (!role.attachedPolicyArns.includes(policyArn)) throw policyNotFound(policyArn);
  const attachedPolicyArns = role.attachedPolicyArns.filter((arn) => arn !== policyArn);
  context.store.transaction((tx) => tx.put(roles, { ...role, attachedPolicyArns }));
  return {};
}

export function listAttachedRolePolicies(
  input: wire.ListAttachedRolePoliciesRequest,
  context: HandlerContext,
): wire.ListAttachedRolePoliciesResponse {
  return attachedPoliciesPage(requireRole(context, input.RoleName).attachedPolicyArns, input);
}
