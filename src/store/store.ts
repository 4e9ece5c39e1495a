/**
 * Durable state and its change feed. Reads see the last committed state (inside a transaction: its own writes).
 * Makes no ids, reads no clock, and knows no AWS rule.
 */
import { type DatabaseSync, openDatabase, type StatementSync } from "./database.ts";
import { type TableDefinition, TableRows, type ViewDefinition } from "./table.ts";

export interface Change<R> {
  readonly key: string;
  /** The record as it was before the transaction; absent when it was created. */
  readonly before?: R;
  /** Absent when it was deleted. */
  readonly after?: R;
}

export interface Transaction {
  put<R, I extends string>(table: TableDefinition<R, I>, record: R): void;
  delete<R, I extends string>(table: TableDefinition<R, I>, key: string): void;
}

/** What handlers and planners may do with the store without changing it. */
export interface StoreReader {
  get<R, I extends string>(table: TableDefinition<R, I>, key: string): R | undefined;
  list<R, I extends string>(table: TableDefinition<R, I>): R[];
  where<R, I extends string>(table: TableDefinition<R, I>, index: I, value: string): R[];
  count<R, I extends string>(table: TableDefinition<R, I>, index: I, value: string): number;
  /** Made from the whole table when it is first asked for; then always as the table is, in transactions too. */
  view<R, V>(definition: ViewDefinition<R, V>): V;
}

const SCHEMA = new URL("./schema/", import.meta.url);

interface Undo {
  readonly rows: TableRows<unknown>;
  readonly key: string;
  readonly before: unknown;
}

type Listener = (change: Change<unknown>) => void;
type Derivation = (change: Change<unknown>, tx: Transaction) => void;

interface TableChange {
  readonly table: string;
  readonly change: Change<unknown>;
}

export class Store implements StoreReader {
  readonly #database: DatabaseSync;
  readonly #tables = new Map<string, TableRows<unknown>>();
  readonly #views = new Map<string, unknown>();
  readonly #listeners = new Map<string, Listener[]>();
  readonly #derivations = new Map<string, Derivation[]>();
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  #undo: Undo[] | undefined;

  /** `file` may be `:memory:`. */
  constructor(file: string) {
    this.#database = openDatabase(file, SCHEMA);
    this.#put = this.#database.prepare(
      "INSERT INTO records (table_name, key, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
    );
    this.#delete = this.#database.prepare("DELETE FROM records WHERE table_name = ? AND key = ?");
  }

  get<R, I extends string>(table: TableDefinition<R, I>, key: string): R | undefined {
    return this.#rows(table).rows.get(key);
  }

  list<R, I extends string>(table: TableDefinition<R, I>): R[] {
    return [...this.#rows(table).rows.values()];
  }

  where<R, I extends string>(table: TableDefinition<R, I>, index: I, value: string): R[] {
    return this.#rows(table).where(index, value);
  }

  count<R, I extends string>(table: TableDefinition<R, I>, index: I, value: string): number {
    return this.#rows(table).count(index, value);
  }

  view<R, V>(definition: ViewDefinition<R, V>): V {
    // As with tables, the name decides the type.
    if (this.#views.has(definition.name)) return this.#views.get(definition.name) as V;
    const view = definition.create();
    this.#views.set(definition.name, view);
    this.#rows(definition.table).follow((before, after) => definition.follow(view, before, after, this));
    return view;
  }

  /**
   * Runs `work` and commits; when it throws, nothing of it happened and the error goes on. Synchronous: nothing
   * awaits inside. A transaction within a transaction joins the outer one. Listeners run after the commit.
   */
  transaction<T>(work: (tx: Transaction) => T): T {
    const tx: Transaction = {
      put: (table, record) => this.#write(this.#rows(table), table.key(record), record),
      delete: (table, key) => this.#write(this.#rows(table), key, undefined),
    };
    if (this.#undo !== undefined) return work(tx);
    const undo: Undo[] = [];
    this.#undo = undo;
    this.#database.exec("BEGIN IMMEDIATE");
    let result: T;
    try {
      result = work(tx);
      for (const { table, change } of this.#changes(undo)) {
        for (const derive of this.#derivations.get(table) ?? []) derive(change, tx);
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      for (const { rows, key, before } of undo.reverse()) {
        if (before === undefined) rows.remove(key);
        else rows.set(key, before);
      }
      this.#undo = undefined;
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
    this.#undo = undefined;
    for (const { table, change } of this.#changes(undo)) {
      for (const listener of this.#listeners.get(table) ?? []) listener(change);
    }
    return result;
  }

  /** Calls `listener` once per record that a committed transaction changed. It must only note keys: no writes. */
  onChange<R, I extends string>(table: TableDefinition<R, I>, listener: (change: Change<R>) => void): void {
    const listeners = this.#listeners.get(table.name) ?? [];
    listeners.push(listener as Listener);
    this.#listeners.set(table.name, listeners);
  }

  /**
   * Calls `derivation` within each transaction, before its commit, once per record of `table` that it changed. What it
   * writes is committed with the change, so that neither is ever there without the other; it derives nothing further.
   */
  derive<R, I extends string>(
    table: TableDefinition<R, I>,
    derivation: (change: Change<R>, tx: Transaction) => void,
  ): void {
    const derivations = this.#derivations.get(table.name) ?? [];
    derivations.push(derivation as Derivation);
    this.#derivations.set(table.name, derivations);
  }

  close(): void {
    this.#database.close();
  }

  /** A table is read from disk when it is first touched. */
  #rows<R, I extends string>(table: TableDefinition<R, I>): TableRows<R> {
    const known = this.#tables.get(table.name);
    // The name decides the record type; two definitions of one name would be a bug of ours.
    if (known) return known as TableRows<R>;
    const rows = new TableRows<R>(table as TableDefinition<R, string>);
    const stored = this.#database
      .prepare("SELECT key, body FROM records WHERE table_name = ? ORDER BY key")
      .iterate(table.name);
    for (const { key, body } of stored) rows.set(String(key), JSON.parse(String(body)));
    this.#tables.set(table.name, rows as TableRows<unknown>);
    return rows;
  }

  #write<R>(rows: TableRows<R>, key: string, record: R | undefined): void {
    const before = rows.rows.get(key);
    this.#undo?.push({ rows: rows as TableRows<unknown>, key, before });
    if (record === undefined) {
      rows.remove(key);
      this.#delete.run(rows.definition.name, key);
    } else {
      rows.set(key, record);
      this.#put.run(rows.definition.name, key, JSON.stringify(record));
    }
  }

  /** The undo log tells what was touched and how it was; a record touched twice is told once. */
  #changes(undo: readonly Undo[]): TableChange[] {
    const seen = new Set<string>();
    return undo.flatMap(({ rows, key, before }) => {
      const table = rows.definition.name;
      if (seen.has(`${table}|${key}`)) return [];
      seen.add(`${table}|${key}`);
      const after = rows.rows.get(key);
      const change: Change<unknown> = {
        key,
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      };
      return [{ table, change }];
    });
  }
}
