/** Event buses and what listens on them. */
import { arn } from "../model/arn.ts";
import { patternMatcher } from "../model/events/pattern.ts";
import type { Event, EventRule } from "../model/events/records.ts";
import type { Scope } from "../model/scope.ts";
import type { StoreReader } from "./store.ts";
import { eventRules } from "./tables/events.ts";

/** `name` may be `default`, which is in every account and region. */
export function busArn(scope: Scope, name: string): string {
  return arn("events", scope, `event-bus/${name}`);
}

export function enabledRules(store: StoreReader, bus: string): EventRule[] {
  return store.where(eventRules, "bus", bus).filter(({ state }) => state === "ENABLED");
}

/** Enabled rules that have a target and want the event. */
export function matchingRules(store: StoreReader, bus: string, event: Event): EventRule[] {
  const matches = patternMatcher(event);
  return enabledRules(store, bus).filter(
    ({ eventPattern, targets }) => targets.length > 0 && eventPattern !== undefined && matches(eventPattern),
  );
}

/** Whether anything is to be delivered; an event that nobody wants need not be kept. */
export function hasMatchingRule(store: StoreReader, bus: string, event: Event): boolean {
  return matchingRules(store, bus, event).length > 0;
}
