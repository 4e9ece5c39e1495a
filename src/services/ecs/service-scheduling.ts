/** How many tasks a service keeps, and where: what each scheduling strategy allows. */
import type * as wire from "@aws-sdk/client-ecs";
import type { Capacity } from "./constraints.ts";
import { invalidParameter } from "./errors.ts";

interface SchedulingRequest {
  readonly desiredCount?: number | undefined;
  readonly placementStrategy?: readonly wire.PlacementStrategy[] | undefined;
}

/** Throws InvalidParameterException. */
export function checkScheduling(strategy: wire.SchedulingStrategy, input: SchedulingRequest): void {
  if (strategy !== "DAEMON") return;
  if (input.desiredCount !== undefined) {
    throw invalidParameter(
      "The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and try again",
    );
  }
  if (input.placementStrategy?.length) {
    throw invalidParameter(
      "The daemon scheduling strategy does not support placement strategies. Remove the placement strategy and try again",
    );
  }
}

/** Daemons run on the instances that are there. Throws InvalidParameterException. */
export function checkDaemonCapacity(strategy: wire.SchedulingStrategy, capacity: Capacity): void {
  if (strategy !== "DAEMON") return;
  if (capacity.capacityProviderStrategy.length > 0) {
    throw invalidParameter(
      "Specifying a capacity provider strategy is not supported when you create a service using the DAEMON scheduling strategy.",
    );
  }
  if (capacity.launchType === "FARGATE") {
    throw invalidParameter(
      "The daemon scheduling strategy does not support the FARGATE launch type. Change the launch type and try again",
    );
  }
}

const LONGEST_GRACE_PERIOD_SECONDS = 2_147_483_647;

/** Throws InvalidParameterException. */
export function checkGracePeriod(seconds: number | undefined): void {
  if (seconds === undefined || (seconds >= 0 && seconds <= LONGEST_GRACE_PERIOD_SECONDS)) return;
  throw invalidParameter(
    `healthCheckGracePeriodSeconds must be between 0 and ${LONGEST_GRACE_PERIOD_SECONDS}.`,
  );
}

/** Throws InvalidParameterException. */
export function checkDesiredCount(count: number): void {
  if (!Number.isInteger(count) || count < 0) throw invalidParameter("desiredCount must be at least 0.");
  if (count > 5000) throw invalidParameter("desiredCount must be at most 5000.");
}

interface Balanced {
  readonly schedulingStrategy: wire.SchedulingStrategy;
  readonly maximumPercent: number | undefined;
  readonly placementStrategy: readonly wire.PlacementStrategy[];
  readonly placementConstraints: readonly wire.PlacementConstraint[];
}

/**
 * What is asked for; else `fallback` where balancing over zones is possible at all (developer guide, "Balancing an
 * Amazon ECS service across Availability Zones"). Throws InvalidParameterException.
 */
export function readRebalancing(
  asked: wire.AvailabilityZoneRebalancing | undefined,
  service: Balanced,
  fallback: wire.AvailabilityZoneRebalancing,
  done: "created" | "updated",
): wire.AvailabilityZoneRebalancing {
  const obstacle = rebalancingObstacle(service);
  if (obstacle === undefined) return asked ?? fallback;
  if (asked === "ENABLED") {
    throw invalidParameter(
      `The service couldn't be ${done} because Availability Zone Rebalancing does not support ${obstacle.what}. Update ${obstacle.remedy} and try again.`,
    );
  }
  return "DISABLED";
}

const ZONE = "attribute:ecs.availability-zone";

function rebalancingObstacle(
  service: Balanced,
): { readonly what: string; readonly remedy: string } | undefined {
  if (service.schedulingStrategy === "DAEMON") {
    return { what: "DAEMON as scheduling strategy", remedy: "scheduling strategy" };
  }
  if ((service.maximumPercent ?? 200) <= 100) {
    return {
      what: "maximumPercent <= 100 % as deployment configuration",
      remedy: "deployment configuration",
    };
  }
  const [first] = service.placementStrategy;
  if (first !== undefined && !(first.type === "spread" && first.field === ZONE)) {
    return { what: `${first.type} as first placement strategy`, remedy: "placement strategy" };
  }
  if (service.placementConstraints.some(({ expression }) => expression?.includes(ZONE))) {
    return { what: `${ZONE} as placement constraint`, remedy: "placement constraints" };
  }
  return undefined;
}
