import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { ruleArn } from "../../model/elb/names.ts";
import type { Listener, ListenerRule } from "../../model/elb/records.ts";
import { listenerRules, listeners, loadBalancers } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { checkRange, requireMember } from "./constraints.ts";
import {
  loadBalancerNotFound,
  operationNotPermitted,
  priorityInUse,
  tooManyRules,
  validationError,
} from "./errors.ts";
import { checkForwarding } from "./forwarding.ts";
import { readActions } from "./read-actions.ts";
import { readConditions } from "./read-conditions.ts";
import { requireListener } from "./resolve.ts";
import { readTags } from "./tags.ts";
import { describeRule } from "./views/rule.ts";

/** Of a load balancer, without the listeners' default ones. */
const MOST_RULES = 100;

export function createRule(input: wire.CreateRuleInput, context: HandlerContext): wire.CreateRuleOutput {
  const { store, scope, random } = context;
  const listener = requireListener(context, input.ListenerArn);
  if (listener.protocol !== "HTTP" && listener.protocol !== "HTTPS") {
    throw validationError(`Rules are not supported on ${listener.protocol} listeners`);
  }
  const priority = requireMember(input.Priority, "priority");
  checkPriority(priority);
  refuseTransforms(input.Transforms);
  const conditions = readConditions(input.Conditions);
  const actions = readRuleActions(context, listener, input.Actions);
  const tags = readTags(input.Tags);
  if (store.where(listenerRules, "listener", listener.arn).some((rule) => rule.priority === priority)) {
    throw priorityInUse(priority);
  }
  if (countRules(context, listener.loadBalancerArn) >= MOST_RULES) throw tooManyRules();
  const rule: ListenerRule = {
    ...scope,
    arn: ruleArn(listener.arn, random.hex(16)),
    listenerArn: listener.arn,
    priority,
    conditions,
    actions,
    tags,
  };
  store.transaction((tx) => tx.put(listenerRules, rule));
  return { Rules: [describeRule(rule)] };
}

export function checkPriority(priority: number): void {
  checkRange(priority, "priority", 1, 50_000);
}

export function refuseTransforms(transforms: readonly wire.RuleTransform[] | undefined): void {
  if ((transforms ?? []).length > 0)
    throw operationNotPermitted("Berth does not support transforms in rules");
}

/** The actions, checked also against the load balancer and the groups that they name. */
export function readRuleActions(
  context: HandlerContext,
  listener: Listener,
  input: readonly wire.Action[] | undefined,
): ListenerRule["actions"] {
  const loadBalancer = context.store.get(loadBalancers, listener.loadBalancerArn);
  if (loadBalancer === undefined) throw loadBalancerNotFound(listener.loadBalancerArn);
  const actions = readActions(input, { path: "actions", listenerProtocol: listener.protocol });
  checkForwarding(context, loadBalancer, listener.protocol, actions);
  return actions;
}

function countRules(context: HandlerContext, loadBalancerArn: string): number {
  return context.store
    .where(listeners, "loadBalancer", loadBalancerArn)
    .reduce((sum, listener) => sum + context.store.count(listenerRules, "listener", listener.arn), 0);
}
