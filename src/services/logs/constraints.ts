/** Checks of single values against the model of CloudWatch Logs. All throw InvalidParameterException. */
import { constraintChecks } from "../constraint-checks.ts";
import { constraintViolation, patternRequirement, rangeRequirement } from "../constraint-messages.ts";
import { invalidParameter } from "./errors.ts";

const GROUP_NAME = "[\\.\\-_/#A-Za-z0-9]+";
const STREAM_NAME = "[^:*]*";
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const checks = constraintChecks(invalidParameter);
export const { requireMember, oneOf, checkLength } = checks;
const { checkPattern } = checks;

export function checkRange(value: number | undefined, path: string, minimum: number, maximum: number): void {
  if (value === undefined) return;
  const broken =
    rangeRequirement(value, minimum, maximum) ??
    (Number.isInteger(value) ? undefined : "Member must be an integer");
  if (broken !== undefined) throw invalidParameter(constraintViolation(value, path, broken));
}

export function requireGroupName(value: string | undefined, path = "logGroupName"): string {
  const name = requireMember(value, path);
  checkLength(name, path, 1, 512);
  checkPattern(name, path, GROUP_NAME);
  return name;
}

export function requireStreamName(value: string | undefined, path = "logStreamName"): string {
  const name = requireMember(value, path);
  checkLength(name, path, 1, 512);
  checkPattern(name, path, STREAM_NAME);
  return name;
}

export function readTags(tags: Record<string, string> | undefined): Record<string, string> {
  const read = tags ?? {};
  for (const [key, value] of Object.entries(read)) {
    checkLength(key, "tags", 1, 128);
    checkLength(value, "tags", 0, 256);
    if (!TAG_TEXT.test(key) || !TAG_TEXT.test(value)) {
      throw invalidParameter(
        constraintViolation(key, "tags", patternRequirement("([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)")),
      );
    }
    if (key.toLowerCase().startsWith("aws:")) {
      throw invalidParameter("aws: prefixed tag key names are not allowed for external use.");
    }
  }
  return read;
}
