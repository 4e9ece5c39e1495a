import { type Page, page } from "../page.ts";
import { checkRange } from "./constraints.ts";
import { validationError } from "./errors.ts";

const LARGEST_PAGE = 400;

/** One page in the order of `key`. Throws ValidationError on a page size out of range or a foreign marker. */
export function onePage<T>(
  items: readonly T[],
  request: { readonly Marker?: string | undefined; readonly PageSize?: number | undefined },
  key: (item: T) => string,
): Page<T> {
  checkRange(request.PageSize, "pageSize", 1, LARGEST_PAGE);
  return page(items, {
    token: request.Marker,
    limit: request.PageSize ?? LARGEST_PAGE,
    key,
    invalidToken: () => validationError(`Marker '${request.Marker}' is not valid`),
  });
}
