import type * as wire from "@aws-sdk/client-eventbridge";
import { parseArn } from "../../model/arn.ts";
import type { Event } from "../../model/events/records.ts";
import { hasMatchingRule } from "../../store/event-bus.ts";
import { pendingEvents } from "../../store/tables/events.ts";
import { constraintViolation, lengthRequirement } from "../constraint-messages.ts";
import type { HandlerContext } from "../operation.ts";
import { readBusReference, requireMember } from "./constraints.ts";
import { unsupported, validation } from "./errors.ts";
import { findBus } from "./resolve.ts";

const MOST_ENTRIES = 10;
/** Of all entries together (API reference, PutEvents). */
const MOST_BYTES = 1024 * 1024;
/** Of a time stamp (EventBridge user guide, "Calculating PutEvents event entry size"). */
const TIME_BYTES = 14;

/**
 * Each entry succeeds or fails for itself, and has its place in the answer. A bus that is not there takes any event.
 * Events that no rule wants are not kept.
 */
export function putEvents(input: wire.PutEventsRequest, context: HandlerContext): wire.PutEventsResponse {
  const entries = requireMember(input.Entries, "entries");
  const broken = lengthRequirement(entries.length, 1, MOST_ENTRIES);
  if (broken !== undefined) {
    throw validation(constraintViolation(`[${entries.map(entryText).join(", ")}]`, "entries", broken));
  }
  if (input.EndpointId !== undefined) throw unsupported("global endpoints (EndpointId)");
  if (entries.reduce((sum, entry) => sum + entryBytes(entry), 0) >= MOST_BYTES) {
    throw validation("Total size of the entries in the request is over the limit.");
  }
  const read = entries.map((entry, index) => {
    const reference = readBusReference(entry.EventBusName, `entries.${index + 1}.member.eventBusName`);
    refuseForeignBus(reference, context);
    return { bus: findBus(context, reference), outcome: readEntry(entry, context) };
  });
  context.store.transaction((tx) => {
    for (const { bus, outcome } of read) {
      if (bus === undefined || !("event" in outcome)) continue;
      if (hasMatchingRule(context.store, bus.arn, outcome.event)) {
        tx.put(pendingEvents, { busArn: bus.arn, event: outcome.event });
      }
    }
  });
  return {
    FailedEntryCount: read.filter(({ outcome }) => !("event" in outcome)).length,
    Entries: read.map(({ outcome }) => ("event" in outcome ? { EventId: outcome.event.id } : outcome)),
  };
}

/** Throws ValidationException. */
function refuseForeignBus(reference: string, { scope }: HandlerContext): void {
  const parts = parseArn(reference);
  if (parts === undefined || (parts.account === scope.account && parts.region === scope.region)) return;
  throw unsupported(`event buses of another account or region (${reference})`);
}

function readEntry(
  entry: wire.PutEventsRequestEntry,
  { scope, clock, random }: HandlerContext,
): { readonly event: Event } | wire.PutEventsResultEntry {
  const { Source: source, DetailType: detailType, Detail: detail } = entry;
  if (!source) return missing("Source");
  if (!detailType) return missing("DetailType");
  if (!detail) return missing("Detail");
  if (source.startsWith("aws.")) {
    return {
      ErrorCode: "NotAuthorizedForSourceException",
      ErrorMessage: "Not authorized for the source.",
    };
  }
  const value = readObject(detail);
  if (value === undefined) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  const time = entry.Time ?? new Date(clock.now());
  return {
    event: {
      version: "0",
      id: random.uuid(),
      "detail-type": detailType,
      source,
      account: scope.account,
      time: time.toISOString().replace(/\.\d+Z$/, "Z"),
      region: scope.region,
      resources: entry.Resources ?? [],
      detail: value,
    },
  };
}

function missing(member: string): wire.PutEventsResultEntry {
  return {
    ErrorCode: "InvalidArgument",
    ErrorMessage: `Parameter ${member} is not valid. Reason: ${member} is a required argument.`,
  };
}

function readObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function entryBytes(entry: wire.PutEventsRequestEntry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  return texts.reduce(
    (sum, text) => sum + Buffer.byteLength(text ?? ""),
    entry.Time === undefined ? 0 : TIME_BYTES,
  );
}

/** As the service's framework prints an entry that it refuses. */
function entryText(entry: wire.PutEventsRequestEntry): string {
  const members = {
    time: entry.Time?.toISOString(),
    source: entry.Source,
    resources: entry.Resources === undefined ? undefined : `[${entry.Resources.join(", ")}]`,
    detailType: entry.DetailType,
    detail: entry.Detail,
    eventBusName: entry.EventBusName,
    traceHeader: entry.TraceHeader,
    kmsKeyIdentifier: undefined,
    internalMetadata: undefined,
  };
  const texts = Object.entries(members).map(([name, value]) => `${name}=${value ?? "null"}`);
  return `PutEventsRequestEntry(${texts.join(", ")})`;
}
