/** UpdateAutoScalingGroup and SetDesiredCapacity. */
import type * as wire from "@aws-sdk/client-auto-scaling";
import { capacityChanges } from "../../model/autoscaling/activities.ts";
import { groupKey } from "../../model/autoscaling/names.ts";
import type { AutoScalingGroup } from "../../model/autoscaling/records.ts";
import { autoScalingGroups, scalingActivities } from "../../store/tables/autoscaling.ts";
import type { HandlerContext } from "../operation.ts";
import { requireMember } from "./constraints.ts";
import { activityInProgress, validationError } from "./errors.ts";
import {
  checkSizes,
  type LaunchSource,
  readLaunchSource,
  readPlacement,
  readSettings,
  readShown,
  type Sizes,
} from "./group-input.ts";
import { checkLaunch } from "./launch-check.ts";
import { requireGroup } from "./resolve.ts";

export function updateAutoScalingGroup(
  input: wire.UpdateAutoScalingGroupType,
  context: HandlerContext,
): Record<never, never> {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const sizes = newSizes(input, group);
  checkSizes(sizes);
  const source = readLaunchSource(input, context);
  const settings = readSettings(input);
  const changed: AutoScalingGroup = {
    ...(source === undefined ? group : withoutSource(group)),
    ...source,
    ...readPlacement(input, context),
    ...settings,
    ...(input.DefaultInstanceWarmup === -1 ? { defaultInstanceWarmup: undefined } : {}),
    ...(input.InstanceMaintenancePolicy?.MinHealthyPercentage === -1
      ? { instanceMaintenancePolicy: undefined }
      : {}),
    ...sizes,
    shown: { ...group.shown, ...readShown(input) },
    launchFailures: undefined,
  };
  if (source !== undefined) checkLaunch(changed, context);
  const text = capacityChanges.updated(
    { min: sizes.minSize, max: sizes.maxSize },
    group.desiredCapacity,
    sizes.desiredCapacity,
  );
  const change =
    sizes.desiredCapacity === group.desiredCapacity
      ? {}
      : { capacityChange: { at: context.clock.now(), text } };
  context.store.transaction((tx) => tx.put(autoScalingGroups, { ...changed, ...change }));
  return {};
}

function withoutSource(group: AutoScalingGroup): Omit<AutoScalingGroup, keyof LaunchSource> {
  const { launchConfigurationName: _, launchTemplate: __, mixedInstancesPolicy: ___, ...rest } = group;
  return rest;
}

/** A new minimum or maximum moves a desired capacity that is not named (API reference). */
function newSizes(input: wire.UpdateAutoScalingGroupType, group: AutoScalingGroup): Sizes {
  const minSize = input.MinSize ?? group.minSize;
  const maxSize = input.MaxSize ?? group.maxSize;
  const desiredCapacity =
    input.DesiredCapacity ?? Math.max(minSize, Math.min(maxSize, group.desiredCapacity));
  return { minSize, maxSize, desiredCapacity };
}

export function setDesiredCapacity(
  input: wire.SetDesiredCapacityType,
  context: HandlerContext,
): Record<never, never> {
  const { store, clock } = context;
  const group = requireGroup(context, input.AutoScalingGroupName);
  const desiredCapacity = requireMember(input.DesiredCapacity, "desiredCapacity");
  if (desiredCapacity > group.maxSize) {
    throw validationError(
      `New SetDesiredCapacity value ${desiredCapacity} is above max value ${group.maxSize} for the AutoScalingGroup.`,
    );
  }
  if (desiredCapacity < group.minSize) {
    throw validationError(
      `New SetDesiredCapacity value ${desiredCapacity} is below min value ${group.minSize} for the AutoScalingGroup.`,
    );
  }
  if (input.HonorCooldown === true) requireCooledDown(group, context);
  if (desiredCapacity === group.desiredCapacity) return {};
  const text = capacityChanges.set(group.desiredCapacity, desiredCapacity);
  store.transaction((tx) =>
    tx.put(autoScalingGroups, {
      ...group,
      desiredCapacity,
      capacityChange: { at: clock.now(), text },
      launchFailures: undefined,
    }),
  );
  return {};
}

/** The cooldown counts from the end of the last activity that changed the capacity. */
function requireCooledDown(group: AutoScalingGroup, { store, clock }: HandlerContext): void {
  const blocking = store
    .where(scalingActivities, "group", groupKey(group, group.name))
    .find(({ endTime = clock.now() }) => clock.now() < endTime + group.defaultCooldown * 1000);
  if (blocking !== undefined) throw activityInProgress(blocking.activityId);
}
