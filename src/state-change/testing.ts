/** Who listens to everything: a rule on the default bus of the tests' account, and what it would get. */
import type { Clock } from "../lib/clock.ts";
import { systemRandom } from "../lib/random.ts";
import { arn } from "../model/arn.ts";
import type { Event, EventRule } from "../model/events/records.ts";
import { busArn } from "../store/event-bus.ts";
import type { Store } from "../store/store.ts";
import { eventRules, pendingEvents } from "../store/tables/events.ts";
import { deriveStateChanges } from "./derive.ts";

const SCOPE = { account: "000000000000", region: "ap-northeast-1" };

export function exampleRule(pattern: object, changes: Partial<EventRule> = {}): EventRule {
  return {
    ...SCOPE,
    arn: arn("events", SCOPE, "rule/all"),
    name: "all",
    eventBusName: "default",
    eventBusArn: busArn(SCOPE, "default"),
    eventPattern: JSON.stringify(pattern),
    state: "ENABLED",
    createdBy: SCOPE.account,
    targets: [{ Id: "logs", Arn: arn("logs", SCOPE, "log-group:/aws/events/all") }],
    tags: [],
    ...changes,
  };
}

/** What was told since, in the order in which it was; undelivered, as nobody delivers. */
export function listen(
  store: Store,
  clock: Clock,
  pattern: object = { account: [SCOPE.account] },
): () => Event[] {
  store.transaction((tx) => tx.put(eventRules, exampleRule(pattern)));
  deriveStateChanges({ store, clock, random: systemRandom });
  return () => store.list(pendingEvents).map(({ event }) => event);
}

/** A member of an event's detail; `path` is like `containers.0.exitCode`. */
export function detailOf({ detail }: Event, path: string): unknown {
  let value: unknown = detail;
  for (const name of path.split(".")) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  }
  return value;
}
