/** Tags as this service takes and refuses them. */
import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Tag } from "../../model/tags.ts";
import { checkLength, checkPattern } from "./constraints.ts";
import { duplicateTagKeys, tooManyTags, validationError } from "./errors.ts";

export const MOST_TAGS = 50;
const TAG_PATTERN = /^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u;

/** Throws ValidationError, DuplicateTagKeys or TooManyTags. */
export function readTags(tags: readonly wire.Tag[] | undefined): Tag[] {
  const read = (tags ?? []).map((tag, index): Tag => {
    const path = `tags.${index + 1}.member`;
    const key = tag.Key ?? "";
    const value = tag.Value ?? "";
    checkLength(key, `${path}.key`, 1, 128);
    checkPattern(key, `${path}.key`, TAG_PATTERN);
    checkLength(value, `${path}.value`, 0, 256);
    checkPattern(value, `${path}.value`, TAG_PATTERN);
    if (key.toLowerCase().startsWith("aws:")) {
      throw validationError("aws: prefixed tag key names are not allowed for external use");
    }
    return { key, value };
  });
  if (new Set(read.map((tag) => tag.key)).size !== read.length) throw duplicateTagKeys();
  if (read.length > MOST_TAGS) throw tooManyTags();
  return read;
}

export function sameTags(a: readonly Tag[], b: readonly Tag[]): boolean {
  return a.length === b.length && a.every((tag) => b.some((o) => o.key === tag.key && o.value === tag.value));
}

export function describeTags(tags: readonly Tag[]): wire.Tag[] {
  return tags.map((tag) => ({ Key: tag.key, Value: tag.value }));
}
