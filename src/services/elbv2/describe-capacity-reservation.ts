import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { HandlerContext } from "../operation.ts";
import { requireLoadBalancer } from "./resolve.ts";

/** No capacity is ever reserved. */
export function describeCapacityReservation(
  input: wire.DescribeCapacityReservationInput,
  context: HandlerContext,
): wire.DescribeCapacityReservationOutput {
  requireLoadBalancer(context, input.LoadBalancerArn);
  return { CapacityReservationState: [] };
}
