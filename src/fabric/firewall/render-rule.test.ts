import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FirewallRule } from "../config.ts";
import { renderRule } from "./render-rule.ts";

const ANYWHERE: FirewallRule["peer"] = { kind: "cidr", cidr: "0.0.0.0/0" };
const GROUP: FirewallRule["peer"] = { kind: "group", groupId: "sg-0123456789abcdef0" };

describe("renderRule", () => {
  const cases: readonly [string, FirewallRule, "ingress" | "egress", string][] = [
    ["everything from anywhere", { protocol: "-1", peer: ANYWHERE }, "ingress", "accept"],
    [
      "a range is the source of ingress",
      { protocol: "-1", peer: { kind: "cidr", cidr: "10.0.0.0/8" } },
      "ingress",
      "ip saddr 10.0.0.0/8 accept",
    ],
    [
      "a range is the destination of egress",
      { protocol: "-1", peer: { kind: "cidr", cidr: "10.1.2.3/32" } },
      "egress",
      "ip daddr 10.1.2.3/32 accept",
    ],
    [
      "a group is the set of its members",
      { protocol: "tcp", ports: { from: 80, to: 80 }, peer: GROUP },
      "ingress",
      "ip saddr @members-sg-0123456789abcdef0 tcp dport 80 accept",
    ],
    [
      "a range of ports",
      { protocol: "udp", ports: { from: 1024, to: 65535 }, peer: ANYWHERE },
      "ingress",
      "udp dport 1024-65535 accept",
    ],
    [
      "all ports, written out",
      { protocol: "tcp", ports: { from: 0, to: 65535 }, peer: ANYWHERE },
      "ingress",
      "meta l4proto tcp accept",
    ],
    [
      "all ports, as -1",
      { protocol: "tcp", ports: { from: -1, to: -1 }, peer: ANYWHERE },
      "ingress",
      "meta l4proto tcp accept",
    ],
    [
      "all of ICMP",
      { protocol: "icmp", ports: { from: -1, to: -1 }, peer: ANYWHERE },
      "ingress",
      "meta l4proto icmp accept",
    ],
    [
      "an ICMP type with any code",
      { protocol: "icmp", ports: { from: 8, to: -1 }, peer: ANYWHERE },
      "ingress",
      "icmp type 8 accept",
    ],
    [
      "an ICMP type and code",
      { protocol: "icmp", ports: { from: 3, to: 4 }, peer: ANYWHERE },
      "ingress",
      "icmp type 3 icmp code 4 accept",
    ],
    [
      "a protocol by number, with ports that mean nothing",
      { protocol: "47", ports: { from: 1, to: 2 }, peer: ANYWHERE },
      "egress",
      "meta l4proto 47 accept",
    ],
    [
      "TCP by number",
      { protocol: "6", ports: { from: 22, to: 22 }, peer: ANYWHERE },
      "ingress",
      "tcp dport 22 accept",
    ],
  ];
  for (const [name, rule, direction, text] of cases) {
    it(name, () => assert.equal(renderRule(rule, direction), text));
  }

  it("takes nothing into a command that is not what it should be", () => {
    const evil: FirewallRule[] = [
      { protocol: "-1", peer: { kind: "cidr", cidr: "0.0.0.0/0 accept; flush ruleset" } },
      { protocol: "-1", peer: { kind: "group", groupId: "sg-1 } ; flush ruleset" } },
      { protocol: "tcp; flush ruleset", peer: ANYWHERE },
      { protocol: "tcp", ports: { from: 1.5, to: 2 }, peer: ANYWHERE },
      { protocol: "tcp", ports: { from: 1, to: 70_000 }, peer: ANYWHERE },
    ];
    for (const rule of evil) assert.throws(() => renderRule(rule, "ingress"), /assertion failed/);
  });
});
