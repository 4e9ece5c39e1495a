/**
 * The lines of log streams, in a file of their own: many, never changed, not part of the change feed. Which
 * groups and streams exist is the Store's matter; here a stream begins with its first line.
 */
import type { Clock } from "../lib/clock.ts";
import type { Scope } from "../model/scope.ts";
import { type DatabaseSync, openDatabase } from "./database.ts";
import { findLogGroup, findLogStream, logGroupArn, newLogGroup, newLogStream } from "./log-groups.ts";
import type { Store } from "./store.ts";
import { logGroups, logStreams } from "./tables/logs.ts";

export interface LogLine {
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number;
  readonly message: string;
}

/** A place between lines: lines are ordered by timestamp, then by arrival. */
export interface LogPosition {
  readonly timestamp: number;
  readonly id: number;
}

export interface StoredLine extends LogLine, LogPosition {
  readonly streamName: string;
  readonly ingestionTime: number;
}

export interface StreamStatistics {
  readonly streamName: string;
  readonly firstTimestamp?: number;
  readonly lastTimestamp?: number;
  readonly lastIngestionTime?: number;
  /** As CloudWatch Logs counts: 26 bytes a line beside its text. */
  readonly storedBytes: number;
}

export interface LogQuery {
  readonly groupArn: string;
  /** Absent: every stream of the group. */
  readonly streamNames?: readonly string[] | undefined;
  /** Included. */
  readonly startTime?: number | undefined;
  /** Not included. */
  readonly endTime?: number | undefined;
  readonly after?: LogPosition | undefined;
  readonly before?: LogPosition | undefined;
  /** `newest` takes the last `limit` lines; the answer is in order of time all the same. */
  readonly from: "oldest" | "newest";
  readonly limit: number;
}

type Row = Readonly<Record<string, unknown>>;

const BYTES_PER_LINE = 26;
const SCHEMA = new URL("./log-schema/", import.meta.url);

/** Takes what tasks write (it is their log sink) and what PutLogEvents sends. */
export class LogStore {
  readonly #database: DatabaseSync;
  readonly #store: Store;
  readonly #clock: Clock;

  /** `file` may be `:memory:`. */
  constructor(file: string, store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#database = openDatabase(file, SCHEMA);
    // An fsync for each batch of lines would cost more than the lines are worth. With WAL the file stays whole
    // and kill -9 loses nothing; a power cut may lose the last lines, which Docker keeps and which are read
    // again from `lastTimestamp` on.
    this.#database.exec("PRAGMA synchronous = NORMAL");
  }

