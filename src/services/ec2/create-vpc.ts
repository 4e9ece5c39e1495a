import type * as wire from "@aws-sdk/client-ec2";
import { type Cidr, cidrsOverlap, formatCidr, parseCidr } from "../../model/cidr.ts";
import type { Vpc } from "../../model/ec2/records.ts";
import { networkAcls, routeTables, securityGroups, vpcs } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { hasNetworkSize, requireCidr } from "./constraints.ts";
import { defaultDhcpOptions } from "./default-dhcp-options.ts";
import { invalidVpcRange, missingParameterText, unsupportedOperation, unsupportedTenancy } from "./errors.ts";
import { ID_KINDS, newId } from "./resource-ids.ts";
import { tagsOfSpecifications } from "./tagging.ts";
import { describeVpc } from "./views/vpc.ts";
import { newDefaultNetworkAcl, newDefaultSecurityGroup, newMainRouteTable } from "./vpc-defaults.ts";

/** No VPC may lie in these (VPC user guide, "VPC CIDR blocks"). */
const FORBIDDEN_RANGES = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4"];

export function createVpc(input: wire.CreateVpcRequest, context: HandlerContext): wire.CreateVpcResult {
  const cidr = requireVpcCidr(input);
  const tenancy = input.InstanceTenancy ?? "default";
  if (tenancy !== "default" && tenancy !== "dedicated") throw unsupportedTenancy(tenancy);
  if (input.AmazonProvidedIpv6CidrBlock || input.Ipv6CidrBlock || input.Ipv6IpamPoolId || input.Ipv6Pool) {
    throw unsupportedOperation("VPCs with IPv6 CIDR blocks are not supported.");
  }
  const tags = tagsOfSpecifications(input.TagSpecifications, "vpc");
  const vpc: Vpc = {
    ...context.scope,
    vpcId: newId(ID_KINDS.vpc, context.random),
    cidrBlock: formatCidr(cidr),
    cidrAssociationId: `vpc-cidr-assoc-${context.random.hex(17)}`,
    instanceTenancy: tenancy,
    enableDnsSupport: true,
    enableDnsHostnames: false,
    enableNetworkAddressUsageMetrics: false,
    dhcpOptionsId: defaultDhcpOptions(context).dhcpOptionsId,
    isDefault: false,
    tags,
  };
  context.store.transaction((tx) => {
    tx.put(vpcs, vpc);
    tx.put(securityGroups, newDefaultSecurityGroup(vpc, context.random));
    tx.put(routeTables, newMainRouteTable(vpc, context.random));
    tx.put(networkAcls, newDefaultNetworkAcl(vpc, context.random));
  });
  // EC2 answers "pending" here, and "available" to the first Describe.
  return { Vpc: describeVpc(vpc, "pending") };
}

function requireVpcCidr(input: wire.CreateVpcRequest): Cidr {
  if (input.Ipv4IpamPoolId) throw unsupportedOperation("IPAM pools are not supported.");
  if (!input.CidrBlock) {
    throw missingParameterText("Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.");
  }
  const cidr = requireCidr(input.CidrBlock);
  const forbidden = FORBIDDEN_RANGES.map(parseCidr).some(
    (range) => range !== undefined && cidrsOverlap(range, cidr),
  );
  if (!hasNetworkSize(cidr) || forbidden) throw invalidVpcRange(input.CidrBlock);
  return cidr;
}
