import assert from "node:assert/strict";
import { test } from "node:test";
import { logOptionsFault } from "./log-configuration.ts";
import { createLineJoiner, dateTimePattern } from "./multiline.ts";

function join(pattern: RegExp | undefined, lines: readonly (readonly [number, string])[]): string[] {
  const joiner = createLineJoiner(pattern);
  const events = lines.map(([timestamp, message]) => joiner.push({ timestamp, message }));
  return [...events, joiner.flush()].flatMap((event) =>
    event === undefined ? [] : [`${event.timestamp} ${event.message}`],
  );
}

test("lines that do not match belong to the event before, which has the time of its first line", () => {
  const lines = [
    [1, "INFO one"],
    [2, "  at a"],
    [3, "  at b"],
    [4, "INFO two"],
  ] as const;
  assert.deepEqual(join(/^INFO/, lines), ["1 INFO one\n  at a\n  at b\n", "4 INFO two\n"]);
  assert.equal(join(undefined, lines).length, 4);
});

test("an event is not held for longer than five seconds", () => {
  assert.deepEqual(
    join(/^INFO/, [
      [0, "INFO one"],
      [4999, "more"],
      [5000, "late"],
    ]),
    ["0 INFO one\nmore\n", "5000 late\n"],
  );
});

test("an event is no larger than CloudWatch Logs takes", () => {
  const long = "x".repeat(200_000);
  assert.equal(
    join(/^INFO/, [
      [0, long],
      [1, long],
    ]).length,
    2,
  );
});

test("an event of many lines takes no longer than its lines", () => {
  const started = performance.now();
  const lines = Array.from({ length: 200_000 }, () => [0, "x"] as const);
  assert.equal(join(/^INFO/, lines).length, 2);
  assert.ok(performance.now() - started < 2000);
});

test("date formats are those of strftime", () => {
  const matches = (format: string, text: string) => new RegExp(dateTimePattern(format)).test(text);
  assert.ok(matches("\\[%Y-%m-%d %H:%M:%S\\]", "[2026-11-21 09:30:59] up"));
  assert.ok(!matches("\\[%Y-%m-%d %H:%M:%S\\]", "[2026-13-21 09:30:59] up"));
  assert.ok(matches("%b %d, %Y %I:%M %p", "Nov 21, 2026 09:30 AM"));
  assert.ok(!matches("%H\\.%M", "09x30"));
  assert.ok(matches("%H.%M", "09x30"), "what is not of the date is a pattern");
});

test("what the driver refuses is refused in its words", () => {
  const fault = (options: Record<string, string>) =>
    logOptionsFault({ logConfiguration: { logDriver: "awslogs", options } });
  assert.equal(fault({ "awslogs-group": "g", mode: "non-blocking", "max-buffer-size": "4m" }), undefined);
  assert.equal(fault({ color: "red" }), "unknown log opt 'color' for awslogs log driver");
  assert.equal(
    fault({ "awslogs-datetime-format": "%Y", "awslogs-multiline-pattern": "^a" }),
    "you cannot configure log opt 'awslogs-datetime-format' and 'awslogs-multiline-pattern' at the same time",
  );
  assert.match(
    fault({ "awslogs-multiline-pattern": "(" }) ?? "",
    /could not parse multiline pattern key "\("/,
  );
  assert.match(fault({ "awslogs-multiline-pattern": "^(?!a)" }) ?? "", /could not parse multiline pattern/);
  assert.equal(
    fault({ "awslogs-datetime-format": "(%Y" }),
    'awslogs could not parse multiline pattern key "(\\d{4}"',
  );
});
