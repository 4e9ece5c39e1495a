import type * as wire from "@aws-sdk/client-ec2";
import type { Vpc } from "../../model/ec2/records.ts";
import { vpcs } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import type { FilterTable } from "./filters.ts";
import { listed } from "./listing.ts";
import { listInScope } from "./resolve.ts";
import { ID_KINDS } from "./resource-ids.ts";
import { describeVpc } from "./views/vpc.ts";

const FILTERS: FilterTable<Vpc> = {
  cidr: (vpc) => vpc.cidrBlock,
  cidrBlock: (vpc) => vpc.cidrBlock,
  "cidr-block": (vpc) => vpc.cidrBlock,
  "cidr-block-association.association-id": (vpc) => vpc.cidrAssociationId,
  "cidr-block-association.cidr-block": (vpc) => vpc.cidrBlock,
  "cidr-block-association.state": () => "associated",
  "dhcp-options-id": (vpc) => vpc.dhcpOptionsId,
  dhcpOptionsId: (vpc) => vpc.dhcpOptionsId,
  "ipv6-cidr-block-association.association-id": () => undefined,
  "ipv6-cidr-block-association.ipv6-cidr-block": () => undefined,
  "ipv6-cidr-block-association.ipv6-pool": () => undefined,
  "ipv6-cidr-block-association.state": () => undefined,
  "is-default": (vpc) => vpc.isDefault,
  isDefault: (vpc) => vpc.isDefault,
  "owner-id": (vpc) => vpc.account,
  state: () => "available",
  "vpc-id": (vpc) => vpc.vpcId,
};

export function describeVpcs(
  input: wire.DescribeVpcsRequest,
  context: HandlerContext,
): wire.DescribeVpcsResult {
  const { items, nextToken } = listed(listInScope(context, vpcs), {
    ids: input.VpcIds,
    idKind: ID_KINDS.vpc,
    key: (vpc) => vpc.vpcId,
    filters: input.Filters,
    filterTable: FILTERS,
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  return { Vpcs: items.map((vpc) => describeVpc(vpc)), NextToken: nextToken };
}
