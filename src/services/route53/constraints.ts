/** Checks of Route 53's model; a value that breaks one is InvalidInput. */
import { constraintViolation, enumRequirement, lengthRequirement } from "../constraint-messages.ts";
import { invalidInput } from "./errors.ts";

export function checkLength(value: string, path: string, minimum: number, maximum: number): void {
  const requirement = lengthRequirement(value.length, minimum, maximum);
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

/** `MaxItems` is text; more than `most` means `most`. */
export function readMaxItems(text: string | number | undefined, most: number): number {
  if (text === undefined || text === "") return most;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw invalidInput(
      constraintViolation(text, "maxItems", "Member must have value greater than or equal to 1"),
    );
  }
  return Math.min(value, most);
}
