import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { TargetGroup } from "../../model/elb/records.ts";
import { targetGroups } from "../../store/tables/elb.ts";
import { loadBalancersOfTargetGroup } from "../../store/targets.ts";
import type { HandlerContext } from "../operation.ts";
import { oneOrMoreTargetGroupsNotFound, validationError } from "./errors.ts";
import { onePage } from "./pages.ts";
import { requireArn, requireLoadBalancer, scopeKey } from "./resolve.ts";
import { describeTargetGroup } from "./views/target-group.ts";

export function describeTargetGroups(
  input: wire.DescribeTargetGroupsInput,
  context: HandlerContext,
): wire.DescribeTargetGroupsOutput {
  const shown = onePage(select(input, context), input, (group) => group.arn);
  return {
    TargetGroups: shown.items.map((group) => describeTargetGroup(context.store, group)),
    ...(shown.nextToken === undefined ? {} : { NextMarker: shown.nextToken }),
  };
}

function select(input: wire.DescribeTargetGroupsInput, context: HandlerContext): TargetGroup[] {
  const { store } = context;
  const arns = [...new Set(input.TargetGroupArns ?? [])];
  const names = [...new Set(input.Names ?? [])];
  const { LoadBalancerArn } = input;
  const selectors = [arns.length > 0, names.length > 0, LoadBalancerArn !== undefined].filter(Boolean);
  if (selectors.length > 1) {
    throw validationError(
      "Target group names, target group ARNs, and a load balancer ARN cannot be specified at the same time",
    );
  }
  const all = store.where(targetGroups, "scope", scopeKey(context));
  if (LoadBalancerArn !== undefined) {
    const { arn } = requireLoadBalancer(context, LoadBalancerArn);
    return all.filter((group) => loadBalancersOfTargetGroup(store, group.arn).includes(arn));
  }
  if (selectors.length === 0) return all;
  const found =
    arns.length > 0
      ? arns.map((arn) =>
          store.get(targetGroups, requireArn(context, arn, "target-group", "targetGroupArns")),
        )
      : names.map((name) => all.find((group) => group.name === name));
  const present = found.filter((group) => group !== undefined);
  if (present.length < found.length) throw oneOrMoreTargetGroupsNotFound();
  return present;
}
