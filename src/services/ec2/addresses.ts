/** Finding elastic IP addresses and their associations, and whether those are the user's to change. */
import type { Address } from "../../model/ec2/records.ts";
import { inScope } from "../../model/scope.ts";
import { addresses, networkInterfaces } from "../../store/tables/ec2.ts";
import { addressNotFound, notPermittedToAccess } from "./errors.ts";
import { type Lookup, listInScope, requireById } from "./resolve.ts";
import { ID_KINDS, notFound } from "./resource-ids.ts";

export type AssociatedAddress = Address & {
  readonly association: NonNullable<Address["association"]>;
};

export function requireAllocation(lookup: Lookup, allocationId: string | undefined): Address {
  return requireById(lookup, addresses, ID_KINDS.allocation, allocationId, "allocationId");
}

export function requirePublicIp(lookup: Lookup, publicIp: string): Address {
  const address = lookup.store
    .where(addresses, "publicIp", publicIp)
    .find((candidate) => inScope(candidate, lookup.scope));
  if (address === undefined) throw addressNotFound(publicIp);
  return address;
}

export function requireAssociation(lookup: Lookup, associationId: string): AssociatedAddress {
  const address = listInScope(lookup, addresses).find(
    (candidate) => candidate.association?.associationId === associationId,
  );
  if (address === undefined || !isAssociated(address)) {
    throw notFound(ID_KINDS.addressAssociation, [associationId]);
  }
  return address;
}

export function isAssociated(address: Address): address is AssociatedAddress {
  return address.association !== undefined;
}

/** Addresses of NAT gateways and load balancers are changed by what uses them alone. Throws AuthFailure. */
export function checkAssociationIsUsers(lookup: Lookup, { association }: AssociatedAddress): void {
  const networkInterface = lookup.store.get(networkInterfaces, association.networkInterfaceId);
  if (networkInterface !== undefined && networkInterface.owner.kind !== "user") throw notPermittedToAccess();
}
