/**
 * Makes the network of each VPC as the store has it, and writes back which interfaces are linked. One key per VPC:
 * changes that come while one is applied make one more run. Writes link states and NAT gateway states, nothing else.
 */
import { isDeepStrictEqual } from "node:util";
import type { Fabric } from "../../fabric/fabric.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { NetworkInterface } from "../../model/ec2/records.ts";
import type { Store } from "../../store/store.ts";
import { natGateways, networkInterfaces, vpcs } from "../../store/tables/ec2.ts";
import { Controller, type ReconcileResult } from "../controller.ts";
import { watchVpcs } from "./affected-vpcs.ts";
import { compileVpc } from "./compile-vpc.ts";
import { advanceNatGateways, hasNatGateways } from "./nat-gateways.ts";

export interface FabricReconcilerDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly fabric: Pick<Fabric, "applyVpc" | "removeVpc" | "observeVpcs">;
}

export interface FabricReconciler {
  /** `Fabric.start` must have resolved. */
  start(): void;
  stop(): Promise<void>;
  /** Resolves when nothing is left to do now; for tests. */
  settled(): Promise<void>;
}

/** Not a VPC's id: removes the VPCs of an earlier run that the store does not know. */
const LEFTOVERS = "leftovers";

/** A sandbox may be gone before its owner says so, or refuse its link for a moment. */
const UNLINKED_AGAIN_MS = 1000;

export function createFabricReconciler(dependencies: FabricReconcilerDependencies): FabricReconciler {
  const { store, clock, log, fabric } = dependencies;
  const controller = new Controller({
    name: "fabric",
    clock,
    log,
    concurrency: 4,
    async reconcile(key) {
      if (key !== LEFTOVERS) return reconcileVpc(dependencies, key);
      for (const vpcId of await fabric.observeVpcs()) {
        if (store.get(vpcs, vpcId) === undefined) controller.enqueue(vpcId);
      }
      return undefined;
    },
  });
  return {
    start() {
      watchVpcs(store, (vpcId) => controller.enqueue(vpcId));
      for (const { vpcId } of store.list(vpcs)) controller.enqueue(vpcId);
      for (const { vpcId } of store.list(natGateways)) controller.enqueue(vpcId);
      controller.enqueue(LEFTOVERS);
    },
    stop: () => controller.stop(),
    settled: () => controller.settled(),
  };
}

async function reconcileVpc(
  { store, clock, fabric }: FabricReconcilerDependencies,
  vpcId: string,
): Promise<ReconcileResult | undefined> {
  const config = compileVpc(store, vpcId);
  const compiled = new Map(
    store.where(networkInterfaces, "vpc", vpcId).map((one) => [one.networkInterfaceId, one.sandbox]),
  );
  const linked = new Set<string>();
  if (config === undefined) await fabric.removeVpc(vpcId);
  else for (const id of (await fabric.applyVpc(config)).linkedInterfaceIds) linked.add(id);

  const states = store
    .where(networkInterfaces, "vpc", vpcId)
    .map((one): NetworkInterface => {
      const id = one.networkInterfaceId;
      // The owner may have put it into another sandbox meanwhile; that change has queued this VPC again.
      const isReady = linked.has(id) && isDeepStrictEqual(one.sandbox, compiled.get(id));
      return { ...one, linkState: isReady ? "ready" : "absent" };
    })
    .filter((one) => store.get(networkInterfaces, one.networkInterfaceId)?.linkState !== one.linkState);
  let waitMs: number | undefined;
  if (states.length > 0 || hasNatGateways(store, vpcId)) {
    waitMs = store.transaction((tx) => {
      for (const one of states) tx.put(networkInterfaces, one);
      return advanceNatGateways(tx, store, vpcId, linked, clock.now());
    });
  }
  if (config?.interfaces.some((one) => !linked.has(one.interfaceId))) {
    waitMs = Math.min(waitMs ?? UNLINKED_AGAIN_MS, UNLINKED_AGAIN_MS);
  }
  return waitMs === undefined ? undefined : { againAfterMs: waitMs };
}
