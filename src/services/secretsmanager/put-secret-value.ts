import type * as wire from "@aws-sdk/client-secrets-manager";
import { CURRENT } from "../../model/secretsmanager/versions.ts";
import { secrets } from "../../store/tables/secretsmanager.ts";
import type { HandlerContext } from "../operation.ts";
import { checkLength, readSecretId, readStages, readToken } from "./constraints.ts";
import { notHonoured, noValue } from "./errors.ts";
import { requireUsable } from "./resolve.ts";
import { addVersion, readValue } from "./values.ts";
import { named, shownStages } from "./views/secret.ts";

export function putSecretValue(
  input: wire.PutSecretValueRequest,
  context: HandlerContext,
): wire.PutSecretValueResponse {
  readSecretId(input.SecretId);
  const token = readToken(input.ClientRequestToken);
  const value = readValue(input);
  const stages = readStages(input.VersionStages) ?? [CURRENT];
  if (value === undefined) throw noValue();
  const existing = requireUsable(context, input.SecretId);
  const secret = addVersion(context, existing, { token, value, stages });
  if (secret !== existing) context.store.transaction((tx) => tx.put(secrets, secret));
  const version = secret.versions.find(({ versionId }) => versionId === token);
  return { ...named(secret), VersionId: token, ...(version === undefined ? {} : shownStages(version)) };
}

export function updateSecret(
  input: wire.UpdateSecretRequest,
  context: HandlerContext,
): wire.UpdateSecretResponse {
  readSecretId(input.SecretId);
  const token = readToken(input.ClientRequestToken);
  checkLength(input.Description, "description", 0, 2048);
  checkLength(input.KmsKeyId, "kmsKeyId", 0, 2048);
  const value = readValue(input);
  if (input.Type !== undefined && input.Type !== "") throw notHonoured("managed external secrets (Type)");
  const existing = requireUsable(context, input.SecretId);
  const { Description, KmsKeyId } = input;
  const changed = {
    ...existing,
    description: Description === undefined ? existing.description : Description || undefined,
    kmsKeyId: KmsKeyId === undefined ? existing.kmsKeyId : KmsKeyId || undefined,
    lastChangedAt: context.clock.now(),
  };
  const secret =
    value === undefined ? changed : addVersion(context, changed, { token, value, stages: [CURRENT] });
  context.store.transaction((tx) => tx.put(secrets, secret));
  return { ...named(secret), ...(value === undefined ? {} : { VersionId: token }) };
}
