/** The states of NAT gateways, from `pending` to gone. Their handlers write only `pending` and `deleting`. */
import type { NatGateway } from "../../model/ec2/records.ts";
import type { Store, StoreReader, Transaction } from "../../store/store.ts";
import { addresses, natGateways, networkInterfaces } from "../../store/tables/ec2.ts";

/** How long deleted and failed gateways stay listed (VPC user guide, "Delete a NAT gateway"). */
const LISTED_MS = 60 * 60 * 1000;

/**
 * Moves on the gateways of a VPC that was just applied. One whose interface is still linked began to be deleted
 * meanwhile; that change has queued the VPC again.
 * @returns milliseconds until a gateway is to be forgotten; undefined when none waits
 */
export function advanceNatGateways(
  tx: Transaction,
  store: StoreReader,
  vpcId: string,
  linked: ReadonlySet<string>,
  now: number,
): number | undefined {
  let waitMs: number | undefined;
  for (const gateway of store.where(natGateways, "vpc", vpcId)) {
    if (gateway.state === "pending" && linked.has(gateway.networkInterfaceId)) {
      tx.put(natGateways, { ...gateway, state: "available" });
    } else if (gateway.state === "deleting" && !linked.has(gateway.networkInterfaceId)) {
      releaseInterface(tx, store, gateway);
      tx.put(natGateways, { ...gateway, state: "deleted", deleteTime: gateway.deleteTime ?? now });
      waitMs = Math.min(waitMs ?? LISTED_MS, LISTED_MS);
    } else if (gateway.state === "deleted" || gateway.state === "failed") {
      const leftMs = (gateway.deleteTime ?? gateway.createTime) + LISTED_MS - now;
      if (leftMs <= 0) tx.delete(natGateways, gateway.natGatewayId);
      else waitMs = Math.min(waitMs ?? leftMs, leftMs);
    }
  }
  return waitMs;
}

/** Whether any change of a gateway's state is due, so that a transaction is worth opening. */
export function hasNatGateways(store: Store, vpcId: string): boolean {
  return store.where(natGateways, "vpc", vpcId).some((gateway) => gateway.state !== "available");
}

/** The elastic address stays allocated; only its association ends. */
function releaseInterface(tx: Transaction, store: StoreReader, gateway: NatGateway): void {
  for (const address of store.where(addresses, "networkInterface", gateway.networkInterfaceId)) {
    tx.put(addresses, { ...address, association: undefined });
  }
  tx.delete(networkInterfaces, gateway.networkInterfaceId);
}
