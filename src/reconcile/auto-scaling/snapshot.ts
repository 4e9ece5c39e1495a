/** What the plan for a group is made from. */
import { groupKey } from "../../model/autoscaling/names.ts";
import type {
  AutoScalingGroup,
  AutoScalingInstance,
  ScalingActivity,
} from "../../model/autoscaling/records.ts";
import type { Instance, Subnet } from "../../model/ec2/records.ts";
import type { Target, TargetGroup } from "../../model/elb/records.ts";
import type { StoreReader } from "../../store/store.ts";
import {
  autoScalingInstances,
  launchConfigurations,
  scalingActivities,
} from "../../store/tables/autoscaling.ts";
import { instances, subnets } from "../../store/tables/ec2.ts";
import { targetGroups, targets } from "../../store/tables/elb.ts";

const DELAY_ATTRIBUTE = "deregistration_delay.timeout_seconds";

export interface Member {
  readonly record: AutoScalingInstance;
  /** Absent when EC2 does not list it any more. */
  readonly instance?: Instance | undefined;
  /** Its targets in the group's target groups, the draining ones too. */
  readonly targets: readonly Target[];
  /** The deregistration delay of each target group that it may be in. */
  readonly drainSeconds: ReadonlyMap<string, number>;
  /** The one that its way in or out belongs to. */
  readonly activity?: ScalingActivity | undefined;
  /** When its launch configuration was made; undefined for a template's, or when it was deleted. */
  readonly configurationCreatedAt?: number | undefined;
}

export interface GroupSnapshot {
  readonly group: AutoScalingGroup;
  readonly members: readonly Member[];
  /** Those of type `instance` that still exist: instances are registered with them. */
  readonly targetGroups: readonly TargetGroup[];
  readonly subnets: readonly Subnet[];
}

export function observeGroup(store: StoreReader, group: AutoScalingGroup): GroupSnapshot {
  const key = groupKey(group, group.name);
  const members = store.where(autoScalingInstances, "group", key);
  const registered = new Map<string, Target[]>();
  const ids = new Set(members.map(({ instanceId }) => instanceId));
  const attached = group.targetGroupArns
    .map((arn) => store.get(targetGroups, arn))
    .filter((found) => found !== undefined);
  for (const { arn } of attached) {
    for (const target of store.where(targets, "targetGroup", arn)) {
      if (!ids.has(target.targetId)) continue;
      registered.set(target.targetId, [...(registered.get(target.targetId) ?? []), target]);
    }
  }
  const drainSeconds = new Map(
    attached.map(({ arn, attributes }) => [arn, Number(attributes[DELAY_ATTRIBUTE] ?? 300)]),
  );
  return {
    group,
    members: members.map((record) => ({
      record,
      instance: store.get(instances, record.instanceId),
      targets: registered.get(record.instanceId) ?? [],
      drainSeconds,
      activity: record.activityId === undefined ? undefined : store.get(scalingActivities, record.activityId),
      configurationCreatedAt:
        record.launchConfigurationName === undefined
          ? undefined
          : store.get(launchConfigurations, groupKey(group, record.launchConfigurationName))?.createdTime,
    })),
    targetGroups: attached.filter(({ targetType }) => targetType === "instance"),
    subnets: subnetsOf(store, group),
  };
}

/** The default ones of its zones for a group that names none. */
function subnetsOf(store: StoreReader, group: AutoScalingGroup): Subnet[] {
  if (group.subnetIds.length > 0) {
    return group.subnetIds.map((id) => store.get(subnets, id)).filter((found) => found !== undefined);
  }
  return store
    .where(subnets, "scope", `${group.account}/${group.region}`)
    .filter(
      ({ defaultForAz, availabilityZone }) =>
        defaultForAz && group.availabilityZones.includes(availabilityZone),
    );
}
