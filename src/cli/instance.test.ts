import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { InstanceReport } from "../admin/instance-report.ts";
import { chooseInstance, inspectBridge } from "./instance.ts";

const BRIDGE = { id: "3d".repeat(32), created: "2022-03-12T08:22:43.498Z", containers: [] };

function report(id: string): InstanceReport {
  return {
    id,
    type: "t3.small",
    state: "running",
    zone: "ap-northeast-1a",
    tasks: 0,
    interfaces: 1,
    interfaceLimit: 3,
    bridge: BRIDGE,
  };
}

describe("naming an instance", () => {
  const all = [report("i-0aa1"), report("i-0ab2")];

  it("takes the id or its beginning, if that is one instance's alone", () => {
    assert.equal(chooseInstance(all, "i-0aa").id, "i-0aa1");
    assert.throws(() => chooseInstance(all, "i-0a"), /is the beginning of several instance ids/);
    for (const id of ["", "i-1"]) {
      assert.throws(() => chooseInstance(all, id), { exitCode: 4, message: /berth instance ls lists them/ });
    }
  });
});

describe("docker network inspect bridge", () => {
  it("is printed as Docker does, containers in the order of their ids", () => {
    const container = {
      name: "ecs-ecs-django-25-nginx-ccf8e0f2a0bec2d1c101",
      endpointId: "8a".repeat(32),
      macAddress: "02:42:ac:11:00:02",
      address: "172.17.0.2",
    };
    const text = JSON.stringify(
      inspectBridge({
        ...BRIDGE,
        containers: [
          { ...container, id: "70".repeat(32) },
          { ...container, id: "34".repeat(32), address: "172.17.0.3" },
        ],
      }),
    );
    assert.ok(
      text.startsWith(
        `{"Name":"bridge","Id":"${BRIDGE.id}","Created":"2022-03-12T08:22:43.498Z","Scope":"local"`,
      ),
    );
    assert.match(
      text,
      /"IPAM":\{"Driver":"default","Options":null,"Config":\[\{"Subnet":"172\.17\.0\.0\/16"\}\]\}/,
    );
    assert.ok(text.indexOf("34".repeat(32)) < text.indexOf("70".repeat(32)));
    assert.match(text, /"IPv4Address":"172\.17\.0\.3\/16","IPv6Address":""/);
    assert.ok(text.endsWith('"Labels":{}}'));
  });
});
