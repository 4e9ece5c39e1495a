import type * as wire from "@aws-sdk/client-route-53";
import type { ZoneChange } from "../../../model/route53/records.ts";

export function describeChange(change: ZoneChange, status: wire.ChangeStatus): wire.ChangeInfo {
  return {
    Id: `/change/${change.id}`,
    Status: status,
    SubmittedAt: new Date(change.submittedAt),
    ...(change.comment === undefined ? {} : { Comment: change.comment }),
  };
}
