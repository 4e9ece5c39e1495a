/** Checks of single values against the model of CloudWatch Logs. All throw InvalidParameterException. */
import {
  constraintViolation,
  enumRequirement,
  lengthRequirement,
  NOT_NULL,
  patternRequirement,
  rangeRequirement,
} from "../constraint-messages.ts";
import { invalidParameter } from "./errors.ts";

const GROUP_NAME = "[\\.\\-_/#A-Za-z0-9]+";
const STREAM_NAME = "[^:*]*";
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export function requireMember<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw invalidParameter(constraintViolation(null, path, NOT_NULL));
  return value;
}

export function oneOf<T extends string>(
  value: string | undefined,
  path: string,
  allowed: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const known = allowed.find((candidate) => candidate === value);
  if (known === undefined) throw invalidParameter(constraintViolation(value, path, enumRequirement(allowed)));
  return known;
}

export function checkRange(value: number | undefined, path: string, minimum: number, maximum: number): void {
  if (value === undefined) return;
  const broken =
    rangeRequirement(value, minimum, maximum) ??
    (Number.isInteger(value) ? undefined : "Member must be an integer");
  if (broken !== undefined) throw invalidParameter(constraintViolation(value, path, broken));
}

export function checkLength(value: string | undefined, path: string, minimum: number, maximum: number): void {
  const broken = value === undefined ? undefined : lengthRequirement(value.length, minimum, maximum);
  if (broken !== undefined) throw invalidParameter(constraintViolation(value, path, broken));
}

function checkPattern(value: string, path: string, pattern: string): void {
  if (new RegExp(`^(?:${pattern})$`).test(value)) return;
  throw invalidParameter(constraintViolation(value, path, patternRequirement(pattern)));
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
