/** What an account says of itself. */
import type * as wire from "@aws-sdk/client-iam";
import type { HandlerContext } from "../operation.ts";

export function listAccountAliases(
  _input: wire.ListAccountAliasesRequest,
  _context: HandlerContext,
): wire.ListAccountAliasesResponse {
  return { AccountAliases: [], IsTruncated: false };
}
