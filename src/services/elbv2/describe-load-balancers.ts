import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { LoadBalancer } from "../../model/elb/records.ts";
import { loadBalancers } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { loadBalancersNotFound, validationError } from "./errors.ts";
import { onePage } from "./pages.ts";
import { findLoadBalancer, scopeKey } from "./resolve.ts";
import { describeLoadBalancer } from "./views/load-balancer.ts";

export function describeLoadBalancers(
  input: wire.DescribeLoadBalancersInput,
  context: HandlerContext,
): wire.DescribeLoadBalancersOutput {
  const shown = onePage(select(input, context), input, (loadBalancer) => loadBalancer.arn);
  return {
    LoadBalancers: shown.items.map((loadBalancer) => describeLoadBalancer(context.store, loadBalancer)),
    ...(shown.nextToken === undefined ? {} : { NextMarker: shown.nextToken }),
  };
}

function select(input: wire.DescribeLoadBalancersInput, context: HandlerContext): LoadBalancer[] {
  const arns = [...new Set(input.LoadBalancerArns ?? [])];
  const names = [...new Set(input.Names ?? [])];
  if (arns.length > 0 && names.length > 0) {
    throw validationError("Load balancer names and load balancer ARNs cannot be specified at the same time");
  }
  const all = context.store.where(loadBalancers, "scope", scopeKey(context));
  if (arns.length === 0 && names.length === 0) return all;
  const found =
    arns.length > 0
      ? arns.map((arn) => ({ wanted: arn, record: findLoadBalancer(context, arn) }))
      : names.map((name) => ({ wanted: name, record: all.find((record) => record.name === name) }));
  const missing = found.filter(({ record }) => record === undefined);
  if (missing.length > 0) throw loadBalancersNotFound(missing.map(({ wanted }) => wanted));
  return found.flatMap(({ record }) => (record === undefined ? [] : [record]));
}
