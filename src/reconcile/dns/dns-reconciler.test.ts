import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { DnsView, ResolverFabric } from "../../fabric/fabric.ts";
import { silentLog } from "../../lib/log.ts";
import { operations as cloudmap } from "../../services/servicediscovery/operations.ts";
import { type TestClock, testContext } from "../../services/testing.ts";
import { vpcs } from "../../store/tables/ec2.ts";
import { createDnsReconciler } from "./dns-reconciler.ts";

function setUp(vpcIds: readonly string[]) {
  const context = testContext();
  const clock = context.clock as TestClock;
  const views = new Map<string, DnsView>();
  const applied: string[] = [];
  const ready = new Set(vpcIds);
  let lose = () => {};
  const resolver: ResolverFabric = {
    async applyView(view) {
      views.set(view.vpcId, view);
      applied.push(view.vpcId);
    },
    async removeView(vpcId) {
      views.delete(vpcId);
    },
    observeViews: async () => [...views.keys()],
    onLost: (listener) => {
      lose = listener;
    },
    async close() {},
  };
  context.store.transaction((tx) => {
    for (const vpcId of vpcIds) {
      tx.put(vpcs, {
        ...context.scope,
        vpcId,
        cidrBlock: "10.0.0.0/16",
        cidrAssociationId: "x",
        instanceTenancy: "default",
        enableDnsSupport: true,
        enableDnsHostnames: true,
        enableNetworkAddressUsageMetrics: false,
        dhcpOptionsId: "dopt-1",
        isDefault: false,
        tags: [],
      });
    }
  });
  const reconciler = createDnsReconciler({
    store: context.store,
    clock,
    log: silentLog,
    resolver,
    vpcNamespace: (vpcId) => `ns-${vpcId}`,
    vpcReady: (vpcId) => ready.has(vpcId),
  });
  /** Lets everything that is queued run, and returns the VPCs whose views were applied meanwhile. */
  const settle = async () => {
    applied.length = 0;
    for (let i = 0; i < 10; i++) await turn();
    return [...applied].sort();
  };
  return { context, clock, views, ready, reconciler, settle, lose: () => lose() };
}

describe("the reconciler of DNS", () => {
  test("applies a view for each VPC, and takes away those of VPCs that are gone", async () => {
    const { context, views, reconciler, settle } = setUp(["vpc-1", "vpc-2"]);
    const stale = { vpcId: "vpc-old", namespace: "x", addresses: [], zones: [] };
    views.set("vpc-old", stale);
    reconciler.start();
    assert.deepEqual(await settle(), ["vpc-1", "vpc-2"]);
    assert.deepEqual([...views.keys()].sort(), ["vpc-1", "vpc-2"]);
    context.store.transaction((tx) => tx.delete(vpcs, "vpc-2"));
    await settle();
    assert.deepEqual([...views.keys()], ["vpc-1"]);
  });

  test("waits for a VPC's namespace", async () => {
    const { clock, ready, reconciler, settle } = setUp(["vpc-1"]);
    ready.clear();
    reconciler.start();
    assert.deepEqual(await settle(), []);
    ready.add("vpc-1");
    clock.advance(1000);
    assert.deepEqual(await settle(), ["vpc-1"]);
  });

  test("touches only the VPC of the namespace when an instance comes, goes or changes its health", async () => {
    const { context, reconciler, settle } = setUp(["vpc-1", "vpc-2"]);
    cloudmap.CreatePrivateDnsNamespace({ Name: "shop.local", Vpc: "vpc-1" }, context);
    const NamespaceId = cloudmap.ListNamespaces({}, context).Namespaces?.[0]?.Id;
    const DnsConfig = { DnsRecords: [{ Type: "A" as const, TTL: 10 }] };
    const input = { Name: "api", NamespaceId, DnsConfig, HealthCheckCustomConfig: {} };
    const ServiceId = cloudmap.CreateService(input, context).Service?.Id;
    reconciler.start();
    await settle();
    const Attributes = { AWS_INSTANCE_IPV4: "10.0.0.1" };
    cloudmap.RegisterInstance({ ServiceId, InstanceId: "a", Attributes }, context);
    assert.deepEqual(await settle(), ["vpc-1"]);
    cloudmap.UpdateInstanceCustomHealthStatus({ ServiceId, InstanceId: "a", Status: "UNHEALTHY" }, context);
    assert.deepEqual(await settle(), ["vpc-1"]);
    cloudmap.UpdateInstanceCustomHealthStatus({ ServiceId, InstanceId: "a", Status: "UNHEALTHY" }, context);
    assert.deepEqual(await settle(), []);
    cloudmap.DeregisterInstance({ ServiceId, InstanceId: "a" }, context);
    assert.deepEqual(await settle(), ["vpc-1"]);
  });

  test("removes the view when the VPC's DNS support is turned off", async () => {
    const { context, views, reconciler, settle } = setUp(["vpc-1"]);
    reconciler.start();
    await settle();
    const vpc = context.store.get(vpcs, "vpc-1");
    assert.ok(vpc !== undefined);
    context.store.transaction((tx) => tx.put(vpcs, { ...vpc, enableDnsSupport: false }));
    await settle();
    assert.equal(views.size, 0);
  });

  test("applies every view again when the resolver was lost", async () => {
    const { reconciler, settle, lose } = setUp(["vpc-1", "vpc-2"]);
    reconciler.start();
    await settle();
    lose();
    assert.deepEqual(await settle(), ["vpc-1", "vpc-2"]);
  });
});
