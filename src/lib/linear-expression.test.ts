import assert from "node:assert/strict";
import { test } from "node:test";
import { linearExpression } from "./linear-expression.ts";

test("an expression is matched in linear time", () => {
  const started = performance.now();
  assert.equal(linearExpression("^(a+)+$").test(`${"a".repeat(50_000)}b`), false);
  assert.ok(performance.now() - started < 2000);
});

test("it finds what expressions find", () => {
  const date = linearExpression("^\\[\\d{4}-(0[1-9]|1[0-2])\\] (?:INFO|WARN)\\b");
  assert.ok(date.test("[2026-11] INFO é"));
  assert.ok(!date.test(" [2026-11] INFO"));
});

test("what is none, or cannot be matched so, is refused", () => {
  for (const pattern of ["(", "(a)\\1", "^(?!a)", "(?=a)"]) {
    assert.throws(() => linearExpression(pattern), SyntaxError);
  }
});
