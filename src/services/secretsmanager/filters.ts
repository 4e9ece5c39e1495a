/** Filters of ListSecrets and BatchGetSecretValue (user guide, "Find secrets"). */
import type * as wire from "@aws-sdk/client-secrets-manager";
import type { Secret } from "../../model/secretsmanager/records.ts";
import { checkCount, checkLength, checkPattern, oneOf } from "./constraints.ts";
import { invalidParameter, validation } from "./errors.ts";

const KEYS = [
  "description",
  "name",
  "tag-key",
  "tag-value",
  "primary-region",
  "owning-service",
  "all",
] as const;

type Key = (typeof KEYS)[number];

/** All filters have to match; of one filter's values, any. Throws ValidationException or InvalidParameterException. */
export function readFilters(filters: readonly wire.Filter[] | undefined): (secret: Secret) => boolean {
  if ((filters?.length ?? 0) > 10) {
    throw validation(
      "1 validation error detected: Value at 'filters' failed to satisfy constraint: Member must have length less than or equal to 10",
    );
  }
  const read = (filters ?? []).map(readFilter);
  return (secret) => read.every((matches) => matches(secret));
}

function readFilter({ Key: given, Values: values }: wire.Filter, index: number): (secret: Secret) => boolean {
  const path = `filters.${index + 1}.member`;
  if (given === undefined) throw invalidParameter("Invalid filter key");
  const key = oneOf<Key>(given, `${path}.key`, KEYS);
  if (values === undefined || key === undefined) {
    throw invalidParameter(`Invalid filter values for key: ${given}`);
  }
  checkCount(values, `${path}.values`, 1, 10);
  for (const value of values) {
    checkLength(value, `${path}.values`, 0, 512);
    checkPattern(value, `${path}.values`, "^\\!?[a-zA-Z0-9 :_@\\/\\+\\=\\.\\-\\!]*$");
  }
  return (secret) => {
    const texts = textsOf(secret, key);
    return values.some((value) =>
      value.startsWith("!") ? !matchesAny(key, texts, value.slice(1)) : matchesAny(key, texts, value),
    );
  };
}

function textsOf(secret: Secret, key: Key): readonly string[] {
  const description = secret.description === undefined ? [] : [secret.description];
  switch (key) {
    case "name":
      return [secret.name];
    case "description":
      return description;
    case "tag-key":
      return secret.tags.map((tag) => tag.key);
    case "tag-value":
      return secret.tags.map((tag) => tag.value);
    case "all":
      return [secret.name, ...description, ...secret.tags.flatMap((tag) => [tag.key, tag.value])];
    // No secret has replicas here, and none is another service's.
    case "primary-region":
    case "owning-service":
      return [];
  }
}

function matchesAny(key: Key, texts: readonly string[], value: string): boolean {
  if (key !== "all" && key !== "description") return texts.some((text) => text.startsWith(value));
  const wanted = wordsOf(value);
  return (
    wanted.length > 0 &&
    texts.some((text) => {
      const words = wordsOf(text);
      return wanted.every((word) => words.some((candidate) => candidate.startsWith(word)));
    })
  );
}

/** Small letters; `MySecret` and `my/secret` are two words each. */
function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}
