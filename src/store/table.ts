/**
 * A table: records of one kind by key, with indexes. Rows live in memory and are written through to SQLite
 * in the transaction that changes them, so reads cost a map look-up and start-up reads everything once.
 */

/** Where a record appears under an index: a value, several, or nowhere. */
export type IndexValue = string | readonly string[] | undefined;

export interface TableDefinition<R, I extends string> {
  readonly name: string;
  key(record: R): string;
  readonly indexes: Readonly<Record<I, (record: R) => IndexValue>>;
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

  constructor(definition: TableDefinition<R, string>) {
    this.definition = definition;
    for (const name of Object.keys(definition.indexes)) this.#indexes.set(name, new Map());
  }

  set(key: string, record: R): void {
    this.remove(key);
    this.rows.set(key, record);
    this.#eachIndexValue(record, (entries, value) => {
      const keys = entries.get(value);
      if (keys) keys.add(key);
      else entries.set(value, new Set([key]));
    });
  }

  remove(key: string): void {
    const record = this.rows.get(key);
    if (record === undefined) return;
    this.rows.delete(key);
    this.#eachIndexValue(record, (entries, value) => {
      const keys = entries.get(value);
      keys?.delete(key);
      if (keys?.size === 0) entries.delete(value);
    });
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
