/** Targets of a rule. */
import type * as wire from "@aws-sdk/client-eventbridge";
import { eventRules } from "../../store/tables/events.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { checkCount, readLimit, requireMember, requireName } from "./constraints.ts";
import { duplicateTarget, invalidToken, limitExceeded } from "./errors.ts";
import { requireRule } from "./resolve.ts";
import { checkTarget, checkTargetShape } from "./target-rules.ts";

/** EventBridge quotas: of a rule. */
const MOST_TARGETS = 5;

/** A target whose id is there is replaced. Throws LimitExceededException beside the errors of single targets. */
export function putTargets(input: wire.PutTargetsRequest, context: HandlerContext): wire.PutTargetsResponse {
  const given = requireMember(input.Targets, "targets");
  checkCount(
    given.map(({ Id }) => Id ?? ""),
    "targets",
    1,
    100,
  );
  for (const [index, target] of given.entries()) checkTargetShape(target, index);
  const rule = requireRule(context, input.EventBusName, input.Rule, "rule");
  const twice = given.find(({ Id }, index) => given.findIndex((other) => other.Id === Id) < index);
  if (twice !== undefined) throw duplicateTarget(twice.Id ?? "");
  for (const target of given) checkTarget(context, target);
  const targets = new Map([...rule.targets, ...given].map((target) => [target.Id, target]));
  if (targets.size > MOST_TARGETS) throw limitExceeded();
  context.store.transaction((tx) => tx.put(eventRules, { ...rule, targets: [...targets.values()] }));
  return { FailedEntryCount: 0, FailedEntries: [] };
}

/** Ids that are not there are no error. */
export function removeTargets(
  input: wire.RemoveTargetsRequest,
  context: HandlerContext,
): wire.RemoveTargetsResponse {
  const ids = requireMember(input.Ids, "ids");
  checkCount(ids, "ids", 1, 100);
  for (const [index, id] of ids.entries()) requireName(id, `ids.${index + 1}.member`);
  const rule = requireRule(context, input.EventBusName, input.Rule, "rule");
  const targets = rule.targets.filter(({ Id }) => Id === undefined || !ids.includes(Id));
  context.store.transaction((tx) => tx.put(eventRules, { ...rule, targets }));
  return { FailedEntryCount: 0, FailedEntries: [] };
}

export function listTargetsByRule(
  input: wire.ListTargetsByRuleRequest,
  context: HandlerContext,
): wire.ListTargetsByRuleResponse {
  const rule = requireRule(context, input.EventBusName, input.Rule, "rule");
  const { items, nextToken } = page(rule.targets, {
    token: input.NextToken,
    limit: readLimit(input.Limit),
    key: ({ Id }) => Id ?? "",
    invalidToken,
  });
  return { Targets: items, ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
}
