import type * as wire from "@aws-sdk/client-ec2";
import { subnets } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { givenAttributes } from "./constraints.ts";
import { multipleAttributes, noAttributes, unsupportedOperation } from "./errors.ts";
import { requireSubnet } from "./resolve.ts";

/** Of a subnet only `MapPublicIpOnLaunch` can change; the other attributes may be set to what they are. */
export function modifySubnetAttribute(
  input: wire.ModifySubnetAttributeRequest,
  context: HandlerContext,
): object {
  const subnet = requireSubnet(context, input.SubnetId);
  const given = {
    mapPublicIpOnLaunch: input.MapPublicIpOnLaunch?.Value,
    assignIpv6AddressOnCreation: input.AssignIpv6AddressOnCreation?.Value,
    enableDns64: input.EnableDns64?.Value,
    mapCustomerOwnedIpOnLaunch: input.MapCustomerOwnedIpOnLaunch?.Value,
    enableResourceNameDnsARecordOnLaunch: input.EnableResourceNameDnsARecordOnLaunch?.Value,
    enableResourceNameDnsAAAARecordOnLaunch: input.EnableResourceNameDnsAAAARecordOnLaunch?.Value,
    privateDnsHostnameTypeOnLaunch: input.PrivateDnsHostnameTypeOnLaunch,
    enableLniAtDeviceIndex: input.EnableLniAtDeviceIndex,
    disableLniAtDeviceIndex: input.DisableLniAtDeviceIndex?.Value,
  };
  const names = givenAttributes(given);
  if (names.length === 0) throw noAttributes();
  if (names.length > 1) throw multipleAttributes(names);
  const { mapPublicIpOnLaunch, ...fixed } = given;
  if (mapPublicIpOnLaunch === undefined) {
    const changed = Object.entries(fixed).find(
      ([, value]) => value !== undefined && value !== false && value !== "ip-name",
    );
    if (changed !== undefined) throw unsupportedOperation(`${changed[0]} cannot be changed.`);
    return {};
  }
  context.store.transaction((tx) => tx.put(subnets, { ...subnet, mapPublicIpOnLaunch }));
  return {};
}
