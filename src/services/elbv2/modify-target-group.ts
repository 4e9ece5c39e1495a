import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { changedHealthCheck } from "../../model/elb/health-checks.ts";
import { targetGroups } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { checkHealthCheck, readHealthCheck } from "./health-check-input.ts";
import { requireTargetGroup } from "./resolve.ts";
import { describeTargetGroup } from "./views/target-group.ts";

export function modifyTargetGroup(
  input: wire.ModifyTargetGroupInput,
  context: HandlerContext,
): wire.ModifyTargetGroupOutput {
  const group = requireTargetGroup(context, input.TargetGroupArn);
  const healthCheck = changedHealthCheck(group, group.healthCheck, readHealthCheck(input, group));
  checkHealthCheck(group, healthCheck);
  const changed = { ...group, healthCheck };
  context.store.transaction((tx) => tx.put(targetGroups, changed));
  return { TargetGroups: [describeTargetGroup(context.store, changed)] };
}
