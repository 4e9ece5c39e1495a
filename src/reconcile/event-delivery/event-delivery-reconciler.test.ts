import assert from "node:assert/strict";
import { test } from "node:test";
import { eventRules, pendingEvents } from "../../store/tables/events.ts";
import { roles } from "../../store/tables/iam.ts";
import { logStreams } from "../../store/tables/logs.ts";
import { mayRetry, retryDelayMs } from "./retry.ts";
import { BUS, EVENT, GROUP, OTHER_BUS, ROLE, SCOPE, START, world } from "./testing.ts";

test("an event goes to the log groups of the rules that want it, each time to a stream of its own", async () => {
  const { start, allowLogs, rule, send, lines, store } = world();
  allowLogs();
  rule("all", [{ Id: "1", Arn: GROUP }]);
  rule("again", [
    {
      Id: "1",
      Arn: GROUP,
      InputTransformer: {
        InputPathsMap: { time: "$.time", a: "$.detail.a" },
        InputTemplate: '{"timestamp": <time>, "message": "a is <a>"}',
      },
    },
  ]);
  store.transaction((tx) =>
    tx.put(eventRules, { ...rule("off", [{ Id: "1", Arn: GROUP }]), state: "DISABLED" }),
  );
  const loop = start();
  send();
  await loop.settled();
  const written = lines();
  assert.deepEqual(written.map(({ message }) => message).sort(), ["a is 1", JSON.stringify(EVENT)]);
  assert.deepEqual(new Set(written.map(({ timestamp }) => timestamp)), new Set([START - 60_000]));
  const streams = new Set(written.map(({ streamName }) => streamName));
  assert.equal(streams.size, 2);
  for (const name of streams)
    assert.match(name, /^[0-9a-f]{8}-[0-9a-f]{4}-3[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(store.list(pendingEvents), []);
  await loop.stop();
});

test("an event that was written when Berth ended is not written twice", async () => {
  const { start, allowLogs, rule, send, lines } = world();
  allowLogs();
  rule("all", [{ Id: "1", Arn: GROUP }]);
  send();
  const first = start();
  await first.settled();
  await first.stop();
  // As if its end had come before it forgot the event.
  send();
  const second = start();
  await second.settled();
  assert.equal(lines().length, 1);
  await second.stop();
});

test("without a resource policy that lets EventBridge write, an event is dropped", async () => {
  const policies: readonly (object | undefined)[] = [
    undefined,
    { Principal: { Service: "ecs.amazonaws.com" } },
    { Action: "logs:PutLogEvents" },
    { Resource: GROUP },
    { Condition: { ArnEquals: { "aws:SourceArn": "arn:aws:events:us-east-1:111122223333:rule/other" } } },
    { Effect: "Deny" },
  ];
  for (const policy of policies) {
    const { start, allowLogs, rule, send, lines, store } = world();
    if (policy !== undefined) allowLogs(policy);
    rule("all", [{ Id: "1", Arn: GROUP }]);
    send();
    const loop = start();
    await loop.settled();
    assert.deepEqual([lines(), store.list(pendingEvents), store.list(logStreams)], [[], [], []]);
    await loop.stop();
  }
  for (const policy of [
    { Principal: { Service: "events.amazonaws.com" }, Action: "logs:*", Resource: "*" },
    { Condition: { ArnEquals: { "aws:SourceArn": "arn:aws:events:us-east-1:111122223333:rule/all" } } },
  ]) {
    const { start, allowLogs, rule, send, lines } = world();
    allowLogs(policy);
    rule("all", [{ Id: "1", Arn: GROUP }]);
    send();
    const loop = start();
    await loop.settled();
    assert.equal(lines().length, 1);
    await loop.stop();
  }
});

test("what fails is tried again with back-off, and over restarts", async () => {
  const { start, allowLogs, rule, send, lines, store, broken, advance } = world();
  allowLogs();
  rule("all", [{ Id: "1", Arn: GROUP }]);
  broken.until = START + 60_000;
  send();
  const first = start();
  await first.settled();
  await advance(first, 10_000);
  assert.ok(broken.attempts >= 3 && broken.attempts <= 6, String(broken.attempts));
  await first.stop();
  assert.equal(store.list(pendingEvents)[0]?.retry?.since, START);
  const second = start();
  await second.settled();
  await advance(second, 300_000);
  assert.equal(lines().length, 1);
  assert.deepEqual(store.list(pendingEvents), []);
  await second.stop();
});

test("a target's own retry policy ends it", async () => {
  const { start, allowLogs, rule, send, store, broken, advance } = world();
  allowLogs();
  rule("all", [{ Id: "1", Arn: GROUP, RetryPolicy: { MaximumRetryAttempts: 2 } }]);
  broken.until = Number.POSITIVE_INFINITY;
  send();
  const loop = start();
  await loop.settled();
  await advance(loop, 3_600_000);
  assert.equal(broken.attempts, 3);
  assert.deepEqual(store.list(pendingEvents), []);
  await loop.stop();
});

test("an event goes to another bus by the target's role, and from there to no third", async () => {
  const { start, allowLogs, rule, send, lines, store } = world();
  allowLogs();
  const trust = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "events.amazonaws.com" } },
    ],
  };
  const role = (policy: object[]) =>
    store.transaction((tx) =>
      tx.put(roles, {
        account: SCOPE.account,
        arn: ROLE,
        roleName: "bus",
        roleId: "AROABUS",
        path: "/",
        assumeRolePolicyDocument: JSON.stringify(trust),
        maxSessionDurationSeconds: 3600,
        inlinePolicies: [
          {
            policyName: "p",
            policyDocument: JSON.stringify({ Version: "2012-10-17", Statement: policy }),
          },
        ],
        attachedPolicyArns: [],
        createDate: 0,
        tags: [],
      }),
    );
  role([]);
  rule("to-other", [{ Id: "1", Arn: OTHER_BUS, RoleArn: ROLE }]);
  rule("again", [{ Id: "1", Arn: OTHER_BUS, RoleArn: ROLE }]);
  rule("back", [{ Id: "1", Arn: BUS, RoleArn: ROLE }], OTHER_BUS);
  rule("logged", [{ Id: "1", Arn: GROUP }], OTHER_BUS);
  const loop = start();
  send();
  await loop.settled();
  assert.deepEqual([lines(), store.list(pendingEvents)], [[], []]);
  role([{ Effect: "Allow", Action: "events:PutEvents", Resource: OTHER_BUS }]);
  send();
  await loop.settled();
  assert.deepEqual(
    lines().map(({ message }) => message),
    [JSON.stringify(EVENT), JSON.stringify(EVENT)],
    "once by each rule that sends it there",
  );
  assert.deepEqual(store.list(pendingEvents), []);
  await loop.stop();
});

test("events are tried for 24 hours and 185 times unless the target says otherwise", () => {
  const hour = 60 * 60 * 1000;
  assert.equal(mayRetry(undefined, { retries: 184, ageMs: 24 * hour - 1 }), true);
  assert.equal(mayRetry(undefined, { retries: 185, ageMs: 0 }), false);
  assert.equal(mayRetry(undefined, { retries: 0, ageMs: 24 * hour }), false);
  assert.equal(mayRetry({ MaximumEventAgeInSeconds: 60 }, { retries: 1, ageMs: 60_000 }), false);
  assert.equal(mayRetry({ MaximumRetryAttempts: 0 }, { retries: 0, ageMs: 0 }), false);
  assert.equal(
    retryDelayMs(0, () => 0),
    500,
  );
  assert.equal(
    retryDelayMs(100, (bound) => bound - 1),
    719_999,
  );
});
