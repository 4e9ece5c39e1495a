/** The account's one user, the operator of this Berth, and its aliases. */
import type * as wire from "@aws-sdk/client-iam";
import type { HandlerContext } from "../operation.ts";
import { userNotFound } from "./errors.ts";

/** The operator's user is made with the account; IAM knows no earlier date. */
const USER_CREATED = new Date(0);

export function getUser(input: wire.GetUserRequest, context: HandlerContext): wire.GetUserResponse {
  const { arn, userId } = context.caller;
  const own = arn.slice(arn.lastIndexOf("/") + 1);
  const name = input.UserName ?? own;
  if (name !== own || !arn.includes(":user/")) throw userNotFound(name);
  return { User: { Path: "/", UserName: own, UserId: userId, Arn: arn, CreateDate: USER_CREATED } };
}

export function listAccountAliases(
  _input: wire.ListAccountAliasesRequest,
  _context: HandlerContext,
): wire.ListAccountAliasesResponse {
  return { AccountAliases: [], IsTruncated: false };
}
