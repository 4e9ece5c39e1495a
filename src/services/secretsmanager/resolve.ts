import type { Secret } from "../../model/secretsmanager/records.ts";
import { findSecret } from "../../store/secrets-manager.ts";
import type { HandlerContext } from "../operation.ts";
import { readSecretId } from "./constraints.ts";
import { markedForDeletion, secretNotFound } from "./errors.ts";

/** One that is scheduled to be deleted, too. Throws ValidationException or ResourceNotFoundException. */
export function requireSecret(context: HandlerContext, secretId: string | undefined): Secret {
  const { store, scope, clock } = context;
  const secret = findSecret(store, scope, readSecretId(secretId), clock.now());
  if (secret === undefined) throw secretNotFound();
  return secret;
}

/** Throws ValidationException, ResourceNotFoundException, or InvalidRequestException when it is to be deleted. */
export function requireUsable(context: HandlerContext, secretId: string | undefined): Secret {
  const secret = requireSecret(context, secretId);
  if (secret.deletionAt !== undefined) throw markedForDeletion();
  return secret;
}
