import type * as wire from "@aws-sdk/client-ec2";
import type { NetworkInterface } from "../../model/ec2/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { networkInterfaces, subnets } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import type { FilterTable, FilterText } from "./filters.ts";
import { listed } from "./listing.ts";
import { listInScope } from "./resolve.ts";
import { ID_KINDS } from "./resource-ids.ts";
import {
  describeAssociation,
  describeAttachment,
  describeGroups,
  describeNetworkInterface,
  findPrivateDnsName,
  findRequester,
  networkInterfaceDescription,
  networkInterfaceStatus,
} from "./views/network-interface.ts";

const never = () => undefined;

function newFilters(store: StoreReader): FilterTable<NetworkInterface> {
  return {
    "availability-zone": (record) => record.availabilityZone,
    "availability-zone-id": (record) => store.get(subnets, record.subnetId)?.availabilityZoneId,
    description: networkInterfaceDescription,
    "group-id": (record) => record.groupIds,
    "group-name": (record) => describeGroups(store, record).map((group) => group.GroupName),
    "interface-type": (record) => findRequester(record)?.interfaceType ?? "interface",
    "ipv6-addresses.ipv6-address": never,
    "mac-address": (record) => record.macAddress,
    "network-interface-id": (record) => record.networkInterfaceId,
    "operator.managed": () => false,
    "operator.principal": never,
    "owner-id": (record) => record.account,
    "private-dns-name": (record) => findPrivateDnsName(store, record),
    "private-ip-address": (record) => record.privateIpAddress,
    "requester-id": (record) => findRequester(record)?.requesterId,
    "requester-managed": (record) => findRequester(record) !== undefined,
    "source-dest-check": (record) => record.sourceDestCheck,
    status: networkInterfaceStatus,
    "subnet-id": (record) => record.subnetId,
    "vpc-id": (record) => record.vpcId,
    ...newAddressFilters(store),
    ...ATTACHMENT_FILTERS,
  };
}

function newAddressFilters(store: StoreReader): FilterTable<NetworkInterface> {
  const association = (read: (association: wire.NetworkInterfaceAssociation) => FilterText) => {
    return (record: NetworkInterface) => {
      const found = describeAssociation(store, record);
      return found && read(found);
    };
  };
  return {
    "addresses.association.owner-id": association((found) => found.IpOwnerId),
    "addresses.association.public-ip": association((found) => found.PublicIp),
    "addresses.primary": () => true,
    "addresses.private-ip-address": (record) => record.privateIpAddress,
    "association.allocation-id": association((found) => found.AllocationId),
    "association.association-id": association((found) => found.AssociationId),
    "association.ip-owner-id": association((found) => found.IpOwnerId),
    "association.public-dns-name": association((found) => found.PublicDnsName),
    "association.public-ip": association((found) => found.PublicIp),
  };
}

const ATTACHMENT_FILTERS: FilterTable<NetworkInterface> = {
  "attachment.attach-time": (record) => describeAttachment(record)?.AttachTime?.toISOString(),
  "attachment.attachment-id": (record) => record.attachmentId,
  "attachment.delete-on-termination": (record) => describeAttachment(record)?.DeleteOnTermination,
  "attachment.device-index": (record) => describeAttachment(record)?.DeviceIndex,
  "attachment.instance-id": (record) => record.instanceAttachment?.instanceId,
  "attachment.instance-owner-id": (record) => describeAttachment(record)?.InstanceOwnerId,
  "attachment.network-card-index": (record) => describeAttachment(record)?.NetworkCardIndex,
  "attachment.status": (record) => describeAttachment(record)?.Status,
};

export function describeNetworkInterfaces(
  input: wire.DescribeNetworkInterfacesRequest,
  context: HandlerContext,
): wire.DescribeNetworkInterfacesResult {
  const { items, nextToken } = listed(listInScope(context, networkInterfaces), {
    ids: input.NetworkInterfaceIds,
    idKind: ID_KINDS.networkInterface,
    key: (record) => record.networkInterfaceId,
    filters: input.Filters,
    filterTable: newFilters(context.store),
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
    idsExcludeMaxResults: "networkInterfaceIdSet",
  });
  return {
    NetworkInterfaces: items.map((record) => describeNetworkInterface(context.store, record)),
    NextToken: nextToken,
  };
}
