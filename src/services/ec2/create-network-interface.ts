/** CreateNetworkInterface and DeleteNetworkInterface. */
import type * as wire from "@aws-sdk/client-ec2";
import { newMacAddress } from "../../model/ec2/addresses.ts";
import type { NetworkInterface, Subnet } from "../../model/ec2/records.ts";
import { freePrivateAddress } from "../../store/network-interfaces.ts";
import { addresses, networkInterfaces } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { insufficientFreeAddresses, interfaceInUse, unsupportedOperation } from "./errors.ts";
import { findByClientToken } from "./idempotency.ts";
import { requireInterfaceGroups } from "./interface-groups.ts";
import { requireFreeAddress } from "./private-addresses.ts";
import { listInScope, requireNetworkInterface, requireSubnet } from "./resolve.ts";
import { ID_KINDS, newId } from "./resource-ids.ts";
import { tagsOfSpecifications } from "./tagging.ts";
import { describeNetworkInterface } from "./views/network-interface.ts";

export function createNetworkInterface(
  input: wire.CreateNetworkInterfaceRequest,
  context: HandlerContext,
): wire.CreateNetworkInterfaceResult {
  const { store, random } = context;
  checkSupported(input);
  const subnet = requireSubnet(context, input.SubnetId);
  const earlier = findByClientToken(
    listInScope(context, networkInterfaces),
    input.ClientToken,
    (record) => record.subnetId === subnet.subnetId,
  );
  const networkInterface: NetworkInterface = earlier ?? {
    ...context.scope,
    networkInterfaceId: newId(ID_KINDS.networkInterface, random),
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    availabilityZone: subnet.availabilityZone,
    privateIpAddress: requirePrivateAddress(input, context, subnet),
    macAddress: newMacAddress(random),
    groupIds: requireInterfaceGroups(context, subnet, input.Groups),
    sourceDestCheck: true,
    description: input.Description ?? "",
    owner: { kind: "user" },
    linkState: "absent",
    clientToken: input.ClientToken,
    createTime: context.clock.now(),
    tags: tagsOfSpecifications(input.TagSpecifications, "network-interface"),
  };
  if (earlier === undefined) store.transaction((tx) => tx.put(networkInterfaces, networkInterface));
  return {
    NetworkInterface: describeNetworkInterface(store, networkInterface),
    ClientToken: input.ClientToken,
  };
}

function checkSupported(input: wire.CreateNetworkInterfaceRequest): void {
  if (input.InterfaceType !== undefined && String(input.InterfaceType) !== "interface") {
    throw unsupportedOperation(`Network interfaces of type ${input.InterfaceType} are not supported.`);
  }
  const secondary = input.PrivateIpAddresses?.filter((address) => !address.Primary) ?? [];
  if (
    secondary.length > 0 ||
    input.SecondaryPrivateIpAddressCount ||
    input.Ipv4PrefixCount ||
    input.Ipv4Prefixes?.length
  ) {
    throw unsupportedOperation("Secondary private IP addresses are not supported.");
  }
  if (
    input.Ipv6AddressCount ||
    input.Ipv6Addresses?.length ||
    input.Ipv6PrefixCount ||
    input.Ipv6Prefixes?.length
  ) {
    throw unsupportedOperation("IPv6 addresses are not supported.");
  }
}

function requirePrivateAddress(
  input: wire.CreateNetworkInterfaceRequest,
  context: HandlerContext,
  subnet: Subnet,
): string {
  const asked =
    input.PrivateIpAddress ?? input.PrivateIpAddresses?.find((address) => address.Primary)?.PrivateIpAddress;
  if (asked) return requireFreeAddress(context.store, subnet, asked);
  const address = freePrivateAddress(context.store, subnet, context.random);
  if (address === undefined) throw insufficientFreeAddresses();
  return address;
}

/** Interfaces that AWS made are always in use. An elastic address that one has becomes free. */
export function deleteNetworkInterface(
  input: wire.DeleteNetworkInterfaceRequest,
  context: HandlerContext,
): object {
  const { store } = context;
  const { networkInterfaceId, attachmentId, owner } = requireNetworkInterface(
    context,
    input.NetworkInterfaceId,
  );
  if (attachmentId !== undefined || owner.kind !== "user") throw interfaceInUse(networkInterfaceId);
  store.transaction((tx) => {
    for (const address of store.where(addresses, "networkInterface", networkInterfaceId)) {
      tx.put(addresses, { ...address, association: undefined });
    }
    tx.delete(networkInterfaces, networkInterfaceId);
  });
  return {};
}
