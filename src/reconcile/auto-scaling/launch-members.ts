/** Launches what a group lacks, in the zones that have the fewest. */
import {
  activityDetails,
  descriptions,
  launchFailure,
  newActivity,
  replacementCause,
  scaleOutCause,
} from "../../model/autoscaling/activities.ts";
import { subnetsByNeed } from "../../model/autoscaling/balance.ts";
import { countsAsCapacity } from "../../model/autoscaling/lifecycle.ts";
import type { Subnet } from "../../model/ec2/records.ts";
import type { GroupLaunch } from "../../store/group-launch.ts";
import { autoScalingInstances, scalingActivities } from "../../store/tables/autoscaling.ts";
import { subnets } from "../../store/tables/ec2.ts";
import { type ApplyContext, changeGroup } from "./apply.ts";
import { observeGroup } from "./snapshot.ts";

/** At once; the next look launches the next ones. */
const MOST_AT_ONCE = 20;

export function launchMembers(context: ApplyContext, from: number, to: number): void {
  const { group, now } = context;
  let replacements = group.replacementsDue ?? 0;
  const count = Math.min(to - from, MOST_AT_ONCE);
  for (let launched = 0; launched < count; launched++) {
    const cause = replacements > 0 ? replacementCause(now) : scaleOutCause(group, now, from, to);
    if (!launchOne(context, cause)) {
      changeGroup(context, {
        replacementsDue: replacements,
        launchFailures: { count: (group.launchFailures?.count ?? 0) + 1, lastAt: now },
      });
      return;
    }
    if (replacements > 0) replacements--;
  }
  changeGroup(context, { replacementsDue: replacements });
}

/** Tries the subnets one after the other; when none will do, the activity tells what EC2 said of the first. */
function launchOne(context: ApplyContext, cause: string): boolean {
  const { deps, group } = context;
  const order = subnetOrder(context);
  let refusal: { readonly message: string; readonly subnet: Subnet | undefined } | undefined;
  for (const subnet of order.length === 0 ? [undefined] : order) {
    const result = deps.launch(deps.store, group, subnet?.subnetId);
    if (result.ok) {
      putMember(context, result.value, cause);
      return true;
    }
    refusal ??= { message: result.failure.message, subnet };
  }
  putFailure(context, cause, refusal?.message ?? "", refusal?.subnet);
  return false;
}

function subnetOrder({ deps, group }: ApplyContext): Subnet[] {
  const snapshot = observeGroup(deps.store, group);
  const uses = snapshot.subnets.map(({ subnetId, availabilityZone }) => ({
    subnetId,
    availabilityZone,
    members: snapshot.members.filter(
      ({ record, instance }) => countsAsCapacity(record) && instance?.subnetId === subnetId,
    ).length,
  }));
  return subnetsByNeed(deps.random, uses)
    .map(({ subnetId }) => deps.store.get(subnets, subnetId))
    .filter((found) => found !== undefined);
}

function putMember({ deps, tx, group, now }: ApplyContext, launch: GroupLaunch, cause: string): void {
  const { instance, launchTemplate } = launch;
  const activityId = deps.random.uuid();
  launch.put(tx);
  tx.put(
    scalingActivities,
    newActivity(group, {
      activityId,
      description: descriptions.launching(instance.instanceId),
      cause,
      startTime: now,
      statusCode: "PreInService",
      progress: 30,
      instanceId: instance.instanceId,
      details: activityDetails(instance.subnetId, instance.availabilityZone),
    }),
  );
  tx.put(autoScalingInstances, {
    account: group.account,
    region: group.region,
    instanceId: instance.instanceId,
    groupName: group.name,
    availabilityZone: instance.availabilityZone,
    instanceType: instance.instanceType,
    lifecycleState: "Pending",
    healthStatus: "Healthy",
    protectedFromScaleIn: group.newInstancesProtectedFromScaleIn,
    ...(launchTemplate === undefined
      ? { launchConfigurationName: group.launchConfigurationName }
      : { launchTemplate }),
    since: now,
    activityId,
  });
}

function putFailure(
  { deps, tx, group, now }: ApplyContext,
  cause: string,
  message: string,
  subnet: Subnet | undefined,
): void {
  const statusMessage = launchFailure(message);
  tx.put(
    scalingActivities,
    newActivity(group, {
      activityId: deps.random.uuid(),
      description: descriptions.launchFailed(statusMessage),
      cause,
      startTime: now,
      endTime: now,
      statusCode: "Failed",
      statusMessage,
      progress: 100,
      details: subnet === undefined ? "{}" : activityDetails(subnet.subnetId, subnet.availabilityZone),
    }),
  );
}
