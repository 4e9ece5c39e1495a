import type * as sdk from "@aws-sdk/client-auto-scaling";
import { constraintViolation, memberPath, NOT_NULL } from "../constraint-messages.ts";
import type { OperationsOf, ServiceFaults } from "../operation.ts";
import { createAutoScalingGroup } from "./create-group.ts";
import { deleteAutoScalingGroup } from "./delete-group.ts";
import { describeScalingActivities } from "./describe-activities.ts";
import { describeAutoScalingGroups, describeAutoScalingInstances } from "./describe-groups.ts";
import { validationError } from "./errors.ts";
import {
  setInstanceHealth,
  setInstanceProtection,
  terminateInstanceInAutoScalingGroup,
} from "./instances.ts";
import {
  createLaunchConfiguration,
  deleteLaunchConfiguration,
  describeLaunchConfigurations,
} from "./launch-configurations.ts";
import {
  completeLifecycleAction,
  deleteLifecycleHook,
  describeLifecycleHooks,
  describeLifecycleHookTypes,
  putLifecycleHook,
  recordLifecycleActionHeartbeat,
} from "./lifecycle-hooks.ts";
import {
  describeAccountLimits,
  describeAdjustmentTypes,
  describeAutoScalingNotificationTypes,
  describeScalingProcessTypes,
  describeTerminationPolicyTypes,
} from "./limits.ts";
import { attachInstances, detachInstances, enterStandby, exitStandby } from "./membership.ts";
import {
  describeMetricCollectionTypes,
  disableMetricsCollection,
  enableMetricsCollection,
} from "./metrics-collection.ts";
import { deletePolicy, describePolicies, putScalingPolicy } from "./policies.ts";
import { resumeProcesses, suspendProcesses } from "./processes.ts";
import { createOrUpdateTags, deleteTags, describeTags } from "./tags.ts";
import {
  attachLoadBalancerTargetGroups,
  attachTrafficSources,
  describeLoadBalancers,
  describeLoadBalancerTargetGroups,
  describeTrafficSources,
  detachLoadBalancerTargetGroups,
  detachTrafficSources,
} from "./target-groups.ts";
import { setDesiredCapacity, updateAutoScalingGroup } from "./update-group.ts";

export const operations = {
  AttachInstances: attachInstances,
  AttachLoadBalancerTargetGroups: attachLoadBalancerTargetGroups,
  AttachTrafficSources: attachTrafficSources,
  CompleteLifecycleAction: completeLifecycleAction,
  CreateAutoScalingGroup: createAutoScalingGroup,
  CreateLaunchConfiguration: createLaunchConfiguration,
  CreateOrUpdateTags: createOrUpdateTags,
  DeleteAutoScalingGroup: deleteAutoScalingGroup,
  DeleteLaunchConfiguration: deleteLaunchConfiguration,
  DeleteLifecycleHook: deleteLifecycleHook,
  DeletePolicy: deletePolicy,
  DeleteTags: deleteTags,
  DescribeAccountLimits: describeAccountLimits,
  DescribeAdjustmentTypes: describeAdjustmentTypes,
  DescribeAutoScalingGroups: describeAutoScalingGroups,
  DescribeAutoScalingInstances: describeAutoScalingInstances,
  DescribeAutoScalingNotificationTypes: describeAutoScalingNotificationTypes,
  DescribeLaunchConfigurations: describeLaunchConfigurations,
  DescribeLifecycleHooks: describeLifecycleHooks,
  DescribeLifecycleHookTypes: describeLifecycleHookTypes,
  DescribeLoadBalancers: describeLoadBalancers,
  DescribeLoadBalancerTargetGroups: describeLoadBalancerTargetGroups,
  DescribeMetricCollectionTypes: describeMetricCollectionTypes,
  DescribePolicies: describePolicies,
  DescribeScalingActivities: describeScalingActivities,
  DescribeScalingProcessTypes: describeScalingProcessTypes,
  DescribeTags: describeTags,
  DescribeTerminationPolicyTypes: describeTerminationPolicyTypes,
  DescribeTrafficSources: describeTrafficSources,
  DetachInstances: detachInstances,
  DetachLoadBalancerTargetGroups: detachLoadBalancerTargetGroups,
  DetachTrafficSources: detachTrafficSources,
  DisableMetricsCollection: disableMetricsCollection,
  EnableMetricsCollection: enableMetricsCollection,
  EnterStandby: enterStandby,
  ExitStandby: exitStandby,
  PutLifecycleHook: putLifecycleHook,
  PutScalingPolicy: putScalingPolicy,
  RecordLifecycleActionHeartbeat: recordLifecycleActionHeartbeat,
  ResumeProcesses: resumeProcesses,
  SetDesiredCapacity: setDesiredCapacity,
  SetInstanceHealth: setInstanceHealth,
  SetInstanceProtection: setInstanceProtection,
  SuspendProcesses: suspendProcesses,
  TerminateInstanceInAutoScalingGroup: terminateInstanceInAutoScalingGroup,
  UpdateAutoScalingGroup: updateAutoScalingGroup,
} satisfies Partial<OperationsOf<typeof sdk>>;

export const faults: ServiceFaults = {
  invalidInput(fault) {
    if (fault.kind === "malformed") return validationError(fault.message);
    return validationError(constraintViolation(null, memberPath(fault.member), NOT_NULL));
  },
};
