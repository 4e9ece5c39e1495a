import type * as wire from "@aws-sdk/client-sts";
import { federatedUserArn, issueFederatedSession } from "../../store/iam-sessions.ts";
import type { HandlerContext } from "../operation.ts";
import { accessDenied } from "./errors.ts";
import { issueToUser } from "./issue-to-user.ts";
import { readFederation } from "./read-assume-role.ts";
import { describeCredentials } from "./views.ts";

const DEFAULT_SECONDS = 43_200;
const LONGEST_SECONDS = 129_600;

/** For users alone. Without policies the credentials may do nothing (API reference, GetFederationToken). */
export function getFederationToken(
  input: wire.GetFederationTokenRequest,
  context: HandlerContext,
): wire.GetFederationTokenResponse {
  const { name, packedSize, ...limits } = readFederation(input, LONGEST_SECONDS, DEFAULT_SECONDS);
  if (context.caller.principal.kind === "session") {
    throw accessDenied("Cannot call GetFederationToken with session credentials");
  }
  const { account } = context.scope;
  const credentials = issueToUser(context, (tx, user, issuing) =>
    issueFederatedSession(tx, { ...limits, user, federatedName: name }, issuing),
  );
  return {
    Credentials: describeCredentials(credentials),
    FederatedUser: { FederatedUserId: `${account}:${name}`, Arn: federatedUserArn(account, name) },
    ...(packedSize === undefined ? {} : { PackedPolicySize: packedSize }),
  };
}
