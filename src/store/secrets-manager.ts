/** Secrets of Secrets Manager by what a caller names them with. */
import { parseArn } from "../model/arn.ts";
import type { Scope } from "../model/scope.ts";
import type { Secret } from "../model/secretsmanager/records.ts";
import type { StoreReader } from "./store.ts";
import { secrets } from "./tables/secretsmanager.ts";

const RANDOM_END = /-[a-zA-Z0-9]{6}$/;

/**
 * By name, ARN, or ARN without the six random characters; of that account and Region alone. What is scheduled to be
 * deleted is found until then. `now` in milliseconds since the epoch.
 */
export function findSecret(
  store: StoreReader,
  scope: Scope,
  secretId: string,
  now: number,
): Secret | undefined {
  const found = findStored(store, scope, secretId);
  return found === undefined || isGone(found, now) ? undefined : found;
}

/** Its deletion is due; what is left of it waits to be removed. */
export function isGone({ deletionAt }: Secret, now: number): boolean {
  return deletionAt !== undefined && deletionAt <= now;
}

/** All of an account in a Region that are not gone. */
export function listSecrets(store: StoreReader, { account, region }: Scope, now: number): Secret[] {
  return store.where(secrets, "scope", `${account}/${region}`).filter((secret) => !isGone(secret, now));
}

/** ARNs of those whose deletion is due. */
export function goneSecrets(store: StoreReader, now: number): string[] {
  return store.list(secrets).flatMap((secret) => (isGone(secret, now) ? [secret.arn] : []));
}

/** Also what is gone but not yet removed. */
export function findStored(store: StoreReader, scope: Scope, secretId: string): Secret | undefined {
  const parts = parseArn(secretId);
  if (parts === undefined) return byName(store, scope, secretId);
  if (parts.account !== scope.account || parts.region !== scope.region) return undefined;
  const whole = store.get(secrets, secretId);
  // What ends like random characters is taken for a whole ARN (API reference, CreateSecret, Name).
  if (whole !== undefined || RANDOM_END.test(parts.resource)) return whole;
  return parts.resource.startsWith("secret:")
    ? byName(store, scope, parts.resource.slice("secret:".length))
    : undefined;
}

function byName(store: StoreReader, { account, region }: Scope, name: string): Secret | undefined {
  return store.where(secrets, "name", `${account}/${region}/${name}`)[0];
}
