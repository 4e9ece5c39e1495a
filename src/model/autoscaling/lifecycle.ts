/** Where an instance of a group stands (Auto Scaling user guide, "instance lifecycle"). */
import type { AutoScalingInstance } from "./records.ts";

/** Counted against the desired capacity: on its way in, or in. */
export function countsAsCapacity({ lifecycleState }: Pick<AutoScalingInstance, "lifecycleState">): boolean {
  return lifecycleState === "InService" || lifecycleState.startsWith("Pending");
}

export function isTerminating({ lifecycleState }: Pick<AutoScalingInstance, "lifecycleState">): boolean {
  return lifecycleState.startsWith("Terminating");
}

export function inState(
  member: AutoScalingInstance,
  lifecycleState: AutoScalingInstance["lifecycleState"],
  now: number,
): AutoScalingInstance {
  const { waiting: _, ...rest } = member;
  return { ...rest, lifecycleState, since: now };
}
