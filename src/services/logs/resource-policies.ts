/** Policies by which AWS services may write to log groups: those of an account and region. */
import type * as wire from "@aws-sdk/client-cloudwatch-logs";
import { parsePolicy } from "../../model/iam/policy/document.ts";
import type { LogResourcePolicy } from "../../model/logs/records.ts";
import { logResourcePolicies } from "../../store/tables/logs.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { checkLength, checkRange, oneOf, requireMember } from "./constraints.ts";
import { invalidParameter, invalidPolicy, invalidToken, limitExceeded, policyNotFound } from "./errors.ts";

/** CloudWatch Logs quotas. */
const MOST_POLICIES = 10;
const MOST_CHARACTERS = 5120;

export function putResourcePolicy(
  input: wire.PutResourcePolicyRequest,
  context: HandlerContext,
): wire.PutResourcePolicyResponse {
  refuseResourceScope(input.resourceArn);
  const policyName = requireMember(input.policyName, "policyName");
  const policyDocument = requireMember(input.policyDocument, "policyDocument");
  checkLength(policyDocument, "policyDocument", 1, MOST_CHARACTERS);
  checkDocument(policyDocument);
  const policies = policiesOf(context);
  const known = policies.some((policy) => policy.policyName === policyName);
  if (!known && policies.length >= MOST_POLICIES) throw limitExceeded();
  const { account, region } = context.scope;
  const lastUpdatedTime = context.clock.now();
  const policy = { account, region, policyName, policyDocument, lastUpdatedTime };
  context.store.transaction((tx) => tx.put(logResourcePolicies, policy));
  return { resourcePolicy: describePolicy(policy) };
}

export function describeResourcePolicies(
  input: wire.DescribeResourcePoliciesRequest,
  context: HandlerContext,
): wire.DescribeResourcePoliciesResponse {
  const { limit = 50 } = input;
  checkRange(limit, "limit", 1, 50);
  const scope = oneOf(input.policyScope, "policyScope", ["ACCOUNT", "RESOURCE"]) ?? "ACCOUNT";
  const { items, nextToken } = page(scope === "ACCOUNT" ? policiesOf(context) : [], {
    token: input.nextToken,
    limit,
    key: ({ policyName }) => policyName,
    invalidToken,
  });
  return {
    resourcePolicies: items.map(describePolicy),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

export function deleteResourcePolicy(
  input: wire.DeleteResourcePolicyRequest,
  context: HandlerContext,
): object {
  refuseResourceScope(input.resourceArn);
  const name = requireMember(input.policyName, "policyName");
  const { account, region } = context.scope;
  const key = `${account}/${region}/${name}`;
  if (context.store.get(logResourcePolicies, key) === undefined) throw policyNotFound(name);
  context.store.transaction((tx) => tx.delete(logResourcePolicies, key));
  return {};
}

function policiesOf({ store, scope }: HandlerContext): LogResourcePolicy[] {
  return store.where(logResourcePolicies, "scope", `${scope.account}/${scope.region}`);
}

function refuseResourceScope(resourceArn: string | undefined): void {
  if (resourceArn === undefined) return;
  throw invalidParameter("Berth does not support resource policies of a single log group (resourceArn).");
}

/** Throws InvalidParameterException. */
function checkDocument(text: string): void {
  const document = parsePolicy(text);
  const statements = document?.statements ?? [];
  const sound = statements.every(
    ({ principals, notPrincipals, actions, notActions, resources, notResources }) =>
      (principals ?? notPrincipals) !== undefined &&
      (actions ?? notActions) !== undefined &&
      (resources ?? notResources) !== undefined &&
      !namesServiceAsAccount(principals),
  );
  if (statements.length === 0 || !sound) throw invalidPolicy();
}

/** `{"AWS": "delivery.logs.amazonaws.com"}`: a service is no account. */
function namesServiceAsAccount(
  principals: "*" | ReadonlyMap<string, readonly string[]> | undefined,
): boolean {
  if (principals === undefined || principals === "*") return false;
  return (principals.get("AWS") ?? []).some((value) => !/^(\*|\d{12}|arn:.+|A[A-Z0-9]{15,})$/.test(value));
}

function describePolicy(policy: LogResourcePolicy): wire.ResourcePolicy {
  const { policyName, policyDocument, lastUpdatedTime } = policy;
  return { policyName, policyDocument, lastUpdatedTime, policyScope: "ACCOUNT" };
}
