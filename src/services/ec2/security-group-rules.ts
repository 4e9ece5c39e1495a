/** From the permissions of a request to single rules: normalised, checked, and comparable. */
import type * as wire from "@aws-sdk/client-ec2";
import type { Random } from "../../lib/random.ts";
import { formatCidr, parseCidr } from "../../model/cidr.ts";
import type { RulePeer, SecurityGroup, SecurityGroupRule } from "../../model/ec2/records.ts";
import { securityGroups } from "../../store/tables/ec2.ts";
import { canonicalIpv6Cidr } from "./ipv6.ts";
import { type Lookup, requireSecurityGroup, requireVpc } from "./resolve.ts";
import { checkIdForm, ID_KINDS, newId, notFound } from "./resource-ids.ts";
import * as errors from "./security-group-errors.ts";

/** A rule without its id, tags and direction. */
export type RuleSpec = Pick<SecurityGroupRule, "protocol" | "fromPort" | "toPort" | "peer" | "description">;

type Ports = Pick<RuleSpec, "fromPort" | "toPort">;

const PROTOCOL_NAMES: Readonly<Record<string, string>> = {
  "1": "icmp",
  "6": "tcp",
  "17": "udp",
  "58": "icmpv6",
};

/** What EC2 takes in group names, descriptions and rule descriptions. */
const TEXT = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/;

export function isGroupText(text: string): boolean {
  return TEXT.test(text);
}

/** Two specs of one key are the same rule; a description does not make a difference. */
export function ruleKey(rule: RuleSpec): string {
  const peer = rule.peer.kind === "group" ? rule.peer.groupId : rule.peer.cidr;
  return `${rule.protocol}|${rule.fromPort ?? ""}|${rule.toPort ?? ""}|${peer}`;
}

/** As InvalidPermission.Duplicate words it: `peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW`. */
export function describeForMessage(rule: RuleSpec): string {
  const peer = rule.peer.kind === "group" ? rule.peer.groupId : rule.peer.cidr;
  return `peer: ${peer}, ${describeTraffic(rule)}, ALLOW`;
}

function describeTraffic({ protocol, fromPort, toPort }: RuleSpec): string {
  const number = (value: number | undefined) => (value === undefined || value === -1 ? "ALL" : value);
  switch (protocol) {
    case "-1":
      return "ALL";
    case "tcp":
    case "udp":
      return `${protocol.toUpperCase()}, from port: ${fromPort}, to port: ${toPort}`;
    case "icmp":
    case "icmpv6":
      return `${protocol.toUpperCase()}, type: ${number(fromPort)}, code: ${number(toPort)}`;
    default:
      return `protocol: ${protocol}`;
  }
}

/** The rule that every new group has for what leaves. */
export function newAllowAllEgressRule(random: Random): SecurityGroupRule {
  return {
    ruleId: newId(ID_KINDS.securityGroupRule, random),
    direction: "egress",
    protocol: "-1",
    peer: { kind: "cidr", cidr: "0.0.0.0/0" },
    tags: [],
  };
}

/**
 * One spec for each peer of each permission. Throws on unknown protocols, bad ports and ranges, groups that do not
 * exist or are of another VPC, and on a rule that comes twice.
 */
export function parsePermissions(
  lookup: Lookup,
  group: SecurityGroup,
  permissions: readonly wire.IpPermission[],
): RuleSpec[] {
  const specs = permissions.flatMap((permission) => parsePermission(lookup, group, permission));
  if (new Set(specs.map(ruleKey)).size < specs.length) throw errors.samePermissionTwice();
  return specs;
}

function parsePermission(lookup: Lookup, group: SecurityGroup, permission: wire.IpPermission): RuleSpec[] {
  const protocol = normalProtocol(permission.IpProtocol);
  const ports = normalPorts(protocol, permission.FromPort, permission.ToPort);
  const spec = (peer: RulePeer, description: string | undefined): RuleSpec => ({
    protocol,
    ...ports,
    peer,
    ...checkedDescription(description),
  });
  const prefixList = permission.PrefixListIds?.[0];
  if (prefixList !== undefined) throw notFound(ID_KINDS.prefixList, [prefixList.PrefixListId ?? ""]);
  const specs = [
    ...(permission.IpRanges ?? []).map((range) => spec(cidrPeer(range.CidrIp), range.Description)),
    ...(permission.Ipv6Ranges ?? []).map((range) => spec(cidr6Peer(range.CidrIpv6), range.Description)),
    ...(permission.UserIdGroupPairs ?? []).map((pair) =>
      spec(groupPeer(lookup, group, pair), pair.Description),
    ),
  ];
  if (specs.length === 0) throw errors.sourceMissing();
  return specs;
}

