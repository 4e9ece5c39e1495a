import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BridgeEndpointConfig } from "../config.ts";
import {
  type ObservedBridgeLink,
  planBridge,
  renderBridge,
  renderContainerSetup,
  renderEndpointCreation,
  renderEndpointSeal,
} from "./plan-bridge.ts";

const BRIDGE: ObservedBridgeLink = { name: "docker0", alias: "complete" };

function endpoint(number: number, parts: Partial<BridgeEndpointConfig> = {}): BridgeEndpointConfig {
  return {
    endpointId: String(number).repeat(64),
    processId: number,
    address: `172.17.0.${number}`,
    macAddress: `02:42:ac:11:00:0${number}`,
    ports: [],
    ...parts,
  };
}

const ENDPOINTS = [endpoint(2), endpoint(3)];
const IDENTITIES = new Map(ENDPOINTS.map(({ endpointId, processId }) => [endpointId, `net:${processId}`]));

function sealed(): ObservedBridgeLink[] {
  const { create } = planBridge(ENDPOINTS, IDENTITIES, []);
  return [BRIDGE, ...create.map(({ name, alias }) => ({ name, alias, master: "docker0" }))];
}

describe("planBridge", () => {
  it("makes the bridge and a link for each endpoint, and keeps what is complete", () => {
    const first = planBridge(ENDPOINTS, IDENTITIES, [{ name: "lo", alias: undefined }]);
    assert.deepEqual([first.makeBridge, first.remove], [true, []]);
    assert.deepEqual(
      first.create.map(({ name }) => name),
      ["veth2222222", "veth3333333"],
    );
    const next = planBridge(ENDPOINTS, IDENTITIES, sealed());
    assert.deepEqual([next.makeBridge, next.remove, next.create, next.keep.length], [false, [], [], 2]);
  });

  it("makes anew what was cut off, left the bridge, changed, or has another sandbox", () => {
    const cases: [readonly BridgeEndpointConfig[], ReadonlyMap<string, string>, ObservedBridgeLink[]][] = [
      [
        ENDPOINTS,
        IDENTITIES,
        sealed().map((link) => (link.name === "veth2222222" ? { ...link, alias: "" } : link)),
      ],
      [
        ENDPOINTS,
        IDENTITIES,
        sealed().map((link) => (link.name === "veth2222222" ? { ...link, master: undefined } : link)),
      ],
      [[endpoint(2, { address: "172.17.0.9" }), endpoint(3)], IDENTITIES, sealed()],
      [ENDPOINTS, new Map([...IDENTITIES, [endpoint(2).endpointId, "net:9"]]), sealed()],
    ];
    for (const [endpoints, identities, observed] of cases) {
      const plan = planBridge(endpoints, identities, observed);
      assert.deepEqual(plan.remove, ["veth2222222"]);
      assert.deepEqual(
        plan.create.map(({ name }) => name),
        ["veth2222222"],
      );
    }
  });

  it("makes all anew on a bridge that was cut off", () => {
    const plan = planBridge(ENDPOINTS, IDENTITIES, [
      { name: "docker0", alias: undefined },
      ...sealed().slice(1),
    ]);
    assert.deepEqual(plan.remove, ["docker0", "veth2222222", "veth3333333"]);
    assert.deepEqual([plan.makeBridge, plan.create.length, plan.keep], [true, 2, []]);
  });

  it("leaves out endpoints without a sandbox, and leaves alone what is not ours", () => {
    const foreign = [
      { name: "eth0", alias: undefined },
      { name: "veth-user", alias: undefined },
    ];
    const plan = planBridge([endpoint(2)], new Map(), [...sealed(), ...foreign]);
    assert.deepEqual(plan.remove, ["veth2222222", "veth3333333"]);
    assert.deepEqual([plan.create, plan.keep], [[], []]);
  });
});

describe("rendering", () => {
  it("gives the bridge Docker's address, and a MAC that stays with the instance", () => {
    assert.deepEqual(renderBridge("i-1"), renderBridge("i-1"));
    assert.notDeepEqual(renderBridge("i-1"), renderBridge("i-2"));
    assert.match(
      renderBridge("i-1")[0] ?? "",
      /^link add name docker0 address 02:42(:[0-9a-f]{2}){4} mtu 1500 type bridge$/,
    );
  });

  it("gives the container eth0 with the bridge as its gateway, and seals last", () => {
    const [wanted] = planBridge(ENDPOINTS, IDENTITIES, []).create;
    assert(wanted);
    assert.equal(
      renderEndpointCreation(wanted, "/proc/1/fd/9"),
      "link add name veth2222222 mtu 1500 type veth peer name eth0 address 02:42:ac:11:00:02 mtu 1500 netns /proc/1/fd/9",
    );
    assert.deepEqual(renderContainerSetup(wanted).slice(1), [
      "addr replace 172.17.0.2/16 brd 172.17.255.255 dev eth0",
      "link set eth0 up",
      "route replace default via 172.17.0.1 dev eth0",
    ]);
    assert.match(renderEndpointSeal(wanted).at(-1) ?? "", /alias "222222222222 in net:2 as [0-9a-f]{16}"$/);
  });

  it("takes nothing but ids, addresses of the bridge and MAC addresses", () => {
    const planOf = (parts: Partial<BridgeEndpointConfig>) => {
      const one = endpoint(2, parts);
      const [wanted] = planBridge([one], new Map([[one.endpointId, "net:2"]]), []).create;
      assert(wanted);
      return [renderContainerSetup(wanted), renderEndpointCreation(wanted, "/proc/1/ns/net")];
    };
    for (const parts of [
      { endpointId: "x; reboot" },
      { address: "10.0.0.1" },
      { address: "172.17.0.999" },
      { macAddress: "02:42" },
    ]) {
      assert.throws(() => planOf(parts), /assertion failed/);
    }
  });
});
