import type * as wire from "@aws-sdk/client-sts";
import { issueUserSession } from "../../store/iam-sessions.ts";
import { accessKeys, sessions } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { accessDenied, broken, validationError } from "./errors.ts";
import { issueToUser } from "./issue-to-user.ts";
import { readDuration } from "./read-assume-role.ts";
import { describeCredentials } from "./views.ts";

const DEFAULT_SECONDS = 43_200;
const LONGEST_SECONDS = 129_600;

/** For users alone; no permission is needed ("Permissions for GetSessionToken"). */
export function getSessionToken(
  input: wire.GetSessionTokenRequest,
  context: HandlerContext,
): wire.GetSessionTokenResponse {
  const { caller } = context;
  const durationSeconds = readDuration(input.DurationSeconds, LONGEST_SECONDS, DEFAULT_SECONDS);
  if (caller.principal.kind === "session") {
    throw accessDenied("Cannot call GetSessionToken with session credentials");
  }
  const credentials = issueToUser(context, (tx, user, issuing) =>
    issueUserSession(tx, { user, durationSeconds }, issuing),
  );
  return { Credentials: describeCredentials(credentials) };
}

/** The account that an access key belongs to, whether it is still good or not. */
export function getAccessKeyInfo(
  input: wire.GetAccessKeyInfoRequest,
  { store }: HandlerContext,
): wire.GetAccessKeyInfoResponse {
  const id = input.AccessKeyId ?? "";
  if (!/^\w{16,128}$/.test(id) && !/^\d{12}$/.test(id)) {
    throw broken(id, "accessKeyId", "Member must have length greater than or equal to 16");
  }
  const account = store.get(accessKeys, id)?.account ?? store.get(sessions, id)?.account;
  if (account !== undefined) return { Account: account };
  if (/^\d{12}$/.test(id)) return { Account: id };
  throw validationError(`The access key ${id} was not issued by this Berth`);
}
