/** Checks of single values against a service's model, thrown as the error that the service answers with. */
import {
  constraintViolation,
  enumRequirement,
  lengthRequirement,
  NOT_NULL,
  patternRequirement,
  rangeRequirement,
} from "./constraint-messages.ts";

export interface ConstraintChecks {
  requireMember<T>(value: T | undefined, path: string): T;
  /** Undefined stays undefined. */
  oneOf<T extends string>(value: string | undefined, path: string, allowed: readonly T[]): T | undefined;
  checkRange(value: number | undefined, path: string, minimum: number, maximum?: number): void;
  checkLength(value: string | undefined, path: string, minimum: number, maximum: number): void;
  /** How many entries the list has, which the error shows in AWS's own notation: `[a, b]`. */
  checkCount(values: readonly string[] | undefined, path: string, minimum: number, maximum: number): void;
  /** The whole value must match. */
  checkPattern(value: string | undefined, path: string, pattern: string, flags?: string): void;
}

/** `emptyIsAbsent`: protocols that cannot tell a member without a value from an empty one. */
export function constraintChecks(
  error: (message: string) => Error,
  { emptyIsAbsent = false } = {},
): ConstraintChecks {
  const check = (value: unknown, path: string, broken: string | undefined) => {
    if (broken !== undefined) throw error(constraintViolation(value, path, broken));
  };
  return {
    requireMember<T>(value: T | undefined, path: string): T {
      if (value === undefined || (emptyIsAbsent && value === "")) {
        throw error(constraintViolation(null, path, NOT_NULL));
      }
      return value;
    },
    oneOf(value, path, allowed) {
      const known = allowed.find((candidate) => candidate === value);
      if (value !== undefined && known === undefined) check(value, path, enumRequirement(allowed));
      return known;
    },
    checkRange(value, path, minimum, maximum = Number.POSITIVE_INFINITY) {
      if (value !== undefined) check(value, path, rangeRequirement(value, minimum, maximum));
    },
    checkLength(value, path, minimum, maximum) {
      if (value !== undefined) check(value, path, lengthRequirement(value.length, minimum, maximum));
    },
    checkCount(values, path, minimum, maximum) {
      if (values === undefined) return;
      check(`[${values.join(", ")}]`, path, lengthRequirement(values.length, minimum, maximum));
    },
    checkPattern(value, path, pattern, flags = "") {
      if (value === undefined || new RegExp(`^(?:${pattern})$`, flags).test(value)) return;
      check(value, path, patternRequirement(pattern));
    },
  };
}
