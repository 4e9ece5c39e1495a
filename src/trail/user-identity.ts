/** Who called, as events tell it ("CloudTrail userIdentity element"). */

import type { Json } from "../gateway/recorded-parameters.ts";
import { globalArn } from "../model/arn.ts";
import type { Session } from "../model/iam/records.ts";
import type { Caller } from "../services/operation.ts";
import type { StoreReader } from "../store/store.ts";
import { roles, sessions, users } from "../store/tables/iam.ts";
import { eventTime } from "../store/trail-store.ts";

export interface Identity {
  readonly element: { readonly [name: string]: Json };
  /** As LookupEvents names them: a user's name, of a role its session's. */
  readonly username: string;
}

export function identityOf(store: StoreReader, account: string, caller: Caller): Identity {
  const { accessKeyId, arn, userId } = caller;
  const common = { principalId: userId, arn, accountId: account, accessKeyId };
  const session = caller.principal.kind === "session" ? store.get(sessions, accessKeyId) : undefined;
  const resource = arn.split(":").slice(5).join(":");
  const name = resource.split("/").at(-1) ?? "";
  if (resource === "root") return { element: { type: "Root", ...common }, username: "root" };
  if (session !== undefined && resource.startsWith("federated-user/")) {
    const sessionContext = { ...issuingUser(store, session), attributes: attributesOf(session) };
    return { element: { type: "FederatedUser", ...common, sessionContext }, username: name };
  }
  if (!resource.startsWith("assumed-role/")) {
    const context = session === undefined ? {} : { sessionContext: { attributes: attributesOf(session) } };
    return { element: { type: "IAMUser", ...common, userName: name, ...context }, username: name };
  }
  const roleName = resource.split("/")[1] ?? "";
  const role = store.get(roles, `${account}/${roleName}`);
  const sessionContext = {
    sessionIssuer: {
      type: "Role",
      principalId: userId.split(":")[0] ?? "",
      arn: role?.arn ?? globalArn("iam", account, `role/${roleName}`),
      accountId: account,
      userName: roleName,
    },
    ...(session === undefined ? {} : { attributes: attributesOf(session) }),
    ...(session?.sourceIdentity === undefined ? {} : { sourceIdentity: session.sourceIdentity }),
  };
  const invokedBy = caller.invokedBy === undefined ? {} : { invokedBy: caller.invokedBy };
  return { element: { type: "AssumedRole", ...common, sessionContext, ...invokedBy }, username: name };
}

/** Who called GetFederationToken. */
function issuingUser(store: StoreReader, { account, of: owner }: Session): { readonly [name: string]: Json } {
  if (owner.kind !== "user") return {};
  const { userName, userId } = owner;
  const arn =
    store.get(users, `${account}/${userName}`)?.arn ?? globalArn("iam", account, `user/${userName}`);
  return {
    sessionIssuer: { type: "IAMUser", principalId: userId, arn, accountId: account, userName },
  };
}

function attributesOf(session: Session): { creationDate: string; mfaAuthenticated: string } {
  return { creationDate: eventTime(session.issuedAt), mfaAuthenticated: "false" };
}
