import * as wire from "@aws-sdk/client-secrets-manager";
import type { Secret, SecretVersion } from "../../model/secretsmanager/records.ts";
import { CURRENT, versionAtStage } from "../../model/secretsmanager/versions.ts";
import { listSecrets } from "../../store/secrets-manager.ts";
import { secrets } from "../../store/tables/secretsmanager.ts";
import { CodedError, type HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { checkCount, checkLength, checkRange } from "./constraints.ts";
import { invalidParameter, invalidToken, stageElsewhere, valueNotFound } from "./errors.ts";
import { readFilters } from "./filters.ts";
import { requireUsable } from "./resolve.ts";
import { openValue } from "./values.ts";
import { named, shownStages } from "./views/secret.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

export function getSecretValue(
  input: wire.GetSecretValueRequest,
  context: HandlerContext,
): wire.GetSecretValueResponse {
  checkLength(input.VersionId, "versionId", 32, 64);
  checkLength(input.VersionStage, "versionStage", 1, 256);
  const secret = requireUsable(context, input.SecretId);
  const version = chooseVersion(secret, input.VersionId, input.VersionStage);
  noteAccess(context, [{ secret, version }]);
  return describeValue(context, secret, version);
}

/** Secrets that cannot be read are told of beside the others (API reference, BatchGetSecretValue). */
export function batchGetSecretValue(
  input: wire.BatchGetSecretValueRequest,
  context: HandlerContext,
): wire.BatchGetSecretValueResponse {
  checkCount(input.SecretIdList, "secretIdList", 1, 20);
  checkRange(input.MaxResults, "maxResults", 1, 20);
  const matches = readFilters(input.Filters);
  const hasFilters = (input.Filters ?? []).length > 0;
  if ((input.SecretIdList !== undefined) === hasFilters) {
    throw invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.");
  }
  if (input.MaxResults !== undefined && !hasFilters) {
    throw invalidParameter(
      "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
    );
  }
  const { items, nextToken } = page(chooseSecrets(context, input.SecretIdList, matches), {
    token: input.NextToken,
    limit: input.MaxResults ?? 20,
    key: ({ order }) => order,
    invalidToken,
  });
  const read = items.map(({ secretId }) => readOne(context, secretId));
  const found = read.flatMap((one) => ("secret" in one ? [one] : []));
  noteAccess(context, found);
  return {
    SecretValues: found.map(({ secret, version }) => describeValue(context, secret, version)),
    Errors: read.flatMap((one) => ("error" in one ? [one.error] : [])),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}

/** With what their order is by. */
function chooseSecrets(
  { store, scope, clock }: HandlerContext,
  secretIds: readonly string[] | undefined,
  matches: (secret: Secret) => boolean,
): { readonly secretId: string; readonly order: string }[] {
  if (secretIds !== undefined) {
    return [...new Set(secretIds)].map((secretId, index) => ({
      secretId,
      order: String(index).padStart(2, "0"),
    }));
  }
  return listSecrets(store, scope, clock.now())
    .filter((secret) => secret.deletionAt === undefined && matches(secret))
    .map(({ arn }) => ({ secretId: arn, order: arn }));
}

type Read =
  | { readonly secret: Secret; readonly version: SecretVersion }
  | { readonly error: wire.APIErrorType };

function readOne(context: HandlerContext, secretId: string): Read {
  try {
    const secret = requireUsable(context, secretId);
    return { secret, version: chooseVersion(secret, undefined, undefined) };
  } catch (error) {
    const isAnswer = error instanceof wire.SecretsManagerServiceException || error instanceof CodedError;
    if (!isAnswer) throw error;
    return { error: { SecretId: secretId, ErrorCode: error.name, Message: error.message } };
  }
}

/** Throws ResourceNotFoundException or InvalidRequestException. */
function chooseVersion(
  { versions }: Secret,
  versionId: string | undefined,
  stage: string | undefined,
): SecretVersion {
  if (versionId === undefined) {
    const found = versionAtStage(versions, stage ?? CURRENT);
    if (found === undefined) throw valueNotFound({ stage: stage ?? CURRENT });
    return found;
  }
  const found = versions.find((version) => version.versionId === versionId);
  if (found === undefined) throw valueNotFound({ versionId });
  if (stage !== undefined && !found.stages.includes(stage)) throw stageElsewhere();
  return found;
}

function describeValue(
  context: HandlerContext,
  secret: Secret,
  version: SecretVersion,
): wire.SecretValueEntry {
  return {
    ...named(secret),
    VersionId: version.versionId,
    ...openValue(context, secret.arn, version),
    ...shownStages(version),
    CreatedDate: new Date(version.createdAt),
  };
}

/** The day alone is kept (API reference, DescribeSecret, LastAccessedDate). */
function noteAccess(
  { store, clock }: HandlerContext,
  read: readonly { readonly secret: Secret; readonly version: SecretVersion }[],
): void {
  const today = clock.now() - (clock.now() % DAY_MS);
  const due = read.filter(
    ({ secret, version }) => secret.lastAccessedAt !== today || version.lastAccessedAt !== today,
  );
  if (due.length === 0) return;
  store.transaction((tx) => {
    for (const { secret, version } of due) {
      const versions = secret.versions.map((other) =>
        other.versionId === version.versionId ? { ...other, lastAccessedAt: today } : other,
      );
      tx.put(secrets, { ...secret, versions, lastAccessedAt: today });
    }
  });
}
