/**
 * What Docker's packet filter and proxy do on a host, and the ECS agent's own rules, as one nftables table in the
 * instance's namespace: published ports, masquerading, and no way in but through these (Docker manual, "Packet
 * filtering and firewalls").
 */
import { assert } from "../../lib/assert.ts";
import type { BridgeEndpointConfig } from "../config.ts";
import type { NamedSet, Ruleset } from "../firewall/ruleset.ts";
import { BRIDGE, BRIDGE_RANGE, requireBridgeAddress } from "./plan-bridge.ts";

/** The table in each instance's namespace. */
export const INSTANCE_TABLE = "inet berth";

/** The agent's introspection: for the instance itself and its containers only. */
const INTROSPECTION_PORT = 51_678;

export function compileInstanceFirewall(endpoints: readonly BridgeEndpointConfig[]): Ruleset {
  return {
    sets: new Map([
      ["tcp-ports", publishedPorts("tcp", endpoints)],
      ["udp-ports", publishedPorts("udp", endpoints)],
    ]),
    chains: CHAINS,
  };
}

function publishedPorts(protocol: "tcp" | "udp", endpoints: readonly BridgeEndpointConfig[]): NamedSet {
  const elements = new Map<string, string>();
  for (const { address, ports } of endpoints) {
    for (const { hostPort, containerPort } of ports.filter((port) => port.protocol === protocol)) {
      elements.set(requirePort(hostPort), `${requireBridgeAddress(address)} . ${requirePort(containerPort)}`);
    }
  }
  return { kind: "map", type: "inet_service : ipv4_addr . inet_service", elements };
}

const CHAINS: Ruleset["chains"] = new Map([
  [
    "published",
    {
      hook: "",
      rules: [
        "meta l4proto tcp dnat ip to tcp dport map @tcp-ports",
        "meta l4proto udp dnat ip to udp dport map @udp-ports",
      ],
    },
  ],
  [
    "prerouting",
    {
      hook: "type nat hook prerouting priority dstnat; policy accept;",
      rules: ["meta nfproto ipv4 fib daddr type local jump published"],
    },
  ],
  [
    "output",
    {
      hook: "type nat hook output priority -100; policy accept;",
      rules: ["meta nfproto ipv4 fib daddr type local jump published"],
    },
  ],
  [
    "postrouting",
    {
      hook: "type nat hook postrouting priority srcnat; policy accept;",
      rules: [
        `ip saddr ${BRIDGE_RANGE} oifname != "${BRIDGE}" masquerade`,
        // Docker's proxy calls the container for callers at localhost and on the bridge, so it sees the bridge.
        `ip saddr { 127.0.0.0/8, ${BRIDGE_RANGE} } oifname "${BRIDGE}" ct status dnat masquerade`,
      ],
    },
  ],
  [
    "forward",
    {
      hook: "type filter hook forward priority filter; policy drop;",
      rules: [
        "ct state established,related accept",
        `iifname "${BRIDGE}" accept`,
        `oifname "${BRIDGE}" ct status dnat accept`,
      ],
    },
  ],
  [
    "input",
    {
      hook: "type filter hook input priority filter; policy accept;",
      rules: [
        "ct state established,related accept",
        'iifname != "lo" ip daddr 127.0.0.0/8 drop',
        `iifname != { "lo", "${BRIDGE}" } tcp dport ${INTROSPECTION_PORT} drop`,
      ],
    },
  ],
]);

function requirePort(port: number): string {
  assert(Number.isInteger(port) && port >= 1 && port <= 65_535, `a port, not ${port}`);
  return String(port);
}
