/** Target groups of a group, by their own operations and as traffic sources. */
import type * as wire from "@aws-sdk/client-auto-scaling";
import { isSuspended } from "../../model/autoscaling/processes.ts";
import type { AutoScalingGroup } from "../../model/autoscaling/records.ts";
import { LOAD_BALANCER_TRAFFIC } from "../../model/autoscaling/traffic.ts";
import { autoScalingGroups } from "../../store/tables/autoscaling.ts";
import { targets } from "../../store/tables/elb.ts";
import { deregisterTarget } from "../../store/targets.ts";
import type { HandlerContext } from "../operation.ts";
import { nextToken, onePage, requireMember } from "./constraints.ts";
import { invalidTargetGroups } from "./errors.ts";
import { readTargetGroups } from "./group-input.ts";
import { membersOf, requireGroup } from "./resolve.ts";

export function attachLoadBalancerTargetGroups(
  input: wire.AttachLoadBalancerTargetGroupsType,
  context: HandlerContext,
): wire.AttachLoadBalancerTargetGroupsResultType {
  const group = requireGroup(context, input.AutoScalingGroupName);
  attach(
    context,
    group,
    readTargetGroups(requireMember(input.TargetGroupARNs, "targetGroupARNs"), [], context),
  );
  return {};
}

export function attachTrafficSources(
  input: wire.AttachTrafficSourcesType,
  context: HandlerContext,
): wire.AttachTrafficSourcesResultType {
  const group = requireGroup(context, input.AutoScalingGroupName);
  attach(
    context,
    group,
    readTargetGroups([], requireMember(input.TrafficSources, "trafficSources"), context),
  );
  return {};
}

function attach(context: HandlerContext, group: AutoScalingGroup, arns: readonly string[]): void {
  const targetGroupArns = [...new Set([...group.targetGroupArns, ...arns])];
  context.store.transaction((tx) => tx.put(autoScalingGroups, { ...group, targetGroupArns }));
}

export function detachLoadBalancerTargetGroups(
  input: wire.DetachLoadBalancerTargetGroupsType,
  context: HandlerContext,
): wire.DetachLoadBalancerTargetGroupsResultType {
  const group = requireGroup(context, input.AutoScalingGroupName);
  detach(context, group, requireMember(input.TargetGroupARNs, "targetGroupARNs"));
  return {};
}

export function detachTrafficSources(
  input: wire.DetachTrafficSourcesType,
  context: HandlerContext,
): wire.DetachTrafficSourcesResultType {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const sources = requireMember(input.TrafficSources, "trafficSources");
  detach(
    context,
    group,
    sources.map(({ Identifier }) => Identifier ?? ""),
  );
  return {};
}

/** The instances are deregistered, and drain. Throws ValidationError when one is not attached. */
function detach(context: HandlerContext, group: AutoScalingGroup, arns: readonly string[]): void {
  const { store, clock } = context;
  if (arns.some((arn) => !group.targetGroupArns.includes(arn))) throw invalidTargetGroups();
  const targetGroupArns = group.targetGroupArns.filter((arn) => !arns.includes(arn));
  const ids = new Set(membersOf(context, group).map(({ instanceId }) => instanceId));
  store.transaction((tx) => {
    tx.put(autoScalingGroups, { ...group, targetGroupArns });
    for (const arn of arns) {
      for (const target of store.where(targets, "targetGroup", arn)) {
        if (!ids.has(target.targetId)) continue;
        deregisterTarget(tx, store, { ...target, deregisteredAt: clock.now() });
      }
    }
  });
}

const PAGES = { usual: 100, most: 100 } as const;

export function describeLoadBalancerTargetGroups(
  input: wire.DescribeLoadBalancerTargetGroupsRequest,
  context: HandlerContext,
): wire.DescribeLoadBalancerTargetGroupsResponse {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const shown = onePage(group.targetGroupArns, input, (arn) => arn, PAGES);
  return {
    LoadBalancerTargetGroups: shown.items.map((LoadBalancerTargetGroupARN) => ({
      LoadBalancerTargetGroupARN,
      State: stateOf(context, group, LoadBalancerTargetGroupARN),
    })),
    ...nextToken(shown),
  };
}

export function describeTrafficSources(
  input: wire.DescribeTrafficSourcesRequest,
  context: HandlerContext,
): wire.DescribeTrafficSourcesResponse {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const wanted = input.TrafficSourceType ?? LOAD_BALANCER_TRAFFIC;
  const arns = wanted === LOAD_BALANCER_TRAFFIC ? group.targetGroupArns : [];
  const shown = onePage(arns, input, (arn) => arn, PAGES);
  return {
    TrafficSources: shown.items.map((Identifier) => ({
      Identifier,
      Type: LOAD_BALANCER_TRAFFIC,
      State: stateOf(context, group, Identifier),
    })),
    ...nextToken(shown),
  };
}

/** `InService` with a healthy instance, `Added` when all are registered, else `Adding` (API reference). */
function stateOf(context: HandlerContext, group: AutoScalingGroup, arn: string): string {
  const members = membersOf(context, group).filter(({ lifecycleState }) => lifecycleState === "InService");
  const registered = context.store.where(targets, "targetGroup", arn);
  const own = members.map(({ instanceId }) => registered.find(({ targetId }) => targetId === instanceId));
  if (
    group.healthCheckType.split(",").includes("ELB") &&
    own.some((target) => target?.health.state === "healthy")
  ) {
    return "InService";
  }
  const allThere = own.every((target) => target !== undefined);
  return allThere || isSuspended(group, "AddToLoadBalancer") ? "Added" : "Adding";
}

/** There are no Classic Load Balancers here, so no group has any. */
export function describeLoadBalancers(
  input: wire.DescribeLoadBalancersRequest,
  context: HandlerContext,
): wire.DescribeLoadBalancersResponse {
  requireGroup(context, input.AutoScalingGroupName);
  return { LoadBalancers: [] };
}
