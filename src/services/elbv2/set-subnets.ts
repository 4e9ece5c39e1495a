import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { loadBalancers } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { checkIpAddressType } from "./create-load-balancer.ts";
import { invalidConfiguration } from "./errors.ts";
import { deleteNode, putNode } from "./nodes.ts";
import { readPlacements, requireInternetGateway } from "./placements.ts";
import { requireLoadBalancer } from "./resolve.ts";
import { describeZones } from "./views/load-balancer.ts";

/** The subnets named replace those before; nodes of subnets in both lists stay. */
export function setSubnets(input: wire.SetSubnetsInput, context: HandlerContext): wire.SetSubnetsOutput {
  const { store } = context;
  const loadBalancer = requireLoadBalancer(context, input.LoadBalancerArn);
  checkIpAddressType(input.IpAddressType);
  const present = new Map(loadBalancer.zones.map((zone) => [zone.subnetId, zone]));
  const placements = readPlacements(context, input, loadBalancer, new Set(present.keys()));
  const vpcId = placements[0]?.subnet.vpcId;
  if (vpcId !== loadBalancer.vpcId) {
    throw invalidConfiguration(`The subnets must belong to the load balancer's VPC '${loadBalancer.vpcId}'`);
  }
  if (loadBalancer.scheme === "internet-facing") requireInternetGateway(context, vpcId);
  const wanted = new Set(placements.map(({ subnet }) => subnet.subnetId));
  const changed = store.transaction((tx) => {
    for (const zone of loadBalancer.zones) {
      if (!wanted.has(zone.subnetId)) deleteNode(tx, store, zone.networkInterfaceId);
    }
    const zones = placements.map(
      (placement) => present.get(placement.subnet.subnetId) ?? putNode(tx, context, loadBalancer, placement),
    );
    const next = { ...loadBalancer, zones };
    tx.put(loadBalancers, next);
    return next;
  });
  return { AvailabilityZones: describeZones(store, changed), IpAddressType: changed.ipAddressType };
}
