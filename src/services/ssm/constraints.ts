/** Checks of single values against the model of Systems Manager. All throw ValidationException unless they say otherwise. */
import { mergeTags, type Tag } from "../../model/tags.ts";
import { constraintChecks } from "../constraint-checks.ts";
import { constraintViolation, patternRequirement } from "../constraint-messages.ts";
import { reservedName, tooManyLevels, tooManyTags, validation } from "./errors.ts";

const MOST_LEVELS = 15;
/** Of the ARN: the rest of the 2048 is the service's own (API reference, PutParameter). */
const MOST_ARN_CHARACTERS = 1011;
const MOST_TAGS = 50;
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const PATH_RULE =
  'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". ' +
  'It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following ' +
  "symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, " +
  'must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.';

export const { requireMember, oneOf, checkRange, checkCount, checkLength, checkPattern } =
  constraintChecks(validation);

export function requireName(value: string | undefined): string {
  const name = requireMember(value, "name");
  checkLength(name, "name", 1, 2048);
  return name;
}

/**
 * A name that a parameter may be made with.
 * Throws ValidationException, AccessDeniedException or HierarchyLevelLimitExceededException.
 */
export function checkNewName(name: string, arn: string): void {
  const local = name.replace(/^\//, "");
  const levels = local.split("/");
  if (/^(aws|ssm)/i.test(local)) {
    if (/^\/aws/i.test(name) && levels.length > 1) throw reservedName(name);
    throw validation(levels.length > 1 ? pathNameRule("ssm") : prefixRule());
  }
  if (levels.length > 1 && !name.startsWith("/")) {
    throw validation("Parameter name must be a fully qualified name.");
  }
  if (!levels.every((level) => /^[a-zA-Z0-9_.-]+$/.test(level))) throw validation(pathNameRule("both"));
  if (levels.length > MOST_LEVELS) throw tooManyLevels();
  if (arn.length > MOST_ARN_CHARACTERS) {
    throw validation(
      `The ARN of the parameter would have ${arn.length} characters; at most ${MOST_ARN_CHARACTERS} are allowed.`,
    );
  }
}

function prefixRule(): string {
  return 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).';
}

function pathNameRule(prefixes: "ssm" | "both"): string {
  const words = prefixes === "ssm" ? '"ssm"' : '"aws" or "ssm"';
  return (
    `Parameter name: can't be prefixed with ${words} (case-insensitive). If formed as a path, it can consist of ` +
    "sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following " +
    "3 symbols .-_"
  );
}

/** Of GetParametersByPath and of the filter Path; without the slash at its end. */
export function readPath(path: string): string {
  if (!/^\/[a-zA-Z0-9_.\-/]*$/.test(path) || path.includes("//")) throw validation(PATH_RULE);
  return path === "/" ? path : path.replace(/\/$/, "");
}

/** Throws ValidationException or TooManyTagsError. */
export function readTags(
  tags: readonly { readonly Key: string | undefined; readonly Value: string | undefined }[] | undefined,
): Tag[] {
  const read = (tags ?? []).map(({ Key: key, Value: value }, index) => {
    const path = `tags.${index + 1}.member`;
    const text = { key: requireMember(key, `${path}.key`), value: requireMember(value, `${path}.value`) };
    checkLength(text.key, `${path}.key`, 1, 128);
    checkLength(text.value, `${path}.value`, 0, 256);
    for (const [name, word] of Object.entries(text)) {
      if (!TAG_TEXT.test(word)) {
        const pattern = patternRequirement("^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$");
        throw validation(constraintViolation(word, `${path}.${name}`, pattern));
      }
    }
    if (/^aws:/i.test(text.key)) {
      throw validation("Tag keys that begin with aws: are reserved; use another key.");
    }
    return text;
  });
  return limitTags(mergeTags([], read));
}

/** Throws TooManyTagsError. */
export function limitTags(tags: Tag[]): Tag[] {
  if (tags.length > MOST_TAGS) throw tooManyTags();
  return tags;
}
