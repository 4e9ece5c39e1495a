import { createHash } from "node:crypto";
import type * as wire from "@aws-sdk/client-cloudtrail";
import {
  type StoredTrailEvent,
  TRAIL_KEPT_MS,
  type TrailPosition,
  type TrailQuery,
} from "../../store/trail-store.ts";
import type { HandlerContext } from "../operation.ts";
import {
  invalidEventCategory,
  invalidLookupAttributes,
  invalidMaxResults,
  invalidNextToken,
  invalidTimeRange,
} from "./errors.ts";

const MOST_RESULTS = 50;
const LONGEST_VALUE = 2000;

const ATTRIBUTES: Readonly<Record<wire.LookupAttributeKey, (value: string) => Partial<TrailQuery>>> = {
  AccessKeyId: (accessKeyId) => ({ accessKeyId }),
  EventId: (eventId) => ({ eventId }),
  EventName: (eventName) => ({ eventName }),
  EventSource: (eventSource) => ({ eventSource }),
  ReadOnly(value) {
    if (value !== "true" && value !== "false")
      throw invalidLookupAttributes("ReadOnly must be true or false.");
    return { readOnly: value === "true" };
  },
  ResourceName: (resourceName) => ({ resourceName }),
  ResourceType: (resourceType) => ({ resourceType }),
  Username: (username) => ({ username }),
};

/** Management events of the caller's account and region, newest first (API reference, LookupEvents). */
export function lookupEvents(
  input: wire.LookupEventsRequest,
  { scope, trailStore, clock }: HandlerContext,
): wire.LookupEventsResponse {
  const limit = input.MaxResults ?? MOST_RESULTS;
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_RESULTS) throw invalidMaxResults(limit);
  const attributes = readAttributes(input.LookupAttributes);
  const { StartTime: start, EndTime: end, EventCategory: category } = input;
  if (start !== undefined && end !== undefined && start.getTime() > end.getTime()) throw invalidTimeRange();
  const digest = digestOf(input);
  const before = input.NextToken === undefined ? undefined : readToken(input.NextToken, digest);
  if (category !== undefined && category !== "insight") throw invalidEventCategory(category);
  // Insights events are those of trails, and there are no trails.
  if (category === "insight") return { Events: [] };
  const oldest = clock.now() - TRAIL_KEPT_MS;
  const found = trailStore.find({
    ...scope,
    ...attributes,
    startTime: Math.max(oldest, start?.getTime() ?? oldest),
    endTime: end?.getTime(),
    before,
    limit: limit + 1,
  });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    Events: shown.map(describeEvent),
    ...(last !== undefined && found.length > limit ? { NextToken: tokenOf(last, digest) } : {}),
  };
}

function readAttributes(given: readonly wire.LookupAttribute[] | undefined): Partial<TrailQuery> {
  const [attribute, ...others] = given ?? [];
  if (attribute === undefined) return {};
  if (others.length > 0) throw invalidLookupAttributes("Only one lookup attribute can be given.");
  const { AttributeKey: key, AttributeValue: value } = attribute;
  if (key === undefined || !Object.hasOwn(ATTRIBUTES, key)) {
    throw invalidLookupAttributes(`AttributeKey must be one of ${Object.keys(ATTRIBUTES).join(", ")}.`);
  }
  if (value === undefined || value.length === 0 || value.length > LONGEST_VALUE) {
    throw invalidLookupAttributes(`AttributeValue must have 1 to ${LONGEST_VALUE} characters.`);
  }
  return ATTRIBUTES[key](value);
}

function describeEvent(event: StoredTrailEvent): wire.Event {
  return {
    EventId: event.eventId,
    EventName: event.eventName,
    ReadOnly: String(event.readOnly),
    ...(event.accessKeyId === undefined ? {} : { AccessKeyId: event.accessKeyId }),
    EventTime: new Date(event.time),
    EventSource: event.eventSource,
    ...(event.username === undefined ? {} : { Username: event.username }),
    Resources: event.resources.map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
    CloudTrailEvent: event.record,
  };
}

/** Of what a token must come back with. */
function digestOf({ LookupAttributes, StartTime, EndTime, EventCategory }: wire.LookupEventsRequest): string {
  const text = JSON.stringify([LookupAttributes ?? [], StartTime, EndTime, EventCategory]);
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}

function tokenOf({ time, id }: TrailPosition, digest: string): string {
  return Buffer.from(`berth1:${time}:${id}:${digest}`).toString("base64url");
}

/** Throws InvalidNextTokenException. */
function readToken(token: string, digest: string): TrailPosition {
  const parts = /^berth1:(\d{1,16}):(\d{1,16}):(.+)$/.exec(Buffer.from(token, "base64url").toString());
  if (parts?.[3] !== digest) throw invalidNextToken();
  return { time: Number(parts[1]), id: Number(parts[2]) };
}
