import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonKeyOf } from "./json-key.ts";

const OBJECT = JSON.stringify({
  text: "a b",
  count: 42,
  million: 1_000_000,
  wide: 123_456_789.5,
  tiny: 0.00001,
  yes: true,
  none: null,
  list: [1, "x", null],
  map: { b: 2, a: { c: "d" } },
});

test("a member is printed as the agent prints it", () => {
  const printed = (key: string) => {
    const found = jsonKeyOf(OBJECT, key);
    return found.ok ? found.value : found.failure;
  };
  assert.equal(printed("text"), "a b");
  assert.equal(printed("count"), "42");
  assert.equal(printed("million"), "1e+06");
  assert.equal(printed("wide"), "1.234567895e+08");
  assert.equal(printed("tiny"), "1e-05");
  assert.equal(printed("yes"), "true");
  assert.equal(printed("none"), "<nil>");
  assert.equal(printed("list"), "[1 x <nil>]");
  assert.equal(printed("map"), "map[a:map[c:d] b:2]");
});

test("what is no member, or no object, fails in the agent's words", () => {
  const failed = (text: string) => {
    const found = jsonKeyOf(text, "k");
    return found.ok ? undefined : found.failure;
  };
  assert.equal(failed("{}"), "retrieved secret from Secrets Manager did not contain json key k");
  assert.equal(failed("null"), "retrieved secret from Secrets Manager did not contain json key k");
  assert.equal(failed("[]"), "json: cannot unmarshal array into Go value of type map[string]interface {}");
  assert.equal(failed('"s"'), "json: cannot unmarshal string into Go value of type map[string]interface {}");
  assert.equal(failed("open-sesame"), "invalid character 'o' looking for beginning of value");
  assert.equal(failed(""), "unexpected end of JSON input");
});
