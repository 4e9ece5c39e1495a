import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { TargetGroup } from "../../model/elb/records.ts";
import { targetGroups } from "../../store/tables/elb.ts";
import { findTarget, registerTarget, targetsOf } from "../../store/targets.ts";
import type { HandlerContext } from "../operation.ts";
import { requireList } from "./constraints.ts";
import { oneOrMoreTargetGroupsNotFound, tooManyTargets } from "./errors.ts";
import { requireArn } from "./resolve.ts";
import { readTargets } from "./targets.ts";

/** In a target group. */
const MOST_TARGETS = 1000;

export function registerTargets(
  input: wire.RegisterTargetsInput,
  context: HandlerContext,
): wire.RegisterTargetsOutput {
  const { store, scope, clock } = context;
  const group = requireGroup(context, input.TargetGroupArn);
  const read = readTargets(store, requireList(input.Targets, "targets"), group);
  const added = read.filter(
    (target) => findTarget(store, { ...target, targetGroupArn: group.arn }) === undefined,
  );
  if (targetsOf(store, group.arn).length + added.length > MOST_TARGETS) throw tooManyTargets();
  store.transaction((tx) => {
    for (const target of read) {
      registerTarget(tx, store, {
        ...scope,
        ...target,
        targetGroupArn: group.arn,
        registeredAt: clock.now(),
      });
    }
  });
  return {};
}

/** The operations on targets say "One or more target groups not found". */
export function requireGroup(context: HandlerContext, arn: string | undefined): TargetGroup {
  const group = context.store.get(targetGroups, requireArn(context, arn, "target-group", "targetGroupArn"));
  if (group === undefined) throw oneOrMoreTargetGroupsNotFound();
  return group;
}
