/** Amazon EC2 Auto Scaling's nouns as Berth keeps them. The user's own words stay as SDK types. */
import type * as wire from "@aws-sdk/client-auto-scaling";
import type { Scope } from "../scope.ts";

export interface AutoScalingGroup extends Scope {
  /** `arn:aws:autoscaling:R:A:autoScalingGroup:<uuid>:autoScalingGroupName/<name>`. */
  readonly arn: string;
  readonly name: string;
  /** Exactly one of the three says how instances are launched. */
  readonly launchConfigurationName?: string | undefined;
  readonly launchTemplate?: wire.LaunchTemplateSpecification | undefined;
  readonly mixedInstancesPolicy?: wire.MixedInstancesPolicy | undefined;
  readonly minSize: number;
  readonly maxSize: number;
  /** Written by handlers, and by reconcile/capacity-provider under managed scaling. */
  readonly desiredCapacity: number;
  readonly defaultCooldown: number;
  readonly defaultInstanceWarmup?: number | undefined;
  readonly subnetIds: readonly string[];
  readonly availabilityZones: readonly string[];
  readonly targetGroupArns: readonly string[];
  readonly healthCheckType: string;
  readonly healthCheckGracePeriod: number;
  readonly terminationPolicies: readonly string[];
  readonly newInstancesProtectedFromScaleIn: boolean;
  readonly capacityRebalance: boolean;
  readonly maxInstanceLifetime?: number | undefined;
  readonly serviceLinkedRoleArn: string;
  readonly suspendedProcesses: readonly wire.SuspendedProcess[];
  readonly enabledMetrics: readonly wire.EnabledMetric[];
  readonly lifecycleHooks: readonly wire.LifecycleHook[];
  readonly instanceMaintenancePolicy?: wire.InstanceMaintenancePolicy | undefined;
  /** `Delete in progress` once DeleteAutoScalingGroup was called. */
  readonly status?: string | undefined;
  readonly createdTime: number;
  readonly tags: readonly wire.TagDescription[];
  /** Settings that are kept and shown as they were given. */
  readonly shown: Pick<
    wire.AutoScalingGroup,
    | "AvailabilityZoneDistribution"
    | "AvailabilityZoneImpairmentPolicy"
    | "CapacityReservationSpecification"
    | "Context"
    | "DesiredCapacityType"
    | "PlacementGroup"
  >;
  /** What changed the desired capacity and has not come about yet: the causes of activities begin with it. */
  readonly capacityChange?: { readonly at: number; readonly text: string } | undefined;
  /** Written by reconcile/auto-scaling: launches that failed one after the other; they delay the next one. */
  readonly launchFailures?: { readonly count: number; readonly lastAt: number } | undefined;
  /** Written by reconcile/auto-scaling: unhealthy instances that were taken out and not replaced yet. */
  readonly replacementsDue?: number | undefined;
}

/** A lifecycle hook that holds an instance up, until when, and what was said to it. */
export interface HookWait {
  readonly hookName: string;
  readonly token: string;
  /** When its default result counts; heartbeats move it. */
  readonly until: number;
  /** Beyond which no heartbeat moves it. */
  readonly latest: number;
  readonly result?: "CONTINUE" | "ABANDON" | undefined;
}

/** An instance's place in its group. Written by reconcile/auto-scaling; protection and health also by handlers. */
export interface AutoScalingInstance extends Scope {
  readonly instanceId: string;
  readonly groupName: string;
  readonly availabilityZone: string;
  readonly instanceType: string;
  readonly lifecycleState: wire.LifecycleState;
  readonly healthStatus: "Healthy" | "Unhealthy";
  readonly protectedFromScaleIn: boolean;
  readonly launchConfigurationName?: string | undefined;
  readonly launchTemplate?: wire.LaunchTemplateSpecification | undefined;
  /** Since when it is in its lifecycle state. */
  readonly since: number;
  /** In `Pending:Wait` and `Terminating:Wait`: all hooks of the transition hold it at once. */
  readonly waiting?: readonly HookWait[] | undefined;
  /** The scaling activity that its present way in or out belongs to. */
  readonly activityId?: string | undefined;
}

export interface LaunchConfiguration extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly createdTime: number;
  readonly definition: wire.CreateLaunchConfigurationType;
}

export interface ScalingActivity extends Scope {
  readonly activityId: string;
  readonly groupName: string;
  readonly groupArn: string;
  readonly description: string;
  readonly cause: string;
  readonly details: string;
  readonly statusCode: wire.ScalingActivityStatusCode;
  readonly statusMessage?: string | undefined;
  readonly progress: number;
  readonly startTime: number;
  readonly endTime?: number | undefined;
  readonly instanceId?: string | undefined;
}

export interface ScalingPolicy extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly groupName: string;
  readonly policy: wire.PutScalingPolicyType;
}
