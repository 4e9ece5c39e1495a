import type * as wire from "@aws-sdk/client-secrets-manager";
import { arn } from "../../model/arn.ts";
import type { Secret } from "../../model/secretsmanager/records.ts";
import { CURRENT } from "../../model/secretsmanager/versions.ts";
import { isGone, listSecrets } from "../../store/secrets-manager.ts";
import { secrets } from "../../store/tables/secretsmanager.ts";
import type { HandlerContext } from "../operation.ts";
import { checkLength, limitTags, readName, readTags, readToken } from "./constraints.ts";
import { nameAwaitsDeletion, notHonoured, secretExists, tooMany } from "./errors.ts";
import { addVersion, readValue, type SecretValue } from "./values.ts";
import { named } from "./views/secret.ts";

/** Quota "Secrets". */
const MOST_SECRETS = 500_000;
const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export function createSecret(
  input: wire.CreateSecretRequest,
  context: HandlerContext,
): wire.CreateSecretResponse {
  const { scope, store, clock, random } = context;
  const token = readToken(input.ClientRequestToken);
  const name = readName(input.Name);
  checkLength(input.Description, "description", 0, 2048);
  checkLength(input.KmsKeyId, "kmsKeyId", 0, 2048);
  const value = readValue(input);
  const tags = limitTags(readTags(input.Tags));
  refuseUnhonoured(input);
  const now = clock.now();
  const namesake = store.where(secrets, "name", `${scope.account}/${scope.region}/${name}`)[0];
  const left = namesake !== undefined && isGone(namesake, now) ? namesake : undefined;
  if (namesake !== undefined && left === undefined) return repeated(context, namesake, token, value);
  if (listSecrets(store, scope, now).length >= MOST_SECRETS) throw tooMany(`at most ${MOST_SECRETS} secrets`);
  const empty: Secret = {
    account: scope.account,
    region: scope.region,
    arn: arn("secretsmanager", scope, `secret:${name}-${random.text(6, ALPHANUMERIC)}`),
    name,
    description: input.Description || undefined,
    kmsKeyId: input.KmsKeyId || undefined,
    versions: [],
    createdAt: now,
    lastChangedAt: now,
    tags,
  };
  const secret =
    value === undefined ? empty : addVersion(context, empty, { token, value, stages: [CURRENT] });
  store.transaction((tx) => {
    if (left !== undefined) tx.delete(secrets, left.arn);
    tx.put(secrets, secret);
  });
  return { ...named(secret), ...(value === undefined ? {} : { VersionId: token }) };
}

/** The same request once more is answered as before. */
function repeated(
  context: HandlerContext,
  existing: Secret,
  token: string,
  value: SecretValue | undefined,
): wire.CreateSecretResponse {
  if (existing.deletionAt !== undefined) throw nameAwaitsDeletion();
  const isRepeated = existing.versions.some(({ versionId }) => versionId === token);
  if (!isRepeated || value === undefined) throw secretExists(existing.name);
  addVersion(context, existing, { token, value, stages: [] });
  return { ...named(existing), VersionId: token };
}

function refuseUnhonoured({ AddReplicaRegions, Type }: wire.CreateSecretRequest): void {
  if ((AddReplicaRegions ?? []).length > 0) throw notHonoured("replicas of secrets (AddReplicaRegions)");
  if (Type !== undefined && Type !== "") throw notHonoured("managed external secrets (Type)");
}
