/**
 * CloudTrail's event history, in a file of its own: many events, never changed, not part of the change feed. What an
 * event says is made elsewhere (`trail/`); here it is a text with the attributes that it is looked up by.
 */
import { type DatabaseSync, openDatabase, type StatementSync } from "./database.ts";

export interface TrailResource {
  /** `AWS::ECS::Cluster`. */
  readonly type: string;
  /** A name, an id or an ARN. */
  readonly name: string;
}

/** A call as it may be made many times: all of an event but its time and its ids. */
export interface TrailCall {
  readonly account: string;
  readonly region: string;
  readonly readOnly: boolean;
  readonly eventName: string;
  readonly eventSource: string;
  readonly username?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly resources: readonly TrailResource[];
  /** The event as CloudTrail writes it, JSON: what comes before, between and after its time and its ids. */
  readonly record: RecordText;
}

export interface RecordText {
  /** Ends with `"eventTime":"`. */
  readonly head: string;
  /** Ends with `"requestID":"`; the event's own id follows. */
  readonly body: string;
  readonly tail: string;
}

export interface TrailEvent {
  readonly call: TrailCall;
  readonly eventId: string;
  readonly requestId: string;
  /** Milliseconds since the epoch, in whole seconds, as CloudTrail tells times. */
  readonly time: number;
}

/** A place between events: they are ordered by time, then by arrival. */
export interface TrailPosition {
  readonly time: number;
  readonly id: number;
}

export interface StoredTrailEvent extends Omit<TrailCall, "record">, TrailPosition {
  readonly eventId: string;
  /** JSON. */
  readonly record: string;
}

export interface TrailQuery {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly eventId?: string | undefined;
  readonly eventName?: string | undefined;
  readonly eventSource?: string | undefined;
  readonly username?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly resourceName?: string | undefined;
  readonly resourceType?: string | undefined;
  readonly readOnly?: boolean | undefined;
  /** Those that failed. */
  readonly errorsOnly?: boolean | undefined;
  /** Both included, in ms since the epoch. */
  readonly startTime?: number | undefined;
  readonly endTime?: number | undefined;
  /** Only what is older than this place. */
  readonly before?: TrailPosition | undefined;
  /** Only what arrived after this event. */
  readonly afterId?: number | undefined;
  readonly limit: number;
}

type Row = Readonly<Record<string, unknown>>;

const SCHEMA = new URL("./trail-schema/", import.meta.url);
const DAY_MS = 24 * 60 * 60 * 1000;
/** "The event history provides … the past 90 days of recorded management events" (CloudTrail user guide). */
export const TRAIL_KEPT_MS = 90 * DAY_MS;
/** Of reading events and of writing ones, each: who polls must not push out who changed something. */
const MOST_EVENTS = 100_000;
/** So many new events between two looks at the count. */
const BETWEEN_COUNTS = 5000;
/** Rows in one transaction of `prune`: short enough that requests never wait noticeably. */
const PRUNED_AT_ONCE = 2000;

/** So many calls are known again when they are made again. */
const MOST_KNOWN_CALLS = 1000;

export class TrailStore {
  readonly #database: DatabaseSync;
  readonly #insertCall: StatementSync;
  readonly #insertEvent: StatementSync;
  readonly #mostEvents: number;
  /** Rows of `calls` by their text. */
  readonly #known = new Map<string, number>();
  #sinceCount = 0;

  /** `file` may be `:memory:`. */
  constructor(file: string, { mostEvents = MOST_EVENTS }: { readonly mostEvents?: number } = {}) {
    this.#mostEvents = mostEvents;
    this.#database = openDatabase(file, SCHEMA);
    // As for log lines: with WAL the file stays whole and kill -9 loses nothing written; a power cut may lose the
    // last second. A longer journal is copied less often.
    this.#database.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000");
    this.#insertCall = this.#database.prepare(
      `INSERT INTO calls (account, region, event_name, event_source, username, access_key_id, error_code, resources,
         record_head, record_body, record_tail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertEvent = this.#database.prepare(
      "INSERT INTO events (call_id, time, read_only, event_id, request_id) VALUES (?, ?, ?, ?, ?)",
    );
  }

  /** All of the events or, when it throws, none. */
  append(events: readonly TrailEvent[]): void {
    if (events.length === 0) return;
    this.#atomically(() => {
      const ids = new Map<TrailCall, number | bigint>();
      for (const { call, time, eventId, requestId } of events) {
        let id = ids.get(call);
        if (id === undefined) {
          id = this.#callId(call);
          ids.set(call, id);
        }
        this.#insertEvent.run(id, time, call.readOnly ? 1 : 0, eventId, requestId);
      }
    });
    this.#sinceCount += events.length;
    if (this.#sinceCount < BETWEEN_COUNTS) return;
    this.#sinceCount = 0;
    this.#pruneCount(BETWEEN_COUNTS * 2);
    this.#forgetCalls();
  }

  /** Newest first. */
  find(query: TrailQuery): StoredTrailEvent[] {
    const { where, values } = conditions(query);
    return this.#database
      .prepare(
        `SELECT calls.*, events.id, events.time, events.read_only, events.event_id, events.request_id
           FROM events JOIN calls ON calls.id = events.call_id
          ${where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`}
          ORDER BY events.time DESC, events.id DESC LIMIT ?`,
      )
      .all(...values, query.limit)
      .map(readEvent);
  }

