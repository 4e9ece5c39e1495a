/** The event history for `berth trail`: all accounts and regions, oldest first. */
import type { StoredTrailEvent, TrailQuery } from "../store/trail-store.ts";

export interface TrailReport {
  readonly events: readonly ReportedEvent[];
}

export interface ReportedEvent {
  /** Grows with each event that arrives. */
  readonly id: number;
  /** The event as CloudTrail writes it. */
  readonly record: unknown;
}

export type ReadTrail = (query: TrailQuery) => readonly StoredTrailEvent[];

const MOST_EVENTS = 1000;
const USUAL_EVENTS = 50;

/**
 * @param now milliseconds since the epoch
 * @param query `user`, `event`, `errors=1`, `ago` (ms before now) or `since` (ms since the epoch), `after` (an id), `limit`
 */
export function reportTrail(read: ReadTrail, query: URLSearchParams, now: number): TrailReport {
  const [service, event] = splitEvent(query.get("event"));
  const ago = numberOf(query.get("ago"));
  const events = read({
    username: query.get("user") ?? undefined,
    eventName: event,
    eventSource: service === undefined ? undefined : `${service}.amazonaws.com`,
    errorsOnly: query.get("errors") === "1",
    startTime: ago === undefined ? numberOf(query.get("since")) : now - ago,
    afterId: numberOf(query.get("after")),
    limit: Math.min(MOST_EVENTS, numberOf(query.get("limit")) ?? USUAL_EVENTS),
  });
  return {
    events: events.map(({ id, record }) => ({ id, record: JSON.parse(record) as unknown })).reverse(),
  };
}

/** `RunTask`, `ecs:RunTask` or `ecs:*`. */
function splitEvent(text: string | null): readonly [service: string | undefined, event: string | undefined] {
  if (text === null) return [undefined, undefined];
  const colon = text.indexOf(":");
  const event = text.slice(colon + 1);
  return [colon < 0 ? undefined : text.slice(0, colon), event === "*" || event === "" ? undefined : event];
}

function numberOf(text: string | null): number | undefined {
  return text === null || !/^\d{1,16}$/.test(text) ? undefined : Number(text);
}
