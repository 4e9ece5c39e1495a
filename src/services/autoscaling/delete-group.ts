import type * as wire from "@aws-sdk/client-auto-scaling";
import { groupKey } from "../../model/autoscaling/names.ts";
import { autoScalingGroups, scalingPolicies } from "../../store/tables/autoscaling.ts";
import type { HandlerContext } from "../operation.ts";
import { groupHasInstances, groupIsScaling } from "./errors.ts";
import { membersOf, requireGroup } from "./resolve.ts";

/** Without instances it is gone at once; with ForceDelete its instances go first, and hooks are not waited for. */
export function deleteAutoScalingGroup(
  input: wire.DeleteAutoScalingGroupType,
  context: HandlerContext,
): Record<never, never> {
  const { store, clock } = context;
  const group = requireGroup(context, input.AutoScalingGroupName);
  const key = groupKey(group, group.name);
  const members = membersOf(context, group);
  if (members.length === 0) {
    store.transaction((tx) => {
      for (const { arn } of store.where(scalingPolicies, "group", key)) tx.delete(scalingPolicies, arn);
      tx.delete(autoScalingGroups, key);
    });
    return {};
  }
  if (input.ForceDelete !== true) {
    const leaving = members.every(({ lifecycleState }) => lifecycleState.startsWith("Terminating"));
    throw leaving ? groupIsScaling() : groupHasInstances();
  }
  const text = `a user request force deleted AutoScalingGroup changing the desired capacity from ${group.desiredCapacity} to 0`;
  store.transaction((tx) =>
    tx.put(autoScalingGroups, {
      ...group,
      minSize: 0,
      maxSize: 0,
      desiredCapacity: 0,
      status: "Delete in progress",
      capacityChange: { at: clock.now(), text },
    }),
  );
  return {};
}
