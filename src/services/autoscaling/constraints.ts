/** Checks of single values against the service's model. All throw `ValidationError`. */
import { constraintChecks } from "../constraint-checks.ts";
import { constraintViolation, lengthRequirement } from "../constraint-messages.ts";
import { type Page, page } from "../page.ts";
import { invalidNextToken, validationError } from "./errors.ts";

export const { requireMember, oneOf, checkRange } = constraintChecks(validationError, {
  emptyIsAbsent: true,
});

/** Of names that become part of an ARN: at most 255 characters and no colon (API reference). */
export function checkName(value: string, path: string): void {
  const broken = lengthRequirement(value.length, 1, 255);
  if (broken !== undefined) throw validationError(constraintViolation(value, path, broken));
  if (value.includes(":")) throw validationError(`The name '${value}' cannot contain a colon`);
}

interface PageInput {
  readonly NextToken?: string | undefined;
  readonly MaxRecords?: number | undefined;
}

/** In the order of `key`. `most` is the operation's largest page, `usual` its default (API reference). */
export function onePage<T>(
  items: readonly T[],
  input: PageInput,
  key: (item: T) => string,
  { usual, most }: { readonly usual: number; readonly most: number },
): Page<T> {
  checkRange(input.MaxRecords, "maxRecords", 1, most);
  return page(items, {
    token: input.NextToken,
    limit: input.MaxRecords ?? usual,
    key,
    invalidToken: invalidNextToken,
  });
}

/** `NextToken` where there is one. */
export function nextToken(shown: Page<unknown>): { NextToken?: string } {
  return shown.nextToken === undefined ? {} : { NextToken: shown.nextToken };
}
