import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { listenerRules } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { readRuleActions, refuseTransforms } from "./create-rule.ts";
import { operationNotPermitted, validationError } from "./errors.ts";
import { readConditions } from "./read-conditions.ts";
import { requireRule } from "./resolve.ts";
import { describeRule } from "./views/rule.ts";

/** Properties that the caller does not name stay. */
export function modifyRule(input: wire.ModifyRuleInput, context: HandlerContext): wire.ModifyRuleOutput {
  const found = requireRule(context, input.RuleArn);
  if (found.kind === "default") {
    throw operationNotPermitted(`Default rule '${found.arn}' cannot be modified`);
  }
  refuseTransforms(input.Transforms);
  const { Conditions, Actions } = input;
  if (Conditions === undefined && Actions === undefined && input.ResetTransforms === undefined) {
    throw validationError("Either conditions or actions must be specified");
  }
  const changed = {
    ...found.rule,
    ...(Conditions === undefined ? {} : { conditions: readConditions(Conditions) }),
    ...(Actions === undefined ? {} : { actions: readRuleActions(context, found.listener, Actions) }),
  };
  context.store.transaction((tx) => tx.put(listenerRules, changed));
  return { Rules: [describeRule(changed)] };
}
