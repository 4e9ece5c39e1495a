/** Temporary credentials of a role for those that get them without asking STS: instances. */
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { Role } from "../model/iam/records.ts";
import { type Credentials, issueSession } from "../store/iam-sessions.ts";
import type { Store } from "../store/store.ts";
import { sessions } from "../store/tables/iam.ts";

export interface SessionCredentials extends Credentials {
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
}

/** Amazon EC2 user guide, "IAM roles for Amazon EC2": about six hours; new ones come before the old ones end. */
const LIFETIME_SECONDS = 6 * 3600;
const RENEWED_BEFORE_MS = 3_600_000;

export interface SessionCredentialsSource {
  /** The credentials that it has (`issuedFor`: an instance's id, which also names the session), or new ones. */
  credentialsFor(role: Role, issuedFor: string): SessionCredentials;
}

/** Tokens are kept nowhere but here: another process issues new ones, and the old ones stay good until they end. */
export function createSessionCredentials(dependencies: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly sealingKey: string;
}): SessionCredentialsSource {
  const { store, clock, random, sealingKey } = dependencies;
  const issued = new Map<string, SessionCredentials>();
  return {
    credentialsFor(role, issuedFor) {
      const now = clock.now();
      const key = `${issuedFor} ${role.roleId}`;
      const known = issued.get(key);
      const lives = known !== undefined && store.get(sessions, known.accessKeyId) !== undefined;
      if (known !== undefined && lives && known.expiration - now > RENEWED_BEFORE_MS) return known;
      for (const [other, { expiration }] of issued) if (expiration <= now) issued.delete(other);
      const session = { role, sessionName: issuedFor, durationSeconds: LIFETIME_SECONDS, issuedFor };
      const credentials = store.transaction((tx) => issueSession(tx, session, { random, sealingKey, now }));
      const made = { ...credentials, issuedAt: now };
      issued.set(key, made);
      return made;
    },
  };
}
