import type * as wire from "@aws-sdk/client-auto-scaling";
import { groupKey, groupNameOf } from "../../model/autoscaling/names.ts";
import type { ScalingActivity } from "../../model/autoscaling/records.ts";
import { autoScalingGroups, scalingActivities } from "../../store/tables/autoscaling.ts";
import type { HandlerContext } from "../operation.ts";
import { nextToken, onePage } from "./constraints.ts";
import { requireGroup, scopeKey } from "./resolve.ts";
import { describeActivity } from "./views/activity.ts";

/** Newest first. Those of deleted groups are shown where they are asked for. */
export function describeScalingActivities(
  input: wire.DescribeScalingActivitiesType,
  context: HandlerContext,
): wire.ActivitiesType {
  const { store, scope } = context;
  const ids = input.ActivityIds ?? [];
  const exists = ({ groupName, groupArn }: ScalingActivity): boolean =>
    store.get(autoScalingGroups, groupKey(scope, groupName))?.arn === groupArn;
  const all = candidates(input, context)
    .filter(({ activityId }) => ids.length === 0 || ids.includes(activityId))
    .filter((activity) => input.IncludeDeletedGroups === true || exists(activity));
  const shown = onePage(all, input, orderKey, { usual: 100, most: 100 });
  return {
    Activities: shown.items.map((activity) => describeActivity(activity, exists(activity))),
    ...nextToken(shown),
  };
}

function candidates(input: wire.DescribeScalingActivitiesType, context: HandlerContext): ScalingActivity[] {
  const { store, scope } = context;
  if (input.AutoScalingGroupName === undefined) {
    return store.where(scalingActivities, "scope", scopeKey(context));
  }
  if (input.IncludeDeletedGroups !== true) requireGroup(context, input.AutoScalingGroupName);
  return store.where(scalingActivities, "group", groupKey(scope, groupNameOf(input.AutoScalingGroupName)));
}

/** Pages go up by key, activities down by time. */
function orderKey({ startTime, activityId }: ScalingActivity): string {
  return `${String(Number.MAX_SAFE_INTEGER - startTime).padStart(17, "0")}|${activityId}`;
}
