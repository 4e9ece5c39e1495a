/** Checks of single values against the model of EventBridge. All throw ValidationException unless they say otherwise. */
import { mergeTags, type Tag } from "../../model/tags.ts";
import { constraintChecks } from "../constraint-checks.ts";
import { limitExceeded, validation } from "./errors.ts";

const NAME = "[\\.\\-_A-Za-z0-9]+";
const BUS_NAME = "[/\\.\\-_A-Za-z0-9]+";
const BUS_NAME_OR_ARN = `(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?${BUS_NAME}`;
const MOST_TAGS = 50;

const checks = constraintChecks(validation);
export const { requireMember, oneOf, checkRange, checkCount, checkLength } = checks;
const { checkPattern } = checks;

/** Of a rule or a target. */
export function requireName(value: string | undefined, path: string): string {
  const name = requireMember(value, path);
  checkPattern(name, path, NAME);
  checkLength(name, path, 1, 64);
  return name;
}

export function requireNewBusName(value: string | undefined): string {
  const name = requireMember(value, "name");
  checkPattern(name, "name", BUS_NAME);
  checkLength(name, "name", 1, 256);
  if (name.includes("/")) throw validation("Event bus name must not contain '/'.");
  return name;
}

/** `default` where nothing is given. */
export function readBusReference(value: string | undefined, path: string): string {
  if (value === undefined) return "default";
  checkPattern(value, path, BUS_NAME_OR_ARN);
  checkLength(value, path, 1, 1600);
  return value;
}

export function readLimit(limit: number | undefined): number {
  checkRange(limit, "limit", 1, 100);
  return limit ?? 100;
}

/** Throws ValidationException or LimitExceededException. */
export function readTags(
  tags: readonly { readonly Key: string | undefined; readonly Value: string | undefined }[] | undefined,
): Tag[] {
  const read = (tags ?? []).map(({ Key, Value }, index) => {
    const path = `tags.${index + 1}.member`;
    const key = requireMember(Key, `${path}.key`);
    const value = requireMember(Value, `${path}.value`);
    checkLength(key, `${path}.key`, 1, 128);
    checkLength(value, `${path}.value`, 0, 256);
    if (/^aws:/i.test(key)) {
      throw validation("Tag keys that begin with aws: are reserved; use another key.");
    }
    return { key, value };
  });
  if (new Set(read.map(({ key }) => key)).size < read.length) {
    throw validation("Invalid parameter: Duplicated keys are not allowed.");
  }
  return limitTags(mergeTags([], read));
}

/** Throws LimitExceededException. */
export function limitTags(tags: Tag[]): Tag[] {
  if (tags.length > MOST_TAGS) throw limitExceeded();
  return tags;
}
