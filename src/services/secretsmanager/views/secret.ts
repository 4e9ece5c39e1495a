import type * as wire from "@aws-sdk/client-secrets-manager";
import type { Secret, SecretVersion } from "../../../model/secretsmanager/records.ts";

/** Shown where no key of the customer's is named. */
const DEFAULT_KEY = "DefaultEncryptionKey";

export function named({ arn, name }: Secret): { readonly ARN: string; readonly Name: string } {
  return { ARN: arn, Name: name };
}

export function describeSecretDetails(secret: Secret): wire.DescribeSecretResponse {
  const stages = stagesByVersion(secret);
  return { ...describeCommon(secret), ...(stages === undefined ? {} : { VersionIdsToStages: stages }) };
}

export function describeListed(secret: Secret): wire.SecretListEntry {
  const stages = stagesByVersion(secret);
  return { ...describeCommon(secret), ...(stages === undefined ? {} : { SecretVersionsToStages: stages }) };
}

function describeCommon(secret: Secret): wire.SecretListEntry & wire.DescribeSecretResponse {
  return {
    ...named(secret),
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    CreatedDate: new Date(secret.createdAt),
    LastChangedDate: new Date(secret.lastChangedAt),
    LastAccessedDate: secret.lastAccessedAt === undefined ? undefined : new Date(secret.lastAccessedAt),
    DeletedDate: secret.deletionAt === undefined ? undefined : new Date(secret.deletionAt),
    ...(secret.tags.length === 0
      ? {}
      : { Tags: secret.tags.map(({ key, value }) => ({ Key: key, Value: value })) }),
  };
}

export function describeVersion(secret: Secret, version: SecretVersion): wire.SecretVersionsListEntry {
  return {
    VersionId: version.versionId,
    CreatedDate: new Date(version.createdAt),
    LastAccessedDate: version.lastAccessedAt === undefined ? undefined : new Date(version.lastAccessedAt),
    KmsKeyIds: [secret.kmsKeyId ?? DEFAULT_KEY],
    ...shownStages(version),
  };
}

/** In order; none where there are none. */
export function shownStages({ stages }: SecretVersion): { readonly VersionStages?: string[] } {
  return stages.length === 0 ? {} : { VersionStages: [...stages].sort() };
}

function stagesByVersion({ versions }: Secret): Record<string, string[]> | undefined {
  const labelled = versions.filter(({ stages }) => stages.length > 0);
  if (labelled.length === 0) return undefined;
  return Object.fromEntries(labelled.map(({ versionId, stages }) => [versionId, [...stages].sort()]));
}
