import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPattern } from "./pattern-check.ts";

/** Texts and columns as EventBridge answers them. */
const ROWS: readonly [pattern: string, problem: string, column?: number][] = [
  ['{"int": 42}', '"int" must be an object or an array', 11],
  ['{"string": "my-value"}', '"string" must be an object or an array', 13],
  ['{"resources": []}', "Empty arrays are not allowed", 17],
  ['["not", "a", "dict"]', "Filter is not an object", 2],
  ['{"detail": {"equal": [{"NUMERIC": ["=", 5]}]}}', "Unrecognized match type NUMERIC", 36],
  ['{"my_key": [{"EXISTS": true}]}', "Unrecognized match type EXISTS", 28],
  ['{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}', "Bad numeric range operator: >", 49],
  ['{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}', "Value of < must be numeric", 50],
  ['{"detail": {"c-count": [{"numeric": 10}]}}', "Value of numeric must be an array.", 39],
  ['{"time": [{"prefix": 123}]}', "prefix match pattern must be a string", 25],
  ['{"FileName": [{"suffix": [".png"]}]}', "suffix match pattern must be a string", 27],
  ['{"EventBusArn": [{"wildcard": 123}]}', "wildcard match pattern must be a string", 34],
  ['{"detail": {"FileName": [{"anything-but": {"prefix": ""}}]}}', "Null prefix/suffix not allowed", 56],
  [
    '{"detail": {"state": [{"anything-but": null}]}}',
    "Value of anything-but must be an array or single string/number value.",
    44,
  ],
  [
    "{'bad': 'quotation'}",
    "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
    2,
  ],
  [
    '{"not": closed mark"',
    "Unrecognized token 'closed': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or " +
      "'false')",
    15,
  ],
  ['{"a": [{"cidr": "10.0.0.1"}]}', "Malformed CIDR, one '/' required"],
  ['{"a": [{"cidr": "10.0.0.0/xx"}]}', "Malformed CIDR, mask bits must be an integer"],
  ['{"a": [{"cidr": "xx.11.xx/8"}]}', "Nonstandard IP address: xx.11.xx"],
];

test("a pattern that is none is told in EventBridge's words, with the place", () => {
  for (const [pattern, problem, column] of ROWS) {
    const place =
      column === undefined ? "" : `\n at [Source: (String)"${pattern}"; line: 1, column: ${column}]`;
    assert.equal(checkPattern(pattern), `${problem}${place}`);
  }
});

test("within a list the place is told twice", () => {
  const pattern = '{"detail": {"state": [{"anything-but": ["stopped", null]}]}}';
  const place = `\n at [Source: (String)"${pattern}"; line: 1, column: 56]`;
  assert.equal(
    checkPattern(pattern),
    `Inside anything but list, start|null|boolean is not supported.${place}${place}`,
  );
});

test("lines are counted, and long patterns are cut", () => {
  assert.match(checkPattern('{\n  "a": 1\n}') ?? "", /; line: 2, column: 9\]$/);
  const long = `{"a": ["${"x".repeat(600)}"], "b": 1}`;
  assert.match(checkPattern(long) ?? "", /"\[truncated \d+ chars\]; line: 1, column: 619\]$/);
});

test("what is left open is told with where it began", () => {
  assert.equal(
    checkPattern('{"a":["b"]'),
    'Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"a":["b"]"; ' +
      'line: 1, column: 1])\n at [Source: (String)"{"a":["b"]"; line: 1, column: 11]',
  );
});
