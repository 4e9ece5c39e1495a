/** Takes calls as they are answered and writes them in batches: a request waits for none of it. */

import type { CallRecorder, RecordedCall } from "../gateway/call-recorder.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import type { StoreReader } from "../store/store.ts";
import type { TrailCall, TrailEvent, TrailStore } from "../store/trail-store.ts";
import { newTrailCall } from "./event.ts";
import { isManagementEvent, isReadOnly, showsResponse } from "./event-kinds.ts";

export interface TrailRecorder extends CallRecorder {
  /** Writes what waits. */
  flush(): void;
  /** Writes what waits, and takes nothing more. */
  stop(): void;
}

export interface RecorderParts {
  readonly store: StoreReader;
  readonly trailStore: Pick<TrailStore, "append">;
  readonly random: Random;
  readonly log: Log;
  /** Tells when a call was answered. */
  readonly clock: Clock;
  /** Tells when to write: this machine's time, also where time is simulated. */
  readonly timer: Clock;
}

interface Waiting {
  readonly call: RecordedCall;
  readonly at: number;
}

const LATEST_MS = 1000;
/** Written at once, so that a burst neither fills memory nor ends in a long pause. */
const LARGEST_BATCH = 500;

export function createTrailRecorder(parts: RecorderParts): TrailRecorder {
  let waiting: Waiting[] = [];
  let cancel: (() => void) | undefined;
  let stopped = false;
  const flush = () => {
    cancel?.();
    cancel = undefined;
    const batch = waiting;
    waiting = [];
    write(parts, batch);
  };
  return {
    record(call) {
      if (stopped || !isManagementEvent(call.service, call.operation)) return;
      waiting.push({ call, at: parts.clock.now() });
      if (waiting.length === LARGEST_BATCH) cancel?.();
      if (waiting.length === LARGEST_BATCH) cancel = parts.timer.after(0, flush);
      else cancel ??= parts.timer.after(LATEST_MS, flush);
    },
    flush,
    stop() {
      flush();
      stopped = true;
    },
  };
}

function write(parts: RecorderParts, batch: readonly Waiting[]): void {
  try {
    const known = new Map<string, TrailCall>();
    parts.trailStore.append(batch.flatMap((waiting) => eventOf(parts, waiting, known) ?? []));
  } catch (error) {
    parts.log.error("calls could not be written to the event history", { calls: batch.length, error });
  }
}

/** @param known calls of this batch: who polls makes the same one many times */
function eventOf(
  { store, random, log }: RecorderParts,
  { call, at }: Waiting,
  known: Map<string, TrailCall>,
): TrailEvent | undefined {
  try {
    const key = keyOf(call);
    const same = key === undefined ? undefined : known.get(key);
    const made = same ?? newTrailCall(store, call);
    if (key !== undefined && same === undefined) known.set(key, made);
    const time = Math.floor(at / 1000) * 1000;
    return { call: made, eventId: random.uuid(), requestId: call.requestId, time };
  } catch (error) {
    // Never the call itself: it may hold secrets.
    log.error("a call could not be put into the event history", { operation: call.operation, error });
    return undefined;
  }
}

/** The same for calls whose events differ in time and ids alone; undefined where the answer is part of them. */
function keyOf({
  service,
  operation,
  scope,
  caller,
  error,
  input,
  sourceIp,
  userAgent,
}: RecordedCall): string | undefined {
  if (error !== undefined || !isReadOnly(service, operation) || showsResponse(service, operation))
    return undefined;
  const origin = `${caller.accessKeyId}\n${caller.arn}\n${scope.region}\n${sourceIp}\n${userAgent}`;
  return `${service}:${operation}\n${origin}\n${JSON.stringify(input)}`;
}
