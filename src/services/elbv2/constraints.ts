/** Checks of single values against the service's model. All throw `ValidationError`. */
import {
  constraintViolation,
  enumRequirement,
  lengthRequirement,
  NOT_NULL,
  patternRequirement,
  rangeRequirement,
} from "../constraint-messages.ts";
import { validationError } from "./errors.ts";

/** The value itself; throws when it is absent or empty. */
export function requireMember<T>(value: T | undefined, path: string): T {
  if (value === undefined || value === "") throw validationError(constraintViolation(null, path, NOT_NULL));
  return value;
}

/** A list with at least one entry; throws otherwise. */
export function requireList<T>(values: readonly T[] | undefined, path: string): readonly T[] {
  if (values === undefined || values.length === 0) {
    throw validationError(constraintViolation(null, path, NOT_NULL));
  }
  return values;
}

/** The value when it is one of `allowed`; undefined stays undefined; throws on anything else. */
export function oneOf<T extends string>(
  value: string | undefined,
  path: string,
  allowed: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const known = allowed.find((candidate) => candidate === value);
  if (known === undefined) throw validationError(constraintViolation(value, path, enumRequirement(allowed)));
  return known;
}

export function checkRange(value: number | undefined, path: string, minimum: number, maximum: number): void {
  if (value === undefined) return;
  const broken = rangeRequirement(value, minimum, maximum);
  if (broken !== undefined) throw validationError(constraintViolation(value, path, broken));
}

export function checkLength(value: string | undefined, path: string, minimum: number, maximum: number): void {
  if (value === undefined) return;
  const broken = lengthRequirement(value.length, minimum, maximum);
  if (broken !== undefined) throw validationError(constraintViolation(value, path, broken));
}

export function checkPattern(value: string | undefined, path: string, pattern: RegExp): void {
  if (value === undefined || pattern.test(value)) return;
  throw validationError(constraintViolation(value, path, patternRequirement(pattern.source)));
}

export function checkPort(port: number | undefined): void {
  checkRange(port, "port", 1, 65_535);
}
