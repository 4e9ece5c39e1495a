/**
 * Managed scaling (Amazon ECS developer guide, "Automatically manage Amazon ECS capacity with cluster auto scaling";
 * the AWS containers blog, "Deep dive on Amazon ECS cluster auto scaling"): the metric CapacityProviderReservation is
 * M ÷ N × 100, where N is the number of instances and M the number that the tasks need; target tracking keeps it at
 * the target capacity. Pure.
 */

/** How long the metric is below its target before the group shrinks. AWS waits for 15 datapoints of a minute. */
export const SCALE_IN_CALM_MS = 60_000;
/** How often the metric is looked at. AWS publishes it once a minute. */
export const EVALUATION_PERIOD_MS = 5_000;

export interface ScalingInput {
  readonly minSize: number;
  readonly maxSize: number;
  /** N: instances there are or are on their way. */
  readonly instances: number;
  /** Of those: running tasks that are not daemons', or on their way, or warming up. */
  readonly inUse: number;
  /** That waiting tasks need beyond all of these. */
  readonly missing: number;
  /** Percent, 1 to 100. */
  readonly targetCapacity: number;
  readonly minimumStep: number;
  readonly maximumStep: number;
  /** Since when the metric is below the target, in milliseconds since the epoch. */
  readonly calmSince?: number | undefined;
}

export interface ScalingPlan {
  /** CapacityProviderReservation. */
  readonly metric: number;
  /** Undefined: the group stays as it is. */
  readonly desiredCapacity?: number | undefined;
  readonly calmSince?: number | undefined;
}

export function planScaling(input: ScalingInput, now: number): ScalingPlan {
  const { instances, targetCapacity } = input;
  const needed =
    input.missing > 0
      ? instances + Math.min(Math.max(input.missing, input.minimumStep), input.maximumStep)
      : input.inUse;
  const metric = reservation(needed, instances);
  const wanted = Math.ceil((needed * 100) / targetCapacity);
  const desired = Math.max(input.minSize, Math.min(input.maxSize, wanted));
  if (desired > instances) return { metric, desiredCapacity: desired };
  if (desired === instances) return { metric };
  const calmSince = input.calmSince ?? now;
  if (now - calmSince < SCALE_IN_CALM_MS) return { metric, calmSince };
  return { metric, desiredCapacity: desired };
}

/** Without instances: 100 when none are needed, 200 when some are. */
function reservation(needed: number, instances: number): number {
  if (instances === 0) return needed === 0 ? 100 : 200;
  return (needed / instances) * 100;
}
