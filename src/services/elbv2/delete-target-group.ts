import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { targetGroups, targets } from "../../store/tables/elb.ts";
import { isTargetGroupInUse, targetKey, targetsOf } from "../../store/targets.ts";
import type { HandlerContext } from "../operation.ts";
import { targetGroupInUse } from "./errors.ts";
import { requireArn } from "./resolve.ts";

/** With its targets. One that does not exist is a success. */
export function deleteTargetGroup(
  input: wire.DeleteTargetGroupInput,
  context: HandlerContext,
): wire.DeleteTargetGroupOutput {
  const { store } = context;
  const arn = requireArn(context, input.TargetGroupArn, "target-group", "targetGroupArn");
  if (isTargetGroupInUse(store, arn)) throw targetGroupInUse(arn);
  store.transaction((tx) => {
    for (const target of targetsOf(store, arn)) tx.delete(targets, targetKey(target));
    tx.delete(targetGroups, arn);
  });
  return {};
}
