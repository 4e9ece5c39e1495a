/** What is asked of single instances of a group: health, protection, termination. */
import type * as wire from "@aws-sdk/client-auto-scaling";
import {
  activityDetails,
  descriptions,
  newActivity,
  userRequestCause,
} from "../../model/autoscaling/activities.ts";
import { countsAsCapacity, inState, isTerminating } from "../../model/autoscaling/lifecycle.ts";
import { groupKey } from "../../model/autoscaling/names.ts";
import type {
  AutoScalingGroup,
  AutoScalingInstance,
  ScalingActivity,
} from "../../model/autoscaling/records.ts";
import {
  autoScalingGroups,
  autoScalingInstances,
  scalingActivities,
} from "../../store/tables/autoscaling.ts";
import { instances } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { oneOf, requireMember } from "./constraints.ts";
import { minimumReached, validationError } from "./errors.ts";
import { requireGroup, requireInstanceOf, requireMemberInstance } from "./resolve.ts";
import { describeActivity } from "./views/activity.ts";

/** In one request (API reference, SetInstanceProtection). */
const MOST_INSTANCES = 50;

export function setInstanceHealth(
  input: wire.SetInstanceHealthQuery,
  context: HandlerContext,
): Record<never, never> {
  const { store, clock } = context;
  const member = requireMemberInstance(context, input.InstanceId);
  const health = oneOf(requireMember(input.HealthStatus, "healthStatus"), "healthStatus", [
    "Healthy",
    "Unhealthy",
  ]);
  const group = store.get(autoScalingGroups, groupKey(member, member.groupName));
  const grace = (group?.healthCheckGracePeriod ?? 0) * 1000;
  const respected = input.ShouldRespectGracePeriod ?? true;
  if (health === undefined || (respected && clock.now() < member.since + grace)) return {};
  store.transaction((tx) => tx.put(autoScalingInstances, { ...member, healthStatus: health }));
  return {};
}

export function setInstanceProtection(
  input: wire.SetInstanceProtectionQuery,
  context: HandlerContext,
): wire.SetInstanceProtectionAnswer {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const ids = requireMember(input.InstanceIds, "instanceIds");
  const protectedFromScaleIn = requireMember(input.ProtectedFromScaleIn, "protectedFromScaleIn");
  if (ids.length > MOST_INSTANCES) {
    throw validationError(`The number of instance IDs cannot be greater than ${MOST_INSTANCES}`);
  }
  const members = ids.map((id) => requireInstanceOf(context, group, id));
  context.store.transaction((tx) => {
    for (const member of members) tx.put(autoScalingInstances, { ...member, protectedFromScaleIn });
  });
  return {};
}

export function terminateInstanceInAutoScalingGroup(
  input: wire.TerminateInstanceInAutoScalingGroupType,
  context: HandlerContext,
): wire.ActivityType {
  const { store, clock } = context;
  const member = requireMemberInstance(context, input.InstanceId);
  const group = requireGroup(context, member.groupName);
  const decrement = requireMember(input.ShouldDecrementDesiredCapacity, "shouldDecrementDesiredCapacity");
  if (isTerminating(member) && member.activityId !== undefined) {
    const running = store.get(scalingActivities, member.activityId);
    if (running !== undefined) return { Activity: describeActivity(running) };
  }
  const to = decrement && countsAsCapacity(member) ? group.desiredCapacity - 1 : group.desiredCapacity;
  if (to < group.minSize) throw minimumReached(group.minSize);
  const now = clock.now();
  const activity = memberActivity(context, group, member, {
    description: descriptions.terminating(member.instanceId),
    cause: userRequestCause(
      now,
      `instance ${member.instanceId} was taken out of service`,
      to === group.desiredCapacity ? undefined : { from: group.desiredCapacity, to },
    ),
  });
  store.transaction((tx) => {
    tx.put(scalingActivities, activity);
    tx.put(autoScalingInstances, {
      ...inState(member, "Terminating", now),
      activityId: activity.activityId,
    });
    if (to !== group.desiredCapacity) tx.put(autoScalingGroups, { ...group, desiredCapacity: to });
  });
  return { Activity: describeActivity(activity) };
}

/** Begun now; reconcile/auto-scaling ends it. */
export function memberActivity(
  { store, clock, random }: HandlerContext,
  group: AutoScalingGroup,
  member: Pick<AutoScalingInstance, "instanceId" | "availabilityZone">,
  words: Pick<ScalingActivity, "description" | "cause"> & Partial<ScalingActivity>,
): ScalingActivity {
  const subnetId = store.get(instances, member.instanceId)?.subnetId;
  return newActivity(group, {
    activityId: random.uuid(),
    startTime: clock.now(),
    instanceId: member.instanceId,
    details: activityDetails(subnetId, member.availabilityZone),
    ...words,
  });
}
