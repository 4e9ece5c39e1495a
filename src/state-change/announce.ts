/**
 * Events of AWS services on the default event bus (EventBridge user guide, "AWS service event metadata"). They are
 * written in the transaction that changes the record, so that neither is there without the other; reconcile delivers
 * them. Nothing is made of what no rule could want.
 */
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { Event } from "../model/events/records.ts";
import type { Scope } from "../model/scope.ts";
import { busArn, enabledRules, hasMatchingRule } from "../store/event-bus.ts";
import type { Store, Transaction } from "../store/store.ts";
import { pendingEvents } from "../store/tables/events.ts";

/** What happened, told by whom; `detail` is made only where there are rules. */
export interface Announcement {
  readonly source: "aws.ecs" | "aws.ec2";
  readonly detailType: string;
  readonly resources: readonly string[];
  /** @param now when it happened, in milliseconds since the epoch */
  readonly detail: (now: number) => object;
}

/** Whether any rule wanted it, which is then the reason that it is kept. */
export type Announce = (tx: Transaction, scope: Scope, announcement: Announcement) => boolean;

export interface AnnounceDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

export function createAnnounce({ store, clock, random }: AnnounceDeps): Announce {
  return (tx, scope, { source, detailType, resources, detail }) => {
    const bus = busArn(scope, "default");
    if (enabledRules(store, bus).length === 0) return false;
    const now = clock.now();
    const event: Event = {
      version: "0",
      id: random.uuid(),
      "detail-type": detailType,
      source,
      account: scope.account,
      time: new Date(now - (now % 1000)).toISOString().replace(".000Z", "Z"),
      region: scope.region,
      resources,
      detail: wireObject(detail(now)),
    };
    if (!hasMatchingRule(store, bus, event)) return false;
    tx.put(pendingEvents, { busArn: bus, event });
    return true;
  };
}

/** Members that are undefined are left out, and times are texts: to the millisecond, without zeros at their end. */
function wireObject(value: object): object {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      member === undefined ? [] : [[name, wireValue(member)]],
    ),
  );
}

function wireValue(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString().replace(/\.?0+Z$/, "Z");
  if (Array.isArray(value)) return value.map(wireValue);
  return typeof value === "object" && value !== null ? wireObject(value) : value;
}
