/** Clocks whose time is not the machine's: for simulations, where waiting would be all that happens. */
import type { Clock } from "./clock.ts";

interface Timer {
  readonly at: number;
  readonly sequence: number;
  readonly action: () => void;
}

/** Time that runs `factor` times as fast as the machine's, from now on. */
export function scaledClock(machine: Clock, factor: number): Clock {
  const start = machine.now();
  return {
    now: () => Math.floor(start + (machine.now() - start) * factor),
    after: (delayMs, action) => machine.after(delayMs / factor, action),
  };
}

export interface EagerClock extends Clock {
  /** Something came from outside: time may jump ahead again, by `horizonMs` at most from now. */
  touch(): void;
}

/**
 * Time that jumps to the next timer as soon as nothing else is left to do, but never more than `horizonMs` ahead of the
 * last `touch`; from there on it goes at the machine's pace. Without such an end a timer that sets itself again
 * would spin for ever.
 */
export function eagerClock(machine: Clock, horizonMs: number): EagerClock {
  return new Eager(machine, horizonMs);
}

class Eager implements EagerClock {
  readonly #machine: Clock;
  readonly #horizonMs: number;
  readonly #timers: Timer[] = [];
  /** How far ahead of the machine's time this one is. */
  #aheadMs = 0;
  #limit: number;
  #sequence = 0;
  #scheduled = false;
  #cancelSlow: (() => void) | undefined;

  constructor(machine: Clock, horizonMs: number) {
    this.#machine = machine;
    this.#horizonMs = horizonMs;
    this.#limit = machine.now() + horizonMs;
  }

  now(): number {
    return this.#machine.now() + this.#aheadMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer: Timer = { at: this.now() + Math.max(0, delayMs), sequence: this.#sequence++, action };
    insert(this.#timers, timer);
    this.#schedule();
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  touch(): void {
    this.#limit = this.now() + this.#horizonMs;
    this.#schedule();
  }

  /** Twice around the event loop: what promises and sockets have ready comes first. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => setImmediate(() => this.#advance()));
  }

  #advance(): void {
    this.#scheduled = false;
    this.#cancelSlow?.();
    this.#cancelSlow = undefined;
    const [next] = this.#timers;
    if (next === undefined) return;
    const waitMs = next.at - this.now();
    if (waitMs > 0 && next.at > this.#limit) {
      this.#cancelSlow = this.#machine.after(waitMs, () => this.#schedule());
      return;
    }
    if (waitMs > 0) this.#aheadMs += waitMs;
    this.#timers.shift();
    next.action();
    this.#schedule();
  }
}

/** Sorted by time, and among equals by the order in which they were set. */
function insert(timers: Timer[], timer: Timer): void {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = timers[middle];
    if (other !== undefined && other.at <= timer.at) low = middle + 1;
    else high = middle;
  }
  timers.splice(low, 0, timer);
}
