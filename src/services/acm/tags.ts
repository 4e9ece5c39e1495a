/** Tags as this service takes and refuses them. */
import type * as wire from "@aws-sdk/client-acm";
import type { Tag } from "../../model/tags.ts";
import { checkLength, checkPattern, requireMember } from "./constraints.ts";
import { invalidTag, tooManyTags } from "./errors.ts";

const MOST_TAGS = 50;
const TAG_PATTERN = "[\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@]*";

/** Throws ValidationException, InvalidTagException or TooManyTagsException. A later tag replaces an earlier one. */
export function readTags(tags: readonly wire.Tag[] | undefined): Tag[] {
  const read = new Map<string, string>();
  for (const [index, tag] of (tags ?? []).entries()) {
    const path = `tags.${index + 1}.member`;
    const key = requireMember(tag.Key, `${path}.key`);
    const value = tag.Value ?? "";
    checkLength(key, `${path}.key`, 1, 128);
    checkPattern(key, `${path}.key`, TAG_PATTERN, "u");
    checkLength(value, `${path}.value`, 0, 256);
    checkPattern(value, `${path}.value`, TAG_PATTERN, "u");
    if (key.startsWith("aws:")) throw invalidTag(key);
    read.set(key, value);
  }
  return checkTagCount([...read].map(([key, value]) => ({ key, value })));
}

export function checkTagCount<T extends readonly Tag[]>(tags: T): T {
  if (tags.length > MOST_TAGS) throw tooManyTags(tags);
  return tags;
}
