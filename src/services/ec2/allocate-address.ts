/** AllocateAddress and ReleaseAddress. */
import type * as wire from "@aws-sdk/client-ec2";
import type { Address } from "../../model/ec2/records.ts";
import { freePublicAddress } from "../../store/network-interfaces.ts";
import { addresses } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { checkAssociationIsUsers, isAssociated, requireAllocation, requirePublicIp } from "./addresses.ts";
import {
  addressInUse,
  addressNotFound,
  insufficientAddressCapacity,
  invalidParameterValue,
  missingParameterText,
  unsupportedOperation,
} from "./errors.ts";
import { ID_KINDS, newId } from "./resource-ids.ts";
import { tagsOfSpecifications } from "./tagging.ts";

export function allocateAddress(
  input: wire.AllocateAddressRequest,
  context: HandlerContext,
): wire.AllocateAddressResult {
  const { region } = context.scope;
  if (input.Domain !== undefined && input.Domain !== "vpc") {
    throw invalidParameterValue(`Invalid value '${input.Domain}' for domain.`);
  }
  if ((input.PublicIpv4Pool ?? "amazon") !== "amazon" || input.CustomerOwnedIpv4Pool || input.IpamPoolId) {
    throw unsupportedOperation("Addresses come from Amazon's pool only.");
  }
  if (input.NetworkBorderGroup && input.NetworkBorderGroup !== region) {
    throw invalidParameterValue(
      `Value (${input.NetworkBorderGroup}) for parameter networkBorderGroup is invalid.`,
    );
  }
  // Getting a released address back is for addresses that nobody has had since; none is kept for that here.
  if (input.Address) throw addressNotFound(input.Address);
  const tags = tagsOfSpecifications(input.TagSpecifications, "elastic-ip");
  const publicIp = freePublicAddress(context.store, context.settings.publicPool, context.random);
  if (publicIp === undefined) throw insufficientAddressCapacity();
  const address: Address = {
    ...context.scope,
    allocationId: newId(ID_KINDS.allocation, context.random),
    publicIp,
    tags,
  };
  context.store.transaction((tx) => tx.put(addresses, address));
  return {
    AllocationId: address.allocationId,
    PublicIp: publicIp,
    Domain: "vpc",
    PublicIpv4Pool: "amazon",
    NetworkBorderGroup: region,
  };
}

export function releaseAddress(input: wire.ReleaseAddressRequest, context: HandlerContext): object {
  if (!input.AllocationId) {
    if (!input.PublicIp) throw missingParameterText("Either public IP or allocation id must be specified");
    requirePublicIp(context, input.PublicIp);
    throw invalidParameterValue("You must specify an allocation id when releasing a VPC elastic IP address");
  }
  const address = requireAllocation(context, input.AllocationId);
  if (isAssociated(address)) {
    checkAssociationIsUsers(context, address);
    throw addressInUse(address.publicIp);
  }
  context.store.transaction((tx) => tx.delete(addresses, address.allocationId));
  return {};
}
