import type {
  AutoScalingGroup,
  AutoScalingInstance,
  LaunchConfiguration,
  ScalingActivity,
  ScalingPolicy,
} from "../../model/autoscaling/records.ts";
import { defineTable } from "../table.ts";

const scope = (record: { account: string; region: string }) => `${record.account}/${record.region}`;
const group = (record: { account: string; region: string; groupName: string }) =>
  `${scope(record)}|${record.groupName}`;

/** Key: `<account>/<region>|<name>`. */
export const autoScalingGroups = defineTable<AutoScalingGroup>()({
  name: "autoscaling_groups",
  key: (record) => `${scope(record)}|${record.name}`,
  indexes: { scope, arn: (record) => record.arn, targetGroup: (record) => record.targetGroupArns },
});

export const autoScalingInstances = defineTable<AutoScalingInstance>()({
  name: "autoscaling_instances",
  key: (record) => record.instanceId,
  indexes: { scope, group },
});

/** Key: `<account>/<region>|<name>`. */
export const launchConfigurations = defineTable<LaunchConfiguration>()({
  name: "autoscaling_launch_configurations",
  key: (record) => `${scope(record)}|${record.name}`,
  indexes: { scope },
});

export const scalingActivities = defineTable<ScalingActivity>()({
  name: "autoscaling_activities",
  key: (record) => record.activityId,
  indexes: { scope, group },
});

export const scalingPolicies = defineTable<ScalingPolicy>()({
  name: "autoscaling_policies",
  key: (record) => record.arn,
  indexes: { scope, group },
});
