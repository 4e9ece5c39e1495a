/** What a group does next: pure. A plan is made, applied, and made again until it is empty. */
import type * as wire from "@aws-sdk/client-auto-scaling";
import type { Random } from "../../lib/random.ts";
import type { HealthReason } from "../../model/autoscaling/activities.ts";
import { countsAsCapacity } from "../../model/autoscaling/lifecycle.ts";
import { isSuspended } from "../../model/autoscaling/processes.ts";
import { type Candidate, selectForTermination } from "../../model/autoscaling/termination.ts";
import { planMember } from "./plan-member.ts";
import type { GroupSnapshot, Member } from "./snapshot.ts";

export type Step =
  | { readonly kind: "state"; readonly instanceId: string; readonly to: wire.LifecycleState }
  | {
      readonly kind: "wait-for-hooks";
      readonly instanceId: string;
      readonly to: "Pending:Wait" | "Terminating:Wait";
      readonly hooks: readonly wire.LifecycleHook[];
    }
  | { readonly kind: "in-service"; readonly instanceId: string }
  /** A launch that came to nothing: its activity is cancelled and the instance taken out. */
  | { readonly kind: "cancel-launch"; readonly instanceId: string; readonly statusMessage: string }
  | { readonly kind: "take-out"; readonly instanceId: string; readonly reason: HealthReason }
  | {
      readonly kind: "scale-in";
      readonly instanceIds: readonly string[];
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly kind: "register" | "deregister" | "drop-target";
      readonly instanceId: string;
      readonly targetGroupArn: string;
      readonly port: number;
    }
  | { readonly kind: "draining"; readonly instanceId: string }
  | { readonly kind: "terminate-instance"; readonly instanceId: string }
  /** It is out of the group: terminated, or detached and left running. */
  | { readonly kind: "gone"; readonly instanceId: string; readonly detached: boolean }
  | { readonly kind: "standby"; readonly instanceId: string }
  | { readonly kind: "launch"; readonly from: number; readonly to: number }
  /** The desired capacity is there. */
  | { readonly kind: "settled" }
  | { readonly kind: "delete-group" };

export interface GroupPlan {
  readonly steps: readonly Step[];
  /** Milliseconds since the epoch. */
  readonly lookAgainAt?: number | undefined;
}

/** Between launches that fail: doubling from the first, at most the second. Ours; AWS does not publish its own. */
export const FIRST_LAUNCH_DELAY_MS = 5_000;
export const LONGEST_LAUNCH_DELAY_MS = 300_000;

export function launchDelayMs(failures: number): number {
  return Math.min(FIRST_LAUNCH_DELAY_MS * 2 ** (failures - 1), LONGEST_LAUNCH_DELAY_MS);
}

export function planGroup(snapshot: GroupSnapshot, now: number, random: Random): GroupPlan {
  const steps: Step[] = [];
  let lookAgainAt: number | undefined;
  const lookAt = (at: number | undefined): void => {
    if (at !== undefined) lookAgainAt = Math.min(lookAgainAt ?? at, at);
  };
  for (const member of snapshot.members) {
    const plan = planMember(snapshot, member, now);
    steps.push(...plan.steps);
    lookAt(plan.lookAgainAt);
  }
  // Capacity is planned when every member has come to rest: the steps above change what counts.
  if (steps.length > 0) return { steps };
  const capacity = planCapacity(snapshot, now, random);
  lookAt(capacity.lookAgainAt);
  return { steps: capacity.steps, lookAgainAt };
}

function planCapacity(snapshot: GroupSnapshot, now: number, random: Random): GroupPlan {
  const { group, members } = snapshot;
  const deleting = group.status !== undefined;
  if (deleting && members.length === 0) return { steps: [{ kind: "delete-group" }] };
  const counted = members.filter(({ record }) => countsAsCapacity(record));
  const actual = counted.length;
  const desired = deleting ? 0 : group.desiredCapacity;
  if (actual === desired) {
    const unsettled =
      group.capacityChange !== undefined ||
      group.replacementsDue !== undefined ||
      group.launchFailures !== undefined;
    return { steps: unsettled ? [{ kind: "settled" }] : [] };
  }
  if (actual < desired) return planScaleOut(snapshot, now, actual, desired);
  if (isSuspended(group, "Terminate") && !deleting) return { steps: [] };
  const chosen = deleting
    ? counted.map(({ record }) => record.instanceId)
    : selectForTermination(
        counted.map((member) => candidate(snapshot, member)),
        actual - desired,
        group.terminationPolicies,
        { now, random },
      ).map(({ instanceId }) => instanceId);
  if (chosen.length === 0) return { steps: [] };
  return { steps: [{ kind: "scale-in", instanceIds: chosen, from: actual, to: desired }] };
}

function planScaleOut({ group }: GroupSnapshot, now: number, actual: number, desired: number): GroupPlan {
  if (isSuspended(group, "Launch")) return { steps: [] };
  if (group.launchFailures !== undefined) {
    const at = group.launchFailures.lastAt + launchDelayMs(group.launchFailures.count);
    if (now < at) return { steps: [], lookAgainAt: at };
  }
  return { steps: [{ kind: "launch", from: actual, to: desired }] };
}

function candidate({ group }: GroupSnapshot, member: Member): Candidate {
  const { record, instance, configurationCreatedAt } = member;
  const current =
    group.launchTemplate ?? group.mixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  const version = Number(record.launchTemplate?.Version);
  return {
    instanceId: record.instanceId,
    availabilityZone: record.availabilityZone,
    protectedFromScaleIn: record.protectedFromScaleIn,
    launchTime: instance?.launchTime ?? record.since,
    configurationCreatedAt:
      configurationCreatedAt ?? (record.launchConfigurationName === undefined ? undefined : 0),
    templateVersion: Number.isNaN(version) ? undefined : version,
    usesCurrentTemplate:
      record.launchTemplate === undefined ||
      record.launchTemplate.LaunchTemplateId === current?.LaunchTemplateId ||
      record.launchTemplate.LaunchTemplateName === current?.LaunchTemplateName,
  };
}
