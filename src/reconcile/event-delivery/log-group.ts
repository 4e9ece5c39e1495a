/**
 * An event as a line of a log group, in a stream of its own. CloudWatch Logs takes it where a resource policy lets
 * EventBridge write (EventBridge user guide, "Using resource-based policies": CloudWatch Logs permissions).
 */
import { createHash } from "node:crypto";
import type { Target } from "@aws-sdk/client-eventbridge";
import { parseArn } from "../../model/arn.ts";
import { targetInput } from "../../model/events/input.ts";
import type { EventRule, PendingEvent } from "../../model/events/records.ts";
import type { Scope } from "../../model/scope.ts";
import { deniedLogAction } from "../../store/log-access.ts";
import { findLogGroup } from "../../store/log-groups.ts";
import type { LogLine } from "../../store/log-store.ts";
import type { Delivery, DeliveryDependencies } from "./deliver.ts";

/** What delivery needs of the log store. */
export interface EventLogs {
  ensureStream(
    scope: Scope,
    groupName: string,
    streamName: string,
    options: { readonly createGroup: boolean },
  ): "ready" | "no-such-group";
  /** Undefined while the stream is empty. */
  lastTimestamp(scope: Scope, groupName: string, streamName: string): object | undefined;
  append(scope: Scope, groupName: string, streamName: string, lines: readonly LogLine[]): void;
}

/** The guide's policy names both; policies with the first alone are as common, and work. */
const WRITERS = ["events.amazonaws.com", "delivery.logs.amazonaws.com"];
const DAY_MS = 24 * 60 * 60 * 1000;
/** What PutLogEvents takes. */
const OLDEST_MS = 14 * DAY_MS;
const NEWEST_MS = 2 * 60 * 60 * 1000;

export function deliverToLogGroup(
  { store, logs, clock }: DeliveryDependencies,
  pending: PendingEvent,
  rule: EventRule,
  target: Target,
): Delivery {
  const parts = parseArn(target.Arn ?? "");
  const scope: Scope = { account: parts?.account ?? "", region: parts?.region ?? "" };
  // With `:*` behind it PutTargets takes the ARN, but no group has it.
  const groupName = parts?.resource.replace(/^log-group:/, "") ?? "";
  const group = findLogGroup(store, scope, groupName);
  if (group === undefined) return refused(`there is no log group ${groupName}`);
  const streamName = streamNameOf(pending, rule, target);
  const denied = deniedLogAction(store, group, streamName, { services: WRITERS, sourceArn: rule.arn });
  if (denied !== undefined) {
    return refused(
      `no resource policy of CloudWatch Logs allows events.amazonaws.com to do ${denied} on ${group.arn}:*`,
    );
  }
  const line = lineOf(targetInput(target, pending.event, rule.arn), pending, target);
  if (line === undefined) return refused("the input template makes no timestamp and message");
  const age = clock.now() - line.timestamp;
  if (age > OLDEST_MS || age < -NEWEST_MS) {
    return refused("CloudWatch Logs takes no line older than 14 days or more than 2 hours ahead");
  }
  if (logs.ensureStream(scope, groupName, streamName, { createGroup: false }) !== "ready") {
    return refused(`there is no log group ${groupName}`);
  }
  // It was written already when Berth ended before it could forget the event.
  if (logs.lastTimestamp(scope, groupName, streamName) === undefined) {
    logs.append(scope, groupName, streamName, [line]);
  }
  return { kind: "delivered" };
}

function refused(reason: string): Delivery {
  return { kind: "refused", reason };
}

/** A UUID that is always the same for this event at this target. */
function streamNameOf({ busArn, event, forwardedBy }: PendingEvent, rule: EventRule, target: Target): string {
  const parts = [busArn, event.id, forwardedBy ?? "", rule.arn, target.Id ?? ""];
  const digits = createHash("sha256").update(parts.join("\n")).digest("hex");
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-3$3-a$4-$5");
}

function lineOf(input: string, { event }: PendingEvent, target: Target): LogLine | undefined {
  if (target.InputTransformer === undefined) return { timestamp: Date.parse(event.time), message: input };
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const timestamp = timeOf(Reflect.get(value, "timestamp"));
  const message: unknown = Reflect.get(value, "message");
  if (timestamp === undefined || message === undefined || message === "") return undefined;
  return { timestamp, message: typeof message === "string" ? message : JSON.stringify(message) };
}

/** Milliseconds, as a number or a text, or ISO 8601. */
function timeOf(value: unknown): number | undefined {
  const time =
    typeof value === "string" && !/^\d+$/.test(value) ? Date.parse(value) : Number(value ?? Number.NaN);
  return Number.isFinite(time) ? Math.trunc(time) : undefined;
}
