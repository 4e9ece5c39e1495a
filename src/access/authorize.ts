/** May the caller do that? Asks the policies for every action and resource of an operation. */
import { parseArn } from "../model/arn.ts";
import { denialText } from "../model/iam/policy/denial.ts";
import { type Decision, evaluateAccess } from "../model/iam/policy/evaluate.ts";
import type { Scope } from "../model/scope.ts";
import type { Actor } from "../store/iam-actors.ts";
import type { StoreReader } from "../store/store.ts";
import { type ActionRule, ANY, type Asking, type Keys } from "./actions/action.ts";
import { findRule } from "./actions/rules.ts";
import {
  contextOf,
  type GivenTags,
  globalKeys,
  type RequestFacts,
  requestTagKeys,
  resourceTagKeys,
} from "./request-context.ts";
import { accountOfResource, policyOfResource, tagsOfResource } from "./resource-facts.ts";

export interface Call {
  readonly scope: Scope;
  /** As the gateway's catalogue names it: `ecs`. */
  readonly service: string;
  readonly operation: string;
  /** Decoded by the operation's schema. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly request: RequestFacts;
}

export interface Refusal {
  /** `User: … is not authorized to perform: … because …`. */
  readonly message: string;
  readonly asked: Asking;
  readonly decision: Exclude<Decision, { effect: "allow" }>;
}

/** Services that name no resource in a refusal where the action has none. */
const SILENT = new Set([
  "autoscaling",
  "cloudtrail",
  "ec2",
  "elasticloadbalancing",
  "route53",
  "servicediscovery",
]);

/** Undefined: it may. The first refusal otherwise. */
export function refusalOf(store: StoreReader, actor: Actor, call: Call): Refusal | undefined {
  const { service, operation, input } = call;
  // The gateway decoded the input by the operation's own schema, which is the type that the rule is written for.
  const rule = (findRule(service, operation) ?? ANY) as ActionRule<typeof input>;
  if (rule.open === true || rule.byHandler === true) return undefined;
  const facts = { scope: call.scope, store, userName: actor.userName };
  const given = { tags: rule.tags?.(input) ?? [], keys: rule.tagKeys?.(input) ?? [] };
  const keys = rule.keys?.(input, facts) ?? {};
  const action = `${service}:${rule.action ?? operation}`;
  const resources = rule.on?.(input, facts) ?? [];
  const asked: Asking[] = (resources.length === 0 ? ["*"] : resources).map((resource) => ({
    action,
    resource,
    keys,
  }));
  for (const asking of asked) {
    const refusal = ask(store, actor, call, asking, given);
    if (refusal === undefined) continue;
    const shown =
      rule.shown?.(input) ?? (asking.resource === "*" && SILENT.has(service) ? undefined : asking.resource);
    return {
      ...refusal,
      message: denialText({ user: actor.arn, action, resource: quoted(service, shown) }, refusal.decision),
    };
  }
  for (const asking of rule.also?.(input, facts) ?? []) {
    const refusal = ask(store, actor, call, asking, given);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function ask(
  store: StoreReader,
  actor: Actor,
  call: Call,
  asking: Asking,
  given: GivenTags,
): Refusal | undefined {
  const decision = decide(store, actor, asking, [globalKeys(actor, call.request), requestTagKeys(given)]);
  if (decision.effect === "allow") return undefined;
  const { action, resource } = asking;
  const shown = quoted(call.service, resource);
  return {
    message: denialText({ user: actor.arn, action, resource: shown }, decision),
    asked: asking,
    decision,
  };
}

/** S3 alone puts the ARN in quotation marks. */
function quoted(service: string, resource: string | undefined): string | undefined {
  return service === "s3" && resource !== undefined ? `"${resource}"` : resource;
}

/** One action on one resource, with the resource's own tags and policy. */
export function decide(
  store: StoreReader,
  actor: Actor,
  { action, resource, keys }: Asking,
  context: readonly Keys[],
): Decision {
  const service = action.split(":")[0] ?? "";
  const parts = parseArn(resource);
  const own = policyOfResource(store, resource);
  const account = /^\d{12}$/.test(parts?.account ?? "") ? parts?.account : accountOfResource(store, resource);
  return evaluateAccess(
    {
      ...actor.policies,
      ...(own === undefined ? {} : { resource: own }),
      ...(account === undefined ? {} : { resourceAccount: account }),
    },
    {
      action,
      resource,
      principal: actor.facts,
      context: contextOf(
        ...context,
        { "aws:ResourceAccount": account },
        resourceTagKeys(service, tagsOfResource(store, resource)),
        keys ?? {},
      ),
    },
  );
}
