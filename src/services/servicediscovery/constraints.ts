/** Checks of Cloud Map's model; a value that breaks one is InvalidInput. */
import {
  constraintViolation,
  enumRequirement,
  lengthRequirement,
  patternRequirement,
  rangeRequirement,
} from "../constraint-messages.ts";
import { invalidInput } from "./errors.ts";

export function checkLength(value: string | undefined, path: string, minimum: number, maximum: number): void {
  if (value === undefined) return;
  const requirement = lengthRequirement(value.length, minimum, maximum);
  if (requirement !== undefined) throw invalidInput(constraintViolation(value, path, requirement));
}

export function checkPattern(value: string, path: string, pattern: RegExp): void {
  if (!pattern.test(value)) {
    throw invalidInput(constraintViolation(value, path, patternRequirement(pattern.source)));
  }
}

export function checkRange(value: number, path: string, minimum: number, maximum: number): void {
  const requirement = rangeRequirement(value, minimum, maximum);
  if (requirement !== undefined) throw invalidInput(constraintViolation(value, path, requirement));
}

export function checkEnum<T extends string>(
  value: string | undefined,
  path: string,
  allowed: readonly T[],
): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw invalidInput(constraintViolation(value, path, enumRequirement(allowed)));
  return found;
}

const MOST_RESULTS = 100;

/** Of the list operations: 1 to 100, by default 100. */
export function readMaxResults(value: number | undefined): number {
  if (value === undefined) return MOST_RESULTS;
  checkRange(value, "maxResults", 1, MOST_RESULTS);
  return value;
}

export function invalidNextToken(): Error {
  return invalidInput("The NextToken value is not valid");
}

export const SERVICE_NAME =
  /((?=^.{1,127}$)^([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])(\.([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9]))*$)|(^\.$)/;
