import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import { createHostPorts, networkBindingsOf } from "./host-ports.ts";

function taken(tcp: readonly number[] = [], udp: readonly number[] = []) {
  return { tcp: new Set(tcp), udp: new Set(udp) };
}

test("dynamic ports go upwards from the last one given, past those in use, and round; each instance for itself", () => {
  const ports = createHostPorts();
  const one = (used: readonly number[], instanceId = "i-1") => {
    const given = ports.assign(instanceId, [{ containerPort: 80 }], taken(used));
    assert.ok(given.ok);
    return given.value[0]?.hostPort;
  };
  assert.deepEqual([one([]), one([]), one([32770])], [32768, 32769, 32771]);
  assert.equal(one([32768], "i-2"), 32769);
  const toTheEnd = Array.from({ length: 60_999 - 32_771 }, (_, index) => 32_772 + index);
  assert.equal(one(toTheEnd), 32768);
});

test("a range gets as many ports side by side, and is reported as a range", () => {
  const ports = createHostPorts();
  const mappings: wire.PortMapping[] = [
    { containerPort: 80, hostPort: 0 },
    { containerPortRange: "4000-4002", protocol: "tcp" },
    { containerPort: 53, hostPort: 53, protocol: "udp" },
  ];
  const given = ports.assign("i-1", mappings, taken([32770]));
  assert.ok(given.ok);
  assert.deepEqual(
    given.value.map(({ containerPort, hostPort }) => `${containerPort}->${hostPort}`),
    ["80->32768", "4000->32771", "4001->32772", "4002->32773", "53->53"],
  );
  assert.deepEqual(networkBindingsOf(mappings, given.value), [
    { bindIP: "0.0.0.0", containerPort: 80, hostPort: 32768, protocol: "tcp" },
    { bindIP: "0.0.0.0", containerPortRange: "4000-4002", hostPortRange: "32771-32773", protocol: "tcp" },
    { bindIP: "0.0.0.0", containerPort: 53, hostPort: 53, protocol: "udp" },
  ]);
});

test("where all ports are in use the agent says so", () => {
  const all = Array.from({ length: 60_999 - 32_767 }, (_, index) => 32_768 + index);
  const ports = createHostPorts();
  assert.deepEqual(ports.assign("i-1", [{ containerPort: 80 }], taken(all)), {
    ok: false,
    failure: "error retrieving docker port map: a host port is unavailable",
  });
  const pairs = all.filter((port) => port % 2 === 0);
  assert.deepEqual(ports.assign("i-1", [{ containerPortRange: "1-2" }], taken(pairs)), {
    ok: false,
    failure: "error retrieving docker port map: 2 contiguous host ports are unavailable",
  });
});
