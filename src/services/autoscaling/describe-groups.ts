import type * as wire from "@aws-sdk/client-auto-scaling";
import { groupNameOf } from "../../model/autoscaling/names.ts";
import { autoScalingGroups, autoScalingInstances } from "../../store/tables/autoscaling.ts";
import type { HandlerContext } from "../operation.ts";
import { nextToken, onePage } from "./constraints.ts";
import { scopeKey } from "./resolve.ts";
import { matchesTagFilter } from "./tags.ts";
import { describeGroup, describeInstanceDetails } from "./views/group.ts";

/** Names that do not exist are left out. */
export function describeAutoScalingGroups(
  input: wire.AutoScalingGroupNamesType,
  context: HandlerContext,
): wire.AutoScalingGroupsType {
  const names = (input.AutoScalingGroupNames ?? []).map(groupNameOf);
  const all = context.store
    .where(autoScalingGroups, "scope", scopeKey(context))
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .filter((group) => (input.Filters ?? []).every((filter) => matchesTagFilter(filter, group)));
  const shown = onePage(all, input, ({ name }) => name, { usual: 50, most: 100 });
  return {
    AutoScalingGroups: shown.items.map((group) =>
      describeGroup(context.store, group, input.IncludeInstances ?? true),
    ),
    ...nextToken(shown),
  };
}

export function describeAutoScalingInstances(
  input: wire.DescribeAutoScalingInstancesType,
  context: HandlerContext,
): wire.AutoScalingInstancesType {
  const ids = input.InstanceIds ?? [];
  const all = context.store
    .where(autoScalingInstances, "scope", scopeKey(context))
    .filter(({ instanceId }) => ids.length === 0 || ids.includes(instanceId));
  const shown = onePage(all, input, ({ instanceId }) => instanceId, { usual: 50, most: 50 });
  return { AutoScalingInstances: shown.items.map(describeInstanceDetails), ...nextToken(shown) };
}
