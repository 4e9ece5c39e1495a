/** What users may do: inline and attached policies. */
import type * as wire from "@aws-sdk/client-iam";
import { users } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { requireName, requirePolicyArn } from "./constraints.ts";
import { countedSize, encodeDocument, readIdentityPolicy } from "./documents.ts";
import { limitExceeded, policyNotFound, userPolicyNotFound } from "./errors.ts";
import { iamPage } from "./pages.ts";
import { requireAttachableArn, requireUser } from "./resolve.ts";
import { attachedPoliciesPage } from "./views/entities.ts";

/** "Managed policies attached to an IAM user", the quota before it is raised. */
const MOST_ATTACHED = 10;
/** "IAM and AWS STS quotas": the sum of a user's inline policies. */
const LARGEST_INLINE_POLICIES = 2048;

export function putUserPolicy(input: wire.PutUserPolicyRequest, context: HandlerContext): object {
  const user = requireUser(context, input.UserName);
  const policyName = requireName(input.PolicyName, "PolicyName", 128);
  const policyDocument = readIdentityPolicy(input.PolicyDocument);
  const inlinePolicies = [
    ...user.inlinePolicies.filter((policy) => policy.policyName !== policyName),
    { policyName, policyDocument },
  ];
  const size = inlinePolicies.reduce((sum, policy) => sum + countedSize(policy.policyDocument), 0);
  if (size > LARGEST_INLINE_POLICIES) {
    throw limitExceeded(
      `Maximum policy size of ${LARGEST_INLINE_POLICIES} bytes exceeded for user ${user.userName}`,
    );
  }
  context.store.transaction((tx) => tx.put(users, { ...user, inlinePolicies }));
  return {};
}

export function getUserPolicy(
  input: wire.GetUserPolicyRequest,
  context: HandlerContext,
): wire.GetUserPolicyResponse {
  const user = requireUser(context, input.UserName);
  const policyName = requireName(input.PolicyName, "PolicyName", 128);
  const policy = user.inlinePolicies.find((candidate) => candidate.policyName === policyName);
  if (policy === undefined) throw userPolicyNotFound(policyName);
  return {
    UserName: user.userName,
    PolicyName: policyName,
    PolicyDocument: encodeDocument(policy.policyDocument),
  };
}

export function listUserPolicies(
  input: wire.ListUserPoliciesRequest,
  context: HandlerContext,
): wire.ListUserPoliciesResponse {
  const user = requireUser(context, input.UserName);
  const names = user.inlinePolicies.map((policy) => policy.policyName);
  const { items, end } = iamPage(names, input, (name) => name);
  return { PolicyNames: items, ...end };
}

export function deleteUserPolicy(input: wire.DeleteUserPolicyRequest, context: HandlerContext): object {
  const user = requireUser(context, input.UserName);
  const policyName = requireName(input.PolicyName, "PolicyName", 128);
  const inlinePolicies = user.inlinePolicies.filter((policy) => policy.policyName !== policyName);
  if (inlinePolicies.length === user.inlinePolicies.length) throw userPolicyNotFound(policyName);
  context.store.transaction((tx) => tx.put(users, { ...user, inlinePolicies }));
  return {};
}

/** Attaching what is attached already changes nothing. */
export function attachUserPolicy(input: wire.AttachUserPolicyRequest, context: HandlerContext): object {
  const user = requireUser(context, input.UserName);
  const policyArn = requireAttachableArn(context, input.PolicyArn);
  if (user.attachedPolicyArns.includes(policyArn)) return {};
  if (user.attachedPolicyArns.length >= MOST_ATTACHED) {
    throw limitExceeded(`Cannot exceed quota for PoliciesPerUser: ${MOST_ATTACHED}`);
  }
  const attachedPolicyArns = [...user.attachedPolicyArns, policyArn];
  context.store.transaction((tx) => tx.put(users, { ...user, attachedPolicyArns }));
  return {};
}

export function detachUserPolicy(input: wire.DetachUserPolicyRequest, context: HandlerContext): object {
  const user = requireUser(context, input.UserName);
  const policyArn = requirePolicyArn(input.PolicyArn);
  if (!user.attachedPolicyArns.includes(policyArn)) throw policyNotFound(policyArn);
  const attachedPolicyArns = user.attachedPolicyArns.filter((arn) => arn !== policyArn);
  context.store.transaction((tx) => tx.put(users, { ...user, attachedPolicyArns }));
  return {};
}

export function listAttachedUserPolicies(
  input: wire.ListAttachedUserPoliciesRequest,
  context: HandlerContext,
): wire.ListAttachedUserPoliciesResponse {
  return attachedPoliciesPage(requireUser(context, input.UserName).attachedPolicyArns, input);
}
