import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { ListenerRule } from "../../model/elb/records.ts";
import { listenerRules } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { requireList, requireMember } from "./constraints.ts";
import { checkPriority } from "./create-rule.ts";
import { operationNotPermitted, priorityInUse, validationError } from "./errors.ts";
import { requireRule } from "./resolve.ts";
import { describeRule } from "./views/rule.ts";

/** All or none; rules may swap their priorities, and rules that are not named keep theirs. */
export function setRulePriorities(
  input: wire.SetRulePrioritiesInput,
  context: HandlerContext,
): wire.SetRulePrioritiesOutput {
  const changed = requireList(input.RulePriorities, "rulePriorities").map((pair) => readPair(context, pair));
  const [first] = changed;
  if (changed.some((rule) => rule.listenerArn !== first?.listenerArn)) {
    throw validationError("The rules must belong to the same listener");
  }
  checkUnique(changed);
  const named = new Set(changed.map((rule) => rule.arn));
  for (const other of context.store.where(listenerRules, "listener", first?.listenerArn ?? "")) {
    if (named.has(other.arn)) continue;
    if (changed.some((rule) => rule.priority === other.priority)) throw priorityInUse(other.priority);
  }
  context.store.transaction((tx) => {
    for (const rule of changed) tx.put(listenerRules, rule);
  });
  return { Rules: changed.map(describeRule) };
}

function readPair(context: HandlerContext, pair: wire.RulePriorityPair): ListenerRule {
  const priority = requireMember(pair.Priority, "rulePriorities.member.priority");
  checkPriority(priority);
  const found = requireRule(context, pair.RuleArn);
  if (found.kind === "default") {
    throw operationNotPermitted(`Priority of default rule '${found.arn}' cannot be modified`);
  }
  return { ...found.rule, priority };
}

function checkUnique(rules: readonly ListenerRule[]): void {
  const seen = new Set<number>();
  for (const { priority } of rules) {
    if (seen.has(priority)) throw validationError(`Priority '${priority}' was provided multiple times`);
    seen.add(priority);
  }
  if (new Set(rules.map((rule) => rule.arn)).size !== rules.length) {
    throw validationError("A rule was provided multiple times");
  }
}
