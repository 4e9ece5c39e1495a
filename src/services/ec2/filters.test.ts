import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ec2";
import type { Tag } from "../../model/tags.ts";
import { type FilterTable, filtered, wildcardPattern } from "./filters.ts";
import { assertFails } from "./testing.ts";

interface Thing {
  readonly id: string;
  readonly colours: readonly string[];
  readonly on: boolean;
  readonly tags: readonly Tag[];
}

const TABLE: FilterTable<Thing> = { id: (t) => t.id, colour: (t) => t.colours, on: (t) => t.on };

const THINGS: Thing[] = [
  { id: "a-1", colours: ["red", "blue"], on: true, tags: [{ key: "Name", value: "web" }] },
  { id: "a-2", colours: ["red"], on: false, tags: [{ key: "Name", value: "Web" }] },
  { id: "b-1", colours: [], on: false, tags: [{ key: "env", value: "" }] },
];

function ids(...filters: wire.Filter[]): string[] {
  return filtered(THINGS, filters, TABLE).map((thing) => thing.id);
}

test("several filters must all match, several values of one need match once", () => {
  assert.deepEqual(ids({ Name: "id", Values: ["a-1", "b-1"] }), ["a-1", "b-1"]);
  assert.deepEqual(ids({ Name: "id", Values: ["a-1", "b-1"] }, { Name: "on", Values: ["false"] }), ["b-1"]);
  assert.deepEqual(ids(), ["a-1", "a-2", "b-1"]);
});

test("a filter over a list matches when any of the list's values does", () => {
  assert.deepEqual(ids({ Name: "colour", Values: ["blue"] }), ["a-1"]);
  assert.deepEqual(ids({ Name: "colour", Values: ["red"] }), ["a-1", "a-2"]);
});

test("values are case-sensitive and match as a whole", () => {
  assert.deepEqual(ids({ Name: "tag:Name", Values: ["web"] }), ["a-1"]);
  assert.deepEqual(ids({ Name: "id", Values: ["a"] }), []);
});

test("an asterisk is any text, a question mark at most one character, a backslash takes their meaning", () => {
  assert.deepEqual(ids({ Name: "id", Values: ["a*"] }), ["a-1", "a-2"]);
  assert.deepEqual(ids({ Name: "id", Values: ["?-1"] }), ["a-1", "b-1"]);
  assert.ok(wildcardPattern("colo?r").test("color"));
  assert.ok(wildcardPattern("colou?r").test("colour"));
  assert.ok(!wildcardPattern("colou?r").test("colouxyr"));
  assert.ok(wildcardPattern("100\\%\\*").test("100%*"));
  assert.ok(!wildcardPattern("a\\*").test("abc"));
  assert.ok(!wildcardPattern("10.0.0.0/16").test("10x0x0x0/16"));
});

test("tags are filtered by key, by key and value, and by empty value", () => {
  assert.deepEqual(ids({ Name: "tag-key", Values: ["Name"] }), ["a-1", "a-2"]);
  assert.deepEqual(ids({ Name: "tag:Name", Values: ["*eb"] }), ["a-1", "a-2"]);
  assert.deepEqual(ids({ Name: "tag:env", Values: [] }), ["b-1"]);
});

test("a filter name that the operation does not know is refused", () => {
  for (const Name of ["colours", "constructor", "tag"]) {
    assertFails(
      () => ids({ Name, Values: ["x"] }),
      "InvalidParameterValue",
      `The filter '${Name}' is invalid`,
    );
  }
  assertFails(() => ids({ Values: ["x"] }), "InvalidParameterValue", "The filter 'null' is invalid");
});

test("more than 200 filter values are refused", () => {
  const values = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`);
  assert.deepEqual(ids({ Name: "id", Values: values(200) }), []);
  assertFails(() => ids({ Name: "id", Values: values(201) }), "FilterLimitExceeded");
});

test("many wildcards take no longer than few", () => {
  const started = performance.now();
  assert.ok(!wildcardPattern(`${"*a".repeat(50)}*b`).test("a".repeat(500)));
  assert.ok(performance.now() - started < 1000);
});
