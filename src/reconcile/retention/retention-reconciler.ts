/**
 * Deletes log lines that are older than their group keeps them, lines of groups that are gone, temporary credentials
 * that ended long ago, secrets whose recovery window is over, and what is too old or too much in the event history.
 */
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { forgottenSessions } from "../../store/iam-sessions.ts";
import type { LogStore } from "../../store/log-store.ts";
import { goneSecrets } from "../../store/secrets-manager.ts";
import type { Store } from "../../store/store.ts";
import { sessions } from "../../store/tables/iam.ts";
import { logGroups } from "../../store/tables/logs.ts";
import { secrets } from "../../store/tables/secretsmanager.ts";
import type { TrailStore } from "../../store/trail-store.ts";
import { Controller } from "../controller.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** Lines in one transaction: short enough that requests never wait noticeably. */
const BATCH_LINES = 1000;
const BETWEEN_BATCHES_MS = 20;
/** What is left after so many waits for the next hour. */
const MOST_BATCHES = 1000;

export interface RetentionDependencies {
  readonly store: Store;
  readonly logStore: LogStore;
  readonly trailStore: Pick<TrailStore, "prune">;
  readonly clock: Clock;
  readonly log: Log;
}

export function createRetentionReconciler(dependencies: RetentionDependencies): {
  start(): void;
  stop(): Promise<void>;
} {
  const { clock, log } = dependencies;
  let stopped = false;
  const controller = new Controller({
    name: "retention",
    clock,
    log,
    async reconcile() {
      forgetSessions(dependencies);
      forgetSecrets(dependencies);
      await sweep(dependencies, () => stopped);
      await pruneTrail(dependencies, () => stopped);
      return { againAfterMs: HOUR_MS };
    },
  });
  return {
    start: () => controller.enqueue("all"),
    stop() {
      stopped = true;
      return controller.stop();
    },
  };
}

function forgetSessions({ store, clock }: RetentionDependencies): void {
  const forgotten = forgottenSessions(store, clock.now());
  if (forgotten.length === 0) return;
  store.transaction((tx) => {
    for (const accessKeyId of forgotten) tx.delete(sessions, accessKeyId);
  });
}

function forgetSecrets({ store, clock }: RetentionDependencies): void {
  const gone = goneSecrets(store, clock.now());
  if (gone.length === 0) return;
  store.transaction((tx) => {
    for (const arn of gone) tx.delete(secrets, arn);
  });
}

async function pruneTrail(
  { trailStore, clock }: RetentionDependencies,
  stopped: () => boolean,
): Promise<void> {
  for (let batch = 0; batch < MOST_BATCHES && !stopped(); batch++) {
    if (!trailStore.prune(clock.now())) return;
    await sleep(clock, BETWEEN_BATCHES_MS);
  }
}

/** One pass over all groups. */
export async function sweep(
  dependencies: Omit<RetentionDependencies, "trailStore">,
  stopped: () => boolean,
): Promise<void> {
  const { store, logStore, clock } = dependencies;
  for (const groupArn of logStore.groupArns()) {
    const group = store.get(logGroups, groupArn);
    if (group === undefined) {
      // Berth ended between deleting the group and its lines.
      logStore.deleteGroup(groupArn);
      continue;
    }
    if (group.retentionInDays === undefined) continue;
    const before = clock.now() - group.retentionInDays * DAY_MS;
    for (let batch = 0; batch < MOST_BATCHES && !stopped(); batch++) {
      if (logStore.deleteOlder(groupArn, before, BATCH_LINES) < BATCH_LINES) break;
      await sleep(clock, BETWEEN_BATCHES_MS);
    }
  }
}
