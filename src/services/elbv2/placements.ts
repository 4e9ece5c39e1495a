/** In which subnets a load balancer gets nodes: what CreateLoadBalancer and SetSubnets take, checked. */
import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { cidrContainsAddress, parseAddress, parseCidr } from "../../model/cidr.ts";
import { isReservedAddress } from "../../model/ec2/addresses.ts";
import type { Address, Subnet } from "../../model/ec2/records.ts";
import type { LoadBalancer } from "../../model/elb/records.ts";
import { inScope } from "../../model/scope.ts";
import { availableAddressCount } from "../../store/network-interfaces.ts";
import { addresses, internetGateways, networkInterfaces, subnets } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import {
  allocationIdNotFound,
  invalidConfiguration,
  noInternetGateway,
  subnetNotFound,
  validationError,
} from "./errors.ts";
import { type NodePlacement, notEnoughAddresses } from "./nodes.ts";

/** What an application load balancer needs free to grow (user guide, "Subnets for your load balancer"). */
const FREE_ADDRESSES_NEEDED = 8;

interface PlacementInput {
  readonly Subnets?: readonly string[] | undefined;
  readonly SubnetMappings?: readonly wire.SubnetMapping[] | undefined;
}

/**
 * One placement a zone, all in one VPC. Throws ValidationError, SubnetNotFound, AllocationIdNotFound,
 * InvalidConfigurationRequest or InvalidSubnet.
 */
export function readPlacements(
  context: HandlerContext,
  input: PlacementInput,
  loadBalancer: Pick<LoadBalancer, "type" | "scheme">,
  /** Subnets that it is in already: their nodes stay, so nothing need be free there. */
  present: ReadonlySet<string> = new Set(),
): readonly NodePlacement[] {
  const placements = readMappings(input).map((mapping) => readPlacement(context, mapping, loadBalancer));
  const subnetIds = new Set(placements.map(({ subnet }) => subnet.subnetId));
  const zones = new Set(placements.map(({ subnet }) => subnet.availabilityZone));
  const vpcIds = new Set(placements.map(({ subnet }) => subnet.vpcId));
  if (vpcIds.size > 1) {
    throw invalidConfiguration(`All subnets must belong to the same VPC: '${[...vpcIds].join(", ")}'`);
  }
  if (zones.size < placements.length || subnetIds.size < placements.length) {
    throw invalidConfiguration(
      "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
    );
  }
  if (loadBalancer.type === "application" && zones.size < 2) throw twoZonesNeeded();
  for (const { subnet } of placements) {
    if (present.has(subnet.subnetId)) continue;
    const needed = loadBalancer.type === "application" ? FREE_ADDRESSES_NEEDED : 1;
    if (availableAddressCount(context.store, subnet) < needed) throw notEnoughAddresses(subnet.subnetId);
  }
  return placements;
}

/** Throws InvalidSubnet when the VPC has no internet gateway. */
export function requireInternetGateway(context: HandlerContext, vpcId: string): void {
  if (context.store.count(internetGateways, "vpc", vpcId) === 0) throw noInternetGateway(vpcId);
}

function readMappings(input: PlacementInput): readonly wire.SubnetMapping[] {
  const ids = input.Subnets ?? [];
  const mappings = input.SubnetMappings ?? [];
  if (ids.length > 0 && mappings.length > 0) {
    throw validationError("You must specify either subnets or subnet mappings, but not both");
  }
  if (ids.length === 0 && mappings.length === 0) {
    throw validationError("You must specify either subnets or subnet mappings");
  }
  return mappings.length > 0 ? mappings : ids.map((id) => ({ SubnetId: id }));
}

function readPlacement(
  context: HandlerContext,
  mapping: wire.SubnetMapping,
  loadBalancer: Pick<LoadBalancer, "type" | "scheme">,
): NodePlacement {
  const subnetId = mapping.SubnetId ?? "";
  const subnet = context.store.get(subnets, subnetId);
  if (subnet === undefined || !inScope(subnet, context.scope)) throw subnetNotFound(subnetId);
  if (mapping.IPv6Address !== undefined || mapping.SourceNatIpv6Prefix !== undefined) throw ipv6Needed();
  const { AllocationId: allocationId, PrivateIPv4Address: privateIpAddress } = mapping;
  if (allocationId === undefined && privateIpAddress === undefined) return { subnet };
  if (loadBalancer.type === "application") {
    throw invalidConfiguration(
      "You cannot specify addresses for the subnets of an application load balancer",
    );
  }
  if (allocationId !== undefined && loadBalancer.scheme === "internal") {
    throw invalidConfiguration("You cannot specify an allocation ID for an internal load balancer");
  }
  if (privateIpAddress !== undefined) checkPrivateAddress(context, subnet, privateIpAddress, loadBalancer);
  return {
    subnet,
    ...(allocationId === undefined ? {} : { elastic: requireFreeAddress(context, allocationId) }),
    ...(privateIpAddress === undefined ? {} : { privateIpAddress }),
  };
}

function requireFreeAddress(context: HandlerContext, allocationId: string): Address {
  const address = context.store.get(addresses, allocationId);
  if (address === undefined || !inScope(address, context.scope)) throw allocationIdNotFound(allocationId);
  if (address.association !== undefined) {
    throw invalidConfiguration(`The allocation ID '${allocationId}' is already in use`);
  }
  return address;
}

function checkPrivateAddress(
  context: HandlerContext,
  subnet: Subnet,
  text: string,
  loadBalancer: Pick<LoadBalancer, "scheme">,
): void {
  if (loadBalancer.scheme !== "internal") {
    throw invalidConfiguration("You can only specify a private IPv4 address for an internal load balancer");
  }
  const address = parseAddress(text);
  const cidr = parseCidr(subnet.cidrBlock);
  const usable =
    address !== undefined &&
    cidr !== undefined &&
    cidrContainsAddress(cidr, address) &&
    !isReservedAddress(subnet.cidrBlock, text) &&
    !context.store
      .where(networkInterfaces, "subnet", subnet.subnetId)
      .some((record) => record.privateIpAddress === text);
  if (!usable) {
    throw invalidConfiguration(`The private IPv4 address '${text}' is not available in '${subnet.subnetId}'`);
  }
}

export function twoZonesNeeded(): Error {
  return validationError("At least two subnets in two different Availability Zones must be specified");
}

/** Subnets here have no IPv6 range, so this is what AWS would say too. */
export function ipv6Needed(): Error {
  return validationError("You must specify subnets with an associated IPv6 CIDR block.");
}
