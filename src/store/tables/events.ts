import type { EventBus, EventRule, PendingEvent } from "../../model/events/records.ts";
import { defineTable } from "../table.ts";

/** Key: the ARN. The bus `default` is there without a record. */
export const eventBuses = defineTable<EventBus>()({
  name: "event_buses",
  key: (record) => record.arn,
  indexes: { scope: (record) => `${record.account}/${record.region}` },
});

/** Key: the ARN. Index `bus`: the ARN of its bus. */
export const eventRules = defineTable<EventRule>()({
  name: "event_rules",
  key: (record) => record.arn,
  indexes: {
    bus: (record) => record.eventBusArn,
    scope: (record) => `${record.account}/${record.region}`,
  },
});

/**
 * Key: the bus, the rule of another bus that sent it, and the event's id. What is on its way to targets; written with the
 * change that it tells of, deleted on delivery.
 */
export const pendingEvents = defineTable<PendingEvent>()({
  name: "pending_events",
  key: (record) => `${record.busArn}|${record.forwardedBy ?? ""}|${record.event.id}`,
  indexes: {},
});