  /**
   * Deletes some of what is too old or too much; false when nothing is left to do.
   * @param now milliseconds since the epoch
   */
  prune(now: number): boolean {
    const { changes } = this.#database
      .prepare(
        "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE time < ? ORDER BY time, id LIMIT ?)",
      )
      .run(now - TRAIL_KEPT_MS, PRUNED_AT_ONCE);
    const pruned = Number(changes) + this.#pruneCount(PRUNED_AT_ONCE);
    if (pruned > 0) this.#forgetCalls();
    return pruned > 0;
  }

  close(): void {
    this.#database.close();
  }

  #pruneCount(atMost: number): number {
    let deleted = 0;
    for (const readOnly of [0, 1]) {
      const row = this.#database
        .prepare("SELECT count(*) AS count FROM events WHERE read_only = ?")
        .get(readOnly);
      const surplus = Math.min(atMost, Number(row?.["count"]) - this.#mostEvents);
      if (surplus <= 0) continue;
      const { changes } = this.#database
        .prepare(
          "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE read_only = ? ORDER BY time, id LIMIT ?)",
        )
        .run(readOnly, surplus);
      deleted += Number(changes);
    }
    return deleted;
  }

  /** Reading calls are those that are repeated. */
  #callId(call: TrailCall): number | bigint {
    const { record } = call;
    const text = call.readOnly ? `${record.head}\n${record.body}\n${record.tail}` : undefined;
    const known = text === undefined ? undefined : this.#known.get(text);
    if (known !== undefined) return known;
    const { lastInsertRowid } = this.#insertCall.run(
      call.account,
      call.region,
      call.eventName,
      call.eventSource,
      call.username ?? null,
      call.accessKeyId ?? null,
      call.errorCode ?? null,
      call.resources.length === 0 ? null : JSON.stringify(call.resources),
      record.head,
      record.body,
      record.tail,
    );
    if (text !== undefined) {
      if (this.#known.size >= MOST_KNOWN_CALLS) this.#known.clear();
      this.#known.set(text, Number(lastInsertRowid));
    }
    return lastInsertRowid;
  }

  /** Calls are made anew now and then, so that the oldest that is in use tells which ones are not. */
  #forgetCalls(): void {
    this.#known.clear();
    this.#database.exec("DELETE FROM calls WHERE id < (SELECT coalesce(min(call_id), 0) FROM events)");
  }

  #atomically(work: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#known.clear();
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

function conditions(query: TrailQuery): { where: string[]; values: (string | number)[] } {
  const where: string[] = [];
  const values: (string | number)[] = [];
  const restrict = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return;
    where.push(condition);
    values.push(value);
  };
  restrict("account = ?", query.account);
  restrict("region = ?", query.region);
  restrict("event_id = ?", query.eventId);
  restrict("event_name = ?", query.eventName);
  restrict("event_source = ?", query.eventSource);
  restrict("username = ?", query.username);
  restrict("access_key_id = ?", query.accessKeyId);
  restrict("read_only = ?", query.readOnly === undefined ? undefined : Number(query.readOnly));
  restrict("events.time >= ?", query.startTime);
  restrict("events.time <= ?", query.endTime);
  restrict("events.id > ?", query.afterId);
  // A quoted value is found only as a whole: within a JSON text a quote is never bare.
  restrict("instr(resources, ?) > 0", member("name", query.resourceName));
  restrict("instr(resources, ?) > 0", member("type", query.resourceType));
  if (query.errorsOnly === true) where.push("error_code IS NOT NULL");
  if (query.before !== undefined) {
    where.push("(events.time, events.id) < (?, ?)");
    values.push(query.before.time, query.before.id);
  }
  return { where, values };
}

function member(name: keyof TrailResource, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `"${name}":${JSON.stringify(value)}`;
}

function readEvent(row: Row): StoredTrailEvent {
  const { username, access_key_id: accessKeyId, error_code: errorCode, resources } = row;
  const time = Number(row["time"]);
  const eventId = String(row["event_id"]);
  return {
    id: Number(row["id"]),
    eventId,
    account: String(row["account"]),
    region: String(row["region"]),
    time,
    readOnly: row["read_only"] === 1,
    eventName: String(row["event_name"]),
    eventSource: String(row["event_source"]),
    ...(typeof username === "string" ? { username } : {}),
    ...(typeof accessKeyId === "string" ? { accessKeyId } : {}),
    ...(typeof errorCode === "string" ? { errorCode } : {}),
    resources: typeof resources === "string" ? readResources(resources) : [],
    record:
      `${row["record_head"]}${eventTime(time)}${row["record_body"]}` +
      `${row["request_id"]}","eventID":"${eventId}"${row["record_tail"]}`,
  };
}

function readResources(text: string): TrailResource[] {
  const value: unknown = JSON.parse(text);
  return Array.isArray(value)
    ? value.map(({ type, name }) => ({ type: String(type), name: String(name) }))
    : [];
}

/** `2024-07-30T21:53:13Z`. @param at milliseconds since the epoch */
export function eventTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}
