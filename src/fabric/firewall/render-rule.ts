/** One rule of a security group in nftables' words. */
import { assert } from "../../lib/assert.ts";
import type { FirewallRule } from "../config.ts";
import { requireRange } from "../routing/ranges.ts";

/** IANA's numbers of the protocols that EC2 gives ports (or type and code) to. */
const NUMBERED: Readonly<Record<string, string>> = { "1": "icmp", "6": "tcp", "17": "udp" };

/** @param direction `ingress`: the peer is the packet's source */
export function renderRule(rule: FirewallRule, direction: "ingress" | "egress"): string {
  const match = `${renderPeer(rule, direction)} ${renderProtocol(rule)}`.trim();
  return match === "" ? "accept" : `${match} accept`;
}

/** The set of addresses that a reference to a group means. */
export function memberSetName(groupId: string): string {
  assert(/^sg-[0-9a-f]{8,17}$/.test(groupId), `a security group's id, not ${groupId}`);
  return `members-${groupId}`;
}

function renderPeer(rule: FirewallRule, direction: "ingress" | "egress"): string {
  const field = direction === "ingress" ? "ip saddr" : "ip daddr";
  if (rule.peer.kind === "group") return `${field} @${memberSetName(rule.peer.groupId)}`;
  const range = requireRange(rule.peer.cidr);
  return range.endsWith("/0") ? "" : `${field} ${range}`;
}

function renderProtocol(rule: FirewallRule): string {
  const protocol = NUMBERED[rule.protocol] ?? rule.protocol;
  if (protocol === "-1") return "";
  const ports = rule.ports;
  const limited = ports !== undefined && ports.from !== -1;
  switch (protocol) {
    case "tcp":
    case "udp":
      if (!limited || (ports.from === 0 && ports.to === 65_535)) return `meta l4proto ${protocol}`;
      return `${protocol} dport ${renderPorts(ports.from, ports.to)}`;
    case "icmp":
      if (!limited) return "meta l4proto icmp";
      return `icmp type ${wholeNumber(ports.from, 255)}${ports.to === -1 ? "" : ` icmp code ${wholeNumber(ports.to, 255)}`}`;
    case "icmpv6":
      return "meta l4proto 58";
    default:
      return `meta l4proto ${wholeNumber(Number(protocol), 255)}`;
  }
}

function renderPorts(from: number, to: number): string {
  return from === to
    ? `${wholeNumber(from, 65_535)}`
    : `${wholeNumber(from, 65_535)}-${wholeNumber(to, 65_535)}`;
}

function wholeNumber(value: number, most: number): number {
  assert(Number.isInteger(value) && value >= 0 && value <= most, `a number up to ${most}, not ${value}`);
  return value;
}
