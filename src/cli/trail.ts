/** `berth trail`: who called what, from CloudTrail's event history. */
import { setTimeout as pause } from "node:timers/promises";
import type { ReportedEvent, TrailReport } from "../admin/trail-report.ts";
import { stateDirectoryOf } from "../config.ts";
import { askServer, requireServer } from "./admin-client.ts";
import { CommandFailure, EXIT, print } from "./output.ts";
import type { RunningServer } from "./process-file.ts";
import { describeTarget } from "./trail-target.ts";

export interface TrailFlags {
  readonly stateDir?: string | undefined;
  readonly follow?: boolean | undefined;
  readonly user?: string | undefined;
  readonly event?: string | undefined;
  readonly errors?: boolean | undefined;
  readonly since?: string | undefined;
  readonly json?: boolean | undefined;
}

const FOLLOW_EVERY_MS = 700;
const MOST_AT_ONCE = 1000;
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Throws CommandFailure: 2 for a `--since` that is no time. */
export async function trail(flags: TrailFlags): Promise<void> {
  const server = requireServer(stateDirectoryOf(flags.stateDir, process.env));
  const query = queryOf(flags);
  let last = show(await read(server, query), flags);
  while (flags.follow === true) {
    await pause(FOLLOW_EVERY_MS);
    query.delete("since");
    query.delete("ago");
    query.set("after", String(last));
    query.set("limit", String(MOST_AT_ONCE));
    last = Math.max(last, show(await read(server, query), flags));
  }
}

function queryOf(flags: TrailFlags): URLSearchParams {
  const query = new URLSearchParams();
  if (flags.user !== undefined) query.set("user", flags.user);
  if (flags.event !== undefined) query.set("event", flags.event);
  if (flags.errors === true) query.set("errors", "1");
  if (flags.since !== undefined) {
    const [name, ms] = sinceOf(flags.since);
    query.set(name, String(ms));
    query.set("limit", String(MOST_AT_ONCE));
  }
  return query;
}

/** `90s`, `10m`, `2h`, `1d` before the server's now, or a time as ISO 8601 writes it; in ms. */
export function sinceOf(text: string): readonly [kind: "ago" | "since", ms: number] {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return ["ago", Number(count) * (UNITS[unit] ?? 0)];
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw new CommandFailure(`--since takes 10m, 2h, 1d or a time, not ${text}`, EXIT.usage);
  return ["since", at];
}

async function read(server: RunningServer, query: URLSearchParams): Promise<TrailReport> {
  const { status, body } = await askServer(server, `trail?${query}`);
  if (status !== 200) throw new CommandFailure(`the server answered ${status}`);
  return body as TrailReport;
}

/** Returns the id of the last one. */
function show({ events }: TrailReport, { json }: TrailFlags): number {
  for (const event of events)
    print(json === true ? JSON.stringify(event.record) : describeCall(event.record));
  return events.reduce((last: number, { id }: ReportedEvent) => Math.max(last, id), 0);
}

/** One line: time, who, service:operation, what, error. */
export function describeCall(record: unknown): string {
  const event = members(record);
  const service = text(event["eventSource"]).replace(/\.amazonaws\.com$/, "");
  const error = text(event["errorCode"]);
  const message = text(event["errorMessage"]).replace(/\s+/g, " ");
  return [
    localTime(text(event["eventTime"])),
    who(members(event["userIdentity"])).padEnd(20),
    `${service}:${text(event["eventName"])}`.padEnd(32),
    describeTarget(text(event["eventName"]), event["requestParameters"], event["responseElements"]),
    error === "" ? "" : `${error}: ${message}`,
  ]
    .filter((part) => part !== "")
    .join("  ")
    .trimEnd();
}

/** A user's name; of a role the role and its session. */
function who(identity: Readonly<Record<string, unknown>>): string {
  const assumed = /:assumed-role\/(.+)$/.exec(text(identity["arn"]))?.[1];
  return assumed ?? (text(identity["userName"]) || text(identity["type"]).toLowerCase());
}

/** `2026-03-01 14:05:09`, where this machine is. */
function localTime(time: string): string {
  const date = new Date(time);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
