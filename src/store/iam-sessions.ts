/** Temporary credentials: made for AssumeRole, tasks and instances; removed when they have ended. */
import { createHash, timingSafeEqual } from "node:crypto";
import { LOWER_ALPHANUMERIC, type Random, UPPER_ALPHANUMERIC } from "../lib/random.ts";
import { seal, unseal } from "../lib/sealing.ts";
import { KEY_ALPHABET, KEY_DRAWN_CHARACTERS, newKeyId } from "../model/iam/key-ids.ts";
import type { AccessKey, Role, Session, User } from "../model/iam/records.ts";
import type { Tag } from "../model/tags.ts";
import type { StoreReader, Transaction } from "./store.ts";
import { sessions } from "./tables/iam.ts";

const SECRET_CHARACTERS = `${UPPER_ALPHANUMERIC}${LOWER_ALPHANUMERIC}+/`;
const SECRET_LENGTH = 40;
const TOKEN_LENGTH = 352;
/** So long an expired key is told from one that never was. */
const REMEMBERED_MS = 60 * 60 * 1000;

export interface Issuing {
  readonly random: Random;
  readonly sealingKey: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface SessionLimits {
  /** Documents. */
  readonly policies?: readonly string[] | undefined;
  readonly policyArns?: readonly string[] | undefined;
  readonly tags?: readonly Tag[] | undefined;
  readonly transitiveTagKeys?: readonly string[] | undefined;
  readonly sourceIdentity?: string | undefined;
}

export interface NewSession extends SessionLimits {
  readonly durationSeconds: number;
  /** Task or instance that the credentials are for; `endSessionsOf` ends them. */
  readonly issuedFor?: string | undefined;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since the epoch. */
  readonly expiration: number;
}

/** A role's session; whether the caller may have it is not asked here. */
export function issueSession(
  tx: Transaction,
  session: NewSession & { readonly role: Role; readonly sessionName: string },
  issuing: Issuing,
): Credentials {
  const { role, sessionName } = session;
  return issue(tx, session, issuing, {
    account: role.account,
    arn: sessionArn(role, sessionName),
    of: { kind: "role", roleName: role.roleName, roleId: role.roleId, sessionName },
  });
}

/** GetSessionToken: the user under a key that expires. */
export function issueUserSession(
  tx: Transaction,
  session: NewSession & { readonly user: User },
  issuing: Issuing,
): Credentials {
  const { account, arn, userName, userId } = session.user;
  return issue(tx, session, issuing, { account, arn, of: { kind: "user", userName, userId } });
}

/** GetFederationToken: a name of the caller's choice, with what the session's policies let through of the user's. */
export function issueFederatedSession(
  tx: Transaction,
  session: NewSession & { readonly user: User; readonly federatedName: string },
  issuing: Issuing,
): Credentials {
  const { user, federatedName } = session;
  const { account, userName, userId } = user;
  const arn = federatedUserArn(account, federatedName);
  return issue(tx, session, issuing, { account, arn, of: { kind: "user", userName, userId, federatedName } });
}

export function federatedUserArn(account: string, name: string): string {
  return `arn:aws:sts::${account}:federated-user/${name}`;
}

/** The role's path is not part of it. */
export function sessionArn(role: Pick<Role, "account" | "roleName">, sessionName: string): string {
  return `arn:aws:sts::${role.account}:assumed-role/${role.roleName}/${sessionName}`;
}

function issue(
  tx: Transaction,
  session: NewSession,
  { random, sealingKey, now }: Issuing,
  owner: Pick<Session, "account" | "arn" | "of">,
): Credentials {
  const accessKeyId = newKeyId("ASIA", random.text(KEY_DRAWN_CHARACTERS, KEY_ALPHABET), sealingKey);
  const secretAccessKey = newSecret(random);
  const sessionToken = random.text(TOKEN_LENGTH, SECRET_CHARACTERS);
  const expiration = now + session.durationSeconds * 1000;
  tx.put(sessions, {
    ...owner,
    accessKeyId,
    sealedSecret: sealSecret(accessKeyId, secretAccessKey, { random, sealingKey }),
    tokenDigest: digestOf(sessionToken),
    sessionPolicies: session.policies ?? [],
    sessionPolicyArns: session.policyArns ?? [],
    sessionTags: session.tags ?? [],
    transitiveTagKeys: session.transitiveTagKeys ?? [],
    sourceIdentity: session.sourceIdentity,
    issuedFor: session.issuedFor,
    issuedAt: now,
    expiresAt: expiration,
  });
  return { accessKeyId, secretAccessKey, sessionToken, expiration };
}

/** 40 characters, as AWS makes them. */
export function newSecret(random: Random): string {
  return random.text(SECRET_LENGTH, SECRET_CHARACTERS);
}

export function sealSecret(
  accessKeyId: string,
  secret: string,
  { random, sealingKey }: Pick<Issuing, "random" | "sealingKey">,
): string {
  return seal(secret, { secret: sealingKey, owner: accessKeyId }, random.hex(24));
}

/** Undefined when it was sealed by another installation or is damaged. */
export function secretOf(
  { accessKeyId, sealedSecret }: Pick<AccessKey, "accessKeyId" | "sealedSecret">,
  sealingKey: string,
): string | undefined {
  try {
    return unseal(sealedSecret, { secret: sealingKey, owner: accessKeyId });
  } catch {
    return undefined;
  }
}

export function isTokenOf(session: Session, token: string | undefined): boolean {
  const [given, wanted] = [Buffer.from(digestOf(token ?? "")), Buffer.from(session.tokenDigest)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Of a task or instance that has ended. */
export function endSessionsOf(store: StoreReader, tx: Transaction, issuedFor: string): void {
  for (const { accessKeyId } of store.where(sessions, "issuedFor", issuedFor))
    tx.delete(sessions, accessKeyId);
}

/** Those that are to be forgotten. @param now milliseconds since the epoch */
export function forgottenSessions(store: StoreReader, now: number): string[] {
  return store
    .list(sessions)
    .filter(({ expiresAt }) => expiresAt + REMEMBERED_MS < now)
    .map(({ accessKeyId }) => accessKeyId);
}
