import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Listener } from "../../model/elb/records.ts";
import { listeners } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { oneOrMoreListenersNotFound, validationError } from "./errors.ts";
import { onePage } from "./pages.ts";
import { requireArn, requireLoadBalancer } from "./resolve.ts";
import { describeListener } from "./views/listener.ts";

export function describeListeners(
  input: wire.DescribeListenersInput,
  context: HandlerContext,
): wire.DescribeListenersOutput {
  const shown = onePage(select(input, context), input, (listener) => listener.arn);
  return {
    Listeners: shown.items.map(describeListener),
    ...(shown.nextToken === undefined ? {} : { NextMarker: shown.nextToken }),
  };
}

function select(input: wire.DescribeListenersInput, context: HandlerContext): Listener[] {
  const arns = [...new Set(input.ListenerArns ?? [])];
  if (arns.length > 0 && input.LoadBalancerArn !== undefined) {
    throw validationError("Listener ARNs and a load balancer ARN cannot be specified at the same time");
  }
  if (input.LoadBalancerArn !== undefined) {
    const { arn } = requireLoadBalancer(context, input.LoadBalancerArn);
    return context.store.where(listeners, "loadBalancer", arn);
  }
  if (arns.length === 0) {
    throw validationError("You must specify either listener ARNs or a load balancer ARN");
  }
  return arns.map((arn) => {
    const found = context.store.get(listeners, requireArn(context, arn, "listener", "listenerArns"));
    if (found === undefined) throw oneOrMoreListenersNotFound();
    return found;
  });
}
