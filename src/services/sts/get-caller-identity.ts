import type * as wire from "@aws-sdk/client-sts";
import type { HandlerContext } from "../operation.ts";

/** Who the access key of the request belongs to. */
export function getCallerIdentity(
  _input: wire.GetCallerIdentityRequest,
  context: HandlerContext,
): wire.GetCallerIdentityResponse {
  return { UserId: context.caller.userId, Account: context.scope.account, Arn: context.caller.arn };
}
