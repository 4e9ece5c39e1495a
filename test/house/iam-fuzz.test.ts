/**
 * IAM's evaluator beside two others: moto's, and one written in Python from the user guide alone (iam_oracle.py).
 * Policies and requests are drawn from few names, so that they meet often.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { before, describe, it, type TestContext } from "node:test";
import { parsePolicy } from "../../src/model/iam/policy/document.ts";
import { evaluateAccess, type NamedPolicy } from "../../src/model/iam/policy/evaluate.ts";

const CASES = 3000;
/** Another number draws other cases: BERTH_FUZZ_SEED=… node --test test/house/iam-fuzz.test.ts */
const SEED = Number(process.env["BERTH_FUZZ_SEED"] ?? 20_261_121);

interface Case {
  readonly identity: readonly object[];
  readonly boundary?: object;
  readonly session?: readonly object[];
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
}

const ACTIONS = ["ecs:runtask", "ecs:RunTask", "ecs:liststasks", "ecr:getimage", "s3:get"];
const ACTION_PATTERNS = [
  "*",
  "ecs:*",
  "ecs:run*",
  "ECS:Run????",
  "*task",
  "ec?:*",
  "e*:*t*",
  "s3:get",
  "ecs:runtask",
];
const RESOURCES = ["arn/a/b", "arn/a", "arn/b/a", "arn/A/b", "arn/abc/a"];
const RESOURCE_PATTERNS = ["*", "arn/a*", "arn/?/b", "arn/*/a", "*b*", "arn/a/b", "arn/*b*/a", "x*"];
const KEYS = ["aws:One", "aws:two", "AWS:three"];
const VALUES = ["a", "A", "ab", "1", "2.0", "true", "b*"];
const OPERATORS = [
  "StringEquals",
  "StringNotEquals",
  "StringEqualsIgnoreCase",
  "StringNotEqualsIgnoreCase",
  "StringLike",
  "StringNotLike",
  "NumericEquals",
  "NumericNotEquals",
  "NumericLessThan",
  "NumericGreaterThanEquals",
  "Bool",
];

/** Mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function drawCases(count: number, random: () => number): Case[] {
  const chance = (share: number) => random() < share;
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const several = <T>(items: readonly T[], most: number): T[] =>
    Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(items));
  const oneOrMore = (items: readonly string[]) => (chance(0.5) ? pick(items) : several(items, 2));

  function condition(): object {
    if (chance(0.15)) return { Null: { [pick(KEYS)]: pick(["true", "false"]) } };
    const quantifier = chance(0.3) ? pick(["ForAllValues:", "ForAnyValue:"]) : "";
    const operator = `${quantifier}${pick(OPERATORS)}${chance(0.2) ? "IfExists" : ""}`;
    return { [operator]: { [pick(KEYS)]: oneOrMore(VALUES) } };
  }
  const statement = (plain: boolean) => ({
    Effect: chance(0.75) ? "Allow" : "Deny",
    [chance(0.85) ? "Action" : "NotAction"]: oneOrMore(
      plain ? ["*", "ecs:*", "ecs:run*", "s3:get", "e*:*t*"] : ACTION_PATTERNS,
    ),
    [plain || chance(0.85) ? "Resource" : "NotResource"]: oneOrMore(
      plain ? ["*", "arn/a*", "arn/*/a", "*b*", "x*"] : RESOURCE_PATTERNS,
    ),
    ...(plain || chance(0.5) ? {} : { Condition: condition() }),
  });
  const policy = (plain: boolean) => ({
    Version: "2012-10-17",
    Statement: Array.from({ length: 1 + Math.floor(random() * 3) }, () => statement(plain)),
  });
  return Array.from({ length: count }, () => {
    const plain = chance(0.35);
    return {
      identity: Array.from({ length: 1 + Math.floor(random() * 2) }, () => policy(plain)),
      ...(!plain && chance(0.3) ? { boundary: policy(false) } : {}),
      ...(!plain && chance(0.3) ? { session: [policy(false)] } : {}),
      action: plain ? pick(["ecs:runtask", "ecr:getimage", "s3:get"]) : pick(ACTIONS),
      resource: pick(RESOURCES),
      context: Object.fromEntries(
        KEYS.filter(() => chance(0.6)).map((key) => [key, several(VALUES, chance(0.3) ? 3 : 1)]),
      ),
    };
  });
}

function decide({ identity, boundary, session, action, resource, context }: Case): string {
  const named = (document: object): NamedPolicy => {
    const parsed = parsePolicy(JSON.stringify(document));
    assert.ok(parsed);
    return { name: "p", document: parsed };
  };
  return evaluateAccess(
    {
      identity: identity.map(named),
      ...(boundary === undefined ? {} : { boundary: named(boundary) }),
      ...(session === undefined ? {} : { session: session.map(named) }),
    },
    {
      action,
      resource,
      principal: { account: "000000000000", arn: "arn:aws:iam::000000000000:user/u" },
      context: new Map(Object.entries(context).map(([key, values]) => [key.toLowerCase(), values])),
    },
  ).effect;
}

describe("IAM's evaluator beside others", () => {
  const cases = drawCases(CASES, generator(SEED));
  let answers: readonly { readonly own: string; readonly moto: string | null }[] | undefined;
  let missing = "";

  before(() => {
    const script = new URL("iam_oracle.py", import.meta.url).pathname;
    const { status, stdout, stderr, error } = spawnSync("python3", [script], {
      input: JSON.stringify(cases),
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      timeout: 120_000,
    });
    if (error !== undefined) missing = `python3 cannot be started: ${error.message}`;
    else if (status !== 0) assert.fail(stderr);
    else answers = JSON.parse(stdout);
  });

  const differing = (other: (index: number) => string | null | undefined) =>
    cases.flatMap((drawn, index) => {
      const wanted = other(index);
      const found = decide(drawn);
      return wanted === null || wanted === undefined || wanted === found ? [] : [{ wanted, found, drawn }];
    });

  it("a plain reading of the user guide decides the same", (test: TestContext) => {
    if (answers === undefined) return test.skip(missing);
    assert.deepEqual(differing((index) => answers?.[index]?.own).slice(0, 3), []);
    const effects = new Set(answers.map(({ own }) => own));
    assert.deepEqual([...effects].sort(), ["allow", "explicit-deny", "implicit-deny"]);
  });

  it("moto decides the same, where it can be asked", (test: TestContext) => {
    if (answers === undefined) return test.skip(missing);
    const asked = answers.filter(({ moto }) => moto !== null).length;
    if (asked === 0) return test.skip("moto is not installed");
    assert.ok(asked > CASES / 10, `only ${asked} cases`);
    assert.deepEqual(differing((index) => answers?.[index]?.moto).slice(0, 3), []);
  });
});
