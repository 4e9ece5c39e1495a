import type * as wire from "@aws-sdk/client-ec2";
import type { Subnet } from "../../model/ec2/records.ts";
import { availableAddressCount } from "../../store/network-interfaces.ts";
import type { StoreReader } from "../../store/store.ts";
import { subnets } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import type { FilterTable } from "./filters.ts";
import { listed } from "./listing.ts";
import { listInScope } from "./resolve.ts";
import { ID_KINDS } from "./resource-ids.ts";
import { describeSubnet, subnetArn } from "./views/subnet.ts";

/** The names without hyphens are documented aliases. */
function newFilters(store: StoreReader): FilterTable<Subnet> {
  return {
    "availability-zone": (subnet) => subnet.availabilityZone,
    availabilityZone: (subnet) => subnet.availabilityZone,
    "availability-zone-id": (subnet) => subnet.availabilityZoneId,
    availabilityZoneId: (subnet) => subnet.availabilityZoneId,
    "available-ip-address-count": (subnet) => availableAddressCount(store, subnet),
    cidr: (subnet) => subnet.cidrBlock,
    "cidr-block": (subnet) => subnet.cidrBlock,
    cidrBlock: (subnet) => subnet.cidrBlock,
    "customer-owned-ipv4-pool": () => undefined,
    "default-for-az": (subnet) => subnet.defaultForAz,
    defaultForAz: (subnet) => subnet.defaultForAz,
    "enable-dns64": () => false,
    "enable-lni-at-device-index": () => undefined,
    "ipv6-cidr-block-association.association-id": () => undefined,
    "ipv6-cidr-block-association.ipv6-cidr-block": () => undefined,
    "ipv6-cidr-block-association.state": () => undefined,
    "ipv6-native": () => false,
    "map-customer-owned-ip-on-launch": () => false,
    "map-public-ip-on-launch": (subnet) => subnet.mapPublicIpOnLaunch,
    "outpost-arn": () => undefined,
    "owner-id": (subnet) => subnet.account,
    "private-dns-name-options-on-launch.enable-resource-name-dns-a-record": () => false,
    "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record": () => false,
    "private-dns-name-options-on-launch.hostname-type": () => "ip-name",
    state: () => "available",
    "subnet-arn": subnetArn,
    "subnet-id": (subnet) => subnet.subnetId,
    "vpc-id": (subnet) => subnet.vpcId,
  };
}

export function describeSubnets(
  input: wire.DescribeSubnetsRequest,
  context: HandlerContext,
): wire.DescribeSubnetsResult {
  const { items, nextToken } = listed(listInScope(context, subnets), {
    ids: input.SubnetIds,
    idKind: ID_KINDS.subnet,
    key: (subnet) => subnet.subnetId,
    filters: input.Filters,
    filterTable: newFilters(context.store),
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  return { Subnets: items.map((subnet) => describeSubnet(context.store, subnet)), NextToken: nextToken };
}
