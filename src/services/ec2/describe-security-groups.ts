import type * as wire from "@aws-sdk/client-ec2";
import type { SecurityGroup, SecurityGroupRule } from "../../model/ec2/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { securityGroups } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import type { FilterTable, FilterText } from "./filters.ts";
import { listed } from "./listing.ts";
import { listInScope, requireSecurityGroupByIdOrName } from "./resolve.ts";
import { ID_KINDS } from "./resource-ids.ts";
import { describeSecurityGroup } from "./views/security-group.ts";

type Direction = SecurityGroupRule["direction"];

function newFilters(store: StoreReader): FilterTable<SecurityGroup> {
  return {
    description: (group) => group.description,
    "group-id": (group) => group.groupId,
    "group-name": (group) => group.groupName,
    "owner-id": (group) => group.account,
    "vpc-id": (group) => group.vpcId,
    ...newRuleFilters(store, "ingress", "ip-permission."),
    ...newRuleFilters(store, "egress", "egress.ip-permission."),
  };
}

function newRuleFilters(
  store: StoreReader,
  direction: Direction,
  prefix: string,
): FilterTable<SecurityGroup> {
  const ofRules = (read: (rule: SecurityGroupRule, group: SecurityGroup) => FilterText) => {
    return (group: SecurityGroup) =>
      group.rules.filter((rule) => rule.direction === direction).map((rule) => read(rule, group));
  };
  const groupId = ({ peer }: SecurityGroupRule) => (peer.kind === "group" ? peer.groupId : undefined);
  return {
    [`${prefix}cidr`]: ofRules(({ peer }) => (peer.kind === "cidr" ? peer.cidr : undefined)),
    [`${prefix}ipv6-cidr`]: ofRules(({ peer }) => (peer.kind === "cidr6" ? peer.cidr : undefined)),
    [`${prefix}from-port`]: ofRules((rule) => rule.fromPort),
    [`${prefix}to-port`]: ofRules((rule) => rule.toPort),
    [`${prefix}protocol`]: ofRules((rule) => rule.protocol),
    [`${prefix}group-id`]: ofRules(groupId),
    [`${prefix}group-name`]: ofRules((rule) => store.get(securityGroups, groupId(rule) ?? "")?.groupName),
    [`${prefix}prefix-list-id`]: () => undefined,
    [`${prefix}user-id`]: ofRules(({ peer }, group) => (peer.kind === "group" ? group.account : undefined)),
  };
}

export function describeSecurityGroups(
  input: wire.DescribeSecurityGroupsRequest,
  context: HandlerContext,
): wire.DescribeSecurityGroupsResult {
  const named = (input.GroupNames ?? []).map(
    (GroupName) => requireSecurityGroupByIdOrName(context, { GroupName }).groupId,
  );
  const { items, nextToken } = listed(listInScope(context, securityGroups), {
    ids: [...(input.GroupIds ?? []), ...named],
    idKind: ID_KINDS.securityGroup,
    key: (group) => group.groupId,
    filters: input.Filters,
    filterTable: newFilters(context.store),
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  return { SecurityGroups: items.map(describeSecurityGroup), NextToken: nextToken };
}
