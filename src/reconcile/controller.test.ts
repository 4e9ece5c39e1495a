import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "../lib/log.ts";
import { testClock } from "../services/testing.ts";
import { Controller } from "./controller.ts";

function gate(): { wait: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { wait: promise, open: resolve };
}

test("a key queued many times while it waits runs once", async () => {
  let runs = 0;
  const controller = new Controller({
    name: "test",
    clock: testClock(),
    log: silentLog,
    reconcile: async () => {
      runs++;
      return undefined;
    },
  });
  for (let i = 0; i < 10; i++) controller.enqueue("a");
  await controller.settled();
  assert.equal(runs, 1);
});

test("a key runs once at a time, and again when it was queued while it ran", async () => {
  const { wait, open } = gate();
  let running = 0;
  let most = 0;
  let runs = 0;
  const controller = new Controller({
    name: "test",
    clock: testClock(),
    log: silentLog,
    reconcile: async () => {
      running++;
      most = Math.max(most, running);
      if (++runs === 1) await wait;
      running--;
      return undefined;
    },
  });
  controller.enqueue("a");
  await Promise.resolve();
  controller.enqueue("a");
  controller.enqueue("a");
  open();
  await controller.settled();
  assert.equal(most, 1);
  assert.equal(runs, 2);
});

test("no more keys run at once than allowed", async () => {
  let running = 0;
  let most = 0;
  const controller = new Controller({
    name: "test",
    clock: testClock(),
    log: silentLog,
    concurrency: 3,
    reconcile: async () => {
      running++;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return undefined;
    },
  });
  for (let i = 0; i < 20; i++) controller.enqueue(`key${i}`);
  await controller.settled();
  assert.equal(most, 3);
});

test("a failed key is tried again later and later, until it succeeds", async () => {
  const clock = testClock();
  let runs = 0;
  const controller = new Controller({
    name: "test",
    clock,
    log: silentLog,
    reconcile: async () => {
      if (++runs < 3) throw new Error("not yet");
      return undefined;
    },
  });
  controller.enqueue("a");
  await controller.settled();
  assert.equal(runs, 1);
  clock.advance(249);
  await controller.settled();
  assert.equal(runs, 1);
  clock.advance(1);
  await controller.settled();
  assert.equal(runs, 2);
  clock.advance(499);
  await controller.settled();
  assert.equal(runs, 2);
  clock.advance(1);
  await controller.settled();
  assert.equal(runs, 3);
  clock.advance(100_000);
  await controller.settled();
  assert.equal(runs, 3);
});

test("stop waits for what runs and starts nothing more", async () => {
  const { wait, open } = gate();
  let runs = 0;
  const controller = new Controller({
    name: "test",
    clock: testClock(),
    log: silentLog,
    reconcile: async () => {
      runs++;
      await wait;
      return { againAfterMs: 1 };
    },
  });
  controller.enqueue("a");
  await Promise.resolve();
  const stopped = controller.stop();
  controller.enqueue("b");
  open();
  await stopped;
  assert.equal(runs, 1);
});
