import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { deregisterTarget } from "../../store/targets.ts";
import type { HandlerContext } from "../operation.ts";
import { requireList } from "./constraints.ts";
import { requireGroup } from "./register-targets.ts";
import { readTargetId } from "./targets.ts";

/** A target that is not registered is a success. */
export function deregisterTargets(
  input: wire.DeregisterTargetsInput,
  context: HandlerContext,
): wire.DeregisterTargetsOutput {
  const { store, clock } = context;
  const group = requireGroup(context, input.TargetGroupArn);
  const read = requireList(input.Targets, "targets").map((target, index) =>
    readTargetId(target, index, group),
  );
  store.transaction((tx) => {
    for (const target of read) {
      deregisterTarget(tx, store, { ...target, targetGroupArn: group.arn, deregisteredAt: clock.now() });
    }
  });
  return {};
}
