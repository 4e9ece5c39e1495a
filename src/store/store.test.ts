import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { openDatabase } from "./database.ts";
import { type Change, Store } from "./store.ts";
import { defineTable, type ViewDefinition } from "./table.ts";

interface Boat {
  readonly name: string;
  readonly harbour?: string;
  readonly crew: readonly string[];
}

const boats = defineTable<Boat>()({
  name: "boats",
  key: (boat) => boat.name,
  indexes: { harbour: (boat) => boat.harbour, crew: (boat) => boat.crew },
});

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "berth-store-"));
  file = join(folder, "berth.db");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const anna: Boat = { name: "anna", harbour: "kiel", crew: ["jo", "mia"] };
const bert: Boat = { name: "bert", crew: [] };

test("records are found by key and by every value of an index, also after a restart", () => {
  const store = new Store(file);
  store.transaction((tx) => {
    tx.put(boats, anna);
    tx.put(boats, bert);
  });
  store.close();
  const again = new Store(file);
  assert.deepEqual(again.get(boats, "anna"), anna);
  assert.deepEqual(again.where(boats, "crew", "mia"), [anna]);
  assert.deepEqual(again.where(boats, "harbour", "kiel"), [anna]);
  assert.equal(again.count(boats, "harbour", "kiel"), 1);
  assert.equal(again.list(boats).length, 2);
  again.close();
});

test("an index follows a record that changes or goes", () => {
  const store = new Store(":memory:");
  store.transaction((tx) => tx.put(boats, anna));
  store.transaction((tx) => tx.put(boats, { ...anna, harbour: "rostock" }));
  assert.deepEqual(store.where(boats, "harbour", "kiel"), []);
  assert.equal(store.where(boats, "harbour", "rostock").length, 1);
  store.transaction((tx) => tx.delete(boats, "anna"));
  assert.deepEqual(store.where(boats, "harbour", "rostock"), []);
});

test("a transaction that throws changes nothing, in memory and on disk, and tells nobody", () => {
  const store = new Store(file);
  store.transaction((tx) => tx.put(boats, anna));
  let told = 0;
  store.onChange(boats, () => told++);
  assert.throws(
    () =>
      store.transaction((tx) => {
        tx.put(boats, { ...anna, harbour: "rostock" });
        tx.put(boats, bert);
        tx.delete(boats, "anna");
        throw new Error("no");
      }),
    /no/,
  );
  assert.deepEqual(store.list(boats), [anna]);
  assert.deepEqual(store.where(boats, "harbour", "kiel"), [anna]);
  assert.equal(told, 0);
  store.close();
  const again = new Store(file);
  assert.deepEqual(again.list(boats), [anna]);
  again.close();
});

test("listeners hear once of each record, with how it was and how it is, after the commit", () => {
  const store = new Store(":memory:");
  store.transaction((tx) => tx.put(boats, anna));
  const heard: Change<Boat>[] = [];
  store.onChange(boats, (change) => {
    heard.push(change);
    assert.equal(store.get(boats, "bert")?.name, "bert");
  });
  store.transaction((tx) => {
    tx.put(boats, { ...anna, harbour: "rostock" });
    tx.put(boats, { ...anna, harbour: "wismar" });
    tx.put(boats, bert);
  });
  assert.deepEqual(heard, [
    { key: "anna", before: anna, after: { ...anna, harbour: "wismar" } },
    { key: "bert", after: bert },
  ]);
});

test("a transaction inside another belongs to it", () => {
  const store = new Store(":memory:");
  assert.throws(() =>
    store.transaction((tx) => {
      store.transaction((inner) => inner.put(boats, bert));
      tx.put(boats, anna);
      throw new Error("no");
    }),
  );
  assert.deepEqual(store.list(boats), []);
});

test("what was committed survives kill -9 of the process", () => {
  const program = `
    import { Store } from ${JSON.stringify(new URL("./store.ts", import.meta.url).href)};
    const boats = { name: "boats", key: (boat) => boat.name, indexes: {} };
    const store = new Store(${JSON.stringify(file)});
    for (let i = 0; i < 50; i++) store.transaction((tx) => tx.put(boats, { name: "boat" + i, crew: [] }));
    process.kill(process.pid, "SIGKILL");
  `;
  const { signal } = spawnSync(process.execPath, ["--input-type=module", "--eval", program]);
  assert.equal(signal, "SIGKILL");
  const store = new Store(file);
  assert.equal(store.list(boats).length, 50);
  store.close();
});

test("a file of a newer Berth is left alone, and the text says what to do", () => {
  new Store(file).close();
  const schema = new URL("./schema/", import.meta.url);
  const database = openDatabase(file, schema);
  database.exec("PRAGMA user_version = 999");
  database.close();
  assert.throws(() => new Store(file), /has schema version 999, .*use the newer Berth/);
});

test("a view is made from what there is and follows every write, also those that are taken back", () => {
  const store = new Store(":memory:");
  store.transaction((tx) => tx.put(boats, anna));
  const perHarbour: ViewDefinition<Boat, Map<string, number>> = {
    name: "boats-per-harbour",
    table: boats,
    create: () => new Map(),
    follow(view, before, after) {
      const count = (harbour: string | undefined, by: number): void => {
        if (harbour !== undefined) view.set(harbour, (view.get(harbour) ?? 0) + by);
      };
      count(before?.harbour, -1);
      count(after?.harbour, 1);
    },
  };
  assert.equal(store.view(perHarbour).get("kiel"), 1);
  store.transaction((tx) => {
    tx.put(boats, { ...anna, name: "clara" });
    assert.equal(store.view(perHarbour).get("kiel"), 2);
    tx.put(boats, { ...anna, harbour: "rostock" });
  });
  assert.deepEqual(Object.fromEntries(store.view(perHarbour)), { kiel: 1, rostock: 1 });
  assert.throws(() =>
    store.transaction((tx) => {
      tx.delete(boats, "anna");
      tx.put(boats, { ...anna, name: "dora" });
      throw new Error("no");
    }),
  );
  assert.deepEqual(Object.fromEntries(store.view(perHarbour)), { kiel: 1, rostock: 1 });
});

test("what is derived from a change is committed with it, once a record, and undone with it", () => {
  interface Sighting {
    readonly id: string;
  }
  const sightings = defineTable<Sighting>()({ name: "sightings", key: ({ id }) => id, indexes: {} });
  const store = new Store(file);
  const told: string[] = [];
  store.derive(boats, ({ before, after }, tx) => {
    tx.put(sightings, { id: `${before?.harbour ?? "-"} to ${after?.harbour ?? "-"}` });
  });
  store.onChange(sightings, ({ key }) => told.push(key));
  store.transaction((tx) => {
    tx.put(boats, { ...anna, harbour: "oslo" });
    tx.put(boats, anna);
  });
  assert.deepEqual(told, ["- to kiel"]);
  assert.throws(() =>
    store.transaction((tx) => {
      tx.delete(boats, "anna");
      throw new Error("no");
    }),
  );
  assert.deepEqual(store.list(sightings), [{ id: "- to kiel" }]);
  store.close();
  assert.deepEqual(new Store(file).list(sightings), [{ id: "- to kiel" }]);
});

test("a derivation that fails undoes the change", () => {
  const store = new Store(file);
  store.derive(boats, () => {
    throw new Error("no room");
  });
  assert.throws(() => store.transaction((tx) => tx.put(boats, anna)), /no room/);
  assert.deepEqual(store.list(boats), []);
});
