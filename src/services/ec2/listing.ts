/** What all Describe operations do: pick by id, filter, and cut into pages. */
import type * as wire from "@aws-sdk/client-ec2";
import { type Page, page } from "../page.ts";
import { invalidNextToken, maxResultsTooLarge, maxResultsTooSmall, maxResultsWithIds } from "./errors.ts";
import { type FilterTable, filtered, type Tagged } from "./filters.ts";
import { checkIdForm, type IdKind, notFound } from "./resource-ids.ts";

export interface ListRequest<R> {
  /** As the client sent them; absent or empty means all. */
  readonly ids?: readonly string[] | undefined;
  readonly idKind: IdKind;
  key(record: R): string;
  readonly filters?: readonly wire.Filter[] | undefined;
  readonly filterTable: FilterTable<R>;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
  /** The smallest page that may be asked for. */
  readonly minPage?: number;
  /** The largest page that the operation gives. */
  readonly maxPage?: number;
  /** For DescribeNetworkInterfaces: the id parameter that excludes MaxResults. */
  readonly idsExcludeMaxResults?: string;
}

const MIN_PAGE = 5;
const MAX_PAGE = 1000;

/**
 * The records that a Describe request asks for, in the order of their keys. Throws on ids that are malformed or
 * absent from `records`, on unknown filters, and on page sizes and tokens that do not do. Without `MaxResults`
 * everything is one page.
 */
export function listed<R extends Tagged>(records: readonly R[], request: ListRequest<R>): Page<R> {
  const limit = checkedPageSize(request);
  const chosen = byIds(records, request);
  return page(filtered(chosen, request.filters, request.filterTable), {
    token: request.nextToken,
    limit,
    key: request.key,
    invalidToken: invalidNextToken,
  });
}

function checkedPageSize<R>(request: ListRequest<R>): number {
  const { maxResults, minPage = MIN_PAGE, maxPage = MAX_PAGE } = request;
  if (maxResults === undefined) return Number.POSITIVE_INFINITY;
  if (request.idsExcludeMaxResults !== undefined && request.ids?.length) {
    throw maxResultsWithIds(request.idsExcludeMaxResults);
  }
  if (maxResults < minPage) throw maxResultsTooSmall(maxResults, minPage);
  if (maxResults > maxPage) throw maxResultsTooLarge(maxResults, maxPage);
  return maxResults;
}

function byIds<R>(records: readonly R[], request: ListRequest<R>): R[] {
  const ids = new Set(request.ids ?? []);
  if (ids.size === 0) return [...records];
  for (const id of ids) checkIdForm(request.idKind, id);
  const chosen = records.filter((record) => ids.delete(request.key(record)));
  if (ids.size > 0) throw notFound(request.idKind, [...ids]);
  return chosen;
}
