import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";
import type { EventRule } from "../../model/events/records.ts";
import { testClock } from "../../services/testing.ts";
import { Store } from "../../store/store.ts";
import { eventRules, pendingEvents } from "../../store/tables/events.ts";
import { createEventScheduleReconciler } from "./event-schedule-reconciler.ts";

const SCOPE = { account: "111122223333", region: "us-east-1" };
const BUS = "arn:aws:events:us-east-1:111122223333:event-bus/default";
const ARN = "arn:aws:events:us-east-1:111122223333:rule/nightly";
const START = Date.UTC(2026, 0, 1, 12, 0, 30);
const MINUTE = 60_000;

function world(scheduleExpression: string, more: Partial<EventRule> = {}) {
  const store = new Store(":memory:");
  const clock = testClock(START);
  const rule: EventRule = {
    ...SCOPE,
    arn: ARN,
    name: "nightly",
    eventBusName: "default",
    eventBusArn: BUS,
    scheduleExpression,
    scheduledSince: START,
    state: "ENABLED",
    createdBy: SCOPE.account,
    targets: [{ Id: "logs", Arn: "arn:aws:logs:us-east-1:111122223333:log-group:g" }],
    tags: [],
    ...more,
  };
  store.transaction((tx) => tx.put(eventRules, rule));
  const parts = { store, clock, random: systemRandom, log: silentLog };
  return {
    store,
    rule,
    start() {
      clock.forget();
      const loop = createEventScheduleReconciler(parts);
      loop.start();
      return loop;
    },
    async advance(loop: { settled(): Promise<void> }, ms: number) {
      await loop.settled();
      await clock.run(ms, () => loop.settled());
    },
    /** Time that goes by while nothing runs. */
    pause(ms: number) {
      clock.forget();
      clock.advance(ms);
    },
    times: () =>
      store
        .list(pendingEvents)
        .map(({ event }) => event.time)
        .sort(),
  };
}

test("a schedule makes an event for the targets of its rule", async () => {
  const { start, advance, store } = world("rate(1 minute)");
  await advance(start(), MINUTE);
  const [pending, ...more] = store.list(pendingEvents);
  assert.deepEqual(more, []);
  assert.deepEqual(pending, {
    busArn: BUS,
    scheduledBy: ARN,
    event: {
      version: "0",
      id: pending?.event.id,
      "detail-type": "Scheduled Event",
      source: "aws.events",
      account: SCOPE.account,
      time: "2026-01-01T12:01:30Z",
      region: SCOPE.region,
      resources: [ARN],
      detail: {},
    },
  });
});

test("a rate runs each period, a cron expression at its minutes", async () => {
  const rate = world("rate(2 minutes)");
  await rate.advance(rate.start(), 5 * MINUTE);
  assert.deepEqual(rate.times(), ["2026-01-01T12:02:30Z", "2026-01-01T12:04:30Z"]);
  const cron = world("cron(0/5 * * * ? *)");
  await cron.advance(cron.start(), 12 * MINUTE);
  assert.deepEqual(cron.times(), ["2026-01-01T12:05:00Z", "2026-01-01T12:10:00Z"]);
});

test("no time runs twice, and none that was missed is made up", async () => {
  const { start, advance, pause, times } = world("rate(1 minute)");
  let loop = start();
  await advance(loop, MINUTE);
  await loop.stop();
  loop = start();
  await advance(loop, 0);
  assert.deepEqual(times(), ["2026-01-01T12:01:30Z"]);
  await loop.stop();
  // Ten minutes without Berth: the last of them is not a minute old.
  pause(10 * MINUTE + 20_000);
  loop = start();
  await advance(loop, 0);
  assert.deepEqual(times(), ["2026-01-01T12:01:30Z", "2026-01-01T12:11:30Z"]);
  await advance(loop, MINUTE);
  assert.deepEqual(times().at(-1), "2026-01-01T12:12:30Z");
  await loop.stop();
  const daily = world("cron(5 12 * * ? *)");
  daily.pause(10 * MINUTE);
  await daily.advance(daily.start(), 0);
  assert.deepEqual(daily.times(), [], "missed by five minutes");
});

test("a disabled rule does not run; one that is enabled begins to", async () => {
  const { start, advance, store, rule, times } = world("rate(1 minute)", { state: "DISABLED" });
  const loop = start();
  await advance(loop, 3 * MINUTE);
  assert.deepEqual(times(), []);
  store.transaction((tx) =>
    tx.put(eventRules, { ...rule, state: "ENABLED", scheduledSince: START + 3 * MINUTE }),
  );
  await advance(loop, MINUTE);
  assert.deepEqual(times(), ["2026-01-01T12:04:30Z"]);
});

test("a rule without targets only remembers that it ran", async () => {
  const { start, advance, store, times } = world("rate(1 minute)", { targets: [] });
  await advance(start(), MINUTE);
  assert.deepEqual(times(), []);
  assert.equal(store.get(eventRules, ARN)?.lastScheduledAt, START + MINUTE);
});

test("a changed schedule counts from its change, and a deleted rule ends", async () => {
  const { start, advance, store, rule, times } = world("rate(1 hour)");
  const loop = start();
  await advance(loop, MINUTE);
  store.transaction((tx) =>
    tx.put(eventRules, {
      ...rule,
      scheduleExpression: "rate(3 minutes)",
      scheduledSince: START + MINUTE,
    }),
  );
  await advance(loop, 4 * MINUTE);
  assert.deepEqual(times(), ["2026-01-01T12:04:30Z"]);
  store.transaction((tx) => tx.delete(eventRules, ARN));
  await advance(loop, 10 * MINUTE);
  assert.equal(times().length, 1);
});
