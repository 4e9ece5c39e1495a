import type * as wire from "@aws-sdk/client-auto-scaling";
import type { ScalingActivity } from "../../../model/autoscaling/records.ts";

export function describeActivity(activity: ScalingActivity, groupExists = true): wire.Activity {
  return {
    ActivityId: activity.activityId,
    AutoScalingGroupName: activity.groupName,
    AutoScalingGroupARN: activity.groupArn,
    ...(groupExists ? {} : { AutoScalingGroupState: "Deleted" }),
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(activity.startTime),
    ...(activity.endTime === undefined ? {} : { EndTime: new Date(activity.endTime) }),
    StatusCode: activity.statusCode,
    ...(activity.statusMessage === undefined ? {} : { StatusMessage: activity.statusMessage }),
    Progress: activity.progress,
    Details: activity.details,
  };
}
