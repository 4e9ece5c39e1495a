/** Carries out the steps of a plan: writes, in one transaction. */
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import type { Result } from "../../lib/result.ts";
import {
  activityDetails,
  descriptions,
  endedActivity,
  healthCause,
  newActivity,
  scaleInCause,
} from "../../model/autoscaling/activities.ts";
import { newHookWait } from "../../model/autoscaling/hooks.ts";
import { inState } from "../../model/autoscaling/lifecycle.ts";
import { groupKey } from "../../model/autoscaling/names.ts";
import type { AutoScalingGroup, AutoScalingInstance } from "../../model/autoscaling/records.ts";
import type { GroupLaunch } from "../../store/group-launch.ts";
import type { LaunchRefusal } from "../../store/instance-launch.ts";
import type { Store, StoreReader, Transaction } from "../../store/store.ts";
import {
  autoScalingGroups,
  autoScalingInstances,
  scalingActivities,
  scalingPolicies,
} from "../../store/tables/autoscaling.ts";
import { instances } from "../../store/tables/ec2.ts";
import { targets } from "../../store/tables/elb.ts";
import { deregisterTarget, registerTarget, targetKey } from "../../store/targets.ts";
import { launchMembers } from "./launch-members.ts";
import type { Step } from "./plan.ts";

export interface AutoScalingDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** One instance in a subnet (the group's choice when undefined); a failure carries EC2's message. */
  readonly launch: (
    store: StoreReader,
    group: AutoScalingGroup,
    subnetId: string | undefined,
  ) => Result<GroupLaunch, LaunchRefusal>;
}

export interface ApplyContext {
  readonly deps: AutoScalingDeps;
  readonly tx: Transaction;
  /** As it was when the plan was made. */
  readonly group: AutoScalingGroup;
  readonly now: number;
}

export function applyStep(context: ApplyContext, step: Step): void {
  switch (step.kind) {
    case "launch":
      launchMembers(context, step.from, step.to);
      break;
    case "scale-in":
      scaleIn(context, step);
      break;
    case "settled":
      changeGroup(context, {
        capacityChange: undefined,
        replacementsDue: undefined,
        launchFailures: undefined,
      });
      break;
    case "delete-group":
      deleteGroup(context);
      break;
    case "register":
    case "deregister":
    case "drop-target":
      applyTargetStep(context, step);
      break;
    default:
      applyMemberStep(context, step);
      break;
  }
}

type MemberStep = Exclude<
  Step,
  {
    readonly kind:
      | "launch"
      | "scale-in"
      | "settled"
      | "delete-group"
      | "register"
      | "deregister"
      | "drop-target";
  }
>;

function applyMemberStep(context: ApplyContext, step: MemberStep): void {
  const { deps, tx, now } = context;
  const member = deps.store.get(autoScalingInstances, step.instanceId);
  if (member === undefined) return;
  switch (step.kind) {
    case "state":
      tx.put(autoScalingInstances, inState(member, step.to, now));
      break;
    case "wait-for-hooks": {
      const waiting = step.hooks.map((hook) => newHookWait(hook, now, deps.random.uuid()));
      tx.put(autoScalingInstances, { ...inState(member, step.to, now), waiting });
      changeActivity(context, member, { statusCode: "MidLifecycleAction", progress: 60 });
      break;
    }
    case "in-service":
      endActivity(context, member);
      tx.put(autoScalingInstances, { ...inState(member, "InService", now), activityId: undefined });
      break;
    case "standby":
      endActivity(context, member);
      tx.put(autoScalingInstances, { ...inState(member, "Standby", now), activityId: undefined });
      break;
    case "draining": {
      const description = descriptions.draining(descriptions.terminating(member.instanceId));
      changeActivity(context, member, {
        ...(member.lifecycleState === "Terminating" ? { description } : {}),
        statusCode: "WaitingForELBConnectionDraining",
        progress: 50,
      });
      break;
    }
    case "cancel-launch":
      cancelLaunch(context, member, step.statusMessage);
      break;
    case "take-out":
      changeGroup(context, { replacementsDue: (currentGroup(context)?.replacementsDue ?? 0) + 1 });
      takeOut(context, { ...member, healthStatus: "Unhealthy" }, healthCause(now, step.reason));
      break;
    case "terminate-instance":
      terminateInstance(context, member.instanceId);
      break;
    case "gone":
      endActivity(context, member);
      if (step.detached) untag(context, member.instanceId);
      tx.delete(autoScalingInstances, member.instanceId);
      break;
  }
}

