/** DescribeAddresses and DescribeAddressesAttribute. */
import type * as wire from "@aws-sdk/client-ec2";
import type { Address } from "../../model/ec2/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { addresses, networkInterfaces } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { requirePublicIp } from "./addresses.ts";
import { unknownAttribute } from "./errors.ts";
import type { FilterTable } from "./filters.ts";
import { listed } from "./listing.ts";
import { listInScope } from "./resolve.ts";
import { ID_KINDS } from "./resource-ids.ts";
import { describeTagList } from "./tagging.ts";

function newFilters(store: StoreReader): FilterTable<Address> {
  return {
    ...FILTERS,
    "instance-id": (address) => instanceOf(store, address),
  };
}

function instanceOf(store: StoreReader, { association }: Address): string | undefined {
  if (association === undefined) return undefined;
  return store.get(networkInterfaces, association.networkInterfaceId)?.instanceAttachment?.instanceId;
}

const FILTERS: FilterTable<Address> = {
  "allocation-id": (address) => address.allocationId,
  "association-id": (address) => address.association?.associationId,
  domain: () => "vpc",
  "network-border-group": (address) => address.region,
  "network-interface-id": (address) => address.association?.networkInterfaceId,
  "network-interface-owner-id": (address) => (address.association ? address.account : undefined),
  "private-ip-address": (address) => address.association?.privateIpAddress,
  "public-ip": (address) => address.publicIp,
};

/** Has no pages. Ids and public addresses together give what either names. */
export function describeAddresses(
  input: wire.DescribeAddressesRequest,
  context: HandlerContext,
): wire.DescribeAddressesResult {
  const byPublicIp = (input.PublicIps ?? []).map((ip) => requirePublicIp(context, ip).allocationId);
  const { items } = listed(listInScope(context, addresses), {
    ids: [...(input.AllocationIds ?? []), ...byPublicIp],
    idKind: ID_KINDS.allocation,
    key: (address) => address.allocationId,
    filters: input.Filters,
    filterTable: newFilters(context.store),
  });
  return { Addresses: items.map((address) => describeAddress(context.store, address)) };
}

function describeAddress(store: StoreReader, address: Address): wire.Address {
  const { association } = address;
  return {
    AllocationId: address.allocationId,
    PublicIp: address.publicIp,
    Domain: "vpc",
    PublicIpv4Pool: "amazon",
    NetworkBorderGroup: address.region,
    AssociationId: association?.associationId,
    InstanceId: instanceOf(store, address),
    NetworkInterfaceId: association?.networkInterfaceId,
    NetworkInterfaceOwnerId: association === undefined ? undefined : address.account,
    PrivateIpAddress: association?.privateIpAddress,
    Tags: describeTagList(address.tags),
  };
}

/** Reverse DNS names cannot be set here, so no address has one. */
export function describeAddressesAttribute(
  input: wire.DescribeAddressesAttributeRequest,
  context: HandlerContext,
): wire.DescribeAddressesAttributeResult {
  if (input.Attribute !== undefined && input.Attribute !== "domain-name")
    throw unknownAttribute(input.Attribute);
  const { items, nextToken } = listed(listInScope(context, addresses), {
    ids: input.AllocationIds,
    idKind: ID_KINDS.allocation,
    key: (address) => address.allocationId,
    filterTable: {},
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  return {
    Addresses: items.map((address) => ({
      PublicIp: address.publicIp,
      AllocationId: address.allocationId,
    })),
    NextToken: nextToken,
  };
}
