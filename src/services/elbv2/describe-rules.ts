import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { listenerRules } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { validationError } from "./errors.ts";
import { onePage } from "./pages.ts";
import { type FoundRule, requireListener, requireRule } from "./resolve.ts";
import { describeDefaultRule, describeRule } from "./views/rule.ts";

/** By priority; a listener's default rule comes last. */
export function describeRules(
  input: wire.DescribeRulesInput,
  context: HandlerContext,
): wire.DescribeRulesOutput {
  const shown = onePage(select(input, context), input, orderOf);
  return {
    Rules: shown.items.map((found) =>
      found.kind === "default" ? describeDefaultRule(found.listener) : describeRule(found.rule),
    ),
    ...(shown.nextToken === undefined ? {} : { NextMarker: shown.nextToken }),
  };
}

function select(input: wire.DescribeRulesInput, context: HandlerContext): FoundRule[] {
  const arns = [...new Set(input.RuleArns ?? [])];
  if (arns.length > 0 && input.ListenerArn !== undefined) {
    throw validationError("Listener rule ARNs and a listener ARN cannot be specified at the same time");
  }
  if (arns.length > 0) return arns.map((arn) => requireRule(context, arn));
  if (input.ListenerArn === undefined) {
    throw validationError("You must specify either listener rule ARNs or a listener ARN");
  }
  const listener = requireListener(context, input.ListenerArn);
  const rules = context.store.where(listenerRules, "listener", listener.arn);
  return [
    ...rules.map((rule): FoundRule => ({ kind: "rule", rule, listener })),
    { kind: "default", arn: "", listener },
  ];
}

/** Unique also over listeners, whose priorities are their own. */
function orderOf(found: FoundRule): string {
  const priority = found.kind === "default" ? "default" : String(found.rule.priority).padStart(6, "0");
  return `${priority}|${found.listener.arn}`;
}
