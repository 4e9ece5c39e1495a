import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { VpcConfig } from "../../fabric/config.ts";
import { silentLog } from "../../lib/log.ts";
import { type TestClock, testClock } from "../../services/testing.ts";
import { Store } from "../../store/store.ts";
import {
  addresses,
  internetGateways,
  natGateways,
  networkInterfaces,
  routeTables,
  securityGroups,
  subnets,
  vpcs,
} from "../../store/tables/ec2.ts";
import { createFabricReconciler, type FabricReconciler } from "./fabric-reconciler.ts";
import {
  internetGateway,
  NAT,
  NAT_INTERFACE,
  natGateway,
  natInterface,
  networkInterface,
  PRIVATE,
  routeTable,
  rule,
  securityGroup,
  subnet,
  VPC,
  vpc,
} from "./testing.ts";

const HOUR_MS = 60 * 60 * 1000;

/** Links whatever is declared, except sandboxes that it was told are gone; remembers what it was told last. */
class FakeFabric {
  readonly applied = new Map<string, VpcConfig>();
  readonly gone = new Set<number>();
  applications = 0;
  failures = 0;
  beforeApplied: () => void = () => undefined;

  async applyVpc(config: VpcConfig): Promise<{ linkedInterfaceIds: string[] }> {
    this.applications++;
    await Promise.resolve();
    if (this.failures-- > 0) throw new Error("the kernel says no");
    this.applied.set(config.vpcId, config);
    this.beforeApplied();
    const linked = config.interfaces.filter(
      ({ sandbox }) => sandbox.kind === "own-namespace" || !this.gone.has(sandbox.processId),
    );
    return { linkedInterfaceIds: linked.map((one) => one.interfaceId) };
  }

  async removeVpc(vpcId: string): Promise<void> {
    this.applied.delete(vpcId);
  }

  async observeVpcs(): Promise<string[]> {
    return [...this.applied.keys()];
  }
}

function container(processId: number) {
  return { kind: "container", containerId: `c${processId}`, processId } as const;
}

