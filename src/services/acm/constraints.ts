/** Checks of single values against the service's model. All throw ValidationException. */
import {
  constraintViolation,
  enumRequirement,
  lengthRequirement,
  NOT_NULL,
  patternRequirement,
  rangeRequirement,
} from "../constraint-messages.ts";
import { validationException } from "./errors.ts";

const ARN_PATTERN = "arn:[\\w+=/,.@-]+:acm:[\\w+=/,.@-]*:[0-9]+:[\\w+=,.@-]+(/[\\w+=,.@-]+)*";
const DOMAIN_PATTERN =
  "(\\*\\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])";
const TOKEN_PATTERN = "\\w+";
const LONGEST_DOMAIN = 253;

export function requireMember<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw validationException(constraintViolation(null, path, NOT_NULL));
  return value;
}

export function oneOf<T extends string>(
  value: string | undefined,
  path: string,
  allowed: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const known = allowed.find((candidate) => candidate === value);
  if (known === undefined) {
    throw validationException(constraintViolation(value, path, enumRequirement(allowed)));
  }
  return known;
}

export function checkRange(value: number | undefined, path: string, minimum: number, maximum: number): void {
  const broken = value === undefined ? undefined : rangeRequirement(value, minimum, maximum);
  if (broken !== undefined) throw validationException(constraintViolation(value, path, broken));
}

export function checkLength(value: string, path: string, minimum: number, maximum: number): void {
  const broken = lengthRequirement(value.length, minimum, maximum);
  if (broken !== undefined) throw validationException(constraintViolation(value, path, broken));
}

/** How many entries a list may have. */
export function checkCount(count: number, path: string, minimum: number, maximum: number): void {
  const broken = lengthRequirement(count, minimum, maximum);
  if (broken !== undefined) throw validationException(constraintViolation(`${count} entries`, path, broken));
}

export function checkPattern(value: string, path: string, pattern: string, flags = ""): void {
  if (new RegExp(`^(?:${pattern})$`, flags).test(value)) return;
  throw validationException(constraintViolation(value, path, patternRequirement(pattern)));
}

export function checkArn(value: string): void {
  checkLength(value, "certificateArn", 20, 2048);
  checkPattern(value, "certificateArn", ARN_PATTERN);
}

export function checkDomainName(value: string, path: string): void {
  checkLength(value, path, 1, LONGEST_DOMAIN);
  checkPattern(value, path, DOMAIN_PATTERN);
}

export function checkIdempotencyToken(value: string | undefined): void {
  if (value === undefined) return;
  checkLength(value, "idempotencyToken", 1, 32);
  checkPattern(value, "idempotencyToken", TOKEN_PATTERN);
}
