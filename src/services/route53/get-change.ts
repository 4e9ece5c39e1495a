import type * as wire from "@aws-sdk/client-route-53";
import { zoneChanges } from "../../store/tables/route53.ts";
import type { HandlerContext } from "../operation.ts";
import { noSuchChange } from "./errors.ts";
import { bareId } from "./resolve.ts";
import { describeChange } from "./views/change.ts";

/** The store is what DNS answers from: a change that was answered is in sync. */
export function getChange(input: wire.GetChangeRequest, context: HandlerContext): wire.GetChangeResponse {
  const change = context.store.get(zoneChanges, bareId(input.Id));
  if (change === undefined || change.account !== context.scope.account) throw noSuchChange(bareId(input.Id));
  return { ChangeInfo: describeChange(change, "INSYNC") };
}
