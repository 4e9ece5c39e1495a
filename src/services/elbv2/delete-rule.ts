import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { listenerRules } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { operationNotPermitted } from "./errors.ts";
import { requireRule } from "./resolve.ts";

export function deleteRule(input: wire.DeleteRuleInput, context: HandlerContext): wire.DeleteRuleOutput {
  const found = requireRule(context, input.RuleArn);
  if (found.kind === "default") {
    throw operationNotPermitted(`Default rule '${found.arn}' cannot be deleted`);
  }
  context.store.transaction((tx) => tx.delete(listenerRules, found.rule.arn));
  return {};
}
