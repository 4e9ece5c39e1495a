import type * as wire from "@aws-sdk/client-ec2";
import { newMacAddress } from "../../model/ec2/addresses.ts";
import type { Address, NatGateway, NetworkInterface, Subnet } from "../../model/ec2/records.ts";
import { freePrivateAddress } from "../../store/network-interfaces.ts";
import { addresses, internetGateways, natGateways, networkInterfaces } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import {
  invalidParameterCombination,
  invalidParameterValue,
  missingParameterText,
  unsupportedOperation,
} from "./errors.ts";
import { findByClientToken } from "./idempotency.ts";
import { requireFreeAddress } from "./private-addresses.ts";
import { findInScope, listInScope, requireSubnet } from "./resolve.ts";
import { ID_KINDS, newId } from "./resource-ids.ts";
import { tagsOfSpecifications } from "./tagging.ts";
import { describeNatGateway } from "./views/nat-gateway.ts";

interface Failure {
  readonly code: string;
  readonly message: string;
}

/** The gateway, and the interface and address it uses unless it failed. */
interface Made {
  readonly gateway: NatGateway;
  readonly networkInterface?: NetworkInterface;
  readonly address?: Address | undefined;
}

/**
 * Answers `pending` always, as EC2 does: what is wrong with the subnet's network or with the address shows later
 * as state `failed` with a failure code ("Troubleshoot NAT gateways", VPC user guide).
 */
export function createNatGateway(
  input: wire.CreateNatGatewayRequest,
  context: HandlerContext,
): wire.CreateNatGatewayResult {
  const { store } = context;
  checkSupported(input);
  const subnet = requireSubnet(context, input.SubnetId);
  const earlier = findByClientToken(
    listInScope(context, natGateways),
    input.ClientToken,
    (gateway) => gateway.subnetId === subnet.subnetId && gateway.allocationId === input.AllocationId,
  );
  if (earlier !== undefined) {
    return { NatGateway: describeNatGateway(store, earlier), ClientToken: input.ClientToken };
  }
  const made = newNatGateway(input, context, subnet);
  store.transaction((tx) => {
    tx.put(natGateways, made.gateway);
    if (made.networkInterface !== undefined) tx.put(networkInterfaces, made.networkInterface);
    if (made.address !== undefined) tx.put(addresses, made.address);
  });
  return { NatGateway: describeNatGateway(store, made.gateway, "pending"), ClientToken: input.ClientToken };
}

function checkSupported(input: wire.CreateNatGatewayRequest): void {
  const connectivity = input.ConnectivityType ?? "public";
  if (connectivity !== "public" && connectivity !== "private") {
    throw invalidParameterValue(`Value (${connectivity}) for parameter connectivityType is invalid.`);
  }
  if (input.AvailabilityMode === "regional" || input.AvailabilityZoneAddresses?.length) {
    throw unsupportedOperation("Regional NAT gateways are not supported.");
  }
  if (
    input.SecondaryAllocationIds?.length ||
    input.SecondaryPrivateIpAddresses?.length ||
    input.SecondaryPrivateIpAddressCount
  ) {
    throw unsupportedOperation("NAT gateways with secondary addresses are not supported.");
  }
  if (connectivity === "public" && !input.AllocationId) {
    throw missingParameterText(
      "The request must include the AllocationId parameter. Add the required parameter and retry the request.",
    );
  }
  if (connectivity === "private" && input.AllocationId) {
    throw invalidParameterCombination(
      "The AllocationId parameter cannot be used with a private NAT gateway.",
    );
  }
}

function newNatGateway(input: wire.CreateNatGatewayRequest, context: HandlerContext, subnet: Subnet): Made {
  const natGatewayId = newId(ID_KINDS.natGateway, context.random);
  const now = context.clock.now();
  const base = {
    ...context.scope,
    natGatewayId,
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    connectivityType: input.ConnectivityType ?? "public",
    allocationId: input.AllocationId,
    clientToken: input.ClientToken,
    createTime: now,
    tags: tagsOfSpecifications(input.TagSpecifications, "natgateway"),
  } as const;
  const address = input.AllocationId ? findInScope(context, addresses, input.AllocationId) : undefined;
  const privateIpAddress = input.PrivateIpAddress
    ? requireFreeAddress(context.store, subnet, input.PrivateIpAddress)
    : freePrivateAddress(context.store, subnet, context.random);
  const failure = findFailure(input, context, subnet, address, privateIpAddress);
  if (failure !== undefined || privateIpAddress === undefined) {
    return {
      gateway: {
        ...base,
        networkInterfaceId: "",
        state: "failed",
        failureCode: failure?.code,
        failureMessage: failure?.message,
        deleteTime: now,
      },
    };
  }
  const networkInterface = newInterface(context, subnet, natGatewayId, privateIpAddress);
  const { networkInterfaceId } = networkInterface;
  const association = {
    associationId: newId(ID_KINDS.addressAssociation, context.random),
    networkInterfaceId,
    privateIpAddress,
  };
  return {
    gateway: { ...base, networkInterfaceId, state: "pending" },
    networkInterface,
    address: address && { ...address, association },
  };
}

function findFailure(
  input: wire.CreateNatGatewayRequest,
  context: HandlerContext,
  subnet: Subnet,
  address: Address | undefined,
  privateIpAddress: string | undefined,
): Failure | undefined {
  if (input.AllocationId) {
    if (context.store.count(internetGateways, "vpc", subnet.vpcId) === 0) {
      return {
        code: "Gateway.NotAttached",
        message: `Network ${subnet.vpcId} has no Internet gateway attached`,
      };
    }
    if (address === undefined) {
      return {
        code: "InvalidAllocationID.NotFound",
        message: `Elastic IP address ${input.AllocationId} could not be associated with this NAT gateway`,
      };
    }
    if (address.association !== undefined) {
      return {
        code: "Resource.AlreadyAssociated",
        message: `Elastic IP address ${input.AllocationId} is already associated`,
      };
    }
  }
  if (privateIpAddress === undefined) {
    return {
      code: "InsufficientFreeAddressesInSubnet",
      message: "Subnet has insufficient free addresses to create this NAT gateway",
    };
  }
  return undefined;
}

function newInterface(
  context: HandlerContext,
  subnet: Subnet,
  natGatewayId: string,
  privateIpAddress: string,
): NetworkInterface {
  return {
    ...context.scope,
    networkInterfaceId: newId(ID_KINDS.networkInterface, context.random),
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    availabilityZone: subnet.availabilityZone,
    privateIpAddress,
    macAddress: newMacAddress(context.random),
    groupIds: [],
    sourceDestCheck: false,
    description: `Interface for NAT Gateway ${natGatewayId}`,
    owner: { kind: "nat-gateway", natGatewayId },
    attachmentId: `ela-attach-${context.random.hex(17)}`,
    sandbox: { kind: "own-namespace" },
    linkState: "absent",
    createTime: context.clock.now(),
    tags: [],
  };
}