/** The names of TCP, UDP, ICMP and ICMPv6, `-1` for all, and numbers for the rest. */
export function normalProtocol(protocol: string | undefined): string {
  if (protocol === undefined || protocol === "") throw errors.protocolMissing();
  const lower = protocol.toLowerCase();
  if (lower === "-1" || lower === "all") return "-1";
  if (Object.values(PROTOCOL_NAMES).includes(lower)) return lower;
  if (!/^\d{1,3}$/.test(lower) || Number(lower) > 255) throw errors.protocolUnknown(protocol);
  const number = String(Number(lower));
  return PROTOCOL_NAMES[number] ?? number;
}

/** Ports matter to TCP and UDP, type and code to ICMP; with other protocols any that are given are ignored. */
export function normalPorts(protocol: string, from: number | undefined, to: number | undefined): Ports {
  if (protocol === "tcp" || protocol === "udp") {
    if (from === undefined || to === undefined) throw errors.portsMissing();
    if (!isPort(from) || !isPort(to) || from > to) throw errors.portRangeInvalid(from, to);
    return { fromPort: from, toPort: to };
  }
  if (protocol === "icmp" || protocol === "icmpv6") {
    const type = from ?? -1;
    const code = to ?? -1;
    if (type < -1 || type > 255 || code < -1 || code > 255 || (type === -1 && code !== -1)) {
      throw errors.icmpInvalid(type, code);
    }
    return { fromPort: type, toPort: code };
  }
  return {};
}

function isPort(value: number): boolean {
  return value >= 0 && value <= 65535;
}

export function cidrPeer(text: string | undefined): RulePeer {
  const cidr = parseCidr(text ?? "");
  if (cidr === undefined) throw errors.cidrMalformed(text ?? "");
  return { kind: "cidr", cidr: formatCidr(cidr) };
}

export function cidr6Peer(text: string | undefined): RulePeer {
  const cidr = canonicalIpv6Cidr(text ?? "");
  if (cidr === undefined) throw errors.cidrMalformed(text ?? "");
  return { kind: "cidr6", cidr };
}

/** A group by id, or by name in the default VPC; of the caller's account, and of the group's own VPC. */
export function groupPeer(lookup: Lookup, group: SecurityGroup, pair: wire.UserIdGroupPair): RulePeer {
  if (pair.UserId && pair.UserId !== lookup.scope.account) throw errors.groupOfOtherNetwork();
  if (!pair.GroupId) return namedGroupPeer(lookup, group, pair.GroupName);
  checkIdForm(ID_KINDS.securityGroup, pair.GroupId);
  const other = requireSecurityGroup(lookup, pair.GroupId);
  if (other.vpcId !== group.vpcId) throw errors.groupOfOtherNetwork();
  return { kind: "group", groupId: other.groupId };
}

function namedGroupPeer(lookup: Lookup, group: SecurityGroup, name: string | undefined): RulePeer {
  if (!name) throw errors.sourceMissing();
  const named = requireVpc(lookup, group.vpcId).isDefault
    ? lookup.store.where(securityGroups, "vpc", group.vpcId).find((candidate) => candidate.groupName === name)
    : undefined;
  if (named === undefined) throw errors.groupNameNotFound(name);
  return { kind: "group", groupId: named.groupId };
}

export function checkedDescription(description: string | undefined): { readonly description?: string } {
  if (description === undefined || description === "") return {};
  if (!isGroupText(description)) throw errors.invalidGroupText("rule description", "descriptions");
  return { description };
}

/** The permission that the single parameters of a request amount to (`IpProtocol`, `CidrIp` and so on). */
export function permissionsOf(input: {
  readonly IpPermissions?: wire.IpPermission[] | undefined;
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly CidrIp?: string | undefined;
  readonly SourceSecurityGroupName?: string | undefined;
  readonly SourceSecurityGroupOwnerId?: string | undefined;
}): wire.IpPermission[] {
  if (input.IpPermissions?.length) return input.IpPermissions;
  if (!input.IpProtocol && !input.CidrIp && !input.SourceSecurityGroupName) return [];
  return [
    {
      IpProtocol: input.IpProtocol ?? (input.SourceSecurityGroupName ? "-1" : undefined),
      FromPort: input.FromPort,
      ToPort: input.ToPort,
      IpRanges: input.CidrIp ? [{ CidrIp: input.CidrIp }] : [],
      UserIdGroupPairs: input.SourceSecurityGroupName
        ? [{ GroupName: input.SourceSecurityGroupName, UserId: input.SourceSecurityGroupOwnerId }]
        : [],
    },
  ];
}

/** Whether another group has a rule about this one. */
export function isReferencedByOthers(lookup: Lookup, group: SecurityGroup): boolean {
  return lookup.store
    .where(securityGroups, "vpc", group.vpcId)
    .some(
      (other) =>
        other.groupId !== group.groupId &&
        other.rules.some((rule) => rule.peer.kind === "group" && rule.peer.groupId === group.groupId),
    );
}
