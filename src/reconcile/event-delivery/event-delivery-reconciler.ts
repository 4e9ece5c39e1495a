/**
 * Brings events from their bus to the targets of the rules that want them: each at least once. An event is deleted only
 * when no target waits for it any more, so that one which Berth had taken when it ended goes out at the next start.
 */
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import type { PendingEvent, TargetReference } from "../../model/events/records.ts";
import { hasMatchingRule, matchingRules } from "../../store/event-bus.ts";
import type { Store, StoreReader } from "../../store/store.ts";
import { eventRules, pendingEvents } from "../../store/tables/events.ts";
import { Controller } from "../controller.ts";
import { type Delivery, type DeliveryDependencies, deliver } from "./deliver.ts";
import { mayRetry, retryDelayMs } from "./retry.ts";

export interface EventDeliveryDependencies extends DeliveryDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export function createEventDeliveryReconciler(dependencies: EventDeliveryDependencies): {
  start(): void;
  stop(): Promise<void>;
  /** Resolves when nothing is under way; events whose next attempt is due later do not count. */
  settled(): Promise<void>;
} {
  const { store, clock, log } = dependencies;
  const controller = new Controller({
    name: "event-delivery",
    clock,
    log,
    reconcile: (key) => reconcileEvent(dependencies, key),
  });
  return {
    start() {
      store.onChange(pendingEvents, ({ key, after }) => {
        if (after !== undefined) controller.enqueue(key);
      });
      for (const pending of store.list(pendingEvents)) controller.enqueue(pendingEvents.key(pending));
    },
    stop: () => controller.stop(),
    settled: () => controller.settled(),
  };
}

async function reconcileEvent(
  dependencies: EventDeliveryDependencies,
  key: string,
): Promise<{ readonly againAfterMs: number } | undefined> {
  const { store, clock } = dependencies;
  const pending = store.get(pendingEvents, key);
  if (pending === undefined) return undefined;
  const now = clock.now();
  if (pending.retry !== undefined && pending.retry.at > now) {
    return { againAfterMs: pending.retry.at - now };
  }
  const failed: TargetReference[] = [];
  const forwarded: PendingEvent[] = [];
  for (const reference of pending.retry?.targets ?? wantedBy(store, pending)) {
    const delivery = await attempt(dependencies, pending, reference);
    if (delivery.kind === "failed" && isWorthRetrying(dependencies, pending, reference, delivery.reason)) {
      failed.push(reference);
    }
    if (delivery.kind === "forwarded") {
      forwarded.push({ busArn: delivery.busArn, event: pending.event, forwardedBy: reference.ruleArn });
    }
  }
  return settle(dependencies, key, pending, { failed, forwarded });
}

/** What a schedule makes goes to its rule's targets alone. */
function wantedBy(store: StoreReader, { busArn, event, scheduledBy }: PendingEvent): TargetReference[] {
  const rules =
    scheduledBy === undefined
      ? matchingRules(store, busArn, event)
      : [store.get(eventRules, scheduledBy)].filter((rule) => rule !== undefined);
  return rules.flatMap((rule) => rule.targets.map(({ Id = "" }) => ({ ruleArn: rule.arn, targetId: Id })));
}

async function attempt(
  dependencies: EventDeliveryDependencies,
  pending: PendingEvent,
  { ruleArn, targetId }: TargetReference,
): Promise<Delivery> {
  const { store, log } = dependencies;
  const rule = store.get(eventRules, ruleArn);
  const target = rule?.targets.find(({ Id }) => Id === targetId);
  // Taken away since.
  if (rule === undefined || target === undefined) return { kind: "delivered" };
  const delivery = await deliver(dependencies, pending, rule, target);
  if (delivery.kind === "refused") {
    const fields = { event: pending.event.id, rule: ruleArn, target: target.Arn, reason: delivery.reason };
    log.warn("an event does not reach its target, and is not tried again", fields);
  }
  return delivery;
}

function isWorthRetrying(
  { store, clock, log }: EventDeliveryDependencies,
  { event, retry }: PendingEvent,
  { ruleArn, targetId }: TargetReference,
  reason: unknown,
): boolean {
  const target = store.get(eventRules, ruleArn)?.targets.find(({ Id }) => Id === targetId);
  const now = clock.now();
  const again = mayRetry(target?.RetryPolicy, {
    retries: retry?.attempts ?? 0,
    ageMs: now - (retry?.since ?? now),
  });
  const text = again ? "an event does not reach its target yet" : "an event did not reach its target in time";
  log.warn(text, { event: event.id, rule: ruleArn, target: target?.Arn, error: reason });
  return again;
}

/** What has gone out is forgotten in the same transaction in which another bus takes it. */
function settle(
  { store, clock, random }: EventDeliveryDependencies,
  key: string,
  pending: PendingEvent,
  outcome: { readonly failed: readonly TargetReference[]; readonly forwarded: readonly PendingEvent[] },
): { readonly againAfterMs: number } | undefined {
  const now = clock.now();
  const retries = pending.retry?.attempts ?? 0;
  const delayMs = retryDelayMs(retries, (bound) => random.below(bound));
  store.transaction((tx) => {
    tx.delete(pendingEvents, key);
    for (const next of outcome.forwarded) {
      if (hasMatchingRule(store, next.busArn, next.event)) tx.put(pendingEvents, next);
    }
    if (outcome.failed.length === 0) return;
    const since = pending.retry?.since ?? now;
    const retry = { since, at: now + delayMs, attempts: retries + 1, targets: outcome.failed };
    tx.put(pendingEvents, { ...pending, retry });
  });
  return outcome.failed.length === 0 ? undefined : { againAfterMs: delayMs };
}
