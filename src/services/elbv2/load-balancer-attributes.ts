import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { isKnownLoadBalancerAttribute, loadBalancerAttributes } from "../../model/elb/attributes.ts";
import type { LoadBalancer } from "../../model/elb/records.ts";
import { loadBalancers } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { describeAttributes, readAttributes } from "./attributes.ts";
import { invalidConfiguration } from "./errors.ts";
import { requireLoadBalancer } from "./resolve.ts";

const MOST_CHANGES = 20;

export function describeLoadBalancerAttributes(
  input: wire.DescribeLoadBalancerAttributesInput,
  context: HandlerContext,
): wire.DescribeLoadBalancerAttributesOutput {
  const loadBalancer = requireLoadBalancer(context, input.LoadBalancerArn);
  return { Attributes: shown(loadBalancer) };
}

export function modifyLoadBalancerAttributes(
  input: wire.ModifyLoadBalancerAttributesInput,
  context: HandlerContext,
): wire.ModifyLoadBalancerAttributesOutput {
  const loadBalancer = requireLoadBalancer(context, input.LoadBalancerArn);
  const changes = readAttributes(input.Attributes, {
    noun: "Load balancer",
    attributes: loadBalancerAttributes(loadBalancer),
    isKnown: isKnownLoadBalancerAttribute,
    unsupportedBy: `load balancers with type '${loadBalancer.type}'`,
    most: MOST_CHANGES,
  });
  const changed: LoadBalancer = { ...loadBalancer, attributes: { ...loadBalancer.attributes, ...changes } };
  for (const kind of ["access_logs", "connection_logs", "health_check_logs"]) checkLogs(changed, kind);
  context.store.transaction((tx) => tx.put(loadBalancers, changed));
  return { Attributes: shown(changed) };
}

function checkLogs(loadBalancer: LoadBalancer, kind: string): void {
  const { attributes } = loadBalancer;
  if (attributes[`${kind}.s3.enabled`] === "true" && !attributes[`${kind}.s3.bucket`]) {
    throw invalidConfiguration(`'${kind}.s3.bucket' must be specified when '${kind}.s3.enabled' is true`);
  }
}

function shown(loadBalancer: LoadBalancer): wire.LoadBalancerAttribute[] {
  return describeAttributes(loadBalancerAttributes(loadBalancer), loadBalancer.attributes);
}
