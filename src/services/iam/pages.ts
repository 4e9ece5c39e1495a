/** IAM's pages: `Marker` and `MaxItems` in, `Marker` and the required `IsTruncated` out. */
import { constraintViolation, rangeRequirement } from "../constraint-messages.ts";
import { page } from "../page.ts";
import { validationError } from "./errors.ts";

interface Paged {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

const DEFAULT_ITEMS = 100;

/** Throws ValidationError. */
export function iamPage<T>(
  items: readonly T[],
  input: Paged,
  key: (item: T) => string,
): { readonly items: T[]; readonly end: { readonly IsTruncated: boolean; readonly Marker?: string } } {
  const limit = input.MaxItems ?? DEFAULT_ITEMS;
  const broken = rangeRequirement(limit, 1, 1000);
  if (broken !== undefined) throw validationError(constraintViolation(limit, "maxItems", broken));
  const shown = page(items, {
    token: input.Marker,
    limit,
    key,
    invalidToken: () => validationError("Invalid Marker."),
  });
  const { nextToken } = shown;
  return {
    items: shown.items,
    end: nextToken === undefined ? { IsTruncated: false } : { IsTruncated: true, Marker: nextToken },
  };
}
