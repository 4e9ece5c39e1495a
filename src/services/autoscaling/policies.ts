/** Scaling policies are kept and shown. No metric and no alarm carries them out: there is no CloudWatch here. */
import type * as wire from "@aws-sdk/client-auto-scaling";
import { groupKey, groupNameOf, scalingPolicyArn } from "../../model/autoscaling/names.ts";
import type { ScalingPolicy } from "../../model/autoscaling/records.ts";
import { autoScalingGroups, scalingPolicies } from "../../store/tables/autoscaling.ts";
import type { HandlerContext } from "../operation.ts";
import { nextToken, oneOf, onePage, requireMember } from "./constraints.ts";
import { notSupported, validationError } from "./errors.ts";
import { requireGroup, scopeKey } from "./resolve.ts";

const TYPES = ["SimpleScaling", "StepScaling", "TargetTrackingScaling", "PredictiveScaling"] as const;
const ADJUSTMENTS = ["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"] as const;

export function putScalingPolicy(
  input: wire.PutScalingPolicyType,
  context: HandlerContext,
): wire.PolicyARNType {
  const { store, random } = context;
  const group = requireGroup(context, input.AutoScalingGroupName);
  const name = requireMember(input.PolicyName, "policyName");
  const policy = readPolicy(input);
  const former = store
    .where(scalingPolicies, "group", groupKey(group, group.name))
    .find((other) => other.name === name);
  const arn = former?.arn ?? scalingPolicyArn(group, random.uuid(), group.name, name);
  store.transaction((tx) =>
    tx.put(scalingPolicies, {
      ...context.scope,
      arn,
      name,
      groupName: group.name,
      policy: { ...policy, AutoScalingGroupName: group.name, PolicyName: name },
    }),
  );
  return { PolicyARN: arn, Alarms: [] };
}

function readPolicy(input: wire.PutScalingPolicyType): wire.PutScalingPolicyType {
  const PolicyType = oneOf(input.PolicyType, "policyType", TYPES) ?? "SimpleScaling";
  if (PolicyType === "PredictiveScaling") throw notSupported("predictive scaling policies");
  const adjustment = oneOf(input.AdjustmentType, "adjustmentType", ADJUSTMENTS);
  if (PolicyType === "TargetTrackingScaling") {
    if (input.TargetTrackingConfiguration === undefined) {
      throw validationError("TargetTrackingConfiguration is required for policy type TargetTrackingScaling");
    }
    const { TargetTrackingConfiguration } = input;
    const DisableScaleIn = TargetTrackingConfiguration.DisableScaleIn ?? false;
    return {
      ...input,
      PolicyType,
      TargetTrackingConfiguration: { ...TargetTrackingConfiguration, DisableScaleIn },
    };
  }
  if (adjustment === undefined)
    throw validationError(`AdjustmentType is required for policy type ${PolicyType}`);
  if (PolicyType === "SimpleScaling" && input.ScalingAdjustment === undefined) {
    throw validationError("ScalingAdjustment is required for policy type SimpleScaling");
  }
  if (PolicyType === "StepScaling") {
    if ((input.StepAdjustments ?? []).length === 0) {
      throw validationError("StepAdjustments is required for policy type StepScaling");
    }
    return { ...input, PolicyType, MetricAggregationType: input.MetricAggregationType ?? "Average" };
  }
  return { ...input, PolicyType };
}

export function describePolicies(
  input: wire.DescribePoliciesType,
  context: HandlerContext,
): wire.PoliciesType {
  const { store } = context;
  const names = input.PolicyNames ?? [];
  const types = input.PolicyTypes ?? [];
  const all =
    input.AutoScalingGroupName === undefined
      ? store.where(scalingPolicies, "scope", scopeKey(context))
      : policiesOfGroup(context, input.AutoScalingGroupName);
  const matching = all
    .filter(({ name, arn }) => names.length === 0 || names.includes(name) || names.includes(arn))
    .filter(({ policy }) => types.length === 0 || types.includes(policy.PolicyType ?? ""));
  const shown = onePage(matching, input, ({ arn }) => arn, { usual: 50, most: 100 });
  return { ScalingPolicies: shown.items.map(describePolicy), ...nextToken(shown) };
}

function policiesOfGroup(context: HandlerContext, nameOrArn: string): ScalingPolicy[] {
  const group = requireGroup(context, nameOrArn);
  return context.store.where(scalingPolicies, "group", groupKey(group, group.name));
}

function describePolicy({ arn, policy }: ScalingPolicy): wire.ScalingPolicy {
  return {
    AutoScalingGroupName: policy.AutoScalingGroupName,
    PolicyName: policy.PolicyName,
    PolicyARN: arn,
    PolicyType: policy.PolicyType,
    AdjustmentType: policy.AdjustmentType,
    MinAdjustmentStep: policy.MinAdjustmentStep,
    MinAdjustmentMagnitude: policy.MinAdjustmentMagnitude,
    ScalingAdjustment: policy.ScalingAdjustment,
    Cooldown: policy.Cooldown,
    StepAdjustments: policy.StepAdjustments ?? [],
    MetricAggregationType: policy.MetricAggregationType,
    EstimatedInstanceWarmup: policy.EstimatedInstanceWarmup,
    Alarms: [],
    TargetTrackingConfiguration: policy.TargetTrackingConfiguration,
    Enabled: policy.Enabled ?? true,
  };
}

/** By ARN, or by name and group. A policy that does not exist is a success. */
export function deletePolicy(input: wire.DeletePolicyType, context: HandlerContext): Record<never, never> {
  const { store, scope } = context;
  const name = requireMember(input.PolicyName, "policyName");
  if (input.AutoScalingGroupName !== undefined) requireGroup(context, input.AutoScalingGroupName);
  const groupName = input.AutoScalingGroupName && groupNameOf(input.AutoScalingGroupName);
  const policy = store
    .where(scalingPolicies, "scope", scopeKey(context))
    .find(
      (other) =>
        other.arn === name ||
        (other.name === name && groupName !== undefined && other.groupName === groupName),
    );
  if (policy === undefined || store.get(autoScalingGroups, groupKey(scope, policy.groupName)) === undefined) {
    return {};
  }
  store.transaction((tx) => tx.delete(scalingPolicies, policy.arn));
  return {};
}
