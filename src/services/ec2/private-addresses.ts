/** Private addresses that a request asks for by name. */
import { cidrContainsAddress, parseAddress } from "../../model/cidr.ts";
import { isReservedAddress } from "../../model/ec2/addresses.ts";
import type { Subnet } from "../../model/ec2/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import { requireCidr } from "./constraints.ts";
import { addressInUse, addressOutsideSubnet, addressReserved, invalidParameterValue } from "./errors.ts";

/** Returns `address`. Throws when it is no address, not the subnet's, reserved or taken. */
export function requireFreeAddress(store: StoreReader, subnet: Subnet, address: string): string {
  const value = parseAddress(address);
  if (value === undefined) throw invalidParameterValue(`invalid value for parameter address: ${address}`);
  if (!cidrContainsAddress(requireCidr(subnet.cidrBlock), value)) throw addressOutsideSubnet();
  if (isReservedAddress(subnet.cidrBlock, address)) throw addressReserved();
  const taken = store
    .where(networkInterfaces, "subnet", subnet.subnetId)
    .some((networkInterface) => networkInterface.privateIpAddress === address);
  if (taken) throw addressInUse(address);
  return address;
}
