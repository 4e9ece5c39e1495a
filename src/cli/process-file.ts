/** Which process serves a state directory: its id, and what proves that the id is still that process. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface RunningServer {
  readonly processId: number;
  readonly port: number;
  readonly host: string;
}

interface ProcessFile extends RunningServer {
  /** Field 22 of /proc/<pid>/stat: a reused process id has another. */
  readonly startTime: string;
}

function path(stateDirectory: string): string {
  return join(stateDirectory, "berth.pid");
}

export function writeProcessFile(stateDirectory: string, server: Omit<RunningServer, "processId">): void {
  const file: ProcessFile = { processId: process.pid, ...server, startTime: startTimeOf(process.pid) ?? "" };
  writeFileSync(path(stateDirectory), JSON.stringify(file), { mode: 0o600 });
}

export function removeProcessFile(stateDirectory: string): void {
  rmSync(path(stateDirectory), { force: true });
}

/** The server of the state directory, if it runs. */
export function findRunningServer(stateDirectory: string): RunningServer | undefined {
  let file: unknown;
  try {
    file = JSON.parse(readFileSync(path(stateDirectory), "utf8"));
  } catch {
    return undefined;
  }
  if (!isProcessFile(file) || startTimeOf(file.processId) !== file.startTime) return undefined;
  return { processId: file.processId, port: file.port, host: file.host };
}

function isProcessFile(value: unknown): value is ProcessFile {
  return (
    typeof value === "object" &&
    value !== null &&
    "processId" in value &&
    typeof value.processId === "number" &&
    "port" in value &&
    typeof value.port === "number" &&
    "host" in value &&
    typeof value.host === "string" &&
    "startTime" in value &&
    typeof value.startTime === "string"
  );
}

function startTimeOf(processId: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, "utf8");
    // The command's name may hold spaces and parentheses; fields are counted after the last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
