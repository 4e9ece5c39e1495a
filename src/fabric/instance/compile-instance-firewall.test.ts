import assert from "node:assert/strict";
import { it } from "node:test";
import type { BridgeEndpointConfig } from "../config.ts";
import { fingerprint, renderReplacement } from "../firewall/ruleset.ts";
import { compileInstanceFirewall, INSTANCE_TABLE } from "./compile-instance-firewall.ts";

function endpoint(address: string, ports: BridgeEndpointConfig["ports"]): BridgeEndpointConfig {
  return { endpointId: "a".repeat(64), processId: 7, address, macAddress: "02:42:ac:11:00:02", ports };
}

it("publishes TCP and UDP ports apart, the same number for both", () => {
  const { sets } = compileInstanceFirewall([
    endpoint("172.17.0.2", [
      { protocol: "tcp", containerPort: 80, hostPort: 32_768 },
      { protocol: "udp", containerPort: 53, hostPort: 32_768 },
    ]),
    endpoint("172.17.0.3", [{ protocol: "tcp", containerPort: 80, hostPort: 8080 }]),
  ]);
  assert.deepEqual(
    [...(sets.get("tcp-ports")?.elements ?? [])],
    [
      ["32768", "172.17.0.2 . 80"],
      ["8080", "172.17.0.3 . 80"],
    ],
  );
  assert.deepEqual([...(sets.get("udp-ports")?.elements ?? [])], [["32768", "172.17.0.2 . 53"]]);
});

it("forwards from the bridge and to published ports, and nothing else", () => {
  const forward = compileInstanceFirewall([]).chains.get("forward");
  assert.match(forward?.hook ?? "", /hook forward .*policy drop;/);
  assert.deepEqual(forward?.rules, [
    "ct state established,related accept",
    'iifname "docker0" accept',
    'oifname "docker0" ct status dnat accept',
  ]);
});

it("is told apart by its ports alone, in whatever order they come", () => {
  const ports = [
    { protocol: "tcp", containerPort: 80, hostPort: 8080 },
    { protocol: "tcp", containerPort: 81, hostPort: 8081 },
  ] as const;
  const one = compileInstanceFirewall([endpoint("172.17.0.2", ports)]);
  assert.equal(
    fingerprint(one),
    fingerprint(compileInstanceFirewall([endpoint("172.17.0.2", [...ports].reverse())])),
  );
  assert.notEqual(fingerprint(one), fingerprint(compileInstanceFirewall([])));
  assert.match(
    renderReplacement(INSTANCE_TABLE, one),
    /^add table inet berth\ndelete table inet berth\ntable inet berth \{/,
  );
});

it("takes nothing but ports and addresses of the bridge", () => {
  const compile = (hostPort: number, address = "172.17.0.2") =>
    compileInstanceFirewall([endpoint(address, [{ protocol: "tcp", containerPort: 80, hostPort }])]);
  for (const port of [0, 65_536, 1.5, Number.NaN]) assert.throws(() => compile(port), /assertion failed/);
  assert.throws(() => compile(80, "10.0.0.1"), /assertion failed/);
});
