/**
 * A table: records of one kind by key, with indexes. Rows live in memory and are written through to SQLite
 * in the transaction that changes them, so reads cost a map look-up and start-up reads everything once.
 */

import type { StoreReader } from "./store.ts";

/** Where a record appears under an index: a value, several, or nowhere. */
export type IndexValue = string | readonly string[] | undefined;

export interface TableDefinition<R, I extends string> {
  readonly name: string;
  key(record: R): string;
  readonly indexes: Readonly<Record<I, (record: R) => IndexValue>>;
}

/** A summary of a table (sums, counts by something), kept up to date with each of its records as it is written. */
export interface ViewDefinition<R, V> {
  readonly name: string;
  readonly table: TableDefinition<R, string>;
  /** Empty: every record of the table is then told as new. */
  create(): V;
  /** Called for each write as it happens, and for its reversal when the transaction fails. Must not write. */
  follow(view: V, before: R | undefined, after: R | undefined, store: StoreReader): void;
}

/** Curried so that the record's type is given and the index names are inferred. */
export function defineTable<R>() {
  return <I extends string = never>(definition: TableDefinition<R, I>): TableDefinition<R, I> => definition;
}

/** The rows of one table in memory. Only the store writes them. */
export class TableRows<R> {
  readonly definition: TableDefinition<R, string>;
  readonly rows = new Map<string, R>();
  readonly #indexes = new Map<string, Map<string, Set<string>>>();
  readonly #followers: ((before: R | undefined, after: R | undefined) => void)[] = [];

  constructor(definition: TableDefinition<R, string>) {
    this.definition = definition;
    for (const name of Object.keys(definition.indexes)) this.#indexes.set(name, new Map());
  }

  set(key: string, record: R): void {
    const before = this.rows.get(key);
    this.#take(key);
    this.rows.set(key, record);
    this.#eachIndexValue(record, (entries, value) => {
      const keys = entries.get(value);
      if (keys) keys.add(key);
      else entries.set(value, new Set([key]));
    });
    for (const follow of this.#followers) follow(before, record);
  }

  remove(key: string): void {
    const before = this.#take(key);
    if (before === undefined) return;
    for (const follow of this.#followers) follow(before, undefined);
  }

  /** `follower` is told every record there is as new, and from then on each change as it happens. */
  follow(follower: (before: R | undefined, after: R | undefined) => void): void {
    for (const record of this.rows.values()) follower(undefined, record);
    this.#followers.push(follower);
  }

  #take(key: string): R | undefined {
    const record = this.rows.get(key);
    if (record === undefined) return undefined;
    this.rows.delete(key);
    this.#eachIndexValue(record, (entries, value) => {
      const keys = entries.get(value);
      keys?.delete(key);
      if (keys?.size === 0) entries.delete(value);
    });
    return record;
  }

  where(index: string, value: string): R[] {
    const result: R[] = [];
    for (const key of this.#indexes.get(index)?.get(value) ?? []) {
      const record = this.rows.get(key);
      if (record !== undefined) result.push(record);
    }
    return result;
  }

  count(index: string, value: string): number {
    return this.#indexes.get(index)?.get(value)?.size ?? 0;
  }

  #eachIndexValue(record: R, visit: (entries: Map<string, Set<string>>, value: string) => void): void {
    for (const [name, entries] of this.#indexes) {
      const value = this.definition.indexes[name]?.(record);
      if (value === undefined) continue;
      for (const single of typeof value === "string" ? [value] : value) visit(entries, single);
    }
  }
}
