import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { unreachable } from "../../../lib/assert.ts";
import { defaultRuleArn } from "../../../model/elb/names.ts";
import type { Condition, Listener, ListenerRule } from "../../../model/elb/records.ts";
import { describeActions } from "./actions.ts";

export function describeRule(rule: ListenerRule): wire.Rule {
  return {
    RuleArn: rule.arn,
    Priority: String(rule.priority),
    Conditions: rule.conditions.map(describeCondition),
    Actions: describeActions(rule.actions),
    IsDefault: false,
  };
}

export function describeDefaultRule(listener: Listener): wire.Rule {
  return {
    RuleArn: defaultRuleArn(listener.arn),
    Priority: "default",
    Conditions: [],
    Actions: describeActions(listener.defaultActions),
    IsDefault: true,
  };
}

/** Host and path conditions also have the older, flat `Values`. */
function describeCondition(condition: Condition): wire.RuleCondition {
  const Field = condition.kind;
  switch (condition.kind) {
    case "host-header":
      return { Field, Values: [...condition.values], HostHeaderConfig: { Values: [...condition.values] } };
    case "path-pattern":
      return { Field, Values: [...condition.values], PathPatternConfig: { Values: [...condition.values] } };
    case "http-header":
      return { Field, HttpHeaderConfig: { HttpHeaderName: condition.name, Values: [...condition.values] } };
    case "http-request-method":
      return { Field, HttpRequestMethodConfig: { Values: [...condition.values] } };
    case "query-string":
      return {
        Field,
        QueryStringConfig: {
          Values: condition.values.map(({ key, value }) => ({
            ...(key === undefined ? {} : { Key: key }),
            Value: value,
          })),
        },
      };
    case "source-ip":
      return { Field, SourceIpConfig: { Values: [...condition.values] } };
    default:
      return unreachable(condition);
  }
}
