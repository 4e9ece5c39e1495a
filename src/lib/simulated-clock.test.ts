import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "./clock.ts";
import { eagerClock, scaledClock } from "./simulated-clock.ts";

/** A machine whose time stands still until it is moved. */
function stoppedMachine(): Clock & { move(ms: number): void } {
  let now = 1_000_000;
  const timers: { at: number; action: () => void }[] = [];
  return {
    now: () => now,
    after(delayMs, action) {
      const timer = { at: now + delayMs, action };
      timers.push(timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    move(ms) {
      now += ms;
      for (const timer of timers.splice(0)) {
        if (timer.at <= now) timer.action();
        else timers.push(timer);
      }
    },
  };
}

async function idle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

test("a scaled clock runs so many times as fast", () => {
  const machine = stoppedMachine();
  const clock = scaledClock(machine, 60);
  const start = clock.now();
  let fired = false;
  clock.after(60_000, () => {
    fired = true;
  });
  machine.move(999);
  assert.equal(fired, false);
  machine.move(1);
  assert.equal(fired, true);
  assert.equal(clock.now() - start, 60_000);
});

test("an eager clock jumps from timer to timer in order, without waiting", async () => {
  const clock = eagerClock(stoppedMachine(), 3_600_000);
  const start = clock.now();
  const seen: string[] = [];
  clock.after(40_000, () => seen.push(`b ${clock.now() - start}`));
  clock.after(10_000, () => {
    seen.push(`a ${clock.now() - start}`);
    clock.after(30_000, () => seen.push(`c ${clock.now() - start}`));
  });
  const cancel = clock.after(20_000, () => seen.push("cancelled"));
  cancel();
  await idle();
  assert.deepEqual(seen, ["a 10000", "b 40000", "c 40000"]);
});

test("an eager clock does not run ahead of its horizon, until something comes from outside", async () => {
  const machine = stoppedMachine();
  const clock = eagerClock(machine, 60_000);
  let ticks = 0;
  const tick = () => {
    ticks += 1;
    clock.after(25_000, tick);
  };
  clock.after(25_000, tick);
  await idle();
  assert.equal(ticks, 2, "50 s are within the horizon of 60 s, 75 s are not");
  clock.touch();
  await idle();
  assert.equal(ticks, 4, "the horizon is counted from the touch at 50 s");
  machine.move(25_000);
  await idle();
  assert.equal(ticks, 5, "beyond it the machine's time goes on");
});
