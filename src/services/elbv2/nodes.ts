/** A load balancer's nodes: one network interface in each of its subnets. */
import { newMacAddress } from "../../model/ec2/addresses.ts";
import type { Address, NetworkInterface, Subnet } from "../../model/ec2/records.ts";
import { loadBalancerPathOf } from "../../model/elb/names.ts";
import type { LoadBalancer } from "../../model/elb/records.ts";
import { freePrivateAddress, freePublicAddress } from "../../store/network-interfaces.ts";
import type { StoreReader, Transaction } from "../../store/store.ts";
import { addresses, networkInterfaces } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidConfiguration, invalidSubnet } from "./errors.ts";

export interface NodePlacement {
  readonly subnet: Subnet;
  /** An elastic address to use instead of one from the public pool. */
  readonly elastic?: Address | undefined;
  readonly privateIpAddress?: string | undefined;
}

type Owner = Pick<
  LoadBalancer,
  "account" | "region" | "arn" | "scheme" | "type" | "vpcId" | "securityGroupIds"
>;

/** Writes a node's interface and, with an elastic address, its association. Throws InvalidSubnet when none is free. */
export function putNode(
  tx: Transaction,
  context: HandlerContext,
  owner: Owner,
  placement: NodePlacement,
): LoadBalancer["zones"][number] {
  const { random, store } = context;
  const { subnet, elastic } = placement;
  const networkInterfaceId = `eni-${random.hex(17)}`;
  const privateIpAddress = placement.privateIpAddress ?? freePrivateAddress(store, subnet, random);
  if (privateIpAddress === undefined) throw notEnoughAddresses(subnet.subnetId);
  const needsPublicAddress = owner.scheme === "internet-facing" && elastic === undefined;
  tx.put(
    networkInterfaces,
    newNodeInterface(context, owner, {
      networkInterfaceId,
      privateIpAddress,
      subnet,
      amazonPublicIp: needsPublicAddress ? requirePublicAddress(context) : undefined,
    }),
  );
  if (elastic !== undefined) {
    const associationId = `eipassoc-${random.hex(17)}`;
    tx.put(addresses, { ...elastic, association: { associationId, networkInterfaceId, privateIpAddress } });
  }
  return { subnetId: subnet.subnetId, zoneName: subnet.availabilityZone, networkInterfaceId };
}

function newNodeInterface(
  context: HandlerContext,
  owner: Owner,
  parts: Pick<NetworkInterface, "networkInterfaceId" | "privateIpAddress" | "amazonPublicIp"> & {
    readonly subnet: Subnet;
  },
): NetworkInterface {
  const { random } = context;
  const { subnet, amazonPublicIp } = parts;
  const description = `ELB ${loadBalancerPathOf(owner.arn)}`;
  return {
    account: owner.account,
    region: owner.region,
    networkInterfaceId: parts.networkInterfaceId,
    vpcId: owner.vpcId,
    subnetId: subnet.subnetId,
    availabilityZone: subnet.availabilityZone,
    privateIpAddress: parts.privateIpAddress,
    macAddress: newMacAddress(random),
    groupIds: owner.securityGroupIds,
    // A network load balancer's node passes on packets that are not its own.
    sourceDestCheck: owner.type === "application",
    description,
    owner: { kind: "load-balancer", loadBalancerArn: owner.arn, description },
    attachmentId: `ela-attach-${random.hex(17)}`,
    ...(amazonPublicIp === undefined ? {} : { amazonPublicIp }),
    sandbox: { kind: "own-namespace" },
    linkState: "absent",
    createTime: context.clock.now(),
    tags: [],
  };
}

/** Deletes a node's interface; an elastic address stays, free. */
export function deleteNode(tx: Transaction, store: StoreReader, networkInterfaceId: string): void {
  for (const address of store.where(addresses, "networkInterface", networkInterfaceId)) {
    const { association: _, ...free } = address;
    tx.put(addresses, free);
  }
  tx.delete(networkInterfaces, networkInterfaceId);
}

function requirePublicAddress(context: HandlerContext): string {
  const address = freePublicAddress(context.store, context.settings.publicPool, context.random);
  if (address === undefined) throw invalidConfiguration("There is no free public address left");
  return address;
}

export function notEnoughAddresses(subnetId: string): Error {
  return invalidSubnet(
    `Not enough IP space available in ${subnetId}. ELB requires at least 8 free IP addresses in each subnet.`,
  );
}
