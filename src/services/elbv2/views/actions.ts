import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { unreachable } from "../../../lib/assert.ts";
import type { Action } from "../../../model/elb/records.ts";

export function describeActions(actions: readonly Action[]): wire.Action[] {
  return actions.map(describeAction);
}

function describeAction(action: Action): wire.Action {
  const order = action.order === undefined ? {} : { Order: action.order };
  switch (action.kind) {
    case "forward":
      return { Type: "forward", ...describeForward(action), ...order };
    case "fixed-response":
      return {
        Type: "fixed-response",
        FixedResponseConfig: {
          StatusCode: action.statusCode,
          ...(action.contentType === undefined ? {} : { ContentType: action.contentType }),
          ...(action.messageBody === undefined ? {} : { MessageBody: action.messageBody }),
        },
        ...order,
      };
    case "redirect":
      return {
        Type: "redirect",
        RedirectConfig: {
          Protocol: action.protocol,
          Port: action.port,
          Host: action.host,
          Path: action.path,
          Query: action.query,
          StatusCode: action.statusCode,
        },
        ...order,
      };
    default:
      return unreachable(action);
  }
}

/** With one group, AWS shows it in both forms, whichever it was given in. */
function describeForward(action: Extract<Action, { kind: "forward" }>): Partial<wire.Action> {
  const [only, ...others] = action.targetGroups;
  return {
    ...(only !== undefined && others.length === 0 ? { TargetGroupArn: only.targetGroupArn } : {}),
    ForwardConfig: {
      TargetGroups: action.targetGroups.map((group) => ({
        TargetGroupArn: group.targetGroupArn,
        Weight: group.weight ?? 1,
      })),
      TargetGroupStickinessConfig: {
        Enabled: action.stickiness?.enabled ?? false,
        ...(action.stickiness?.durationSeconds === undefined
          ? {}
          : { DurationSeconds: action.stickiness.durationSeconds }),
      },
    },
  };
}
