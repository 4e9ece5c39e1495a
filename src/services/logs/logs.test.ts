import assert from "node:assert/strict";
import { test } from "node:test";
import { sweep } from "../../reconcile/retention/retention-reconciler.ts";
import { testContext } from "../testing.ts";
import { parseFilterPattern } from "./filter-pattern.ts";
import { operations } from "./operations.ts";

const names = { logGroupName: "/ecs/app", logStreamName: "ecs/app/1" };

function withStream() {
  const context = testContext();
  operations.CreateLogGroup({ logGroupName: names.logGroupName }, context);
  operations.CreateLogStream(names, context);
  return context;
}

test("reading forward ends where the token that comes back is the one that was sent", () => {
  const context = withStream();
  const now = context.clock.now();
  const logEvents = ["a", "b", "c"].map((message, index) => ({ timestamp: now + index, message }));
  operations.PutLogEvents({ ...names, logEvents }, context);
  const messages: (string | undefined)[] = [];
  let nextToken: string | undefined;
  for (let pages = 0; pages < 10; pages++) {
    const page = operations.GetLogEvents({ ...names, limit: 2, startFromHead: true, nextToken }, context);
    messages.push(...(page.events ?? []).map(({ message }) => message));
    if (page.nextForwardToken === nextToken) break;
    nextToken = page.nextForwardToken;
  }
  assert.deepEqual(messages, ["a", "b", "c"]);
  operations.PutLogEvents({ ...names, logEvents: [{ timestamp: now + 3, message: "d" }] }, context);
  const more = operations.GetLogEvents({ ...names, nextToken }, context);
  assert.deepEqual(
    more.events?.map(({ message }) => message),
    ["d"],
  );
});

test("without startFromHead the newest lines come, oldest of them first", () => {
  const context = withStream();
  const now = context.clock.now();
  const logEvents = ["a", "b", "c"].map((message, index) => ({ timestamp: now + index, message }));
  operations.PutLogEvents({ ...names, logEvents }, context);
  const page = operations.GetLogEvents({ ...names, limit: 2 }, context);
  assert.deepEqual(
    page.events?.map(({ message }) => message),
    ["b", "c"],
  );
  const earlier = operations.GetLogEvents({ ...names, limit: 2, nextToken: page.nextBackwardToken }, context);
  assert.deepEqual(
    earlier.events?.map(({ message }) => message),
    ["a"],
  );
});

test("the sink tells how far a stream is, and drops lines of a group that is gone", () => {
  const { logStore, scope } = testContext();
  assert.equal(logStore.ensureStream(scope, "g", "s", { createGroup: false }), "no-such-group");
  logStore.append(scope, "g", "s", [{ timestamp: 1, message: "lost" }]);
  assert.equal(logStore.lastTimestamp(scope, "g", "s"), undefined);
  assert.equal(logStore.ensureStream(scope, "g", "s", { createGroup: true }), "ready");
  logStore.append(
    scope,
    "g",
    "s",
    [5, 7, 7].map((timestamp) => ({ timestamp, message: "x" })),
  );
  assert.deepEqual(logStore.lastTimestamp(scope, "g", "s"), { timestamp: 7, lineCount: 2 });
});

test("retention deletes the lines that are older than the group keeps them, and no others", async () => {
  const context = withStream();
  const day = 24 * 60 * 60 * 1000;
  const now = context.clock.now();
  for (const [age, message] of [
    [2, "old"],
    [0, "new"],
  ] as const) {
    operations.PutLogEvents({ ...names, logEvents: [{ timestamp: now - age * day, message }] }, context);
  }
  operations.PutRetentionPolicy({ logGroupName: names.logGroupName, retentionInDays: 1 }, context);
  await sweep(context, () => false);
  const { events } = operations.FilterLogEvents({ logGroupName: names.logGroupName }, context);
  assert.deepEqual(
    events?.map(({ message }) => message),
    ["new"],
  );
});

test("filter patterns match terms, exclusions, alternatives and JSON fields", () => {
  const cases: readonly [string, string, boolean][] = [
    ["", "anything", true],
    ["ERROR 500", "500 is an ERROR", true],
    ["ERROR 404", "500 is an ERROR", false],
    ['"is an"', "500 is an ERROR", true],
    ["ERROR -500", "500 is an ERROR", false],
    ["?WARN ?ERROR", "an ERROR", true],
    ["?WARN ?ERROR", "fine", false],
    ['{ $.level = "err*" && $.n >= 2 }', '{"level":"error","n":2}', true],
    ['{ $.level = "err*" && $.n > 2 }', '{"level":"error","n":2}', false],
    ['{ $.a.b != "x" }', '{"a":{"b":"y"}}', true],
    ["{ $.a = 1 }", "plain text", false],
  ];
  for (const [pattern, message, matches] of cases) {
    assert.equal(parseFilterPattern(pattern)(message), matches, `${pattern} on ${message}`);
  }
  assert.throws(() => parseFilterPattern("{ $.a = }"), { name: "InvalidParameterException" });
});
