import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RouteConfig, VpcConfig } from "../config.ts";
import { NAT, NODE, TASK, testVpc } from "../testing.ts";
import {
  METADATA_ADDRESSES,
  planRouteChanges,
  planRoutes,
  type RoutingState,
  withoutLinks,
} from "./plan-routes.ts";
import { readRouting } from "./read-routes.ts";
import { subnetMarks } from "./subnet-marks.ts";

const ALL = new Set([TASK, NODE, NAT]);
const EMPTY: RoutingState = { localAddresses: new Set(), routes: new Map(), rules: new Set() };

/** Marks of the test VPC's subnets are 0x1001 and 0x1002; tables are twice that, plus one inside the VPC's range. */
function withPrivateRoute(route: RouteConfig): VpcConfig {
  const [open, closed] = testVpc().subnets;
  assert(open && closed);
  return testVpc({ subnets: [open, { ...closed, routes: [route] }] });
}

describe("planRoutes", () => {
  it("has the local route, a route to each linked interface, and each subnet's own table", () => {
    assert.deepEqual(planRouteChanges(EMPTY, planRoutes(testVpc(), ALL)), [
      "addr add 10.0.1.1/32 dev lo",
      "addr add 10.0.2.1/32 dev lo",
      "addr add 10.0.0.2/32 dev lo",
      "addr add 169.254.169.253/32 dev lo",
      "addr add 169.254.169.254/32 dev lo",
      "addr add 169.254.170.2/32 dev lo",
      "route replace 10.0.0.0/16 dev lo table main",
      "route replace 10.0.2.20 dev e-0aaaaaaaaaaaa table main",
      "route replace 10.0.1.10 dev e-0bbbbbbbbbbbb table main",
      "route replace 10.0.1.90 dev e-0cccccccccccc table main",
      "route replace default via 169.254.0.1 dev uplink onlink table 8194",
      "route replace default via 10.0.1.90 dev e-0cccccccccccc onlink table 8196",
      "rule add priority 32766 table main",
      "rule add priority 50000 blackhole",
      "rule add priority 40000 fwmark 0x1001 table 8194",
      "rule add priority 40000 fwmark 0x1002 table 8196",
    ]);
  });

  it("makes a black hole of every target that cannot take packets", () => {
    const cases: [VpcConfig, ReadonlySet<string>][] = [
      [withPrivateRoute({ destination: "0.0.0.0/0", target: { kind: "blackhole" } }), ALL],
      [testVpc(), new Set([TASK, NODE])],
      [
        {
          ...withPrivateRoute({ destination: "0.0.0.0/0", target: { kind: "internet-gateway" } }),
          internetGateway: false,
        },
        ALL,
      ],
      // The check drops whatever is not addressed to the interface.
      [withPrivateRoute({ destination: "0.0.0.0/0", target: { kind: "interface", interfaceId: NODE } }), ALL],
    ];
    for (const [config, linked] of cases) {
      assert.equal(planRoutes(config, linked).routes.get("8196 default"), "blackhole default");
    }
  });

  it("looks up routes inside the VPC's range before the local route, by the sender's subnet", () => {
    const target = { kind: "interface", interfaceId: NAT } as const;
    for (const destination of ["10.0.1.0/24", "10.0.0.0/16"]) {
      const plan = planRoutes(withPrivateRoute({ destination, target }), ALL);
      assert.equal(
        plan.routes.get(`8197 ${destination}`),
        `${destination} via 10.0.1.90 dev e-0cccccccccccc onlink`,
      );
      assert(plan.rules.has("priority 100 fwmark 0x1002 table 8197"));
      assert(!plan.rules.has("priority 40000 fwmark 0x1002 table 8196"));
    }
  });

  it("has no resolver addresses without DNS support", () => {
    const { localAddresses } = planRoutes(testVpc({ dnsSupport: false }), ALL);
    assert.deepEqual([...localAddresses], ["10.0.1.1", "10.0.2.1", ...METADATA_ADDRESSES]);
  });
});

