/**
 * The texts of service events, in the form that DescribeServices returns (Amazon ECS developer guide, "Amazon ECS
 * service event messages"), and the list that keeps them.
 */
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

function listTasks(taskIds: readonly string[]): string {
  return taskIds.map((id) => `(task ${id})`).join(" ");
}
