/**
 * The texts of service events, in the form that DescribeServices returns (Amazon ECS developer guide, "Amazon ECS
 * service event messages"), and the list that keeps them.
 */
import type { PlacementReason } from "./placement/outcome.ts";
import type { ServiceEvents } from "./records.ts";

/** DescribeServices shows the newest 100. */
const KEPT_EVENTS = 100;

export interface NewServiceEvent {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly message: string;
}

/** Adds an event, the newest first; `owner` is the service. */
export function withEvent(
  events: ServiceEvents | undefined,
  owner: { readonly account: string; readonly region: string; readonly arn: string },
  event: NewServiceEvent,
): ServiceEvents {
  return {
    account: owner.account,
    region: owner.region,
    serviceArn: owner.arn,
    events: [event, ...(events?.events ?? [])].slice(0, KEPT_EVENTS),
  };
}

/** @param replacing how many of the tasks stand in for unhealthy ones */
export function startedTasks(service: string, taskIds: readonly string[], replacing = 0): string {
  const reason = replacing > 0 ? ` Amazon ECS replaced ${replacing} tasks due to an unhealthy status.` : "";
  return `(service ${service}) has started ${taskIds.length} tasks: ${listTasks(taskIds)}.${reason}`;
}

export function stoppedRunningTasks(service: string, taskIds: readonly string[]): string {
  return `(service ${service}) has stopped ${taskIds.length} running tasks: ${listTasks(taskIds)}.`;
}

export function stoppedPendingTasks(service: string, count: number): string {
  return `(service ${service}) stopped ${count} pending tasks.`;
}

export function registeredTargets(service: string, count: number, targetGroupArn: string): string {
  return `(service ${service}) registered ${count} targets in (target-group ${targetGroupArn})`;
}

export function deregisteredTargets(service: string, count: number, targetGroupArn: string): string {
  return `(service ${service}) deregistered ${count} targets in (target-group ${targetGroupArn})`;
}

/** `problem` is Elastic Load Balancing's. */
export function failedToRegisterTargets(service: string, targetGroupArn: string, problem: string): string {
  return `(service ${service}) failed to register targets in (target-group ${targetGroupArn}) with (error ${problem})`;
}

/** With the deployment, which is called a task set here. */
export function drainingConnections(
  service: string,
  deploymentId: string | undefined,
  count: number,
): string {
  const taskSet = deploymentId === undefined ? "" : `, taskSet ${deploymentId}`;
  return `(service ${service}${taskSet}) has begun draining connections on ${count} tasks.`;
}

export function deploymentCompleted(service: string, deploymentId: string): string {
  return `(service ${service}) (deployment ${deploymentId}) deployment completed.`;
}

export function deploymentFailed(service: string, deploymentId: string): string {
  return `(service ${service}) (deployment ${deploymentId}) deployment failed: tasks failed to start.`;
}

export function rollingBack(service: string, deploymentId: string): string {
  return `(service ${service}) rolling back to deployment ${deploymentId}.`;
}

export function reachedSteadyState(service: string): string {
  return `(service ${service}) has reached a steady state.`;
}

export function failedContainerHealthChecks(service: string, taskId: string): string {
  return `(service ${service}) (task ${taskId}) failed container health checks.`;
}

export function unhealthyInTargetGroup(
  service: string,
  target: {
    readonly taskId: string;
    readonly port: number;
    readonly targetGroupArn: string;
    readonly reason: string;
  },
): string {
  const { taskId, port, targetGroupArn, reason } = target;
  return (
    `(service ${service}) (task ${taskId}) (port ${port}) is unhealthy in (target-group ${targetGroupArn}) ` +
    `due to (reason ${reason}).`
  );
}

export function unableToStartTasks(service: string): string {
  return `(service ${service}) is unable to consistently start tasks successfully.`;
}

export function blockedByConfiguration(service: string): string {
  return (
    `(service ${service}) was unable to stop or start tasks during a deployment because of the service deployment ` +
    "configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
  );
}

export function unableToScaleIn(service: string, deploymentId: string, count: number): string {
  return (
    `(service ${service}) was unable to reach steady state because (taskSet ${deploymentId}) was unable to scale in ` +
    `due to (reason ${count} tasks under protection)`
  );
}

const NO_INSTANCE_MET =
  "was unable to place a task because no container instance met all of its requirements.";
const SEE_GUIDE = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";

/** @param closest the container instance that came closest, and what was in the way */
export function unableToPlace(
  service: string,
  closest: { readonly containerInstanceId: string; readonly reason: PlacementReason },
): string {
  const { containerInstanceId, reason } = closest;
  return (
    `(service ${service}) ${NO_INSTANCE_MET} The closest matching (container-instance ${containerInstanceId}) ` +
    `${describeObstacle(reason)} ${SEE_GUIDE}`
  );
}

function describeObstacle(reason: PlacementReason): string {
  switch (reason) {
    case "RESOURCE:CPU":
      return "has insufficient CPU units available.";
    case "RESOURCE:MEMORY":
      return "has insufficient memory available.";
    case "RESOURCE:PORTS":
      return "is already using a port required by your task.";
    case "ATTRIBUTE":
      return "is missing an attribute required by your task.";
    case "MemberOf placement constraint unsatisfied":
    case "DistinctInstance placement constraint unsatisfied":
      return `encountered error "${reason}.".`;
    default:
      return `encountered error "${reason}".`;
  }
}

export function noInstancesInCluster(service: string): string {
  return `(service ${service}) ${NO_INSTANCE_MET} Reason: No Container Instances were found in your cluster.`;
}

export function noInstancesInProvider(service: string): string {
  return (
    `(service ${service}) was unable to reach steady state. ` +
    "Reason: No Container Instances were found in your capacity provider."
  );
}

export function provisioningLimitExceeded(service: string): string {
  return (
    `(service ${service}) was unable to place tasks in your cluster because the tasks provisioning capacity limit ` +
    "was exceeded."
  );
}

interface ZoneCount {
  readonly zone: string;
  readonly count: number;
}

export function isNotBalanced(service: string, zones: readonly ZoneCount[]): string {
  return `(service ${service}) is not AZ balanced with ${listZones(zones)}. AZ Rebalancing in progress.`;
}

export function isBalanced(service: string, zones: readonly ZoneCount[]): string {
  return `(service ${service}) is AZ balanced with ${listZones(zones)}.`;
}

export function startedToRebalance(service: string, zone: string, taskIds: readonly string[]): string {
  return `(service ${service}) has started ${taskIds.length} tasks in ${zone} to AZ Rebalance: ${listTasks(taskIds)}.`;
}

export function stoppedToRebalance(service: string, zone: string, taskIds: readonly string[]): string {
  return (
    `(service ${service}) has stopped ${taskIds.length} running tasks in ${zone} due to AZ rebalancing: ` +
    `${listTasks(taskIds)}.`
  );
}

export function unableToPlaceInZone(service: string, zone: string): string {
  return `(service ${service}) is unable to place a task in ${zone} because no container instance met all of its requirements.`;
}

export function stoppedRebalancing(service: string): string {
  return `(service ${service}) stopped AZ Rebalancing.`;
}

function listZones(zones: readonly ZoneCount[]): string {
  return zones.map(({ zone, count }) => `${count} tasks in ${zone}`).join(", ");
}

function listTasks(taskIds: readonly string[]): string {
  return taskIds.map((id) => `(task ${id})`).join(" ");
}
