/** Resource policies of secrets. They decide with the callers' own policies under `--iam=enforce`. */
import type * as wire from "@aws-sdk/client-secrets-manager";
import {
  grantsBroadAccess,
  localPrincipals,
  readResourcePolicy,
} from "../../model/secretsmanager/resource-policy.ts";
import { roles, users } from "../../store/tables/iam.ts";
import { secrets } from "../../store/tables/secretsmanager.ts";
import type { HandlerContext } from "../operation.ts";
import { checkLength, readSecretId, requireMember } from "./constraints.ts";
import { malformedPolicy, publicPolicy } from "./errors.ts";
import { requireUsable } from "./resolve.ts";
import { named } from "./views/secret.ts";

export function getResourcePolicy(
  input: wire.GetResourcePolicyRequest,
  context: HandlerContext,
): wire.GetResourcePolicyResponse {
  const secret = requireUsable(context, input.SecretId);
  return { ...named(secret), ...(secret.policy === undefined ? {} : { ResourcePolicy: secret.policy }) };
}

export function putResourcePolicy(
  input: wire.PutResourcePolicyRequest,
  context: HandlerContext,
): wire.PutResourcePolicyResponse {
  readSecretId(input.SecretId);
  const policy = readPolicyText(input.ResourcePolicy);
  const secret = requireUsable(context, input.SecretId);
  const { fault, isBroad } = examine(context, policy);
  if (fault !== undefined) throw malformedPolicy(fault);
  if (isBroad && input.BlockPublicPolicy === true) throw publicPolicy();
  const lastChangedAt = context.clock.now();
  context.store.transaction((tx) => tx.put(secrets, { ...secret, policy, lastChangedAt }));
  return named(secret);
}

export function deleteResourcePolicy(
  input: wire.DeleteResourcePolicyRequest,
  context: HandlerContext,
): wire.DeleteResourcePolicyResponse {
  const secret = requireUsable(context, input.SecretId);
  const lastChangedAt = context.clock.now();
  context.store.transaction((tx) => tx.put(secrets, { ...secret, policy: undefined, lastChangedAt }));
  return named(secret);
}

export function validateResourcePolicy(
  input: wire.ValidateResourcePolicyRequest,
  context: HandlerContext,
): wire.ValidateResourcePolicyResponse {
  const policy = readPolicyText(input.ResourcePolicy);
  if (input.SecretId !== undefined) requireUsable(context, input.SecretId);
  const { fault, isBroad } = examine(context, policy);
  const messages = [
    ...(fault === undefined ? [] : [fault]),
    ...(isBroad ? ["This resource policy grants broad access to your secret."] : []),
  ];
  return {
    PolicyValidationPassed: messages.length === 0,
    ValidationErrors: messages.map((ErrorMessage) => ({ ErrorMessage })),
  };
}

function readPolicyText(value: string | undefined): string {
  const policy = requireMember(value, "resourcePolicy");
  checkLength(policy, "resourcePolicy", 1, 20_480);
  return policy;
}

interface Findings {
  /** Why it cannot be a secret's policy. */
  readonly fault?: string;
  readonly isBroad: boolean;
}

function examine({ store, scope }: HandlerContext, policy: string): Findings {
  const document = readResourcePolicy(policy);
  if (document === undefined) {
    return { fault: "This resource policy contains a syntax error.", isBroad: false };
  }
  const isKnown = (principal: string): boolean => {
    const key = `${scope.account}/${principal.split("/").at(-1) ?? ""}`;
    const found = principal.startsWith("role/") ? store.get(roles, key) : store.get(users, key);
    return found !== undefined;
  };
  const unknown = localPrincipals(document, scope.account).some((principal) => !isKnown(principal));
  return {
    ...(unknown ? { fault: "This resource policy contains an unsupported principal." } : {}),
    isBroad: grantsBroadAccess(document),
  };
}
