/** Instances that come into a group, leave it, or pause, by request. */
import type * as wire from "@aws-sdk/client-auto-scaling";
import { attachedCause, descriptions, userRequestCause } from "../../model/autoscaling/activities.ts";
import { inState } from "../../model/autoscaling/lifecycle.ts";
import type {
  AutoScalingGroup,
  AutoScalingInstance,
  ScalingActivity,
} from "../../model/autoscaling/records.ts";
import type { Instance } from "../../model/ec2/records.ts";
import { inScope } from "../../model/scope.ts";
import {
  autoScalingGroups,
  autoScalingInstances,
  scalingActivities,
} from "../../store/tables/autoscaling.ts";
import { instances } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { requireMember } from "./constraints.ts";
import { validationError } from "./errors.ts";
import { memberActivity } from "./instances.ts";
import { requireGroup, requireInstanceOf } from "./resolve.ts";
import { describeActivity } from "./views/activity.ts";

/** The desired capacity grows with them (API reference, AttachInstances). */
export function attachInstances(
  input: wire.AttachInstancesQuery,
  context: HandlerContext,
): Record<never, never> {
  const { store, clock } = context;
  const group = requireGroup(context, input.AutoScalingGroupName);
  const attached = (input.InstanceIds ?? []).map((id) => requireAttachable(context, group, id));
  const desiredCapacity = group.desiredCapacity + attached.length;
  if (desiredCapacity > group.maxSize) {
    throw validationError(
      `AttachInstances: the number of instances to attach (${attached.length}) would put the group above its maximum size, ${group.maxSize}`,
    );
  }
  const now = clock.now();
  store.transaction((tx) => {
    for (const instance of attached) {
      const { instanceId, availabilityZone } = instance;
      const activity = memberActivity(context, group, instance, {
        description: descriptions.attaching(instanceId),
        cause: attachedCause(now, desiredCapacity),
        progress: 50,
      });
      tx.put(scalingActivities, activity);
      tx.put(autoScalingInstances, {
        ...context.scope,
        instanceId,
        groupName: group.name,
        availabilityZone,
        instanceType: instance.instanceType,
        lifecycleState: "Pending",
        healthStatus: "Healthy",
        protectedFromScaleIn: group.newInstancesProtectedFromScaleIn,
        since: now,
        activityId: activity.activityId,
      });
      const tag = { key: "aws:autoscaling:groupName", value: group.name };
      tx.put(instances, { ...instance, tags: [...instance.tags, tag] });
    }
    tx.put(autoScalingGroups, { ...group, desiredCapacity });
  });
  return {};
}

function requireAttachable(context: HandlerContext, group: AutoScalingGroup, id: string): Instance {
  const instance = context.store.get(instances, id);
  if (instance === undefined || !inScope(instance, context.scope)) {
    throw validationError(`Invalid Instance ID: ${id}`);
  }
  const member = context.store.get(autoScalingInstances, id);
  if (member !== undefined) {
    throw validationError(`The Instance: ${id} is already part of AutoScalingGroup:${member.groupName}`);
  }
  if (instance.state !== "running") {
    throw validationError(`The instance ${id} is not in the running state`);
  }
  if (!group.availabilityZones.includes(instance.availabilityZone)) {
    throw validationError(
      `The instance ${id} is not in one of the Availability Zones of the Auto Scaling group ${group.name}`,
    );
  }
  return instance;
}

export function detachInstances(
  input: wire.DetachInstancesQuery,
  context: HandlerContext,
): wire.DetachInstancesAnswer {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const decrement = requireMember(input.ShouldDecrementDesiredCapacity, "shouldDecrementDesiredCapacity");
  const members = (input.InstanceIds ?? []).map((id) =>
    requireState(requireInstanceOf(context, group, id), ["InService", "Standby"], "InService or Standby"),
  );
  const counted = members.filter(({ lifecycleState }) => lifecycleState === "InService").length;
  return leave(context, group, members, decrement ? counted : 0, (member, now, change) => ({
    to: "Detaching",
    description: descriptions.detaching(member.instanceId),
    cause: userRequestCause(now, `instance ${member.instanceId} was detached`, change),
  }));
}

