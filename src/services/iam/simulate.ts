/** The policy simulator: what policies would say, without asking for anything ("Testing IAM policies with the IAM policy simulator"). */
import type * as wire from "@aws-sdk/client-iam";
import { type Condition, type PolicyDocument, parsePolicy } from "../../model/iam/policy/document.ts";
import {
  type DecidingStatement,
  type Decision,
  evaluateAccess,
  type NamedPolicy,
} from "../../model/iam/policy/evaluate.ts";
import type { RequestContext } from "../../model/iam/policy/patterns.ts";
import { spanOfStatement } from "../../model/iam/policy/positions.ts";
import type { HandlerContext } from "../operation.ts";
import { requireMember } from "./constraints.ts";
import { readIdentityPolicy } from "./documents.ts";
import { invalidInput } from "./errors.ts";
import { iamPage } from "./pages.ts";
import { policySourcesOf, requirePolicySource, type SimulatedPolicy } from "./policy-sources.ts";

type Simulated = wire.SimulateCustomPolicyRequest | wire.SimulatePrincipalPolicyRequest;

interface Simulation {
  readonly policies: readonly SimulatedPolicy[];
  readonly boundary?: SimulatedPolicy | undefined;
  readonly resourcePolicy?: SimulatedPolicy | undefined;
  readonly context: RequestContext;
  readonly caller: { readonly account: string; readonly arn: string };
}

export function simulateCustomPolicy(
  input: wire.SimulateCustomPolicyRequest,
  context: HandlerContext,
): wire.SimulatePolicyResponse {
  const given = requireMember(input.PolicyInputList, "PolicyInputList");
  return simulate(input, {
    policies: inputList(given, "PolicyInputList"),
    boundary: boundaryOf(input),
    resourcePolicy: resourcePolicyOf(input),
    context: contextOf(input),
    caller: callerOf(input.CallerArn ?? context.caller.arn),
  });
}

export function simulatePrincipalPolicy(
  input: wire.SimulatePrincipalPolicyRequest,
  context: HandlerContext,
): wire.SimulatePolicyResponse {
  const source = requirePolicySource(context, input.PolicySourceArn);
  const { identity, boundary } = policySourcesOf(context.store, source);
  const given: readonly (readonly [string, string | undefined])[] = [
    ["aws:PrincipalArn", source.entity.arn],
    ["aws:PrincipalAccount", source.entity.account],
    ["aws:username", source.kind === "user" ? source.entity.userName : undefined],
    ["aws:userid", source.kind === "user" ? source.entity.userId : undefined],
  ];
  const known = new Map(
    given.flatMap(([key, value]) => (value === undefined ? [] : [[key.toLowerCase(), [value]] as const])),
  );
  return simulate(input, {
    policies: [...identity, ...inputList(input.PolicyInputList ?? [], "PolicyInputList")],
    boundary: boundaryOf(input) ?? boundary,
    resourcePolicy: resourcePolicyOf(input),
    context: new Map([...known, ...contextOf(input)]),
    caller: callerOf(input.CallerArn ?? source.entity.arn),
  });
}

function inputList(texts: readonly string[], list: string): SimulatedPolicy[] {
  return texts.map((text, index) => ({
    id: `${list}.${index + 1}`,
    type: "none",
    text: readIdentityPolicy(text),
  }));
}

function boundaryOf(input: Simulated): SimulatedPolicy | undefined {
  return inputList(input.PermissionsBoundaryPolicyInputList ?? [], "PermissionsBoundaryPolicyInputList")[0];
}

function resourcePolicyOf(input: Simulated): SimulatedPolicy | undefined {
  const text = input.ResourcePolicy;
  if (text === undefined) return undefined;
  if (input.CallerArn === undefined && !("PolicySourceArn" in input)) {
    throw invalidInput("A CallerArn must be specified when a ResourcePolicy is specified.");
  }
  return { id: "ResourcePolicy", type: "resource", text };
}

function callerOf(arn: string): Simulation["caller"] {
  return { arn, account: arn.split(":")[4] ?? "" };
}

function contextOf({ ContextEntries }: Simulated): RequestContext {
  return new Map(
    (ContextEntries ?? []).flatMap(({ ContextKeyName, ContextKeyValues }) =>
      ContextKeyName === undefined ? [] : [[ContextKeyName.toLowerCase(), ContextKeyValues ?? []] as const],
    ),
  );
}

const MOST_ACTIONS_SHOWN = 128;

