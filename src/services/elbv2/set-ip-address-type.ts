import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { HandlerContext } from "../operation.ts";
import { requireMember } from "./constraints.ts";
import { checkIpAddressType } from "./create-load-balancer.ts";
import { requireLoadBalancer } from "./resolve.ts";

/** Only `ipv4` can be set, which every load balancer has. */
export function setIpAddressType(
  input: wire.SetIpAddressTypeInput,
  context: HandlerContext,
): wire.SetIpAddressTypeOutput {
  const loadBalancer = requireLoadBalancer(context, input.LoadBalancerArn);
  checkIpAddressType(requireMember(input.IpAddressType, "ipAddressType"));
  return { IpAddressType: loadBalancer.ipAddressType };
}
