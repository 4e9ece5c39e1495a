/** Queries about addresses in use, shared by everything that makes an ENI. */

import type { Random } from "../lib/random.ts";
import { pickPrivateAddress, pickPublicAddress, usableAddressCount } from "../model/ec2/addresses.ts";
import type { NetworkInterface, RouteTable, Subnet } from "../model/ec2/records.ts";
import type { StoreReader } from "./store.ts";
import { addresses, networkInterfaces, routeTables } from "./tables/ec2.ts";

export function freePrivateAddress(store: StoreReader, subnet: Subnet, random: Random): string | undefined {
  const used = new Set(
    store.where(networkInterfaces, "subnet", subnet.subnetId).map((record) => record.privateIpAddress),
  );
  return pickPrivateAddress(subnet.cidrBlock, used, random);
}

export function availableAddressCount(store: StoreReader, subnet: Subnet): number {
  return usableAddressCount(subnet.cidrBlock) - store.count(networkInterfaces, "subnet", subnet.subnetId);
}

/** From the public pool, of no account and no region in use anywhere. */
export function freePublicAddress(store: StoreReader, pool: string, random: Random): string | undefined {
  const used = new Set<string>(store.list(addresses).map((record) => record.publicIp));
  for (const record of store.list(networkInterfaces)) {
    if (record.amazonPublicIp !== undefined) used.add(record.amazonPublicIp);
  }
  return pickPublicAddress(pool, used, random);
}

/** The public address of an ENI: its elastic one, else the one that AWS gave it. */
export function publicAddressOf(store: StoreReader, networkInterface: NetworkInterface): string | undefined {
  const [elastic] = store.where(addresses, "networkInterface", networkInterface.networkInterfaceId);
  return elastic?.publicIp ?? networkInterface.amazonPublicIp;
}

/** The route table in force for a subnet: its own, else the VPC's main one. */
export function routeTableOf(store: StoreReader, subnet: Subnet): RouteTable | undefined {
  const tables = store.where(routeTables, "vpc", subnet.vpcId);
  return (
    tables.find((table) =>
      table.associations.some((association) => association.subnetId === subnet.subnetId),
    ) ?? tables.find((table) => table.associations.some((association) => association.main))
  );
}
