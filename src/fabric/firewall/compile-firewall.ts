/**
 * A VPC's firewall: source checks, security groups, and the internet gateway's translation, as one nftables table in
 * the VPC's namespace. Every packet between interfaces is forwarded there, also within a subnet.
 *
 * A packet passes, in this order: `classify` (is its sender's address its own; which subnet sends it), the internet
 * gateway's destination translation, routing, `gateway`, `egress` (the sender's groups), `ingress` (the receiver's
 * groups), the gateway's source translation. Whatever is not allowed is dropped: callers time out, as on AWS.
 */
import { createHash } from "node:crypto";
import type { InterfaceConfig, SecurityGroupConfig, VpcConfig } from "../config.ts";
import { linkName, UPLINK } from "../links/names.ts";
import { METADATA_ADDRESSES, resolverAddresses } from "../routing/plan-routes.ts";
import { requireAddress } from "../routing/ranges.ts";
import { subnetMarks } from "../routing/subnet-marks.ts";
import { memberSetName, renderRule } from "./render-rule.ts";
import { type Chain, type NamedSet, type Ruleset, renderReplacement } from "./ruleset.ts";

/** The table in each VPC's namespace. */
export const VPC_TABLE = "inet berth";

type Direction = "ingress" | "egress";

/** The whole firewall as nftables reads it. */
export function renderFirewall(config: VpcConfig): string {
  return renderReplacement(VPC_TABLE, compileFirewall(config));
}

export function compileFirewall(config: VpcConfig): Ruleset {
  const sets = new Map<string, NamedSet>();
  const chains = new Map<string, Chain>();
  addSenders(config, sets);
  addGroups(config, sets, chains);
  addGateway(config, sets, chains);
  addBaseChains(config, sets, chains);
  return { sets, chains };
}

/** Who may send what from where: an interface its own address only, unless its check is off. */
function addSenders(config: VpcConfig, sets: Map<string, NamedSet>): void {
  const marks = subnetMarks(config.subnets);
  const own: string[] = [];
  const any: string[] = [];
  const subnets = new Map<string, string>();
  for (const one of config.interfaces) {
    const link = quoted(linkName(one.interfaceId));
    if (one.sourceDestCheck) own.push(`${link} . ${requireAddress(one.address)}`);
    else any.push(link);
    subnets.set(link, `0x${(marks.get(one.subnetId) ?? 0).toString(16)}`);
  }
  sets.set("own-address", setOf("ifname . ipv4_addr", own));
  sets.set("any-address", setOf("ifname", any));
  sets.set("subnets", { kind: "map", type: "ifname : mark", elements: subnets });
}

/** A chain per group and direction, and per distinct list of groups; interfaces are elements of two maps. */
function addGroups(config: VpcConfig, sets: Map<string, NamedSet>, chains: Map<string, Chain>): void {
  for (const group of config.securityGroups) {
    sets.set(memberSetName(group.groupId), setOf("ipv4_addr", group.members.map(requireAddress)));
    chains.set(groupChain("ingress", group.groupId), groupRules(group, "ingress"));
    chains.set(groupChain("egress", group.groupId), groupRules(group, "egress"));
  }
  // A group that a rule or an interface names but nobody declares has no members and allows nothing.
  for (const groupId of namedGroups(config)) {
    if (sets.has(memberSetName(groupId))) continue;
    sets.set(memberSetName(groupId), setOf("ipv4_addr", []));
    chains.set(groupChain("ingress", groupId), { hook: "", rules: [] });
    chains.set(groupChain("egress", groupId), { hook: "", rules: [] });
  }
  for (const direction of ["ingress", "egress"] as const) {
    const verdicts = new Map<string, string>();
    for (const one of config.interfaces) {
      verdicts.set(quoted(linkName(one.interfaceId)), `goto ${filterChain(one, direction, chains)}`);
    }
    sets.set(`${direction}-filters`, { kind: "map", type: "ifname : verdict", elements: verdicts });
  }
}

function namedGroups(config: VpcConfig): Set<string> {
  const named = new Set(config.interfaces.flatMap((one) => one.securityGroupIds));
  for (const group of config.securityGroups) {
    for (const { peer } of [...group.ingress, ...group.egress]) {
      if (peer.kind === "group") named.add(peer.groupId);
    }
  }
  return named;
}

function groupRules(group: SecurityGroupConfig, direction: Direction): Chain {
  return { hook: "", rules: group[direction].map((rule) => renderRule(rule, direction)) };
}

/** The chain that decides for an interface; made here when several groups make it. */
function filterChain(one: InterfaceConfig, direction: Direction, chains: Map<string, Chain>): string {
  if (one.filtering === "none") {
    chains.set("unfiltered", { hook: "", rules: ["accept"] });
    return "unfiltered";
  }
  const groupIds = [...new Set(one.securityGroupIds)].sort();
  const [only] = groupIds;
  if (groupIds.length === 1 && only !== undefined) return groupChain(direction, only);
  const name = `${direction}-of-${createHash("sha256").update(groupIds.join(" ")).digest("hex").slice(0, 16)}`;
  chains.set(name, { hook: "", rules: groupIds.map((id) => `jump ${groupChain(direction, id)}`) });
  return name;
}

