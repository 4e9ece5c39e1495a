import type * as wire from "@aws-sdk/client-auto-scaling";
import { capacityChanges } from "../../model/autoscaling/activities.ts";
import { defaultServiceLinkedRole, groupArn, groupKey } from "../../model/autoscaling/names.ts";
import type { AutoScalingGroup } from "../../model/autoscaling/records.ts";
import { autoScalingGroups } from "../../store/tables/autoscaling.ts";
import type { HandlerContext } from "../operation.ts";
import { checkName, requireMember } from "./constraints.ts";
import { groupAlreadyExists, invalidLoadBalancers, notSupported, validationError } from "./errors.ts";
import {
  checkSizes,
  noSingleSource,
  readLaunchSource,
  readPlacement,
  readSettings,
  readShown,
  readTargetGroups,
} from "./group-input.ts";
import { checkLaunch } from "./launch-check.ts";
import { readHook } from "./lifecycle-hooks.ts";
import { mergeTagDescriptions, readTag } from "./tags.ts";

export function createAutoScalingGroup(
  input: wire.CreateAutoScalingGroupType,
  context: HandlerContext,
): Record<never, never> {
  const { store, scope, random } = context;
  const name = requireMember(input.AutoScalingGroupName, "autoScalingGroupName");
  checkName(name, "autoScalingGroupName");
  if (store.get(autoScalingGroups, groupKey(scope, name)) !== undefined) throw groupAlreadyExists(name);
  if (input.InstanceId !== undefined) throw notSupported("groups that are made after an instance");
  // There are no Classic Load Balancers here.
  if ((input.LoadBalancerNames ?? []).length > 0) throw invalidLoadBalancers();
  const group = readGroup(input, context, name, groupArn(scope, random.uuid(), name));
  checkLaunch(group, context);
  store.transaction((tx) => tx.put(autoScalingGroups, group));
  return {};
}

function readGroup(
  input: wire.CreateAutoScalingGroupType,
  context: HandlerContext,
  name: string,
  arn: string,
): AutoScalingGroup {
  const { scope, clock } = context;
  const minSize = requireMember(input.MinSize, "minSize");
  const maxSize = requireMember(input.MaxSize, "maxSize");
  const desiredCapacity = input.DesiredCapacity ?? minSize;
  checkSizes({ minSize, maxSize, desiredCapacity });
  const source = readLaunchSource(input, context);
  if (source === undefined) throw noSingleSource();
  const placement = readPlacement(input, context);
  if (placement === undefined) {
    throw validationError("At least one Availability Zone or VPC Subnet is required.");
  }
  const now = clock.now();
  return {
    ...scope,
    arn,
    name,
    minSize,
    maxSize,
    desiredCapacity,
    ...source,
    ...placement,
    defaultCooldown: 300,
    healthCheckType: "EC2",
    healthCheckGracePeriod: 0,
    terminationPolicies: ["Default"],
    newInstancesProtectedFromScaleIn: false,
    capacityRebalance: false,
    serviceLinkedRoleArn: defaultServiceLinkedRole(scope.account),
    ...readSettings(input),
    targetGroupArns: readTargetGroups(input.TargetGroupARNs ?? [], input.TrafficSources ?? [], context),
    suspendedProcesses: [],
    enabledMetrics: [],
    lifecycleHooks: (input.LifecycleHookSpecificationList ?? []).map((hook) => readHook(hook, name)),
    createdTime: now,
    tags: mergeTagDescriptions(
      [],
      (input.Tags ?? []).map((tag) => readTag(tag, name)),
    ),
    shown: readShown(input),
    ...(desiredCapacity === 0
      ? {}
      : { capacityChange: { at: now, text: capacityChanges.created(desiredCapacity) } }),
  };
}
