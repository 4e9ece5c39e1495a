import type * as wire from "@aws-sdk/client-auto-scaling";
import { autoScalingGroups } from "../../store/tables/autoscaling.ts";
import type { HandlerContext } from "../operation.ts";
import { oneOf, requireMember } from "./constraints.ts";
import { requireGroup } from "./resolve.ts";

/** Group metrics (API reference, EnableMetricsCollection). The settings are kept; there is no CloudWatch here. */
const METRICS = [
  "GroupMinSize",
  "GroupMaxSize",
  "GroupDesiredCapacity",
  "GroupInServiceInstances",
  "GroupPendingInstances",
  "GroupStandbyInstances",
  "GroupTerminatingInstances",
  "GroupTotalInstances",
  "GroupInServiceCapacity",
  "GroupPendingCapacity",
  "GroupStandbyCapacity",
  "GroupTerminatingCapacity",
  "GroupTotalCapacity",
  "WarmPoolDesiredCapacity",
  "WarmPoolWarmedCapacity",
  "WarmPoolPendingCapacity",
  "WarmPoolTerminatingCapacity",
  "WarmPoolTotalCapacity",
  "GroupAndWarmPoolDesiredCapacity",
  "GroupAndWarmPoolTotalCapacity",
] as const;

const GRANULARITY = "1Minute";

/** All of them when none is named. */
function readMetrics(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined || names.length === 0) return METRICS;
  return names.flatMap((name, index) => oneOf(name, `metrics.${index + 1}.member`, METRICS) ?? []);
}

export function enableMetricsCollection(
  input: wire.EnableMetricsCollectionQuery,
  context: HandlerContext,
): Record<never, never> {
  const group = requireGroup(context, input.AutoScalingGroupName);
  oneOf(requireMember(input.Granularity, "granularity"), "granularity", [GRANULARITY]);
  const names = readMetrics(input.Metrics);
  const kept = group.enabledMetrics.filter(({ Metric }) => !names.includes(Metric ?? ""));
  const added = names.map((Metric) => ({ Metric, Granularity: GRANULARITY }));
  context.store.transaction((tx) =>
    tx.put(autoScalingGroups, { ...group, enabledMetrics: [...kept, ...added] }),
  );
  return {};
}

export function disableMetricsCollection(
  input: wire.DisableMetricsCollectionQuery,
  context: HandlerContext,
): Record<never, never> {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const names = readMetrics(input.Metrics);
  const enabledMetrics = group.enabledMetrics.filter(({ Metric }) => !names.includes(Metric ?? ""));
  context.store.transaction((tx) => tx.put(autoScalingGroups, { ...group, enabledMetrics }));
  return {};
}

export function describeMetricCollectionTypes(): wire.DescribeMetricCollectionTypesAnswer {
  return {
    Metrics: METRICS.map((Metric) => ({ Metric })),
    Granularities: [{ Granularity: GRANULARITY }],
  };
}
