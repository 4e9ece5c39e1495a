import type * as wire from "@aws-sdk/client-auto-scaling";
import { groupKey } from "../../../model/autoscaling/names.ts";
import type { AutoScalingGroup, AutoScalingInstance } from "../../../model/autoscaling/records.ts";
import { LOAD_BALANCER_TRAFFIC } from "../../../model/autoscaling/traffic.ts";
import type { StoreReader } from "../../../store/store.ts";
import { autoScalingInstances } from "../../../store/tables/autoscaling.ts";

/** Lists are always there, empty or not, as AWS sends them. */
export function describeGroup(
  store: StoreReader,
  group: AutoScalingGroup,
  includeInstances = true,
): wire.AutoScalingGroup {
  const members = includeInstances
    ? store.where(autoScalingInstances, "group", groupKey(group, group.name))
    : [];
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    LaunchConfigurationName: group.launchConfigurationName,
    LaunchTemplate: group.launchTemplate,
    MixedInstancesPolicy: group.mixedInstancesPolicy,
    MinSize: group.minSize,
    MaxSize: group.maxSize,
    DesiredCapacity: group.desiredCapacity,
    DefaultCooldown: group.defaultCooldown,
    DefaultInstanceWarmup: group.defaultInstanceWarmup,
    AvailabilityZones: [...group.availabilityZones],
    LoadBalancerNames: [],
    TargetGroupARNs: [...group.targetGroupArns],
    TrafficSources: group.targetGroupArns.map((Identifier) => ({ Identifier, Type: LOAD_BALANCER_TRAFFIC })),
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: group.healthCheckGracePeriod,
    Instances: members
      .sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1))
      .map((member) => describeInstance(member)),
    CreatedTime: new Date(group.createdTime),
    SuspendedProcesses: [...group.suspendedProcesses],
    VPCZoneIdentifier: group.subnetIds.join(","),
    EnabledMetrics: [...group.enabledMetrics],
    Status: group.status,
    Tags: [...group.tags],
    TerminationPolicies: [...group.terminationPolicies],
    NewInstancesProtectedFromScaleIn: group.newInstancesProtectedFromScaleIn,
    ServiceLinkedRoleARN: group.serviceLinkedRoleArn,
    MaxInstanceLifetime: group.maxInstanceLifetime,
    CapacityRebalance: group.capacityRebalance,
    InstanceMaintenancePolicy: group.instanceMaintenancePolicy,
    ...group.shown,
  };
}

export function describeInstance(member: AutoScalingInstance): wire.Instance {
  return {
    InstanceId: member.instanceId,
    InstanceType: member.instanceType,
    AvailabilityZone: member.availabilityZone,
    LifecycleState: member.lifecycleState,
    HealthStatus: member.healthStatus,
    LaunchConfigurationName: member.launchConfigurationName,
    LaunchTemplate: member.launchTemplate,
    ProtectedFromScaleIn: member.protectedFromScaleIn,
  };
}

/** DescribeAutoScalingInstances writes health in capitals. */
export function describeInstanceDetails(member: AutoScalingInstance): wire.AutoScalingInstanceDetails {
  return {
    ...describeInstance(member),
    AutoScalingGroupName: member.groupName,
    HealthStatus: member.healthStatus.toUpperCase(),
    InstanceId: member.instanceId,
    AvailabilityZone: member.availabilityZone,
    LifecycleState: member.lifecycleState,
    ProtectedFromScaleIn: member.protectedFromScaleIn,
  };
}
