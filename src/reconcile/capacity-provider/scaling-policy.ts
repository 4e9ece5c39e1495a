/** The scaling policy that ECS puts on a group whose capacity it manages; Auto Scaling shows it like any other. */
import type { Random } from "../../lib/random.ts";
import { groupKey, scalingPolicyArn } from "../../model/autoscaling/names.ts";
import type { ScalingPolicy } from "../../model/autoscaling/records.ts";
import type { Store, Transaction } from "../../store/store.ts";
import { scalingPolicies } from "../../store/tables/autoscaling.ts";
import type { ManagedGroup } from "./observe.ts";

const PREFIX = "ECSManagedAutoScalingPolicy-";

export function findManagedPolicy(store: Store, { group }: ManagedGroup): ScalingPolicy | undefined {
  return store
    .where(scalingPolicies, "group", groupKey(group, group.name))
    .find(({ name }) => name.startsWith(PREFIX));
}

/** As causes of activities name its alarm: `AlarmHigh` when it grows, `AlarmLow` when it shrinks. */
export function alarmName(policy: ScalingPolicy, direction: "High" | "Low"): string {
  return `TargetTracking-${policy.groupName}-Alarm${direction}-${policy.name.slice(PREFIX.length)}`;
}

export function isScaled({ provider, cluster }: ManagedGroup): boolean {
  return cluster !== undefined && provider?.autoScalingGroupProvider.managedScaling?.status === "ENABLED";
}

/** There while the group is scaled, with the provider's target; gone with it. */
export function applyPolicy(store: Store, tx: Transaction, managed: ManagedGroup, random: Random): void {
  const { group, provider, cluster } = managed;
  const existing = findManagedPolicy(store, managed);
  if (!isScaled(managed) || provider === undefined || cluster === undefined) {
    if (existing !== undefined) tx.delete(scalingPolicies, existing.arn);
    return;
  }
  const target = provider.autoScalingGroupProvider.managedScaling?.targetCapacity ?? 100;
  if (existing?.policy.TargetTrackingConfiguration?.TargetValue === target) return;
  const name = existing?.name ?? PREFIX + random.uuid();
  tx.put(scalingPolicies, {
    account: group.account,
    region: group.region,
    arn: existing?.arn ?? scalingPolicyArn(group, random.uuid(), group.name, name),
    name,
    groupName: group.name,
    policy: {
      AutoScalingGroupName: group.name,
      PolicyName: name,
      PolicyType: "TargetTrackingScaling",
      Enabled: true,
      TargetTrackingConfiguration: {
        CustomizedMetricSpecification: {
          MetricName: "CapacityProviderReservation",
          Namespace: "AWS/ECS/ManagedScaling",
          Dimensions: [
            { Name: "CapacityProviderName", Value: provider.name },
            { Name: "ClusterName", Value: cluster.name },
          ],
          Statistic: "Average",
        },
        TargetValue: target,
        DisableScaleIn: false,
      },
    },
  });
}
