/** Sessions of roles that AWS services assume to do something in a user's name, as EventBridge does for its targets. */
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { failure, type Result, success } from "../lib/result.ts";
import type { Caller } from "../services/operation.ts";
import { findRoleByArn, mayServiceAssume } from "../store/iam-access.ts";
import { findActor } from "../store/iam-actors.ts";
import { issueSession } from "../store/iam-sessions.ts";
import type { Store } from "../store/store.ts";

export interface ServiceSessions {
  /** The failure is a reason for people. */
  assume(wanted: WantedSession): Result<Caller, string>;
}

export interface WantedSession {
  readonly roleArn: string;
  /** `events.amazonaws.com`: the role's trust policy has to name it. */
  readonly service: string;
  readonly sessionName: string;
  /** For whose sake: `aws:SourceArn` and `aws:SourceAccount` of the trust policy. */
  readonly source: { readonly arn: string; readonly account: string };
}

export interface ServiceSessionParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly sealingKey: string;
}

const DURATION_SECONDS = 60 * 60;
/** A session that ends so soon is not used again. */
const SPARE_MS = 5 * 60_000;

export function createServiceSessions(parts: ServiceSessionParts): ServiceSessions {
  /** Keys that are good for a while yet: a rule that runs often does not make a session each time. */
  const current = new Map<string, { readonly accessKeyId: string; readonly goodUntil: number }>();
  return {
    assume({ roleArn, service, sessionName, source }) {
      const { store, clock, random, sealingKey } = parts;
      const role = findRoleByArn(store, roleArn);
      if (role === undefined) return failure(`the role ${roleArn} does not exist`);
      if (role.account !== source.account) return failure(`the role ${roleArn} is another account's`);
      const context = new Map([
        ["aws:sourcearn", [source.arn]],
        ["aws:sourceaccount", [source.account]],
      ]);
      if (!mayServiceAssume(role, service, context)) {
        return failure(`${service} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`);
      }
      const now = clock.now();
      const name = `${service} ${roleArn} ${sessionName}`;
      const callerWith = (accessKeyId: string): Caller | undefined => {
        const principal = { kind: "session", accessKeyId } as const;
        const actor = findActor(store, role.account, principal);
        if (actor === undefined) return undefined;
        return { accessKeyId, arn: actor.arn, userId: actor.userId, principal, invokedBy: service };
      };
      const known = current.get(name);
      const again = known !== undefined && known.goodUntil > now ? callerWith(known.accessKeyId) : undefined;
      if (again !== undefined) return success(again);
      for (const [other, { goodUntil }] of current) if (goodUntil <= now) current.delete(other);
      const { accessKeyId, expiration } = store.transaction((tx) =>
        issueSession(
          tx,
          { role, sessionName, durationSeconds: DURATION_SECONDS },
          { random, sealingKey, now },
        ),
      );
      current.set(name, { accessKeyId, goodUntil: expiration - SPARE_MS });
      const caller = callerWith(accessKeyId);
      return caller === undefined ? failure(`the role ${roleArn} does not exist`) : success(caller);
    },
  };
}
