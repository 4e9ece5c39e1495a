/** Checks of single values against the service's model. All throw `ValidationError`. */
import { constraintChecks } from "../constraint-checks.ts";
import { constraintViolation, NOT_NULL, patternRequirement } from "../constraint-messages.ts";
import { validationError } from "./errors.ts";

export const { requireMember, oneOf, checkRange, checkLength } = constraintChecks(validationError, {
  emptyIsAbsent: true,
});

/** A list with at least one entry; throws otherwise. */
export function requireList<T>(values: readonly T[] | undefined, path: string): readonly T[] {
  if (values === undefined || values.length === 0) {
    throw validationError(constraintViolation(null, path, NOT_NULL));
  }
  return values;
}

export function checkPattern(value: string | undefined, path: string, pattern: RegExp): void {
  if (value === undefined || pattern.test(value)) return;
  throw validationError(constraintViolation(value, path, patternRequirement(pattern.source)));
}

export function checkPort(port: number | undefined): void {
  checkRange(port, "port", 1, 65_535);
}
