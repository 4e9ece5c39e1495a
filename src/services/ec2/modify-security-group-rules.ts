import type * as wire from "@aws-sdk/client-ec2";
import type { RulePeer, SecurityGroup, SecurityGroupRule } from "../../model/ec2/records.ts";
import { securityGroups } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import {
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
  missingParameterText,
} from "./errors.ts";
import { requireSecurityGroup } from "./resolve.ts";
import { ID_KINDS, notFound } from "./resource-ids.ts";
import { requireRules } from "./revoke-security-group.ts";
import { ruleDuplicate, samePermissionTwice } from "./security-group-errors.ts";
import {
  checkedDescription,
  cidr6Peer,
  cidrPeer,
  describeForMessage,
  groupPeer,
  normalPorts,
  normalProtocol,
  ruleKey,
} from "./security-group-rules.ts";

/** Each rule becomes what the request says, all of it: a description that is left out is removed. */
export function modifySecurityGroupRules(
  input: wire.ModifySecurityGroupRulesRequest,
  context: HandlerContext,
): wire.ModifySecurityGroupRulesResult {
  const group = requireSecurityGroup(context, input.GroupId);
  const updates = input.SecurityGroupRules ?? [];
  if (updates.length === 0) throw missingParameter("securityGroupRules");
  const changed = new Map(
    updates.map((update) => {
      if (!update.SecurityGroupRuleId) throw missingParameter("SecurityGroupRuleId");
      const [rule] = requireRules(group, undefined, [update.SecurityGroupRuleId]);
      if (rule === undefined) throw notFound(ID_KINDS.securityGroupRule, [update.SecurityGroupRuleId]);
      return [rule.ruleId, modified(context, group, rule, update.SecurityGroupRule ?? {})];
    }),
  );
  if (changed.size < updates.length) throw samePermissionTwice();
  const rules = group.rules.map((rule) => changed.get(rule.ruleId) ?? rule);
  checkDistinct(rules);
  context.store.transaction((tx) => tx.put(securityGroups, { ...group, rules }));
  return { Return: true };
}

function modified(
  context: HandlerContext,
  group: SecurityGroup,
  rule: SecurityGroupRule,
  request: wire.SecurityGroupRuleRequest,
): SecurityGroupRule {
  const peer = requirePeer(context, group, request);
  if (peer.kind !== rule.peer.kind) {
    throw invalidParameterValue(
      `Invalid rule type for security group rule '${rule.ruleId}'. You may not specify ${MEMBERS[peer.kind]} for an existing ${TYPES[rule.peer.kind]} rule.`,
    );
  }
  const protocol = normalProtocol(request.IpProtocol);
  return {
    ruleId: rule.ruleId,
    direction: rule.direction,
    protocol,
    ...normalPorts(protocol, request.FromPort, request.ToPort),
    peer,
    ...checkedDescription(request.Description),
    tags: rule.tags,
  };
}

const MEMBERS = { cidr: "CidrIpv4", cidr6: "CidrIpv6", group: "ReferencedGroupId" } as const;
const TYPES = { cidr: "IPv4 CIDR", cidr6: "IPv6 CIDR", group: "referenced group" } as const;

function requirePeer(
  context: HandlerContext,
  group: SecurityGroup,
  request: wire.SecurityGroupRuleRequest,
): RulePeer {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId } = request;
  const given = [CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId].filter(Boolean);
  if (given.length > 1) {
    throw invalidParameterCombination(
      "Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified",
    );
  }
  if (CidrIpv4) return cidrPeer(CidrIpv4);
  if (CidrIpv6) return cidr6Peer(CidrIpv6);
  if (PrefixListId) throw notFound(ID_KINDS.prefixList, [PrefixListId]);
  if (ReferencedGroupId) return groupPeer(context, group, { GroupId: ReferencedGroupId });
  throw missingParameterText("One of cidrIp, cidrIpv6, prefixListId, or referencedGroupId must be specified");
}

function checkDistinct(rules: readonly SecurityGroupRule[]): void {
  const seen = new Set<string>();
  for (const rule of rules) {
    const key = `${rule.direction}|${ruleKey(rule)}`;
    if (seen.has(key)) throw ruleDuplicate(describeForMessage(rule));
    seen.add(key);
  }
}