  /** Makes the stream if it is not there, and its group too when `createGroup` says so. */
  ensureStream(
    scope: Scope,
    groupName: string,
    streamName: string,
    options: { readonly createGroup: boolean },
  ): "ready" | "no-such-group" {
    const known = findLogGroup(this.#store, scope, groupName);
    if (known === undefined && !options.createGroup) return "no-such-group";
    const now = this.#clock.now();
    const group = known ?? newLogGroup(scope, groupName, now);
    const stream = findLogStream(this.#store, group, streamName) ?? newLogStream(group, streamName, now);
    this.#store.transaction((tx) => {
      if (known === undefined) tx.put(logGroups, group);
      if (this.#store.get(logStreams, stream.arn) === undefined) tx.put(logStreams, stream);
    });
    return "ready";
  }

  /** Lines in the order in which they were written; dropped when the group or stream is gone meanwhile. */
  append(scope: Scope, groupName: string, streamName: string, lines: readonly LogLine[]): void {
    const group = findLogGroup(this.#store, scope, groupName);
    if (group === undefined || findLogStream(this.#store, group, streamName) === undefined) return;
    this.write(group.arn, streamName, lines, this.#clock.now());
  }

  /** The stream's last timestamp and how many of its lines carry exactly that; undefined while it is empty. */
  lastTimestamp(
    scope: Scope,
    groupName: string,
    streamName: string,
  ): { readonly timestamp: number; readonly lineCount: number } | undefined {
    const streamId = this.#findStream(logGroupArn(scope, groupName), streamName);
    if (streamId === undefined) return undefined;
    const row = this.#database
      .prepare(
        `SELECT timestamp, count(*) AS line_count FROM lines WHERE stream_id = ?1
            AND timestamp = (SELECT max(timestamp) FROM lines WHERE stream_id = ?1) GROUP BY timestamp`,
      )
      .get(streamId);
    if (row === undefined) return undefined;
    return { timestamp: Number(row["timestamp"]), lineCount: Number(row["line_count"]) };
  }

  /** All of the lines or, when it throws, none. `ingestionTime` in ms since the epoch. */
  write(groupArn: string, streamName: string, lines: readonly LogLine[], ingestionTime: number): void {
    if (lines.length === 0) return;
    this.#atomically(() => {
      const streamId = this.#ensureStream(groupArn, streamName);
      const insert = this.#database.prepare(
        "INSERT INTO lines (group_arn, stream_id, timestamp, ingestion, message) VALUES (?, ?, ?, ?, ?)",
      );
      let first = Number.POSITIVE_INFINITY;
      let last = Number.NEGATIVE_INFINITY;
      let bytes = 0;
      for (const { timestamp, message } of lines) {
        insert.run(groupArn, streamId, timestamp, ingestionTime, message);
        first = Math.min(first, timestamp);
        last = Math.max(last, timestamp);
        bytes += Buffer.byteLength(message) + BYTES_PER_LINE;
      }
      this.#database
        .prepare(
          `UPDATE streams SET first_timestamp = min(coalesce(first_timestamp, ?1), ?1),
             last_timestamp = max(coalesce(last_timestamp, ?2), ?2), last_ingestion = ?3,
             stored_bytes = stored_bytes + ?4 WHERE id = ?5`,
        )
        .run(first, last, ingestionTime, bytes, streamId);
    });
  }

  read(query: LogQuery): StoredLine[] {
    const where: string[] = ["lines.group_arn = ?"];
    const values: (string | number)[] = [query.groupArn];
    const restrict = (condition: string, ...more: (string | number)[]) => {
      where.push(condition);
      values.push(...more);
    };
    if (query.streamNames !== undefined) {
      const ids = query.streamNames.flatMap((name) => this.#findStream(query.groupArn, name) ?? []);
      restrict("lines.stream_id IN (SELECT value FROM json_each(?))", JSON.stringify(ids));
    }
    if (query.startTime !== undefined) restrict("lines.timestamp >= ?", query.startTime);
    if (query.endTime !== undefined) restrict("lines.timestamp < ?", query.endTime);
    if (query.after) restrict("(lines.timestamp, lines.id) > (?, ?)", query.after.timestamp, query.after.id);
    if (query.before)
      restrict("(lines.timestamp, lines.id) < (?, ?)", query.before.timestamp, query.before.id);
    const order = query.from === "oldest" ? "ASC" : "DESC";
    const rows = this.#database
      .prepare(
        `SELECT lines.id, lines.timestamp, lines.ingestion, lines.message, streams.stream_name
           FROM lines JOIN streams ON streams.id = lines.stream_id
          WHERE ${where.join(" AND ")}
          ORDER BY lines.timestamp ${order}, lines.id ${order} LIMIT ?`,
      )
      .all(...values, query.limit);
    const lines = rows.map(readLine);
    return query.from === "oldest" ? lines : lines.reverse();
  }

  /** By stream name; streams that never had a line are not there. */
  statistics(groupArn: string): Map<string, StreamStatistics> {
    const rows = this.#database.prepare("SELECT * FROM streams WHERE group_arn = ?").all(groupArn);
    return new Map(rows.map(readStatistics).map((statistics) => [statistics.streamName, statistics]));
  }

  storedBytes(groupArn: string): number {
    const row = this.#database
      .prepare("SELECT sum(stored_bytes) AS bytes FROM streams WHERE group_arn = ?")
      .get(groupArn);
    return Number(row?.["bytes"] ?? 0);
  }

  deleteStream(groupArn: string, streamName: string): void {
    this.#database
      .prepare("DELETE FROM streams WHERE group_arn = ? AND stream_name = ?")
      .run(groupArn, streamName);
  }

  deleteGroup(groupArn: string): void {
    this.#database.prepare("DELETE FROM streams WHERE group_arn = ?").run(groupArn);
  }

  /** Deletes at most `limit` of the group's lines older than `before` (ms); returns how many it were. */
  deleteOlder(groupArn: string, before: number, limit: number): number {
    return this.#atomically(() => {
      const doomed = this.#database
        .prepare(
          `SELECT id, stream_id, length(CAST(message AS BLOB)) AS bytes FROM lines
            WHERE group_arn = ? AND timestamp < ? ORDER BY timestamp, id LIMIT ?`,
        )
        .all(groupArn, before, limit);
      const remove = this.#database.prepare("DELETE FROM lines WHERE id = ?");
      const freed = new Map<number, number>();
      for (const row of doomed) {
        remove.run(Number(row["id"]));
        const streamId = Number(row["stream_id"]);
        freed.set(streamId, (freed.get(streamId) ?? 0) + Number(row["bytes"]) + BYTES_PER_LINE);
      }
      const update = this.#database.prepare(
        `UPDATE streams SET stored_bytes = stored_bytes - ?1,
           first_timestamp = (SELECT min(timestamp) FROM lines WHERE stream_id = ?2) WHERE id = ?2`,
      );
      for (const [streamId, bytes] of freed) update.run(bytes, streamId);
      return doomed.length;
    });
  }

  /** Groups that have lines or had them. */
  groupArns(): string[] {
    return this.#database
      .prepare("SELECT DISTINCT group_arn FROM streams")
      .all()
      .map((row) => String(row["group_arn"]));
  }

  close(): void {
    this.#database.close();
  }

  #findStream(groupArn: string, streamName: string): number | undefined {
    const row = this.#database
      .prepare("SELECT id FROM streams WHERE group_arn = ? AND stream_name = ?")
      .get(groupArn, streamName);
    return row === undefined ? undefined : Number(row["id"]);
  }

  #ensureStream(groupArn: string, streamName: string): number {
    const known = this.#findStream(groupArn, streamName);
    if (known !== undefined) return known;
    const { lastInsertRowid } = this.#database
      .prepare("INSERT INTO streams (group_arn, stream_name) VALUES (?, ?)")
      .run(groupArn, streamName);
    return Number(lastInsertRowid);
  }

  #atomically<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

function readLine(row: Row): StoredLine {
  return {
    id: Number(row["id"]),
    streamName: String(row["stream_name"]),
    timestamp: Number(row["timestamp"]),
    ingestionTime: Number(row["ingestion"]),
    message: String(row["message"]),
  };
}

function readStatistics(row: Row): StreamStatistics {
  const { first_timestamp: first, last_timestamp: last, last_ingestion: ingestion } = row;
  return {
    streamName: String(row["stream_name"]),
    ...(typeof first === "number" ? { firstTimestamp: first } : {}),
    ...(typeof last === "number" ? { lastTimestamp: last } : {}),
    ...(typeof ingestion === "number" ? { lastIngestionTime: ingestion } : {}),
    storedBytes: Number(row["stored_bytes"]),
  };
}
