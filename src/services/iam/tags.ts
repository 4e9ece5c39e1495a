/** Tags as IAM takes and refuses them. */
import type * as wire from "@aws-sdk/client-iam";
import { mergeTags, type Tag, withoutTags } from "../../model/tags.ts";
import { constraintViolation, lengthRequirement } from "../constraint-messages.ts";
import { requireMember } from "./constraints.ts";
import { invalidInput, limitExceeded, validationError } from "./errors.ts";

const MOST_TAGS = 50;
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Throws ValidationError or InvalidInput. */
export function readTags(tags: readonly wire.Tag[] | undefined): Tag[] {
  const read: Tag[] = [];
  const seen = new Set<string>();
  for (const [index, { Key, Value }] of (tags ?? []).entries()) {
    const path = `tags.${index + 1}.member`;
    const key = requireMember(Key, `${path}.key`);
    const value = Value ?? "";
    check(key, `${path}.key`, 1, 128);
    check(value, `${path}.value`, 0, 256);
    if (key.toLowerCase().startsWith("aws:")) {
      throw invalidInput("Tag keys beginning with aws: are reserved for system use.");
    }
    if (seen.has(key.toLowerCase())) {
      throw invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
    seen.add(key.toLowerCase());
    read.push({ key, value });
  }
  return limited(read);
}

export function withTags(tags: readonly Tag[], added: readonly wire.Tag[] | undefined): Tag[] {
  const read = readTags(requireMember(added, "tags"));
  // Keys are case-insensitive: the newest spelling stays.
  const spelled = new Set(read.map(({ key }) => key.toLowerCase()));
  return limited(
    mergeTags(
      tags.filter(({ key }) => !spelled.has(key.toLowerCase())),
      read,
    ),
  );
}

export function withoutTagKeys(tags: readonly Tag[], keys: readonly string[] | undefined): Tag[] {
  return withoutTags(tags, requireMember(keys, "tagKeys"));
}

export function describeTags(tags: readonly Tag[]): wire.Tag[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}

function limited(tags: Tag[]): Tag[] {
  if (tags.length > MOST_TAGS) throw limitExceeded("The number of tags has reached the maximum limit.");
  return tags;
}

function check(value: string, path: string, minimum: number, maximum: number): void {
  const broken =
    lengthRequirement(value.length, minimum, maximum) ??
    (CHARACTERS.test(value)
      ? undefined
      : "Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+");
  if (broken !== undefined) throw validationError(constraintViolation(value, path, broken));
}
