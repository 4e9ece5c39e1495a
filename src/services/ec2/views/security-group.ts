import type * as wire from "@aws-sdk/client-ec2";
import { arn } from "../../../model/arn.ts";
import type { SecurityGroup, SecurityGroupRule } from "../../../model/ec2/records.ts";
import { describeTagList } from "../tagging.ts";

export function securityGroupArn(group: SecurityGroup): string {
  return arn("ec2", group, `security-group/${group.groupId}`);
}

export function describeSecurityGroup(group: SecurityGroup): wire.SecurityGroup {
  return {
    GroupId: group.groupId,
    GroupName: group.groupName,
    Description: group.description,
    OwnerId: group.account,
    VpcId: group.vpcId,
    SecurityGroupArn: securityGroupArn(group),
    IpPermissions: mergedPermissions(group, "ingress"),
    IpPermissionsEgress: mergedPermissions(group, "egress"),
    Tags: describeTagList(group.tags),
  };
}

/** Rules of the same protocol and ports are one permission with several sources. */
function mergedPermissions(group: SecurityGroup, direction: "ingress" | "egress"): wire.IpPermission[] {
  const rules = group.rules.filter((rule) => rule.direction === direction);
  const groups = Map.groupBy(rules, (rule) => `${rule.protocol}|${rule.fromPort}|${rule.toPort}`);
  return [...groups.values()].map((similar) => describePermission(group, similar));
}

/** `rules` share protocol and ports. */
export function describePermission(
  group: Pick<SecurityGroup, "account">,
  rules: readonly Pick<SecurityGroupRule, "protocol" | "fromPort" | "toPort" | "peer" | "description">[],
): wire.IpPermission {
  const ipRanges: wire.IpRange[] = [];
  const ipv6Ranges: wire.Ipv6Range[] = [];
  const pairs: wire.UserIdGroupPair[] = [];
  for (const { peer, description: Description } of rules) {
    switch (peer.kind) {
      case "cidr":
        ipRanges.push({ CidrIp: peer.cidr, Description });
        break;
      case "cidr6":
        ipv6Ranges.push({ CidrIpv6: peer.cidr, Description });
        break;
      case "group":
        pairs.push({ GroupId: peer.groupId, UserId: group.account, Description });
        break;
    }
  }
  const [first] = rules;
  return {
    IpProtocol: first?.protocol,
    FromPort: first?.fromPort,
    ToPort: first?.toPort,
    IpRanges: ipRanges,
    Ipv6Ranges: ipv6Ranges,
    UserIdGroupPairs: pairs,
    PrefixListIds: [],
  };
}

export function describeSecurityGroupRule(
  group: SecurityGroup,
  rule: SecurityGroupRule,
): wire.SecurityGroupRule {
  return {
    ...describeRuleBody(group, rule),
    GroupOwnerId: group.account,
    ReferencedGroupInfo:
      rule.peer.kind === "group" ? { GroupId: rule.peer.groupId, UserId: group.account } : undefined,
    SecurityGroupRuleArn: arn("ec2", group, `security-group-rule/${rule.ruleId}`),
    Tags: describeTagList(rule.tags),
  };
}

export function describeRevokedRule(
  group: SecurityGroup,
  rule: SecurityGroupRule,
): wire.RevokedSecurityGroupRule {
  return {
    ...describeRuleBody(group, rule),
    ReferencedGroupId: rule.peer.kind === "group" ? rule.peer.groupId : undefined,
  };
}

/** Unlike in permissions, ports that do not apply are -1 here. */
function describeRuleBody(group: SecurityGroup, rule: SecurityGroupRule) {
  return {
    SecurityGroupRuleId: rule.ruleId,
    GroupId: group.groupId,
    IsEgress: rule.direction === "egress",
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort ?? -1,
    ToPort: rule.toPort ?? -1,
    CidrIpv4: rule.peer.kind === "cidr" ? rule.peer.cidr : undefined,
    CidrIpv6: rule.peer.kind === "cidr6" ? rule.peer.cidr : undefined,
    Description: rule.description,
  };
}
