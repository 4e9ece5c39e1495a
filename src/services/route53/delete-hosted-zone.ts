import type * as wire from "@aws-sdk/client-route-53";
import { hostedZones, recordSets } from "../../store/tables/route53.ts";
import { recordSetsOfZone } from "../../store/zone-records.ts";
import type { HandlerContext } from "../operation.ts";
import { recordChange } from "./changes.ts";
import { hostedZoneNotEmpty } from "./errors.ts";
import { requireHostedZone, requireOwnManagement } from "./resolve.ts";

/** Only its own NS and SOA record sets may be left in the zone. */
export function deleteHostedZone(
  input: wire.DeleteHostedZoneRequest,
  context: HandlerContext,
): wire.DeleteHostedZoneResponse {
  const zone = requireHostedZone(input.Id, context);
  requireOwnManagement(zone);
  const sets = recordSetsOfZone(context.store, zone);
  if (sets.some((set) => set.name !== zone.name || (set.type !== "NS" && set.type !== "SOA"))) {
    throw hostedZoneNotEmpty();
  }
  const change = context.store.transaction((tx) => {
    for (const set of sets) tx.delete(recordSets, recordSets.key(set));
    tx.delete(hostedZones, zone.id);
    return recordChange(tx, context, undefined);
  });
  return { ChangeInfo: change };
}
