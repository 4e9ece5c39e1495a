/** Credentials for the IAM user who calls; the operator becomes one. */
import { OPERATOR_USER } from "../../model/iam/principal.ts";
import type { User } from "../../model/iam/records.ts";
import { newOperatorUser } from "../../store/iam-actors.ts";
import type { Credentials, Issuing } from "../../store/iam-sessions.ts";
import type { Transaction } from "../../store/store.ts";
import { users } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";

export function issueToUser(
  { caller, scope, store, clock, random, settings }: HandlerContext,
  issue: (tx: Transaction, user: User, issuing: Issuing) => Credentials,
): Credentials {
  const now = clock.now();
  const name = caller.principal.kind === "user" ? caller.principal.userName : OPERATOR_USER;
  const known = store.get(users, `${scope.account}/${name}`);
  const user = known ?? newOperatorUser(scope.account, random, now);
  return store.transaction((tx) => {
    if (known === undefined) tx.put(users, user);
    return issue(tx, user, { random, sealingKey: settings.sealingKey, now });
  });
}
