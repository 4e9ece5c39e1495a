/**
 * What scaling activities say. The texts are Auto Scaling's own, as its users quote them from DescribeScalingActivities
 * (Auto Scaling user guide, "Verify a scaling activity for an Auto Scaling group").
 */
import type { AutoScalingGroup, ScalingActivity } from "./records.ts";

/** `2026-01-02T03:04:05Z`: causes carry no milliseconds. */
export function causeTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Sentences are parted by two spaces. */
function cause(sentences: readonly { readonly at: number; readonly text: string }[]): string {
  return sentences.map(({ at, text }) => `At ${causeTime(at)} ${text}.`).join("  ");
}

function changeOf(group: AutoScalingGroup): { at: number; text: string }[] {
  return group.capacityChange === undefined ? [] : [group.capacityChange];
}

const changing = (from: number, to: number): string => `changing the desired capacity from ${from} to ${to}`;

/** What `capacityChange.text` may be. */
export const capacityChanges = {
  created: (to: number) => `a user request created an AutoScalingGroup ${changing(0, to)}`,
  updated: (size: { readonly min: number; readonly max: number }, from: number, to: number) =>
    `a user request update of AutoScalingGroup constraints to min: ${size.min}, max: ${size.max}, desired: ${to} ${changing(from, to)}`,
  set: (from: number, to: number) =>
    `a user request explicitly set group desired capacity ${changing(from, to)}`,
  alarm: (alarm: string, policy: string, from: number, to: number) =>
    `a monitor alarm ${alarm} in state ALARM triggered policy ${policy} ${changing(from, to)}`,
} as const;

export function scaleOutCause(group: AutoScalingGroup, now: number, from: number, to: number): string {
  return cause([
    ...changeOf(group),
    {
      at: now,
      text: `an instance was started in response to a difference between desired and actual capacity, increasing the capacity from ${from} to ${to}`,
    },
  ]);
}

export function replacementCause(now: number): string {
  return cause([
    { at: now, text: "an instance was launched in response to an unhealthy instance needing to be replaced" },
  ]);
}

export function scaleInCause(
  group: AutoScalingGroup,
  now: number,
  change: { readonly from: number; readonly to: number; readonly instanceIds: readonly string[] },
): string {
  return cause([
    ...changeOf(group),
    {
      at: now,
      text: `an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from ${change.from} to ${change.to}`,
    },
    ...change.instanceIds.map((id) => ({ at: now, text: `instance ${id} was selected for termination` })),
  ]);
}

export type HealthReason = "ec2" | "elb" | "user" | "launch";

const HEALTH_REASONS: Readonly<Record<HealthReason, string>> = {
  ec2: "an EC2 health check indicating it has been terminated or stopped",
  elb: "an ELB system health check failure",
  user: "a user health-check",
  launch: "a launch failure",
};

export function healthCause(now: number, reason: HealthReason): string {
  return cause([
    { at: now, text: `an instance was taken out of service in response to ${HEALTH_REASONS[reason]}` },
  ]);
}

/** Of operations that name an instance; `change` when they also change the desired capacity. */
export function userRequestCause(
  now: number,
  text: string,
  change?: { readonly from: number; readonly to: number },
): string {
  const word = change === undefined || change.to < change.from ? "shrinking" : "increasing";
  const capacity = change === undefined ? "" : `, ${word} the capacity from ${change.from} to ${change.to}`;
  return cause([{ at: now, text: `${text} in response to a user request${capacity}` }]);
}

export function attachedCause(now: number, desiredCapacity: number): string {
  return `At ${causeTime(now)} an instance was added in response to user request. Keeping the capacity at the new ${desiredCapacity}.`;
}

export const descriptions = {
  launching: (instanceId: string) => `Launching a new EC2 instance: ${instanceId}`,
  launchFailed: (statusMessage: string) => `Launching a new EC2 instance.  Status Reason: ${statusMessage}`,
  launchAbandoned: (instanceId: string, statusMessage: string) =>
    `Launching a new EC2 instance: ${instanceId}.  Status Reason: ${statusMessage}`,
  terminating: (instanceId: string) => `Terminating EC2 instance: ${instanceId}`,
  draining: (description: string) => `${description} - Waiting For ELB Connection Draining.`,
  detaching: (instanceId: string) => `Detaching EC2 instance: ${instanceId}`,
  attaching: (instanceId: string) => `Attaching an existing EC2 instance: ${instanceId}`,
  enteringStandby: (instanceId: string) => `Moving EC2 instance to Standby: ${instanceId}`,
  exitingStandby: (instanceId: string) => `Moving EC2 instance out of Standby: ${instanceId}`,
} as const;

/** `message` is EC2's, which ends with a period or does not. */
export function launchFailure(message: string): string {
  return `${message.replace(/\.$/, "")}. Launching EC2 instance failed.`;
}

export function abandonedAction(token: string, timedOut: boolean): string {
  const why = timedOut ? "Heartbeat Timeout" : "Lifecycle Action Completed with ABANDON Result";
  return `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${token} was abandoned: ${why}`;
}

/** The `Details` of an activity: JSON. */
export function activityDetails(subnetId: string | undefined, availabilityZone: string): string {
  return JSON.stringify({
    ...(subnetId === undefined ? {} : { "Subnet ID": subnetId }),
    "Availability Zone": availabilityZone,
  });
}

export function newActivity(
  group: AutoScalingGroup,
  activity: Pick<ScalingActivity, "activityId" | "description" | "cause" | "startTime"> &
    Partial<ScalingActivity>,
): ScalingActivity {
  return {
    account: group.account,
    region: group.region,
    groupName: group.name,
    groupArn: group.arn,
    details: "{}",
    statusCode: "InProgress",
    progress: 0,
    ...activity,
  };
}

export function endedActivity(
  activity: ScalingActivity,
  now: number,
  statusCode: "Successful" | "Cancelled" | "Failed" = "Successful",
): ScalingActivity {
  return { ...activity, statusCode, progress: 100, endTime: now };
}
