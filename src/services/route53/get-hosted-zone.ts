import type * as wire from "@aws-sdk/client-route-53";
import type { HandlerContext } from "../operation.ts";
import { requireHostedZone } from "./resolve.ts";
import { describeDelegationSet, describeHostedZone, describeVpcs } from "./views/hosted-zone.ts";

export function getHostedZone(
  input: wire.GetHostedZoneRequest,
  context: HandlerContext,
): wire.GetHostedZoneResponse {
  const zone = requireHostedZone(input.Id, context);
  const delegationSet = describeDelegationSet(zone);
  return {
    HostedZone: describeHostedZone(context.store, zone),
    ...(delegationSet === undefined ? {} : { DelegationSet: delegationSet }),
    ...(zone.privateZone ? { VPCs: describeVpcs(zone) } : {}),
  };
}
