/** A handler's context for tests: a store in memory, a clock that stands still until told, real randomness. */
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { silentLog } from "../lib/log.ts";
import { systemRandom } from "../lib/random.ts";
import { LogStore } from "../store/log-store.ts";
import { ObjectStore } from "../store/object-store.ts";
import { Store } from "../store/store.ts";
import { TrailStore } from "../store/trail-store.ts";
import type { HandlerContext } from "./operation.ts";

export interface TestClock extends Clock {
  advance(ms: number): void;
  /** Timer by timer, each with what follows from it. */
  run(ms: number, settled: () => Promise<void>): Promise<void>;
  /** As when the process has ended. */
  forget(): void;
}

export function testClock(start = Date.UTC(2026, 0, 1)): TestClock {
  let now = start;
  let timers: { readonly at: number; readonly action: () => void }[] = [];
  return {
    now: () => now,
    after(delayMs, action) {
      const timer = { at: now + delayMs, action };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      now += ms;
      const due = timers.filter((timer) => timer.at <= now);
      timers = timers.filter((timer) => timer.at > now);
      for (const timer of due) timer.action();
    },
    async run(ms, settled) {
      const end = now + ms;
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        now = Math.max(now, next.at);
        timers = timers.filter((timer) => timer !== next);
        next.action();
        await settled();
      }
      now = end;
    },
    forget() {
      timers = [];
    },
  };
}

/** Made when the first object is written. */
const OBJECTS = join(tmpdir(), `berth-objects-${process.pid}`);
process.once("exit", () => rmSync(OBJECTS, { recursive: true, force: true }));

export function testContext(overrides: Partial<HandlerContext> = {}): HandlerContext {
  const store = overrides.store ?? new Store(":memory:");
  const clock = overrides.clock ?? testClock();
  return {
    scope: { account: "000000000000", region: "ap-northeast-1" },
    caller: {
      accessKeyId: "test",
      arn: "arn:aws:iam::000000000000:user/berth",
      userId: "AIDABERTH",
      principal: { kind: "operator" },
    },
    requestId: "00000000-0000-0000-0000-000000000000",
    store,
    logStore: new LogStore(":memory:", store, clock),
    objectStore: new ObjectStore(OBJECTS, systemRandom),
    trailStore: new TrailStore(":memory:"),
    clock,
    random: systemRandom,
    log: silentLog,
    settings: {
      publicPool: "198.18.0.0/16",
      endpoint: "127.0.0.1:4566",
      registrySecret: "secret of the tests",
      sealingKey: "sealing key of the tests",
    },
    sessions: {
      countOf: () => 0,
      open: () => ({
        sessionId: "ecs-execute-command-0",
        streamUrl: "ws://127.0.0.1:4566",
        tokenValue: "token",
      }),
      resume: () => undefined,
      terminate() {},
    },
    ...overrides,
  };
}
