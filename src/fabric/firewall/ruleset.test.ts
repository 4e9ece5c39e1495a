import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fingerprint, type NamedSet, type Ruleset, readStamp, renderChange, renderTable } from "./ruleset.ts";

const TABLE = "inet t";
const BASE = "type filter hook forward priority filter; policy drop;";

function set(...elements: string[]): NamedSet {
  return { kind: "set", type: "ipv4_addr", elements: new Map(elements.map((element) => [element, ""])) };
}

function verdicts(elements: Record<string, string>): NamedSet {
  return { kind: "map", type: "ifname : verdict", elements: new Map(Object.entries(elements)) };
}

function ruleset(sets: Record<string, NamedSet>, chains: Record<string, string[]>): Ruleset {
  return {
    sets: new Map(Object.entries(sets)),
    chains: new Map(
      Object.entries(chains).map(([name, rules]) => [name, { hook: name === "base" ? BASE : "", rules }]),
    ),
  };
}

/** The change without the stamp that ends each. */
function change(from: Ruleset, to: Ruleset): string[] | undefined {
  const lines = renderChange(TABLE, from, to)?.trimEnd().split("\n");
  const stamp = lines?.splice(-2);
  if (stamp !== undefined) {
    assert.deepEqual(stamp, [
      "flush chain inet t stamp",
      `add rule inet t stamp accept comment "${fingerprint(to)}"`,
    ]);
  }
  return lines;
}

describe("renderTable", () => {
  it("writes sets, maps, chains and the stamp, in the order of their names", () => {
    const text = renderTable(
      TABLE,
      ruleset(
        { m: verdicts({ '"b"': "goto x", '"a"': "goto x" }), s: set() },
        { x: ["accept"], base: ["iifname vmap @m"] },
      ),
      "abc",
    );
    assert.equal(
      text,
      `table inet t {
  map m {
    type ifname : verdict;
    elements = {
      "a" : goto x,
      "b" : goto x,
    }
  }
  set s {
    type ipv4_addr;
  }
  chain base {
    ${BASE}
    iifname vmap @m
  }
  chain stamp {
    accept comment "abc"
  }
  chain x {
    accept
  }
}
`,
    );
    assert.equal(readStamp(text), "abc");
  });

  it("has one fingerprint for one meaning, whatever the order it was built in", () => {
    const a = ruleset({ s: set("10.0.0.1", "10.0.0.2") }, { x: ["accept"], y: ["drop"] });
    const b = ruleset({ s: set("10.0.0.2", "10.0.0.1") }, { y: ["drop"], x: ["accept"] });
    assert.equal(fingerprint(a), fingerprint(b));
    assert.notEqual(
      fingerprint(a),
      fingerprint(ruleset({ s: set("10.0.0.1") }, { x: ["accept"], y: ["drop"] })),
    );
  });
});

describe("renderChange", () => {
  it("is one element for one more member", () => {
    const chains = { x: ["ip saddr @s accept"] };
    assert.deepEqual(
      change(ruleset({ s: set("10.0.0.1") }, chains), ruleset({ s: set("10.0.0.1", "10.0.0.2") }, chains)),
      ["add element inet t s { 10.0.0.2 }"],
    );
  });

  it("fills a changed chain anew and leaves the others alone", () => {
    assert.deepEqual(change(ruleset({}, { x: ["a"], y: ["b"] }), ruleset({}, { x: ["a", "c"], y: ["b"] })), [
      "flush chain inet t x",
      "add rule inet t x a",
      "add rule inet t x c",
    ]);
  });

  it("makes chains before the elements that go to them, and removes them after", () => {
    assert.deepEqual(
      change(
        ruleset({ m: verdicts({ '"a"': "goto x" }) }, { x: ["accept"] }),
        ruleset({ m: verdicts({ '"a"': "goto y" }) }, { y: ["accept"] }),
      ),
      [
        "add chain inet t y",
        "add rule inet t y accept",
        'delete element inet t m { "a" }',
        'add element inet t m { "a" : goto y }',
        "flush chain inet t x",
        "delete chain inet t x",
      ],
    );
  });

  it("empties a map that goes before it removes the chains that it leads to", () => {
    assert.deepEqual(change(ruleset({ m: verdicts({ '"a"': "goto x" }) }, { x: [] }), ruleset({}, {})), [
      "flush map inet t m",
      "flush chain inet t x",
      "delete map inet t m",
      "delete chain inet t x",
    ]);
  });

  it("makes and removes base chains with their hooks", () => {
    assert.deepEqual(change(ruleset({}, {}), ruleset({}, { base: ["accept"] })), [
      `add chain inet t base { ${BASE} }`,
      "add rule inet t base accept",
    ]);
  });

  it("is not possible when a hook or a type changes", () => {
    const other: Ruleset = { sets: new Map(), chains: new Map([["base", { hook: "other", rules: [] }]]) };
    assert.equal(change(ruleset({}, { base: [] }), other), undefined);
    assert.equal(change(ruleset({ m: set() }, {}), ruleset({ m: verdicts({}) }, {})), undefined);
  });
});
