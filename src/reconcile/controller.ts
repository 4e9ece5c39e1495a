/**
 * A keyed work queue: one run per key at a time, failures back off, a key queued while it runs runs again.
 * Queues carry keys, never events: `reconcile` reads everything fresh.
 */
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";

export interface ReconcileResult {
  /** Look at this key again after so many milliseconds, even if nothing changes. */
  readonly againAfterMs?: number;
}

export interface ControllerOptions {
  readonly name: string;
  /** Throws on a bug or an outside failure worth retrying; the key is then tried again with back-off. */
  reconcile(key: string): Promise<ReconcileResult | undefined>;
  readonly clock: Clock;
  readonly log: Log;
  /** How many keys may run at once. */
  readonly concurrency?: number;
}

const FIRST_BACK_OFF_MS = 250;
const LONGEST_BACK_OFF_MS = 30_000;

export class Controller {
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #waiting = new Set<string>();
  readonly #running = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, { readonly at: number; readonly cancel: () => void }>();
  readonly #idle: (() => void)[] = [];
  #stopped = false;

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
  }

  enqueue(key: string): void {
    if (this.#stopped) return;
    this.#waiting.add(key);
    queueMicrotask(() => this.#pump());
  }

  /** Queues the key after a delay; an earlier pending delay of the same key wins. */
  enqueueAfter(key: string, delayMs: number): void {
    if (this.#stopped) return;
    const at = this.#options.clock.now() + delayMs;
    const pending = this.#timers.get(key);
    if (pending !== undefined && pending.at <= at) return;
    pending?.cancel();
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(key);
      this.enqueue(key);
    });
    this.#timers.set(key, { at, cancel });
  }

  /** Starts nothing more; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    await this.settled();
  }

  /** Resolves when nothing runs and nothing waits (delayed keys do not count). */
  settled(): Promise<void> {
    if (this.#running.size === 0 && this.#waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }

  #pump(): void {
    const concurrency = this.#options.concurrency ?? 8;
    for (const key of this.#waiting) {
      if (this.#stopped || this.#running.size >= concurrency) break;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
    if (this.#running.size === 0 && this.#waiting.size === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  async #run(key: string): Promise<void> {
    const { name, log } = this.#options;
    try {
      const result = await this.#options.reconcile(key);
      this.#failures.delete(key);
      if (result?.againAfterMs !== undefined) this.enqueueAfter(key, result.againAfterMs);
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      const delayMs = Math.min(FIRST_BACK_OFF_MS * 2 ** (failures - 1), LONGEST_BACK_OFF_MS);
      log.warn("reconcile failed, will be tried again", { controller: name, key, failures, delayMs, error });
      this.enqueueAfter(key, delayMs);
    } finally {
      this.#running.delete(key);
      this.#pump();
    }
  }
}
