/** What CreateRoute, ReplaceRoute and DeleteRoute check of a destination and of a target. */
import type * as wire from "@aws-sdk/client-ec2";
import { type Cidr, cidrContains, cidrsOverlap, formatCidr } from "../../model/cidr.ts";
import type { RouteTable, RouteTarget } from "../../model/ec2/records.ts";
import { internetGateways, natGateways } from "../../store/tables/ec2.ts";
import { CodedError } from "../operation.ts";
import { requireCidr } from "./constraints.ts";
import {
  destinationInsideVpc,
  differentNetworks,
  invalidParameterCombination,
  invalidParameterValue,
  localRouteOnlyForVpc,
  missingParameterText,
  unsupportedOperation,
} from "./errors.ts";
import { findInScope, type Lookup, requireNetworkInterface, requireVpc } from "./resolve.ts";
import { ID_KINDS, notFound } from "./resource-ids.ts";

type Destination = Pick<
  wire.CreateRouteRequest,
  "DestinationCidrBlock" | "DestinationIpv6CidrBlock" | "DestinationPrefixListId"
>;

/** Of a request's members that name a target, the ones that Berth has resources for. */
const TARGETS = ["GatewayId", "NatGatewayId", "NetworkInterfaceId"] as const;

/** Targets of kinds that cannot be made here, with what EC2 says of one that does not exist. */
const ABSENT_TARGETS = {
  InstanceId: ["InvalidInstanceID.NotFound", "instance ID"],
  VpcPeeringConnectionId: ["InvalidVpcPeeringConnectionID.NotFound", "vpcPeeringConnection ID"],
  TransitGatewayId: ["InvalidTransitGatewayID.NotFound", "transitGateway ID"],
  EgressOnlyInternetGatewayId: ["InvalidGatewayID.NotFound", "eigw ID"],
  VpcEndpointId: ["InvalidVpcEndpointId.NotFound", "vpcEndpoint ID"],
  LocalGatewayId: ["InvalidLocalGatewayID.NotFound", "localGateway ID"],
  CarrierGatewayId: ["InvalidCarrierGatewayID.NotFound", "carrierGateway ID"],
  CoreNetworkArn: ["InvalidCoreNetworkArn.NotFound", "coreNetwork ARN"],
  OdbNetworkArn: ["InvalidOdbNetworkArn.NotFound", "odbNetwork ARN"],
} as const;

type TargetName = (typeof TARGETS)[number] | keyof typeof ABSENT_TARGETS;
type TargetMembers = Partial<Readonly<Record<TargetName, string | undefined>>>;

/** Link-local ranges of AWS's own services (VPC user guide, "Route table concepts"). */
const RESERVED_DESTINATION = "169.254.168.0/22";

/** The destination with host bits cleared. Throws on IPv6, prefix lists and what is no CIDR block. */
export function requireDestination(input: Destination): Cidr {
  if (input.DestinationIpv6CidrBlock) throw unsupportedOperation("IPv6 routes are not supported.");
  if (input.DestinationPrefixListId) throw notFound(ID_KINDS.prefixList, [input.DestinationPrefixListId]);
  if (!input.DestinationCidrBlock) {
    throw missingParameterText(
      "The request must contain exactly one of destinationCidrBlock, destinationIpv6CidrBlock or destinationPrefixListId",
    );
  }
  return requireCidr(input.DestinationCidrBlock, "destinationCidrBlock");
}

/**
 * The target that a request names, of the table's VPC. Destinations inside the VPC may go to a network interface
 * only, or back to `local`.
 */
export function requireTarget(
  lookup: Lookup,
  table: RouteTable,
  destination: Cidr,
  input: TargetMembers & { readonly LocalTarget?: boolean | undefined },
): RouteTarget {
  const given = [
    ...[...TARGETS, ...absentTargetNames()].filter((name) => input[name]),
    ...(input.LocalTarget ? ["LocalTarget"] : []),
  ];
  if (given.length === 0) {
    throw missingParameterText(
      "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, vpcPeeringConnectionId, transitGatewayId, instanceId, vpcEndpointId, localGatewayId, carrierGatewayId, egressOnlyInternetGatewayId or coreNetworkArn",
    );
  }
  if (given.length > 1) {
    throw invalidParameterCombination(`Only one route target may be specified: ${given.join(", ")}`);
  }
  for (const name of absentTargetNames()) {
    const id = input[name];
    const [code, noun] = ABSENT_TARGETS[name];
    if (id) throw new CodedError(code, `The ${noun} '${id}' does not exist`);
  }
  const vpcCidr = requireCidr(requireVpc(lookup, table.vpcId).cidrBlock);
  const target = input.LocalTarget ? ({ kind: "local" } as const) : namedTarget(lookup, table, input);
  checkFit(destination, vpcCidr, target);
  return target;
}

function absentTargetNames(): (keyof typeof ABSENT_TARGETS)[] {
  return Object.keys(ABSENT_TARGETS) as (keyof typeof ABSENT_TARGETS)[];
}

function namedTarget(lookup: Lookup, table: RouteTable, input: TargetMembers): RouteTarget {
  if (input.GatewayId) return gatewayTarget(lookup, table, input.GatewayId);
  if (input.NatGatewayId) return natTarget(lookup, table, input.NatGatewayId);
  const { networkInterfaceId, vpcId } = requireNetworkInterface(lookup, input.NetworkInterfaceId);
  if (vpcId !== table.vpcId) {
    throw differentNetworks(table.routeTableId, "interface", networkInterfaceId);
  }
  return { kind: "network-interface", networkInterfaceId };
}

function gatewayTarget(lookup: Lookup, table: RouteTable, gatewayId: string): RouteTarget {
  if (gatewayId === "local") return { kind: "local" };
  const gateway = findInScope(lookup, internetGateways, gatewayId);
  if (gateway === undefined) {
    throw new CodedError("InvalidGatewayID.NotFound", `The gateway ID '${gatewayId}' does not exist`);
  }
  if (gateway.vpcId !== table.vpcId) {
    throw differentNetworks(table.routeTableId, "network gateway", gatewayId);
  }
  return { kind: "internet-gateway", internetGatewayId: gatewayId };
}

function natTarget(lookup: Lookup, table: RouteTable, natGatewayId: string): RouteTarget {
  const gateway = findInScope(lookup, natGateways, natGatewayId);
  if (gateway === undefined || (gateway.state !== "pending" && gateway.state !== "available")) {
    throw new CodedError(
      "InvalidNatGatewayID.NotFound",
      `The natGateway ID '${natGatewayId}' does not exist`,
    );
  }
  if (gateway.vpcId !== table.vpcId) throw differentNetworks(table.routeTableId, "NAT gateway", natGatewayId);
  return { kind: "nat-gateway", natGatewayId };
}

function checkFit(destination: Cidr, vpcCidr: Cidr, target: RouteTarget): void {
  const text = formatCidr(destination);
  const isVpc = formatCidr(vpcCidr) === text;
  if (target.kind === "local") {
    if (!isVpc) throw localRouteOnlyForVpc(text);
    return;
  }
  if (cidrsOverlap(destination, requireCidr(RESERVED_DESTINATION)) && destination.prefixLength >= 22) {
    throw invalidParameterValue(`The destination CIDR block ${text} is reserved.`);
  }
  if (cidrContains(vpcCidr, destination) && target.kind !== "network-interface") {
    throw destinationInsideVpc(text);
  }
}
