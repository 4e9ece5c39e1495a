/** Which VPCs a change in the store concerns, for the network in the kernel. */
import { isDeepStrictEqual } from "node:util";
import type { NetworkInterface } from "../../model/ec2/records.ts";
import type { Change, Store } from "../../store/store.ts";
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

/** Calls `affect` with the id of each VPC that a committed change may have altered. */
export function watchVpcs(store: Store, affect: (vpcId: string) => void): void {
  const affectOf = (change: Change<{ readonly vpcId?: string | undefined }>) => {
    for (const vpcId of new Set([change.before?.vpcId, change.after?.vpcId])) {
      if (vpcId !== undefined) affect(vpcId);
    }
  };
  store.onChange(vpcs, affectOf);
  store.onChange(subnets, affectOf);
  store.onChange(internetGateways, affectOf);
  store.onChange(routeTables, affectOf);
  store.onChange(securityGroups, affectOf);
  store.onChange(networkInterfaces, (change) => {
    if (changesNetwork(change)) affectOf(change);
  });
  store.onChange(natGateways, (change) => {
    // To `available` is our own doing, after the kernel has it.
    if (change.before?.state !== change.after?.state && change.after?.state !== "available") affectOf(change);
  });
  store.onChange(addresses, ({ before, after }) => {
    for (const association of [before?.association, after?.association]) {
      const id = association?.networkInterfaceId;
      const one = id === undefined ? undefined : store.get(networkInterfaces, id);
      if (one !== undefined) affect(one.vpcId);
    }
  });
}

function changesNetwork({ before, after }: Change<NetworkInterface>): boolean {
  if (before === undefined || after === undefined) return true;
  return !isDeepStrictEqual(relevant(before), relevant(after));
}

/** Not: link states, which the reconciler itself writes, tags, descriptions, most of attachments. */
function relevant(one: NetworkInterface): unknown[] {
  return [
    one.subnetId,
    one.privateIpAddress,
    one.macAddress,
    one.groupIds,
    one.sourceDestCheck,
    one.amazonPublicIp,
    one.sandbox,
    one.instanceAttachment?.deviceIndex,
  ];
}
