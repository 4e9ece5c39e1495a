/**
 * Runs rules at the times of their schedules. The time stands in the rule in the transaction that makes the event, so
 * that no time runs twice; one that Berth missed by a minute or more is not made up, as on AWS.
 */
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import type { Event, EventRule } from "../../model/events/records.ts";
import { nextTime, parseSchedule } from "../../model/events/schedule.ts";
import type { Store } from "../../store/store.ts";
import { eventRules, pendingEvents } from "../../store/tables/events.ts";
import { Controller } from "../controller.ts";

export interface EventScheduleDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** EventBridge promises the minute, not the second. */
const LATEST_MS = 60_000;
/** Timers do not follow when the clock is set or the machine slept. */
const LONGEST_WAIT_MS = 60_000;

export function createEventScheduleReconciler(dependencies: EventScheduleDependencies): {
  start(): void;
  stop(): Promise<void>;
  /** Resolves when nothing is under way; rules that are due later do not count. */
  settled(): Promise<void>;
} {
  const { store, clock, log } = dependencies;
  const controller = new Controller({
    name: "event-schedule",
    clock,
    log,
    reconcile: async (key) => reconcileRule(dependencies, key),
  });
  return {
    start() {
      store.onChange(eventRules, ({ key, after }) => {
        if (after?.scheduleExpression !== undefined) controller.enqueue(key);
      });
      for (const rule of store.list(eventRules)) {
        if (rule.scheduleExpression !== undefined) controller.enqueue(rule.arn);
      }
    },
    stop: () => controller.stop(),
    settled: () => controller.settled(),
  };
}

function reconcileRule(
  dependencies: EventScheduleDependencies,
  ruleArn: string,
): { readonly againAfterMs: number } | undefined {
  const { store, clock } = dependencies;
  const rule = store.get(eventRules, ruleArn);
  if (rule?.scheduleExpression === undefined || rule.state !== "ENABLED") return undefined;
  const schedule = parseSchedule(rule.scheduleExpression);
  if (schedule === undefined) return undefined;
  const now = clock.now();
  const since = rule.scheduledSince ?? now;
  const last = Math.max(since, rule.lastScheduledAt ?? 0, now - LATEST_MS);
  const due = nextTime(schedule, { after: last, since });
  if (due === undefined) return undefined;
  if (due > now) return { againAfterMs: Math.min(due - now, LONGEST_WAIT_MS) };
  run(dependencies, rule, due);
  // The change of the rule brings it back here.
  return undefined;
}

function run({ store, random, log }: EventScheduleDependencies, rule: EventRule, at: number): void {
  const event: Event = {
    version: "0",
    id: random.uuid(),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: rule.account,
    time: new Date(at).toISOString().replace(/\.\d+Z$/, "Z"),
    region: rule.region,
    resources: [rule.arn],
    detail: {},
  };
  store.transaction((tx) => {
    tx.put(eventRules, { ...rule, lastScheduledAt: at });
    if (rule.targets.length === 0) return;
    tx.put(pendingEvents, { busArn: rule.eventBusArn, event, scheduledBy: rule.arn });
  });
  log.debug("a rule ran by its schedule", { rule: rule.arn, time: event.time, event: event.id });
}
