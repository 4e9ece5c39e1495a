/** Each change is remembered for GetChange. What is written is in force at once: PENDING is shown once. */
import type * as wire from "@aws-sdk/client-route-53";
import { UPPER_ALPHANUMERIC } from "../../lib/random.ts";
import type { ZoneChange } from "../../model/route53/records.ts";
import type { Transaction } from "../../store/store.ts";
import { zoneChanges } from "../../store/tables/route53.ts";
import type { HandlerContext } from "../operation.ts";
import { describeChange } from "./views/change.ts";

export function recordChange(
  tx: Transaction,
  context: HandlerContext,
  comment: string | undefined,
): wire.ChangeInfo {
  const change: ZoneChange = {
    id: `C0${context.random.digits(7)}${context.random.text(12, UPPER_ALPHANUMERIC)}`,
    account: context.scope.account,
    submittedAt: context.clock.now(),
    comment,
  };
  tx.put(zoneChanges, change);
  return describeChange(change, "PENDING");
}