export function enterStandby(
  input: wire.EnterStandbyQuery,
  context: HandlerContext,
): wire.EnterStandbyAnswer {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const decrement = requireMember(input.ShouldDecrementDesiredCapacity, "shouldDecrementDesiredCapacity");
  const members = (input.InstanceIds ?? []).map((id) =>
    requireState(requireInstanceOf(context, group, id), ["InService"], "InService"),
  );
  return leave(context, group, members, decrement ? members.length : 0, (member, now, change) => ({
    to: "EnteringStandby",
    description: descriptions.enteringStandby(member.instanceId),
    cause: userRequestCause(now, `instance ${member.instanceId} was moved to standby`, change),
  }));
}

function requireState(
  member: AutoScalingInstance,
  states: readonly string[],
  words: string,
): AutoScalingInstance {
  if (states.includes(member.lifecycleState)) return member;
  throw validationError(`The instance ${member.instanceId} is not in ${words}.`);
}

interface Change {
  readonly from: number;
  readonly to: number;
}

function leave(
  context: HandlerContext,
  group: AutoScalingGroup,
  members: readonly AutoScalingInstance[],
  decrement: number,
  how: (
    member: AutoScalingInstance,
    now: number,
    change: Change | undefined,
  ) => Pick<ScalingActivity, "description" | "cause"> & { to: AutoScalingInstance["lifecycleState"] },
): { Activities: wire.Activity[] } {
  const { store, clock } = context;
  const now = clock.now();
  const desiredCapacity = group.desiredCapacity - decrement;
  if (desiredCapacity < group.minSize) {
    throw validationError(
      `AutoScalingGroup ${group.name} has min-size=${group.minSize}, max-size=${group.maxSize}, and desired-size=${group.desiredCapacity}. To place into standby or detach ${decrement} instances, please update the AutoScalingGroup sizes appropriately.`,
    );
  }
  const change = decrement === 0 ? undefined : { from: group.desiredCapacity, to: desiredCapacity };
  const activities: ScalingActivity[] = [];
  store.transaction((tx) => {
    for (const member of members) {
      const { to, ...words } = how(member, now, change);
      const activity = memberActivity(context, group, member, { ...words, progress: 50 });
      activities.push(activity);
      tx.put(scalingActivities, activity);
      tx.put(autoScalingInstances, { ...inState(member, to, now), activityId: activity.activityId });
    }
    if (decrement > 0) tx.put(autoScalingGroups, { ...group, desiredCapacity });
  });
  return { Activities: activities.map((activity) => describeActivity(activity)) };
}

/** The desired capacity grows again with each (API reference, ExitStandby). */
export function exitStandby(input: wire.ExitStandbyQuery, context: HandlerContext): wire.ExitStandbyAnswer {
  const { store, clock } = context;
  const group = requireGroup(context, input.AutoScalingGroupName);
  const members = (input.InstanceIds ?? []).map((id) =>
    requireState(requireInstanceOf(context, group, id), ["Standby"], "Standby"),
  );
  const now = clock.now();
  const desiredCapacity = group.desiredCapacity + members.length;
  const activities: ScalingActivity[] = [];
  store.transaction((tx) => {
    for (const member of members) {
      const activity = memberActivity(context, group, member, {
        description: descriptions.exitingStandby(member.instanceId),
        cause: userRequestCause(now, `instance ${member.instanceId} was moved out of standby`, {
          from: group.desiredCapacity,
          to: desiredCapacity,
        }),
        statusCode: "PreInService",
        progress: 30,
      });
      activities.push(activity);
      tx.put(scalingActivities, activity);
      tx.put(autoScalingInstances, { ...inState(member, "Pending", now), activityId: activity.activityId });
    }
    tx.put(autoScalingGroups, {
      ...group,
      desiredCapacity,
      maxSize: Math.max(group.maxSize, desiredCapacity),
    });
  });
  return { Activities: activities.map((activity) => describeActivity(activity)) };
}
