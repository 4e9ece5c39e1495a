/** What HAProxy tells about its servers, parsed. */
import type { ObservedTarget } from "../config.ts";
import { OPEN_PREFIX } from "./render-backend.ts";
import { STRUCTURE_VARIABLE } from "./render-config.ts";

export interface ObservedServer {
  readonly backendId: string;
  readonly name: string;
  /** Taken out: about to be deleted, or not yet put in. */
  readonly maintenance: boolean;
  readonly draining: boolean;
  readonly weight: number;
  readonly health: "up" | "down";
  readonly checked: boolean;
  readonly lastCheck: ObservedTarget["lastCheck"];
  readonly openSessions: number;
}

export interface ObservedProxy {
  readonly structure: string | undefined;
  readonly servers: readonly ObservedServer[];
}

/** One command line, so that one worker answers all of it, also while another takes over. */
export const OBSERVE_COMMAND = `show env ${STRUCTURE_VARIABLE};show servers state;show stat -1 4 -1`;

/** For a worker that a reload has replaced: all that still counts is who is connected. */
export const SESSIONS_COMMAND = "show stat -1 4 -1";

export type ServerSessions = Pick<ObservedServer, "backendId" | "name" | "openSessions">;

/** Bits of `srv_admin_state`. */
const FORCED_MAINTENANCE = 0x01;
const FORCED_DRAIN = 0x08;

export function parseObservation(answer: string): ObservedProxy {
  const lines = answer.split("\n");
  const prefix = `${STRUCTURE_VARIABLE}=`;
  const structure = lines.find((line) => line.startsWith(prefix))?.slice(prefix.length);
  const states = serverStates(lines);
  const servers = statistics(lines).flatMap((row): ObservedServer[] => {
    const state = states.get(`${row("pxname")}/${row("svname")}`);
    if (state === undefined) return [];
    const status = row("status");
    return [
      {
        ...serverSessions(row),
        maintenance: (state.admin & FORCED_MAINTENANCE) !== 0,
        draining: (state.admin & FORCED_DRAIN) !== 0,
        weight: state.weight,
        health: status.startsWith("DOWN") ? "down" : "up",
        checked: row("check_status") !== "",
        lastCheck: parseCheck(row("check_status"), row("check_code")),
      },
    ];
  });
  return { structure, servers };
}

export function parseSessions(answer: string): ServerSessions[] {
  return statistics(answer.split("\n")).map(serverSessions);
}

function serverSessions(row: (column: string) => string): ServerSessions {
  return { backendId: row("pxname"), name: row("svname"), openSessions: Number(row("scur")) || 0 };
}

/** The table of `show servers state`, the way `load-server-state-from-file` reads it. */
export function serverStateFile(answer: string): string {
  const lines = answer.split("\n");
  const start = lines.findIndex((line) => line.trim() === "1");
  return start < 0 ? "" : `${lines.slice(start).join("\n").trim()}\n`;
}

function serverStates(lines: readonly string[]): Map<string, { admin: number; weight: number }> {
  const header =
    lines
      .find((line) => line.startsWith("# be_id "))
      ?.slice(2)
      .split(" ") ?? [];
  const column = (name: string) => header.indexOf(name);
  const states = new Map<string, { admin: number; weight: number }>();
  for (const line of lines) {
    const fields = line.split(" ");
    if (fields.length < header.length || header.length === 0 || line.startsWith("#")) continue;
    states.set(`${fields[column("be_name")]}/${fields[column("srv_name")]}`, {
      admin: Number(fields[column("srv_admin_state")]),
      weight: Number(fields[column("srv_uweight")]),
    });
  }
  return states;
}

/** The rows of `show stat`, each as a function from a column's name to its value. */
function statistics(lines: readonly string[]): ((column: string) => string)[] {
  const start = lines.findIndex((line) => line.startsWith("# pxname,"));
  if (start < 0) return [];
  const header = (lines[start] ?? "").slice(2).split(",");
  return lines
    .slice(start + 1)
    .filter((line) => line.includes(","))
    .map((line) => {
      const fields = line.split(",");
      return (column) => fields[header.indexOf(column)] ?? "";
    });
}

/** A leading `*` means that a check is running; the rest is then of the one before. */
function parseCheck(status: string, code: string): ObservedTarget["lastCheck"] {
  switch (status.replace("* ", "")) {
    case "":
    case "INI":
    case "UNK":
      return undefined;
    case "L4OK":
    case "L6OK":
    case "L7OK":
    case "L7OKC":
      return { outcome: "ok" };
    case "L4TOUT":
    case "L6TOUT":
    case "L7TOUT":
      return { outcome: "timeout" };
    case "L7STS":
      return { outcome: "wrong-code", code: Number(code) };
    default:
      return { outcome: "failed" };
  }
}

/**
 * Targets as the node sees them. `older` are servers of workers that a reload has replaced and that still have
 * connections: those count as open sessions.
 */
export function describeTargets(
  servers: readonly ObservedServer[],
  older: readonly ServerSessions[] = [],
): ObservedTarget[] {
  const sessions = new Map<string, number>();
  for (const server of [...servers, ...older]) {
    const key = targetKey(server);
    sessions.set(key, (sessions.get(key) ?? 0) + server.openSessions);
  }
  return servers
    .filter((server) => !server.maintenance && !server.name.startsWith(OPEN_PREFIX))
    .map((server) => {
      const separator = server.name.lastIndexOf(":");
      return {
        backendId: server.backendId,
        address: server.name.slice(0, separator),
        port: Number(server.name.slice(separator + 1)),
        state: targetState(server),
        ...(server.lastCheck === undefined ? {} : { lastCheck: server.lastCheck }),
        openSessions: sessions.get(targetKey(server)) ?? 0,
      };
    });
}

function targetKey(server: ServerSessions): string {
  const name = server.name.startsWith(OPEN_PREFIX) ? server.name.slice(OPEN_PREFIX.length) : server.name;
  return `${server.backendId}/${name}`;
}

/** HAProxy takes a server for up until checks fail; behind a closed gate that means: no success yet. */
function targetState(server: ObservedServer): ObservedTarget["state"] {
  if (server.health === "down") return "unhealthy";
  return server.checked && server.weight === 0 ? "initial" : "healthy";
}
