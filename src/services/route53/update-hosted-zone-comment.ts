import type * as wire from "@aws-sdk/client-route-53";
import { hostedZones } from "../../store/tables/route53.ts";
import type { HandlerContext } from "../operation.ts";
import { checkLength } from "./constraints.ts";
import { requireHostedZone, requireOwnManagement } from "./resolve.ts";
import { describeHostedZone } from "./views/hosted-zone.ts";

/** Without a comment, the zone's is removed. */
export function updateHostedZoneComment(
  input: wire.UpdateHostedZoneCommentRequest,
  context: HandlerContext,
): wire.UpdateHostedZoneCommentResponse {
  checkLength(input.Comment ?? "", "comment", 0, 256);
  const zone = requireHostedZone(input.Id, context);
  requireOwnManagement(zone);
  const updated = { ...zone, comment: input.Comment === "" ? undefined : input.Comment };
  context.store.transaction((tx) => tx.put(hostedZones, updated));
  return { HostedZone: describeHostedZone(context.store, updated) };
}
