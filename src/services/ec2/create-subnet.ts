import type * as wire from "@aws-sdk/client-ec2";
import { type Cidr, cidrContains, cidrsOverlap, formatCidr, parseCidr } from "../../model/cidr.ts";
import type { Subnet, Vpc } from "../../model/ec2/records.ts";
import { availabilityZonesOf, type ZoneInfo } from "../../model/ec2/zones.ts";
import { networkAcls, subnets } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { hasNetworkSize, requireCidr } from "./constraints.ts";
import {
  invalidAvailabilityZone,
  invalidParameterCombination,
  invalidSubnetConflict,
  invalidSubnetRange,
  missingParameterText,
  unsupportedOperation,
} from "./errors.ts";
import { requireVpc } from "./resolve.ts";
import { ID_KINDS, newId } from "./resource-ids.ts";
import { tagsOfSpecifications } from "./tagging.ts";
import { describeSubnet } from "./views/subnet.ts";

export function createSubnet(
  input: wire.CreateSubnetRequest,
  context: HandlerContext,
): wire.CreateSubnetResult {
  const { store, random } = context;
  const vpc = requireVpc(context, input.VpcId);
  if (input.Ipv6CidrBlock || input.Ipv6Native || input.Ipv6IpamPoolId || input.Ipv4IpamPoolId) {
    throw unsupportedOperation("Subnets with IPv6 CIDR blocks or IPAM pools are not supported.");
  }
  if (input.OutpostArn) throw unsupportedOperation("Subnets on Outposts are not supported.");
  const cidr = requireSubnetCidr(context, vpc, input.CidrBlock);
  const zone = requireZone(input, context);
  const subnet: Subnet = {
    ...context.scope,
    subnetId: newId(ID_KINDS.subnet, random),
    vpcId: vpc.vpcId,
    cidrBlock: formatCidr(cidr),
    availabilityZone: zone.zoneName,
    availabilityZoneId: zone.zoneId,
    mapPublicIpOnLaunch: false,
    defaultForAz: false,
    tags: tagsOfSpecifications(input.TagSpecifications, "subnet"),
  };
  const associationId = `aclassoc-${random.hex(17)}`;
  store.transaction((tx) => {
    tx.put(subnets, subnet);
    const acl = store.where(networkAcls, "vpc", vpc.vpcId).find((candidate) => candidate.isDefault);
    if (acl !== undefined) {
      const associations = [...acl.associations, { associationId, subnetId: subnet.subnetId }];
      tx.put(networkAcls, { ...acl, associations });
    }
  });
  return { Subnet: describeSubnet(store, subnet) };
}

/** /16 to /28, within the VPC, clear of its other subnets. */
function requireSubnetCidr(context: HandlerContext, vpc: Vpc, text: string | undefined): Cidr {
  if (!text) throw missingParameterText("Either 'cidrBlock' or 'ipv6CidrBlock' should be provided.");
  const cidr = requireCidr(text);
  if (!hasNetworkSize(cidr) || !cidrContains(requireCidr(vpc.cidrBlock), cidr)) {
    throw invalidSubnetRange(text);
  }
  const conflicts = context.store
    .where(subnets, "vpc", vpc.vpcId)
    .map((subnet) => parseCidr(subnet.cidrBlock))
    .some((other) => other !== undefined && cidrsOverlap(other, cidr));
  if (conflicts) throw invalidSubnetConflict(text);
  return cidr;
}

/** AWS chooses when the request does not: here, at random. */
function requireZone(input: wire.CreateSubnetRequest, context: HandlerContext): ZoneInfo {
  const zones = availabilityZonesOf(context.scope.region);
  if (input.AvailabilityZone && input.AvailabilityZoneId) {
    throw invalidParameterCombination(
      "The parameters availabilityZone and availabilityZoneId cannot be used together.",
    );
  }
  if (input.AvailabilityZone) {
    const named = zones.find((zone) => zone.zoneName === input.AvailabilityZone);
    const names = zones.map((zone) => zone.zoneName);
    if (named === undefined) {
      throw invalidAvailabilityZone(input.AvailabilityZone, "availabilityZone", names);
    }
    return named;
  }
  if (input.AvailabilityZoneId) {
    const identified = zones.find((zone) => zone.zoneId === input.AvailabilityZoneId);
    const ids = zones.map((zone) => zone.zoneId);
    if (identified === undefined) {
      throw invalidAvailabilityZone(input.AvailabilityZoneId, "availabilityZoneId", ids);
    }
    return identified;
  }
  const chosen = zones[context.random.below(zones.length)];
  if (chosen === undefined) throw invalidAvailabilityZone("null", "availabilityZone", []);
  return chosen;
}
