import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePattern } from "./pattern.ts";
import { seededRandom } from "./testing.ts";

function matches(source: string, text: string): boolean {
  const pattern = compilePattern(source);
  assert.ok(pattern.ok, `${source}: ${pattern.ok ? "" : pattern.failure}`);
  return pattern.value.matches(text);
}

test("patterns match the whole text", () => {
  assert.equal(matches("t2.*", "t2.micro"), true);
  assert.equal(matches("t2", "t2.micro"), false);
  assert.equal(matches("^t2.micro$", "t2.micro"), true);
  assert.equal(matches("t2\\.(micro|small)", "t2.small"), true);
  assert.equal(matches("t2\\.micro", "t2xmicro"), false);
  assert.equal(matches("[a-c]{2,3}", "abc"), true);
  assert.equal(matches("[a-c]{2,3}", "abca"), false);
  assert.equal(matches("[^a-c]+\\d?", "xyz5"), true);
  assert.equal(matches("(?:ab)*?c", "ababc"), true);
  assert.equal(matches("\\w+-\\d+", "node-12"), true);
  assert.equal(matches("", ""), true);
});

test("what cannot be matched in linear time, or is malformed, is refused", () => {
  for (const source of ["(a)\\1", "a(?=b)", "a++", "(a", "a)", "*a", "a{2", "a{3,2}", "[b-a]", "[", "\\"]) {
    assert.equal(compilePattern(source).ok, false, source);
  }
});

test("random patterns agree with JavaScript's own", () => {
  const random = seededRandom(7);
  const atoms = ["a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab)", "\\w", "(a|)"];
  const counts = ["", "", "*", "+", "?", "{2}", "{1,2}", "{0,}"];
  const pick = (list: readonly string[]): string => list[random.below(list.length)] ?? "";
  for (let round = 0; round < 2000; round++) {
    const source = Array.from({ length: 1 + random.below(4) }, () => pick(atoms) + pick(counts)).join("");
    const text = random.text(random.below(6), "abc");
    assert.equal(matches(source, text), new RegExp(`^(?:${source})$`).test(text), `${source} on '${text}'`);
  }
});
