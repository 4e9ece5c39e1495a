/** The processes of a group, and those that are suspended (Auto Scaling user guide, "Suspend and resume processes"). */
import type { AutoScalingGroup } from "./records.ts";

export const PROCESSES = [
  "Launch",
  "Terminate",
  "AddToLoadBalancer",
  "AlarmNotification",
  "AZRebalance",
  "HealthCheck",
  "InstanceRefresh",
  "ReplaceUnhealthy",
  "ScheduledActions",
] as const;

export type Process = (typeof PROCESSES)[number];

export function isSuspended(group: Pick<AutoScalingGroup, "suspendedProcesses">, process: Process): boolean {
  return group.suspendedProcesses.some(({ ProcessName }) => ProcessName === process);
}
