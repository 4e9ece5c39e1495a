import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Below, lookUp } from "./lookup.ts";
import { indexZones, type Zone, type ZoneRecordSet } from "./zones.ts";

const first: Below = () => 0;

function set(name: string, type: string, values: string[], more: Partial<ZoneRecordSet> = {}): ZoneRecordSet {
  return { name, type, values, ttlSeconds: 60, selection: "all", ...more };
}

function zone(name: string, recordSets: ZoneRecordSet[], more: Partial<Zone> = {}): Zone {
  return { name, private: false, soa: { ttlSeconds: 900, nameServer: "ns." }, recordSets, ...more };
}

function ask(zones: Zone[], name: string, type = "A", below = first) {
  const answer = lookUp(indexZones(zones), name, type, below);
  return {
    code: answer.code,
    values: answer.answers.map((record) => record.value),
    authority: answer.authority[0]?.name,
  };
}

describe("which zone answers", () => {
  const outer = zone("example.com.", [set("a.sub.example.com.", "A", ["10.0.0.1"])]);
  const inner = zone("sub.example.com.", [set("b.sub.example.com.", "A", ["10.0.0.2"])]);

  test("the most specific one, and no other is asked when it does not know the name", () => {
    assert.equal(ask([outer, inner], "a.sub.example.com.").code, "NXDOMAIN");
    assert.deepEqual(ask([outer, inner], "b.sub.example.com.").values, ["10.0.0.2"]);
  });

  test("a private zone hides public ones, even more specific ones", () => {
    const hidden = [{ ...outer, private: true }, inner];
    assert.deepEqual(ask(hidden, "a.sub.example.com.").values, ["10.0.0.1"]);
    assert.equal(ask(hidden, "b.sub.example.com.").code, "NXDOMAIN");
  });

  test("a name that only looks like one below the zone is not in it", () => {
    assert.equal(ask([outer], "notexample.com.").code, "SERVFAIL");
  });

  test("a name in no zone cannot be found out", () => {
    assert.equal(ask([outer], "example.org.").code, "SERVFAIL");
    assert.equal(ask([], ".").code, "SERVFAIL");
  });

  test("a public zone's delegation to servers elsewhere cannot be followed, a private zone's has no meaning", () => {
    const delegating = zone("example.com.", [set("aws.example.com.", "NS", ["ns-1.elsewhere.org."])]);
    assert.equal(ask([delegating], "www.aws.example.com.").code, "SERVFAIL");
    assert.deepEqual(ask([delegating], "aws.example.com.", "NS").values, ["ns-1.elsewhere.org."]);
    assert.equal(ask([{ ...delegating, private: true }], "www.aws.example.com.").code, "NXDOMAIN");
  });
});

describe("negative answers", () => {
  const records = zone("example.com.", [
    set("www.example.com.", "A", ["10.0.0.1"]),
    set("x.y.example.com.", "A", ["10.0.0.2"]),
  ]);

  test("another type of an existing name is no data, with the zone's SOA", () => {
    assert.deepEqual(ask([records], "www.example.com.", "AAAA"), {
      code: "NOERROR",
      values: [],
      authority: "example.com.",
    });
  });

  test("a name that only has names below it exists", () => {
    assert.equal(ask([records], "y.example.com.").code, "NOERROR");
    assert.equal(ask([records], "z.example.com.").code, "NXDOMAIN");
  });
});

describe("wildcards", () => {
  const wild = zone("example.com.", [
    set("*.example.com.", "A", ["10.0.0.9"]),
    set("host.example.com.", "TXT", ['"x"']),
    set("deep.sub.example.com.", "A", ["10.0.0.2"]),
  ]);

  test("stand for every name below that does not exist, however deep", () => {
    assert.deepEqual(ask([wild], "any.example.com.").values, ["10.0.0.9"]);
    assert.deepEqual(ask([wild], "a.b.c.example.com.").values, ["10.0.0.9"]);
  });

  test("do not stand for a name that exists with another type", () => {
    assert.deepEqual(ask([wild], "host.example.com."), {
      code: "NOERROR",
      values: [],
      authority: "example.com.",
    });
  });

  test("do not reach below a name that exists", () => {
    assert.equal(ask([wild], "other.sub.example.com.").code, "NXDOMAIN");
  });
});

describe("aliases by CNAME", () => {
  test("are followed through zones, with each step in the answer", () => {
    const zones = [
      zone("a.com.", [set("www.a.com.", "CNAME", ["web.b.com"])]),
      zone("b.com.", [set("web.b.com.", "A", ["10.0.0.1"])]),
    ];
    assert.deepEqual(ask(zones, "www.a.com.").values, ["web.b.com", "10.0.0.1"]);
    assert.deepEqual(ask(zones, "www.a.com.", "CNAME").values, ["web.b.com"]);
  });

  test("end in failure when they go in circles or out of what is known", () => {
    const zones = [
      zone("a.com.", [
        set("x.a.com.", "CNAME", ["y.a.com."]),
        set("y.a.com.", "CNAME", ["x.a.com."]),
        set("out.a.com.", "CNAME", ["example.org."]),
      ]),
    ];
    assert.equal(ask(zones, "x.a.com.").code, "SERVFAIL");
    assert.equal(ask(zones, "out.a.com.").code, "SERVFAIL");
  });
});

describe("routing policies", () => {
  const random = (bound: number) => Math.floor(Math.random() * bound);

  test("multivalue gives at most eight of the choices, and not always the same", () => {
    const many = zone(
      "local.",
      Array.from({ length: 20 }, (_, i) =>
        set("app.local.", "A", [`10.0.0.${i}`], { selection: "multivalue" }),
      ),
    );
    const seen = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const { values } = ask([many], "app.local.", "A", random);
      assert.equal(new Set(values).size, 8);
      for (const value of values) seen.add(value);
    }
    assert.equal(seen.size, 20);
  });

  test("weighted gives one choice, never one of weight 0", () => {
    const weighted = zone("local.", [
      set("app.local.", "A", ["10.0.0.1"], { selection: "weighted", weight: 3 }),
      set("app.local.", "A", ["10.0.0.2"], { selection: "weighted", weight: 1 }),
      set("app.local.", "A", ["10.0.0.3"], { selection: "weighted", weight: 0 }),
    ]);
    const at = (point: number) =>
      ask([weighted], "app.local.", "A", (bound) => Math.min(point, bound - 1)).values;
    assert.deepEqual([at(0), at(2), at(3)], [["10.0.0.1"], ["10.0.0.1"], ["10.0.0.2"]]);
  });

  test("when all weights are 0, all are equal", () => {
    const weighted = zone("local.", [
      set("app.local.", "A", ["10.0.0.1"], { selection: "weighted", weight: 0 }),
      set("app.local.", "A", ["10.0.0.2"], { selection: "weighted", weight: 0 }),
    ]);
    assert.deepEqual(ask([weighted], "app.local.", "A", (bound) => bound - 1).values, ["10.0.0.2"]);
  });
});