describe("planRouteChanges", () => {
  it("does nothing when all is as it should be", () => {
    const plan = planRoutes(testVpc(), ALL);
    assert.deepEqual(planRouteChanges(plan, plan), []);
  });

  it("replaces a route that leads elsewhere, adds before it removes, and removes what is too much", () => {
    const before = planRoutes(testVpc(), ALL);
    const after = planRoutes(testVpc({ dnsSupport: false }), new Set([TASK, NODE]));
    assert.deepEqual(planRouteChanges(before, after), [
      "route replace blackhole default table 8196",
      "route del 10.0.1.90 dev e-0cccccccccccc table main",
      "addr del 10.0.0.2/32 dev lo",
      "addr del 169.254.169.253/32 dev lo",
    ]);
  });

  it("knows that routes go with their links", () => {
    const plan = planRoutes(testVpc(), ALL);
    const left = withoutLinks(plan, new Set(["e-0cccccccccccc"]));
    assert.deepEqual(
      [...plan.routes.keys()].filter((key) => !left.routes.has(key)),
      ["main 10.0.1.90", "8196 default"],
    );
  });
});

describe("readRouting", () => {
  it("reads what ip prints into the words that it was told", () => {
    const objects = [
      { priority: 0, src: "all", table: "local" },
      { priority: 32766, src: "all", table: "main" },
      { priority: 40000, src: "all", fwmark: "0x1001", table: "8194" },
      { priority: 50000, src: "all", action: "blackhole" },
      { dst: "10.0.0.0/16", dev: "lo", scope: "link", flags: [] },
      { dst: "10.0.2.20", dev: "e-0aaaaaaaaaaaa", scope: "link", flags: ["linkdown"] },
      { dst: "default", gateway: "169.254.0.1", dev: "uplink", table: "8194", flags: ["onlink"] },
      { type: "blackhole", dst: "default", table: "8196", flags: [] },
      { type: "local", dst: "10.0.1.1", dev: "lo", table: "local", protocol: "kernel", flags: [] },
      { type: "local", dst: "127.0.0.1", dev: "lo", table: "local", protocol: "kernel", flags: [] },
      { type: "broadcast", dst: "127.255.255.255", dev: "lo", table: "local", flags: [] },
    ];
    const state = readRouting(objects);
    assert.deepEqual([...state.localAddresses], ["10.0.1.1"]);
    assert.deepEqual(
      [...state.rules],
      ["priority 32766 table main", "priority 40000 fwmark 0x1001 table 8194", "priority 50000 blackhole"],
    );
    assert.deepEqual(
      [...state.routes],
      [
        ["main 10.0.0.0/16", "10.0.0.0/16 dev lo"],
        ["main 10.0.2.20", "10.0.2.20 dev e-0aaaaaaaaaaaa"],
        ["8194 default", "default via 169.254.0.1 dev uplink onlink"],
        ["8196 default", "blackhole default"],
      ],
    );
  });
});

describe("subnetMarks", () => {
  it("gives every subnet a number of its own, that stays when others come", () => {
    const subnets = Array.from({ length: 200 }, (_, index) => ({
      subnetId: `subnet-${((index * 2654435761) >>> 0).toString(16).padStart(17, "0")}`,
      cidr: "10.0.0.0/24",
      routes: [],
    }));
    const all = subnetMarks(subnets);
    assert.equal(new Set(all.values()).size, 200);
    const few = subnetMarks(subnets.slice(0, 5));
    for (const [subnetId, mark] of few) assert.equal(all.get(subnetId), mark);
  });

  it("keeps subnets apart whose ids end alike", () => {
    const subnets = ["1", "2"].map((end) => ({
      subnetId: `subnet-${end}0120123456789abc`,
      cidr: "10.0.0.0/24",
      routes: [],
    }));
    assert.equal(new Set(subnetMarks(subnets).values()).size, 2);
  });
});
