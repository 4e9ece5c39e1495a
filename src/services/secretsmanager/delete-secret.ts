import type * as wire from "@aws-sdk/client-secrets-manager";
import { arn, parseArn } from "../../model/arn.ts";
import { findSecret } from "../../store/secrets-manager.ts";
import { secrets } from "../../store/tables/secretsmanager.ts";
import type { HandlerContext } from "../operation.ts";
import { readSecretId } from "./constraints.ts";
import { alreadyScheduled, forceAndWindow, recoveryWindow, secretNotFound } from "./errors.ts";
import { requireSecret } from "./resolve.ts";
import { named } from "./views/secret.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_WINDOW_DAYS = 30;

/** Until the window ends it can be restored. By force there is none, and a secret that is not there is no error. */
export function deleteSecret(
  input: wire.DeleteSecretRequest,
  context: HandlerContext,
): wire.DeleteSecretResponse {
  const { store, scope, clock, random } = context;
  const days = input.RecoveryWindowInDays;
  const isForced = input.ForceDeleteWithoutRecovery === true;
  const secretId = readSecretId(input.SecretId);
  if (days !== undefined && (days < 7 || days > 30)) throw recoveryWindow();
  if (days !== undefined && isForced) throw forceAndWindow();
  const now = clock.now();
  const secret = findSecret(store, scope, secretId, now);
  if (isForced) {
    if (secret !== undefined) store.transaction((tx) => tx.delete(secrets, secret.arn));
    return {
      ...(secret === undefined ? namedAsGiven(secretId) : named(secret)),
      DeletionDate: new Date(now),
    };
  }
  if (secret === undefined) throw secretNotFound();
  if (secret.deletionAt !== undefined) throw alreadyScheduled();
  const deletionAt = now + (days ?? DEFAULT_WINDOW_DAYS) * DAY_MS;
  store.transaction((tx) => tx.put(secrets, { ...secret, deletionAt, lastChangedAt: now }));
  return { ...named(secret), DeletionDate: new Date(deletionAt) };

  function namedAsGiven(given: string): { readonly ARN: string; readonly Name: string } {
    const resource = parseArn(given)?.resource.replace(/^secret:/, "");
    return resource === undefined
      ? { ARN: arn("secretsmanager", scope, `secret:${given}-${random.hex(6)}`), Name: given }
      : { ARN: given, Name: resource.replace(/-[A-Za-z0-9]{6}$/, "") };
  }
}

export function restoreSecret(
  input: wire.RestoreSecretRequest,
  context: HandlerContext,
): wire.RestoreSecretResponse {
  const secret = requireSecret(context, input.SecretId);
  if (secret.deletionAt !== undefined) {
    const lastChangedAt = context.clock.now();
    context.store.transaction((tx) => tx.put(secrets, { ...secret, deletionAt: undefined, lastChangedAt }));
  }
  return named(secret);
}
