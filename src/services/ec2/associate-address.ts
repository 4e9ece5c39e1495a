/**
 * AssociateAddress and DisassociateAddress. An elastic IP address may be put on a network interface that the user
 * made, whether attached or not; those of tasks, NAT gateways and load balancers are AWS's (AuthFailure).
 */
import type * as wire from "@aws-sdk/client-ec2";
import { isGoing } from "../../model/ec2/instance-state.ts";
import type { Address, NetworkInterface } from "../../model/ec2/records.ts";
import { addresses, internetGateways } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import {
  checkAssociationIsUsers,
  isAssociated,
  requireAllocation,
  requireAssociation,
  requirePublicIp,
} from "./addresses.ts";
import {
  addressAlreadyAssociated,
  invalidParameterCombination,
  invalidParameterValue,
  missingParameterText,
  networkWithoutGateway,
  notPermittedToAccess,
} from "./errors.ts";
import { instanceNotUsable, severalInterfaces } from "./instance-errors.ts";
import { requireInstance, requireNetworkInterface } from "./resolve.ts";
import { ID_KINDS, newId } from "./resource-ids.ts";
import { interfacesOf } from "./views/instance.ts";

export function associateAddress(
  input: wire.AssociateAddressRequest,
  context: HandlerContext,
): wire.AssociateAddressResult {
  const address = requireGivenAddress(input, context);
  const networkInterface = requireTarget(input, context);
  const mapped = context.store
    .where(addresses, "networkInterface", networkInterface.networkInterfaceId)
    .find((other) => other.association !== undefined);
  if (mapped?.allocationId === address.allocationId) {
    return { AssociationId: mapped.association?.associationId };
  }
  if (isAssociated(address)) {
    checkAssociationIsUsers(context, address);
    if (input.AllowReassociation === false) {
      throw addressAlreadyAssociated(address.allocationId, address.association.associationId);
    }
  }
  if (mapped?.association !== undefined && input.AllowReassociation === false) {
    throw addressAlreadyAssociated(networkInterface.networkInterfaceId, mapped.association.associationId);
  }
  const association = {
    associationId: newId(ID_KINDS.addressAssociation, context.random),
    networkInterfaceId: networkInterface.networkInterfaceId,
    privateIpAddress: networkInterface.privateIpAddress,
  };
  context.store.transaction((tx) => {
    // An interface has one private address here, so one elastic address: the newer takes the older's place.
    if (mapped !== undefined) tx.put(addresses, { ...mapped, association: undefined });
    tx.put(addresses, { ...address, association });
  });
  return { AssociationId: association.associationId };
}

function requireGivenAddress(input: wire.AssociateAddressRequest, context: HandlerContext): Address {
  if (input.AllocationId && input.PublicIp) {
    throw invalidParameterCombination(
      "You may specify public IP or allocation id, but not both in the same call",
    );
  }
  if (input.AllocationId) return requireAllocation(context, input.AllocationId);
  if (input.PublicIp) return requirePublicIp(context, input.PublicIp);
  throw missingParameterText("Either public IP or allocation id must be specified");
}

function requireTarget(input: wire.AssociateAddressRequest, context: HandlerContext): NetworkInterface {
  if (input.InstanceId && input.NetworkInterfaceId) {
    throw invalidParameterCombination(
      "You may specify instance ID or network interface ID, but not both in the same call",
    );
  }
  const networkInterfaceId = input.InstanceId
    ? requireOnlyInterface(context, input.InstanceId)
    : input.NetworkInterfaceId;
  if (!networkInterfaceId) {
    throw missingParameterText("Either instance ID or network interface id must be specified");
  }
  const networkInterface = requireNetworkInterface(context, networkInterfaceId);
  if (networkInterface.owner.kind !== "user") throw notPermittedToAccess();
  if (input.PrivateIpAddress && input.PrivateIpAddress !== networkInterface.privateIpAddress) {
    throw invalidParameterValue(
      `The private IP address '${input.PrivateIpAddress}' is not assigned to network interface ${networkInterface.networkInterfaceId}`,
    );
  }
  if (context.store.count(internetGateways, "vpc", networkInterface.vpcId) === 0) {
    throw networkWithoutGateway(networkInterface.vpcId);
  }
  return networkInterface;
}

/** The primary one, when it is the only one: with several the caller has to say which. */
function requireOnlyInterface(context: HandlerContext, instanceId: string): string {
  const instance = requireInstance(context, instanceId);
  const own = interfacesOf(context.store, instance).filter(({ owner }) => owner.kind === "user");
  const [primary] = own;
  if (primary === undefined || isGoing(instance)) {
    throw instanceNotUsable(instanceId, "pending, running, stopping, stopped");
  }
  if (own.length > 1) throw severalInterfaces(instanceId);
  return primary.networkInterfaceId;
}

export function disassociateAddress(input: wire.DisassociateAddressRequest, context: HandlerContext): object {
  if (!input.AssociationId) {
    if (!input.PublicIp) throw missingParameterText("Either public IP or association id must be specified");
    requirePublicIp(context, input.PublicIp);
    throw invalidParameterValue(
      "You must specify an association id when unmapping an address from a VPC instance",
    );
  }
  const address = requireAssociation(context, input.AssociationId);
  checkAssociationIsUsers(context, address);
  context.store.transaction((tx) => tx.put(addresses, { ...address, association: undefined }));
  return {};
}
