/** Whose an access key is, and what its signatures must be made with. */

import type { Random } from "../lib/random.ts";
import { isIssuedKeyId } from "../model/iam/key-ids.ts";
import { OPERATOR_USER, type Principal } from "../model/iam/principal.ts";
import { type Actor, findActor, newOperatorUser } from "../store/iam-actors.ts";
import { isTokenOf, secretOf } from "../store/iam-sessions.ts";
import type { Store } from "../store/store.ts";
import { accessKeys, sessions, users } from "../store/tables/iam.ts";

/** The account of keys that are not 12 digits. */
export const DEFAULT_ACCOUNT = "000000000000";

export interface PresentedKey {
  readonly accessKeyId: string;
  readonly sessionToken?: string | undefined;
  /** The request comes from where the operator does not: a task, an instance. */
  readonly issuedKeysOnly?: boolean | undefined;
  /** As the gateway's catalogue names it. */
  readonly service: string;
}

export type Identified =
  | {
      readonly kind: "known";
      readonly actor: Actor;
      readonly principal: Principal;
      /** Undefined for the operator, whose secret Berth does not know: nothing is verified. */
      readonly secret?: string | undefined;
    }
  | { readonly kind: "unknown-key" }
  | {
      readonly kind: "expired-token";
      /** Where it is still known whose it was. */
      readonly actor?: Actor | undefined;
      readonly principal?: Principal | undefined;
    };

export interface Identifying {
  readonly store: Store;
  readonly random: Random;
  readonly sealingKey: string;
  /** `--iam=enforce`: the operator's keys are an IAM user's. */
  readonly enforceOperator: boolean;
}

const UNKNOWN: Identified = { kind: "unknown-key" };

/** @param now milliseconds since the epoch */
export function identify(parts: Identifying, key: PresentedKey, now: number): Identified {
  const { store, sealingKey } = parts;
  const { accessKeyId } = key;
  const session = store.get(sessions, accessKeyId);
  if (session !== undefined) {
    const secret = secretOf(session, sealingKey);
    if (secret === undefined || !isTokenOf(session, key.sessionToken)) return UNKNOWN;
    if (session.expiresAt <= now) {
      const principal: Principal = { kind: "session", accessKeyId };
      return { kind: "expired-token", actor: findActor(store, session.account, principal), principal };
    }
    // GetSessionToken's credentials are not good for IAM where they came without MFA.
    if (session.of.kind === "user" && key.service === "iam") return UNKNOWN;
    return known(parts, session.account, { kind: "session", accessKeyId }, secret);
  }
  const userKey = store.get(accessKeys, accessKeyId);
  if (userKey !== undefined) {
    const secret = secretOf(userKey, sealingKey);
    // A token with a key that has none is a mistake, or a trick.
    if (secret === undefined || userKey.status === "Inactive" || key.sessionToken !== undefined)
      return UNKNOWN;
    return known(parts, userKey.account, { kind: "user", userName: userKey.userName }, secret);
  }
  if (isIssuedKeyId(accessKeyId, sealingKey)) {
    return accessKeyId.startsWith("ASIA") && key.sessionToken !== undefined
      ? { kind: "expired-token" }
      : UNKNOWN;
  }
  return key.issuedKeysOnly === true ? UNKNOWN : operator(parts, accessKeyId, now);
}

function known({ store }: Identifying, account: string, principal: Principal, secret?: string): Identified {
  const actor = findActor(store, account, principal);
  return actor === undefined ? UNKNOWN : { kind: "known", actor, principal, secret };
}

/** Any key that Berth did not issue. The account is the key itself when that is 12 digits. */
function operator(parts: Identifying, accessKeyId: string, now: number): Identified {
  const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : DEFAULT_ACCOUNT;
  if (!parts.enforceOperator) return known(parts, account, { kind: "operator" });
  const { store, random } = parts;
  if (store.get(users, `${account}/${OPERATOR_USER}`) === undefined) {
    store.transaction((tx) => tx.put(users, newOperatorUser(account, random, now)));
  }
  return known(parts, account, { kind: "user", userName: OPERATOR_USER });
}
