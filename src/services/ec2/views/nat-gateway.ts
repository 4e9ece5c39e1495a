import type * as wire from "@aws-sdk/client-ec2";
import type { Address, NatGateway } from "../../../model/ec2/records.ts";
import type { StoreReader } from "../../../store/store.ts";
import { addresses, networkInterfaces } from "../../../store/tables/ec2.ts";
import { describeTagList } from "../tagging.ts";

export function describeNatGateway(
  store: StoreReader,
  gateway: NatGateway,
  state: wire.NatGatewayState = gateway.state,
): wire.NatGateway {
  return {
    NatGatewayId: gateway.natGatewayId,
    VpcId: gateway.vpcId,
    SubnetId: gateway.subnetId,
    ConnectivityType: gateway.connectivityType,
    State: state,
    FailureCode: state === "pending" ? undefined : gateway.failureCode,
    FailureMessage: state === "pending" ? undefined : gateway.failureMessage,
    CreateTime: new Date(gateway.createTime),
    DeleteTime:
      state === "pending" || gateway.deleteTime === undefined ? undefined : new Date(gateway.deleteTime),
    NatGatewayAddresses: [describeAddress(store, gateway)],
    Tags: describeTagList(gateway.tags),
  };
}

/** What a deleted gateway no longer has is left out; its allocation id stays. */
function describeAddress(store: StoreReader, gateway: NatGateway): wire.NatGatewayAddress {
  const networkInterface = store.get(networkInterfaces, gateway.networkInterfaceId);
  const address = findAddress(store, gateway);
  return {
    AllocationId: gateway.allocationId,
    NetworkInterfaceId: networkInterface?.networkInterfaceId,
    PrivateIp: networkInterface?.privateIpAddress,
    PublicIp: address?.publicIp,
    AssociationId: address?.association?.associationId,
    IsPrimary: true,
    Status: gateway.state === "failed" ? "failed" : "succeeded",
  };
}

/** The allocation may have gone on to something else since the gateway was deleted. */
function findAddress(store: StoreReader, gateway: NatGateway): Address | undefined {
  if (gateway.allocationId === undefined) return undefined;
  const address = store.get(addresses, gateway.allocationId);
  return address?.association?.networkInterfaceId === gateway.networkInterfaceId ? address : undefined;
}
