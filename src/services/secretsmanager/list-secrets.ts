import type * as wire from "@aws-sdk/client-secrets-manager";
import type { Secret, SecretVersion } from "../../model/secretsmanager/records.ts";
import { listSecrets as listStored } from "../../store/secrets-manager.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { checkLength, checkRange, oneOf } from "./constraints.ts";
import { invalidToken } from "./errors.ts";
import { readFilters } from "./filters.ts";
import { requireSecret } from "./resolve.ts";
import { describeListed, describeSecretDetails, describeVersion, named } from "./views/secret.ts";

const SORT_BY = ["created-date", "last-accessed-date", "last-changed-date", "name"] as const;

export function describeSecret(
  input: wire.DescribeSecretRequest,
  context: HandlerContext,
): wire.DescribeSecretResponse {
  return describeSecretDetails(requireSecret(context, input.SecretId));
}

/** Those that are scheduled to be deleted only when asked for. */
export function listSecrets(
  input: wire.ListSecretsRequest,
  context: HandlerContext,
): wire.ListSecretsResponse {
  checkRange(input.MaxResults, "maxResults", 1, 100);
  checkLength(input.NextToken, "nextToken", 1, 4096);
  const sortBy = oneOf(input.SortBy, "sortBy", SORT_BY) ?? "created-date";
  const isDescending = oneOf(input.SortOrder, "sortOrder", ["asc", "desc"] as const) === "desc";
  const matches = readFilters(input.Filters);
  const { store, scope, clock } = context;
  const listed = listStored(store, scope, clock.now()).filter(
    (secret) => (secret.deletionAt === undefined || input.IncludePlannedDeletion === true) && matches(secret),
  );
  const { items, nextToken } = page(listed, {
    token: input.NextToken,
    limit: input.MaxResults ?? 100,
    key: (secret) => {
      const key = `${sortText(secret, sortBy)}\u0000${secret.arn}\u0000`;
      return isDescending ? reversed(key) : key;
    },
    invalidToken,
  });
  return {
    SecretList: items.map(describeListed),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}

function sortText(secret: Secret, sortBy: (typeof SORT_BY)[number]): string {
  switch (sortBy) {
    case "name":
      return secret.name;
    case "created-date":
      return timeText(secret.createdAt);
    case "last-changed-date":
      return timeText(secret.lastChangedAt);
    case "last-accessed-date":
      return timeText(secret.lastAccessedAt ?? 0);
  }
}

function timeText(time: number): string {
  return String(time).padStart(15, "0");
}

/** What sorts the other way round; names and ARNs of secrets are ASCII. */
function reversed(text: string): string {
  return [...text].map((character) => String.fromCharCode(0xffff - character.charCodeAt(0))).join("");
}

export function listSecretVersionIds(
  input: wire.ListSecretVersionIdsRequest,
  context: HandlerContext,
): wire.ListSecretVersionIdsResponse {
  checkRange(input.MaxResults, "maxResults", 1, 100);
  checkLength(input.NextToken, "nextToken", 1, 4096);
  const secret = requireSecret(context, input.SecretId);
  const { items, nextToken } = page(
    secret.versions.filter(({ stages }) => stages.length > 0 || input.IncludeDeprecated === true),
    {
      token: input.NextToken,
      limit: input.MaxResults ?? 100,
      key: ({ createdAt, versionId }: SecretVersion) => `${timeText(createdAt)}/${versionId}`,
      invalidToken,
    },
  );
  return {
    ...named(secret),
    Versions: items.map((version) => describeVersion(secret, version)),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}
