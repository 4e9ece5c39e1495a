/**
 * The `Filter.N` parameters of every Describe operation: AND between filters, OR between a filter's values, `*`
 * and `?` as wildcards, case-sensitive (EC2 user guide, "Filtering using the CLI and API"). An unknown filter
 * name is an error, an unknown value is not.
 */
import type * as wire from "@aws-sdk/client-ec2";
import { type LinearExpression, linearExpression } from "../../lib/linear-expression.ts";
import type { Tag } from "../../model/tags.ts";
import { filterLimitExceeded, invalidFilter } from "./errors.ts";

export type FilterText = string | number | boolean | undefined;

/** What of a record a filter compares: it matches when any of several values does. */
export type FilterTable<R> = Readonly<Record<string, (record: R) => FilterText | readonly FilterText[]>>;

export interface Tagged {
  readonly tags: readonly Tag[];
}

type Predicate<R> = (record: R) => boolean;

const MAX_FILTER_VALUES = 200;

/** Throws InvalidParameterValue for a filter that `table` does not have (tag filters apply to everything). */
export function filtered<R extends Tagged>(
  records: readonly R[],
  filters: readonly wire.Filter[] | undefined,
  table: FilterTable<R>,
): R[] {
  const values = (filters ?? []).reduce((sum, filter) => sum + (filter.Values?.length ?? 0), 0);
  if (values > MAX_FILTER_VALUES) throw filterLimitExceeded();
  const predicates = (filters ?? []).map((filter) => newPredicate(filter, table));
  return records.filter((record) => predicates.every((matches) => matches(record)));
}

function newPredicate<R extends Tagged>(filter: wire.Filter, table: FilterTable<R>): Predicate<R> {
  const name = filter.Name ?? "null";
  // The Query protocol cannot tell a value that is empty from none: `Filter.1.Value.1=` asks for empty values.
  const patterns = (filter.Values?.length ? filter.Values : [""]).map(wildcardPattern);
  const matchesAny = (text: FilterText) =>
    text !== undefined && patterns.some((pattern) => pattern.test(String(text)));
  const read = Object.hasOwn(table, name) ? table[name] : undefined;
  if (read !== undefined) {
    return (record) => {
      const value = read(record);
      return isList(value) ? value.some(matchesAny) : matchesAny(value);
    };
  }
  if (name === "tag-key") return (record) => record.tags.some((tag) => matchesAny(tag.key));
  if (name.startsWith("tag:")) {
    const key = name.slice("tag:".length);
    return (record) => record.tags.some((tag) => tag.key === key && matchesAny(tag.value));
  }
  throw invalidFilter(name);
}

function isList(value: FilterText | readonly FilterText[]): value is readonly FilterText[] {
  return Array.isArray(value);
}

/** `*` is any text, `?` at most one character; a backslash takes the meaning from the character after it. */
export function wildcardPattern(text: string): LinearExpression {
  const source = text.replace(/\\[\s\S]|[\s\S]/g, (part) => {
    if (part === "*") return "[\\s\\S]*";
    if (part === "?") return "(?:[\\ud800-\\udbff][\\udc00-\\udfff]|[\\s\\S])?";
    return RegExp.escape(part.length === 2 ? part.charAt(1) : part);
  });
  return linearExpression(`^${source}$`);
}