function applyTargetStep(
  { deps, tx, group, now }: ApplyContext,
  step: Extract<Step, { readonly kind: "register" | "deregister" | "drop-target" }>,
): void {
  const address = { targetGroupArn: step.targetGroupArn, targetId: step.instanceId, port: step.port };
  const { account, region } = group;
  switch (step.kind) {
    case "register":
      registerTarget(tx, deps.store, {
        account,
        region,
        ...address,
        availabilityZone: deps.store.get(autoScalingInstances, step.instanceId)?.availabilityZone,
        registeredAt: now,
      });
      break;
    case "deregister":
      deregisterTarget(tx, deps.store, { ...address, deregisteredAt: now });
      break;
    case "drop-target":
      tx.delete(targets, targetKey(address));
      break;
  }
}

function currentGroup({ deps, group }: ApplyContext): AutoScalingGroup | undefined {
  return deps.store.get(autoScalingGroups, groupKey(group, group.name));
}

export function changeGroup(context: ApplyContext, change: Partial<AutoScalingGroup>): void {
  const current = currentGroup(context);
  if (current !== undefined) context.tx.put(autoScalingGroups, { ...current, ...change });
}

function scaleIn(
  context: ApplyContext,
  step: { readonly instanceIds: readonly string[]; readonly from: number; readonly to: number },
): void {
  const cause = scaleInCause(context.group, context.now, step);
  for (const instanceId of step.instanceIds) {
    const member = context.deps.store.get(autoScalingInstances, instanceId);
    if (member !== undefined) takeOut(context, member, cause);
  }
}

function takeOut(context: ApplyContext, member: AutoScalingInstance, cause: string): void {
  const { deps, tx, group, now } = context;
  const activity = newActivity(group, {
    activityId: deps.random.uuid(),
    description: descriptions.terminating(member.instanceId),
    cause,
    startTime: now,
    instanceId: member.instanceId,
    details: activityDetails(deps.store.get(instances, member.instanceId)?.subnetId, member.availabilityZone),
  });
  // A launch that was still under way ends with it.
  const launch =
    member.activityId === undefined ? undefined : deps.store.get(scalingActivities, member.activityId);
  if (launch !== undefined && launch.endTime === undefined) {
    tx.put(scalingActivities, endedActivity(launch, now, "Cancelled"));
  }
  tx.put(scalingActivities, activity);
  tx.put(autoScalingInstances, {
    ...inState(member, "Terminating", now),
    activityId: activity.activityId,
  });
}

function cancelLaunch(context: ApplyContext, member: AutoScalingInstance, statusMessage: string): void {
  const { deps, tx, now } = context;
  const activity =
    member.activityId === undefined ? undefined : deps.store.get(scalingActivities, member.activityId);
  if (activity !== undefined) {
    const description = descriptions.launchAbandoned(member.instanceId, statusMessage);
    tx.put(scalingActivities, { ...endedActivity(activity, now, "Cancelled"), description, statusMessage });
  }
  const failures = currentGroup(context)?.launchFailures?.count ?? 0;
  changeGroup(context, { launchFailures: { count: failures + 1, lastAt: now } });
  takeOut(context, { ...member, activityId: undefined }, healthCause(now, "launch"));
}

function changeActivity(
  { deps, tx }: ApplyContext,
  member: AutoScalingInstance,
  change: Partial<Parameters<typeof endedActivity>[0]>,
): void {
  const activity =
    member.activityId === undefined ? undefined : deps.store.get(scalingActivities, member.activityId);
  if (activity !== undefined) tx.put(scalingActivities, { ...activity, ...change });
}

function endActivity({ deps, tx, now }: ApplyContext, member: AutoScalingInstance): void {
  const activity =
    member.activityId === undefined ? undefined : deps.store.get(scalingActivities, member.activityId);
  if (activity === undefined) return;
  const ended = endedActivity(activity, now);
  const terminating = activity.description.startsWith("Terminating");
  tx.put(
    scalingActivities,
    terminating ? { ...ended, description: descriptions.terminating(member.instanceId) } : ended,
  );
}

/** Auto Scaling terminates instances that `disableApiTermination` protects, too. */
function terminateInstance({ deps, tx }: ApplyContext, instanceId: string): void {
  const instance = deps.store.get(instances, instanceId);
  if (instance === undefined || instance.desiredState === "terminated") return;
  tx.put(instances, {
    ...instance,
    desiredState: "terminated",
    stateReason: {
      code: "Client.UserInitiatedShutdown",
      message: "Client.UserInitiatedShutdown: User initiated shutdown",
    },
  });
}

function untag({ deps, tx }: ApplyContext, instanceId: string): void {
  const instance = deps.store.get(instances, instanceId);
  if (instance === undefined) return;
  const tags = instance.tags.filter(({ key }) => key !== "aws:autoscaling:groupName");
  tx.put(instances, { ...instance, tags });
}

function deleteGroup({ deps, tx, group }: ApplyContext): void {
  const key = groupKey(group, group.name);
  for (const policy of deps.store.where(scalingPolicies, "group", key))
    tx.delete(scalingPolicies, policy.arn);
  tx.delete(autoScalingGroups, key);
}
