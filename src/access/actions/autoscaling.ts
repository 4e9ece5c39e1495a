import type * as sdk from "@aws-sdk/client-auto-scaling";
import {
  autoScalingGroups,
  autoScalingInstances,
  launchConfigurations,
} from "../../store/tables/autoscaling.ts";
import { type ActionRules, ANY, type CallFacts, passing, regional, tagList } from "./action.ts";
import { passingProfile } from "./ec2-arns.ts";

function groupArn(call: CallFacts, name: string | undefined): string {
  const { account, region } = call.scope;
  const known = call.store.get(autoScalingGroups, `${account}/${region}|${name ?? ""}`);
  return known?.arn ?? regional("autoscaling", call, `autoScalingGroup:*:autoScalingGroupName/${name ?? ""}`);
}

const onGroup = {
  on: (input: { readonly AutoScalingGroupName?: string | undefined }, call: CallFacts) => [
    groupArn(call, input.AutoScalingGroupName),
  ],
};

/** Of the instance's group. */
const onInstance = {
  on: (input: { readonly InstanceId?: string | undefined }, call: CallFacts) => [
    groupArn(call, call.store.get(autoScalingInstances, input.InstanceId ?? "")?.groupName),
  ],
};

const onTagged = (input: { readonly Tags: readonly sdk.Tag[] | undefined }, call: CallFacts) =>
  [...new Set((input.Tags ?? []).map(({ ResourceId }) => ResourceId))].map((name) => groupArn(call, name));

function configurationArn(call: CallFacts, name: string | undefined): string {
  const { account, region } = call.scope;
  const known = call.store.get(launchConfigurations, `${account}/${region}|${name ?? ""}`);
  return (
    known?.arn ?? regional("autoscaling", call, `launchConfiguration:*:launchConfigurationName/${name ?? ""}`)
  );
}

export const autoScalingActions = {
  CreateAutoScalingGroup: {
    ...onGroup,
    tags: (input) => tagList(input.Tags),
    also: (input) => passing([input.ServiceLinkedRoleARN], "autoscaling.amazonaws.com"),
  },
  UpdateAutoScalingGroup: onGroup,
  DeleteAutoScalingGroup: onGroup,
  CreateLaunchConfiguration: {
    on: (input, call) => [configurationArn(call, input.LaunchConfigurationName)],
    also: (input, call) => {
      const profile = input.IamInstanceProfile;
      if (profile === undefined) return [];
      return passingProfile(call, profile.startsWith("arn:") ? { Arn: profile } : { Name: profile });
    },
  },
  DeleteLaunchConfiguration: { on: (input, call) => [configurationArn(call, input.LaunchConfigurationName)] },
  CreateOrUpdateTags: { on: onTagged, tags: (input) => tagList(input.Tags) },
  DeleteTags: { on: onTagged, tagKeys: (input) => (input.Tags ?? []).flatMap(({ Key }) => Key ?? []) },
  AttachInstances: onGroup,
  AttachLoadBalancerTargetGroups: onGroup,
  AttachTrafficSources: onGroup,
  CompleteLifecycleAction: onGroup,
  DeleteLifecycleHook: onGroup,
  DeletePolicy: onGroup,
  DetachInstances: onGroup,
  DetachLoadBalancerTargetGroups: onGroup,
  DetachTrafficSources: onGroup,
  DisableMetricsCollection: onGroup,
  EnableMetricsCollection: onGroup,
  EnterStandby: onGroup,
  ExitStandby: onGroup,
  PutLifecycleHook: {
    ...onGroup,
    also: (input) => passing([input.RoleARN], "autoscaling.amazonaws.com"),
  },
  PutScalingPolicy: onGroup,
  RecordLifecycleActionHeartbeat: onGroup,
  ResumeProcesses: onGroup,
  SetDesiredCapacity: onGroup,
  SetInstanceHealth: onInstance,
  SetInstanceProtection: onGroup,
  SuspendProcesses: onGroup,
  TerminateInstanceInAutoScalingGroup: onInstance,
  DescribeAccountLimits: ANY,
  DescribeAdjustmentTypes: ANY,
  DescribeAutoScalingGroups: ANY,
  DescribeAutoScalingInstances: ANY,
  DescribeAutoScalingNotificationTypes: ANY,
  DescribeLaunchConfigurations: ANY,
  DescribeLifecycleHookTypes: ANY,
  DescribeLifecycleHooks: ANY,
  DescribeLoadBalancerTargetGroups: ANY,
  DescribeLoadBalancers: ANY,
  DescribeMetricCollectionTypes: ANY,
  DescribePolicies: ANY,
  DescribeScalingActivities: ANY,
  DescribeScalingProcessTypes: ANY,
  DescribeTags: ANY,
  DescribeTerminationPolicyTypes: ANY,
  DescribeTrafficSources: ANY,
} satisfies ActionRules<typeof sdk>;
