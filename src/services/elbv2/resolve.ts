/** Finds and requires this service's resources within the caller's account and region. */
import {
  defaultRuleArn,
  listenerArnOfRule,
  type ResourceKind,
  resourceKindOf,
} from "../../model/elb/names.ts";
import type { Listener, ListenerRule, LoadBalancer, TargetGroup } from "../../model/elb/records.ts";
import { listenerRules, listeners, loadBalancers, targetGroups } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { requireMember } from "./constraints.ts";
import {
  invalidArn,
  listenerNotFound,
  loadBalancerNotFound,
  oneOrMoreRulesNotFound,
  targetGroupsNotFound,
} from "./errors.ts";

export function scopeKey(context: HandlerContext): string {
  return `${context.scope.account}/${context.scope.region}`;
}

/** The ARN itself; throws ValidationError when it is absent or names something else, or something elsewhere. */
export function requireArn(
  context: HandlerContext,
  arn: string | undefined,
  kind: ResourceKind,
  path: string,
): string {
  const text = requireMember(arn, path);
  if (resourceKindOf(text, context.scope) !== kind) throw invalidArn(text, kind);
  return text;
}

export function findLoadBalancer(context: HandlerContext, arn: string | undefined): LoadBalancer | undefined {
  const text = requireArn(context, arn, "load-balancer", "loadBalancerArn");
  return context.store.get(loadBalancers, text);
}

/** Throws ValidationError or LoadBalancerNotFound. */
export function requireLoadBalancer(context: HandlerContext, arn: string | undefined): LoadBalancer {
  const found = findLoadBalancer(context, arn);
  if (found === undefined) throw loadBalancerNotFound(arn ?? "");
  return found;
}

/** Throws ValidationError or TargetGroupNotFound. */
export function requireTargetGroup(context: HandlerContext, arn: string | undefined): TargetGroup {
  const text = requireArn(context, arn, "target-group", "targetGroupArn");
  const found = context.store.get(targetGroups, text);
  if (found === undefined) throw targetGroupsNotFound(text);
  return found;
}

/** Throws ValidationError or ListenerNotFound. */
export function requireListener(context: HandlerContext, arn: string | undefined): Listener {
  const text = requireArn(context, arn, "listener", "listenerArn");
  const found = context.store.get(listeners, text);
  if (found === undefined) throw listenerNotFound(text);
  return found;
}

export type FoundRule =
  | { readonly kind: "rule"; readonly rule: ListenerRule; readonly listener: Listener }
  /** The rule that a listener's default actions are shown as. */
  | { readonly kind: "default"; readonly arn: string; readonly listener: Listener };

/** Throws ValidationError or RuleNotFound. */
export function requireRule(context: HandlerContext, arn: string | undefined): FoundRule {
  const text = requireArn(context, arn, "rule", "ruleArn");
  const listener = context.store.get(listeners, listenerArnOfRule(text));
  if (listener === undefined) throw oneOrMoreRulesNotFound();
  if (text === defaultRuleArn(listener.arn)) return { kind: "default", arn: text, listener };
  const rule = context.store.get(listenerRules, text);
  if (rule === undefined) throw oneOrMoreRulesNotFound();
  return { kind: "rule", rule, listener };
}