function simulate(input: Simulated, simulation: Simulation): wire.SimulatePolicyResponse {
  const actions = requireMember(input.ActionNames, "ActionNames");
  for (const [index, action] of actions.entries()) {
    if (!/^[a-z0-9-]+:[A-Za-z0-9*]+$/i.test(action) || action.length > MOST_ACTIONS_SHOWN) {
      throw invalidInput(`Invalid Entity Action: actionNames.${index + 1}.member ${action}`);
    }
  }
  const resources = (input.ResourceArns ?? []).length === 0 ? ["*"] : (input.ResourceArns ?? []);
  // Pages keep the order of the request.
  const asked = actions
    .flatMap((action) => resources.map((resource) => ({ action, resource })))
    .map((entry, index) => ({ ...entry, place: String(index).padStart(6, "0") }));
  const { items, end } = iamPage(asked, input, ({ place }) => place);
  return {
    EvaluationResults: items.map(({ action, resource }) => evaluated(action, resource, input, simulation)),
    ...end,
  };
}

function evaluated(
  action: string,
  resource: string,
  input: Simulated,
  simulation: Simulation,
): wire.EvaluationResult {
  const { policies, boundary, resourcePolicy, context, caller } = simulation;
  const owner = input.ResourceOwner === undefined ? undefined : callerOf(input.ResourceOwner).account;
  const request = { action, resource, principal: { account: caller.account, arn: caller.arn }, context };
  const set = {
    identity: policies.map(named),
    ...(boundary === undefined ? {} : { boundary: named(boundary) }),
    ...(resourcePolicy === undefined ? {} : { resource: named(resourcePolicy) }),
    ...(owner === undefined || owner === "" ? {} : { resourceAccount: owner }),
  };
  const decision = evaluateAccess(set, request);
  const all = [
    ...policies,
    ...(boundary === undefined ? [] : [boundary]),
    ...(resourcePolicy ? [resourcePolicy] : []),
  ];
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: effectOf(decision),
    MatchedStatements: matchedStatements(decision, all),
    MissingContextValues: missing(policies, context),
    ...(boundary === undefined
      ? {}
      : {
          PermissionsBoundaryDecisionDetail: {
            AllowedByPermissionsBoundary:
              evaluateAccess({ identity: [named(boundary)] }, request).effect === "allow",
          },
        }),
  };
}

function named({ id, text }: SimulatedPolicy): NamedPolicy {
  return { name: id, document: parsed(text) };
}

function parsed(text: string): PolicyDocument {
  return parsePolicy(text) ?? { hasVariables: false, statements: [] };
}

function effectOf({ effect }: Decision): wire.PolicyEvaluationDecisionType {
  if (effect === "allow") return "allowed";
  return effect === "explicit-deny" ? "explicitDeny" : "implicitDeny";
}

function matchedStatements(decision: Decision, policies: readonly SimulatedPolicy[]): wire.Statement[] {
  if (decision.effect === "implicit-deny") return [];
  return decision.by.flatMap((by) => describeStatement(by, policies));
}

function describeStatement(by: DecidingStatement, policies: readonly SimulatedPolicy[]): wire.Statement[] {
  const policy = policies.find(({ id }) => id === by.policy);
  if (policy === undefined) return [];
  const span = spanOfStatement(policy.text, by.index);
  return [
    {
      SourcePolicyId: policy.id,
      SourcePolicyType: policy.type,
      ...(span === undefined
        ? {}
        : {
            StartPosition: { Line: span.start.line, Column: span.start.column },
            EndPosition: { Line: span.end.line, Column: span.end.column },
          }),
    },
  ];
}

/** Keys that conditions ask for and the request does not tell. */
function missing(policies: readonly SimulatedPolicy[], context: RequestContext): string[] {
  const asked = policies.flatMap(({ text }) => contextKeysOf(text));
  return [...new Set(asked)].filter((key) => !context.has(key.toLowerCase())).sort();
}

/** As the document writes them: in conditions, and as variables. */
export function contextKeysOf(text: string): string[] {
  const document = parsed(text);
  const inConditions = document.statements.flatMap(({ conditions }) =>
    conditions.map(({ key }: Condition) => spelled(text, key)),
  );
  const variables = document.hasVariables
    ? [...text.matchAll(/\$\{\s*([^},\s]+)\s*(?:,[^}]*)?\}/g)].map(([, key]) => key ?? "")
    : [];
  return [...new Set([...inConditions, ...variables.filter((key) => !/^[*?$]$/.test(key))])];
}

function spelled(text: string, key: string): string {
  const at = text.toLowerCase().indexOf(`"${key}"`);
  return at < 0 ? key : text.slice(at + 1, at + 1 + key.length);
}
