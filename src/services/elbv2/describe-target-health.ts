import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { findTarget, targetsOf } from "../../store/targets.ts";
import type { HandlerContext } from "../operation.ts";
import { requireGroup } from "./register-targets.ts";
import { readTargetId } from "./targets.ts";
import { describeTargetHealth as describeHealth, describeUnregistered } from "./views/target-health.ts";

export function describeTargetHealth(
  input: wire.DescribeTargetHealthInput,
  context: HandlerContext,
): wire.DescribeTargetHealthOutput {
  const { store } = context;
  const group = requireGroup(context, input.TargetGroupArn);
  const asked = (input.Targets ?? []).map((target, index) => readTargetId(target, index, group));
  if (asked.length === 0) {
    const all = targetsOf(store, group.arn);
    return { TargetHealthDescriptions: all.map((target) => describeHealth(store, group, target)) };
  }
  return {
    TargetHealthDescriptions: asked.map(({ targetId, port }) => {
      const target = findTarget(store, { targetGroupArn: group.arn, targetId, port });
      return target === undefined
        ? describeUnregistered(group, targetId, port)
        : describeHealth(store, group, target);
    }),
  };
}