describe("fabric reconciler", () => {
  let store: Store;
  let clock: TestClock;
  let fabric: FakeFabric;
  let reconciler: FabricReconciler;

  beforeEach(async () => {
    store = new Store(":memory:");
    clock = testClock();
    fabric = new FakeFabric();
    store.transaction((tx) => {
      tx.put(vpcs, vpc);
      tx.put(subnets, subnet(PRIVATE, "10.0.2.0/24"));
      tx.put(routeTables, routeTable(1, []));
      tx.put(securityGroups, securityGroup([]));
    });
    reconciler = createFabricReconciler({ store, clock, log: silentLog, fabric });
  });
  afterEach(() => reconciler.stop());

  const one = networkInterface(11, { sandbox: container(1) });
  const linkState = () => store.get(networkInterfaces, one.networkInterfaceId)?.linkState;
  const start = async () => {
    reconciler.start();
    await reconciler.settled();
  };

  it("makes each VPC when it starts, and removes those of an earlier run that are no more", async () => {
    await fabric.applyVpc({ ...emptyConfig(), vpcId: "vpc-00000000900000000" });
    await start();
    assert.deepEqual([...fabric.applied.keys()], [VPC]);
  });

  it("marks an interface ready when it is linked, and absent when it no longer is", async () => {
    await start();
    store.transaction((tx) => tx.put(networkInterfaces, one));
    await reconciler.settled();
    assert.equal(linkState(), "ready");
    fabric.gone.add(2);
    store.transaction((tx) =>
      tx.put(networkInterfaces, { ...one, linkState: "ready", sandbox: container(2) }),
    );
    await reconciler.settled();
    assert.equal(linkState(), "absent");
  });

  it("looks again after a while at an interface that could not be linked", async () => {
    fabric.gone.add(1);
    store.transaction((tx) => tx.put(networkInterfaces, one));
    await start();
    assert.equal(linkState(), "absent");
    fabric.gone.clear();
    clock.advance(1000);
    await reconciler.settled();
    assert.equal(linkState(), "ready");
  });

  it("does not mark an interface ready that went to another sandbox meanwhile", async () => {
    store.transaction((tx) => tx.put(networkInterfaces, one));
    const seen: unknown[] = [];
    store.onChange(networkInterfaces, ({ after }) => seen.push([after?.sandbox, after?.linkState]));
    fabric.beforeApplied = () => {
      fabric.beforeApplied = () => undefined;
      store.transaction((tx) => tx.put(networkInterfaces, { ...one, sandbox: container(2) }));
    };
    await start();
    assert.deepEqual(seen, [
      [container(2), "absent"],
      [container(2), "ready"],
    ]);
    assert.deepEqual(fabric.applied.get(VPC)?.interfaces[0]?.sandbox, { kind: "process", processId: 2 });
  });

  it("applies a VPC once for all changes of a transaction, and not for its own writes", async () => {
    await start();
    fabric.applications = 0;
    store.transaction((tx) => {
      tx.put(networkInterfaces, one);
      tx.put(networkInterfaces, networkInterface(12, { sandbox: container(2) }));
      tx.put(securityGroups, securityGroup([rule()]));
      tx.put(internetGateways, internetGateway(VPC));
    });
    await reconciler.settled();
    assert.equal(fabric.applications, 1);
    assert.equal(linkState(), "ready");
    const current = store.get(networkInterfaces, one.networkInterfaceId);
    assert(current);
    store.transaction((tx) => tx.put(networkInterfaces, { ...current, tags: [{ key: "a", value: "b" }] }));
    await reconciler.settled();
    assert.equal(fabric.applications, 1);
  });

  it("tries again when the kernel refuses", async () => {
    fabric.failures = 2;
    store.transaction((tx) => tx.put(networkInterfaces, one));
    await start();
    assert.equal(linkState(), "absent");
    for (const delayMs of [250, 500]) {
      clock.advance(delayMs);
      await reconciler.settled();
    }
    assert.equal(linkState(), "ready");
  });

  it("removes a VPC that is deleted", async () => {
    await start();
    store.transaction((tx) => tx.delete(vpcs, VPC));
    await reconciler.settled();
    assert.deepEqual([...fabric.applied.keys()], []);
  });

  it("takes a NAT gateway from pending to available, and from deleting to deleted and forgotten", async () => {
    store.transaction((tx) => {
      tx.put(natGateways, natGateway("pending", { createTime: clock.now() }));
      tx.put(networkInterfaces, natInterface());
      tx.put(addresses, {
        account: vpc.account,
        region: vpc.region,
        allocationId: "eipalloc-1",
        publicIp: "198.18.0.20",
        association: { associationId: "a", networkInterfaceId: NAT_INTERFACE, privateIpAddress: "10.0.1.99" },
        tags: [],
      });
    });
    await start();
    const state = () => store.get(natGateways, NAT)?.state;
    assert.equal(state(), "available");

    const deleteTime = clock.now();
    store.transaction((tx) => tx.put(natGateways, natGateway("deleting", { deleteTime })));
    await reconciler.settled();
    assert.equal(state(), "deleted");
    assert.equal(store.get(networkInterfaces, NAT_INTERFACE), undefined);
    assert.equal(store.get(addresses, "eipalloc-1")?.association, undefined);
    assert.deepEqual(fabric.applied.get(VPC)?.interfaces, []);

    clock.advance(HOUR_MS - 1);
    await reconciler.settled();
    assert.equal(state(), "deleted");
    clock.advance(1);
    await reconciler.settled();
    assert.equal(state(), undefined);
  });

  it("keeps a NAT gateway pending until its interface is linked", async () => {
    store.transaction((tx) => {
      tx.put(natGateways, natGateway("pending"));
      tx.put(networkInterfaces, { ...natInterface(), sandbox: undefined });
    });
    await start();
    assert.equal(store.get(natGateways, NAT)?.state, "pending");
  });

  it("frees nothing of a NAT gateway whose deletion began while its interface was being linked", async () => {
    store.transaction((tx) => {
      tx.put(natGateways, natGateway("available"));
      tx.put(networkInterfaces, natInterface());
    });
    const linkedWhenReleased: boolean[] = [];
    store.onChange(networkInterfaces, ({ after }) => {
      if (after === undefined) linkedWhenReleased.push((fabric.applied.get(VPC)?.interfaces.length ?? 0) > 0);
    });
    fabric.beforeApplied = () => {
      fabric.beforeApplied = () => undefined;
      store.transaction((tx) => tx.put(natGateways, natGateway("deleting")));
    };
    await start();
    assert.equal(store.get(natGateways, NAT)?.state, "deleted");
    assert.deepEqual(linkedWhenReleased, [false]);
  });

  function emptyConfig(): VpcConfig {
    return {
      vpcId: VPC,
      cidr: "10.0.0.0/16",
      subnets: [],
      interfaces: [],
      securityGroups: [],
      internetGateway: false,
      publicAddresses: [],
      dnsSupport: true,
    };
  }
});