/** One-to-one translation of public addresses, and of nothing else. */
function addGateway(config: VpcConfig, sets: Map<string, NamedSet>, chains: Map<string, Chain>): void {
  if (!config.internetGateway) return;
  const pairs = config.publicAddresses.map(
    ({ publicIp, privateIp }) => [requireAddress(publicIp), requireAddress(privateIp)] as const,
  );
  const addressMap = (elements: ReadonlyMap<string, string>): NamedSet => {
    return { kind: "map", type: "ipv4_addr : ipv4_addr", elements };
  };
  sets.set("public-to-private", addressMap(new Map(pairs)));
  sets.set("private-to-public", addressMap(new Map(pairs.map(([a, b]) => [b, a]))));
  sets.set(
    "public-pairs",
    setOf(
      "ipv4_addr . ipv4_addr",
      pairs.map(([a, b]) => `${a} . ${b}`),
    ),
  );
  sets.set(
    "has-public",
    setOf(
      "ipv4_addr",
      pairs.map(([, b]) => b),
    ),
  );
  chains.set("gateway-in", {
    hook: "type nat hook prerouting priority dstnat; policy accept;",
    rules: [`iifname "${UPLINK}" dnat ip to ip daddr map @public-to-private`],
  });
  chains.set("gateway-out", {
    hook: "type nat hook postrouting priority srcnat; policy accept;",
    rules: [`oifname "${UPLINK}" snat ip to ip saddr map @private-to-public`],
  });
  // The gateway keeps no state on AWS: a connection ends with the association that carries it. Connection
  // tracking remembers translations, so every packet is checked against the associations of now.
  chains.set("gateway", {
    hook: "type filter hook forward priority filter - 10; policy accept;",
    rules: [
      `iifname "${UPLINK}" ct direction original ct original ip daddr . ip daddr != @public-pairs drop`,
      `iifname "${UPLINK}" ct direction reply ct reply ip daddr . ip daddr != @public-pairs drop`,
      `oifname "${UPLINK}" ip saddr != @has-public drop`,
      `oifname "${UPLINK}" ct direction reply ct original ip daddr . ip saddr != @public-pairs drop`,
      `oifname "${UPLINK}" ct direction original ct state established ct reply ip daddr . ip saddr != @public-pairs drop`,
    ],
  });
}

function addBaseChains(config: VpcConfig, sets: Map<string, NamedSet>, chains: Map<string, Chain>): void {
  const uplink = (rule: string) => (config.internetGateway ? [rule] : []);
  const tracked = "ct state vmap { established : accept, related : accept, invalid : drop }";
  sets.set("resolver", setOf("ipv4_addr", resolverAddresses(config)));
  sets.set("metadata", setOf("ipv4_addr", METADATA_ADDRESSES));
  // Before connection tracking, so that forged packets leave no trace there.
  chains.set("classify", {
    hook: "type filter hook prerouting priority raw; policy drop;",
    rules: [
      'iifname "lo" accept',
      ...uplink(`iifname "${UPLINK}" accept`),
      "iifname . ip saddr @own-address meta mark set iifname map @subnets accept",
      "iifname @any-address meta nfproto ipv4 meta mark set iifname map @subnets accept",
    ],
  });
  chains.set("egress", {
    hook: "type filter hook forward priority filter; policy drop;",
    rules: [
      // Where routes lead to addresses that nobody has.
      'oifname "lo" drop',
      tracked,
      ...uplink(`iifname "${UPLINK}" accept`),
      "iifname vmap @egress-filters",
    ],
  });
  chains.set("ingress", {
    hook: "type filter hook forward priority filter + 10; policy drop;",
    rules: [
      "ct state established,related accept",
      ...uplink(`oifname "${UPLINK}" accept`),
      "oifname vmap @ingress-filters",
    ],
  });
  // The router itself answers nothing but DNS and metadata, which no security group filters (VPC user guide, "Amazon
  // DNS server"; EC2 user guide, "Instance metadata").
  chains.set("input", {
    hook: "type filter hook input priority filter; policy drop;",
    rules: [
      'iifname "lo" accept',
      ...uplink(`iifname "${UPLINK}" drop`),
      tracked,
      "ip daddr @resolver udp dport 53 accept",
      "ip daddr @resolver tcp dport 53 accept",
      "ip daddr @metadata tcp dport { 80, 4566 } accept",
    ],
  });
  chains.set("output", {
    hook: "type filter hook output priority filter; policy drop;",
    rules: ['oifname "lo" accept', "ct state established accept"],
  });
}

function groupChain(direction: Direction, groupId: string): string {
  return `${direction}-${groupId}`;
}

function setOf(type: string, elements: readonly string[]): NamedSet {
  return { kind: "set", type, elements: new Map(elements.map((element) => [element, ""])) };
}

function quoted(name: string): string {
  return `"${name}"`;
}
