import type * as wire from "@aws-sdk/client-ec2";
import type { NetworkAcl, NetworkAclEntry } from "../../model/ec2/records.ts";
import { networkAcls } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import type { FilterTable, FilterText } from "./filters.ts";
import { listed } from "./listing.ts";
import { listInScope } from "./resolve.ts";
import { ID_KINDS } from "./resource-ids.ts";
import { describeTagList } from "./tagging.ts";

const ofEntries =
  (read: (entry: NetworkAclEntry) => FilterText) =>
  (acl: NetworkAcl): FilterText[] =>
    acl.entries.map(read);

const never = () => undefined;

const FILTERS: FilterTable<NetworkAcl> = {
  "association.association-id": (acl) => acl.associations.map((association) => association.associationId),
  "association.network-acl-id": (acl) => acl.associations.map(() => acl.networkAclId),
  "association.subnet-id": (acl) => acl.associations.map((association) => association.subnetId),
  default: (acl) => acl.isDefault,
  "entry.cidr": ofEntries((entry) => entry.cidrBlock),
  "entry.egress": ofEntries((entry) => entry.egress),
  "entry.icmp.code": never,
  "entry.icmp.type": never,
  "entry.ipv6-cidr": never,
  "entry.port-range.from": never,
  "entry.port-range.to": never,
  "entry.protocol": ofEntries((entry) => entry.protocol),
  "entry.rule-action": ofEntries((entry) => entry.ruleAction),
  "entry.rule-number": ofEntries((entry) => entry.ruleNumber),
  "network-acl-id": (acl) => acl.networkAclId,
  "owner-id": (acl) => acl.account,
  "vpc-id": (acl) => acl.vpcId,
};

export function describeNetworkAcls(
  input: wire.DescribeNetworkAclsRequest,
  context: HandlerContext,
): wire.DescribeNetworkAclsResult {
  const { items, nextToken } = listed(listInScope(context, networkAcls), {
    ids: input.NetworkAclIds,
    idKind: ID_KINDS.networkAcl,
    key: (acl) => acl.networkAclId,
    filters: input.Filters,
    filterTable: FILTERS,
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  return { NetworkAcls: items.map(describeNetworkAcl), NextToken: nextToken };
}

function describeNetworkAcl(acl: NetworkAcl): wire.NetworkAcl {
  return {
    NetworkAclId: acl.networkAclId,
    VpcId: acl.vpcId,
    OwnerId: acl.account,
    IsDefault: acl.isDefault,
    Entries: acl.entries.map((entry) => ({
      CidrBlock: entry.cidrBlock,
      Egress: entry.egress,
      Protocol: entry.protocol,
      RuleAction: entry.ruleAction,
      RuleNumber: entry.ruleNumber,
    })),
    Associations: acl.associations.map((association) => ({
      NetworkAclAssociationId: association.associationId,
      NetworkAclId: acl.networkAclId,
      SubnetId: association.subnetId,
    })),
    Tags: describeTagList(acl.tags),
  };
}
