/** Opens an SQLite file and brings its schema up to date. The only import of node:sqlite. */
import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

export type { DatabaseSync, StatementSync } from "node:sqlite";

/**
 * `file` may be `:memory:`. Migrations are the `NNNN-*.sql` files of `schemaFolder`, applied once each, in order;
 * `user_version` counts them. Throws when the file was written by a newer Berth.
 */
export function openDatabase(file: string, schemaFolder: URL): DatabaseSync {
  const database = new DatabaseSync(file);
  // FULL: an answered write survives not only kill -9 but a power cut.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
  migrate(database, file, schemaFolder);
  return database;
}

function migrate(database: DatabaseSync, file: string, schemaFolder: URL): void {
  const migrations = readdirSync(fileURLToPath(schemaFolder))
    .filter((name) => name.endsWith(".sql"))
    .sort();
  const row = database.prepare("PRAGMA user_version").get();
  const applied = Number(row?.["user_version"]);
  if (applied > migrations.length) {
    throw new Error(
      `${file} has schema version ${applied}, this Berth knows ${migrations.length}: use the newer Berth that wrote it, or another --state-dir`,
    );
  }
  for (const [index, name] of migrations.entries()) {
    if (index < applied) continue;
    const sql = readFileSync(new URL(name, schemaFolder), "utf8");
    database.exec(`BEGIN; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
