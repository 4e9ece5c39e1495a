import type * as wire from "@aws-sdk/client-iam";
import type { HandlerContext } from "../operation.ts";
import { requireMember } from "./constraints.ts";
import { readIdentityPolicy } from "./documents.ts";
import { policySourcesOf, requirePolicySource } from "./policy-sources.ts";
import { contextKeysOf } from "./simulate.ts";

export function getContextKeysForCustomPolicy(
  input: wire.GetContextKeysForCustomPolicyRequest,
  _context: HandlerContext,
): wire.GetContextKeysForPolicyResponse {
  return keysOf(requireMember(input.PolicyInputList, "PolicyInputList").map(readIdentityPolicy));
}

export function getContextKeysForPrincipalPolicy(
  input: wire.GetContextKeysForPrincipalPolicyRequest,
  context: HandlerContext,
): wire.GetContextKeysForPolicyResponse {
  const { identity } = policySourcesOf(context.store, requirePolicySource(context, input.PolicySourceArn));
  return keysOf([
    ...identity.map(({ text }) => text),
    ...(input.PolicyInputList ?? []).map(readIdentityPolicy),
  ]);
}

function keysOf(texts: readonly string[]): wire.GetContextKeysForPolicyResponse {
  return { ContextKeyNames: [...new Set(texts.flatMap(contextKeysOf))] };
}
