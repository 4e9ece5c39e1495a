import type * as wire from "@aws-sdk/client-auto-scaling";
import { causeTime } from "../../model/autoscaling/activities.ts";
import { PROCESSES } from "../../model/autoscaling/processes.ts";
import { autoScalingGroups } from "../../store/tables/autoscaling.ts";
import type { HandlerContext } from "../operation.ts";
import { oneOf } from "./constraints.ts";
import { requireGroup } from "./resolve.ts";

/** All of them when none is named. */
function readProcesses(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined || names.length === 0) return PROCESSES;
  return names.flatMap((name, index) => oneOf(name, `scalingProcesses.${index + 1}.member`, PROCESSES) ?? []);
}

export function suspendProcesses(
  input: wire.ScalingProcessQuery,
  context: HandlerContext,
): Record<never, never> {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const names = readProcesses(input.ScalingProcesses);
  const kept = group.suspendedProcesses.filter(({ ProcessName }) => !names.includes(ProcessName ?? ""));
  const SuspensionReason = `User suspended at ${causeTime(context.clock.now())}`;
  const added = names.map((ProcessName) => ({ ProcessName, SuspensionReason }));
  context.store.transaction((tx) =>
    tx.put(autoScalingGroups, { ...group, suspendedProcesses: [...kept, ...added] }),
  );
  return {};
}

export function resumeProcesses(
  input: wire.ScalingProcessQuery,
  context: HandlerContext,
): Record<never, never> {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const names = readProcesses(input.ScalingProcesses);
  const suspendedProcesses = group.suspendedProcesses.filter(
    ({ ProcessName }) => !names.includes(ProcessName ?? ""),
  );
  context.store.transaction((tx) => tx.put(autoScalingGroups, { ...group, suspendedProcesses }));
  return {};
}
