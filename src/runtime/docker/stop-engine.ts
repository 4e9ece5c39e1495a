/** Ends the container engine that Berth itself had started, when nobody else's containers need it. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { connect, DEFAULT_SOCKET, type DockerHost } from "./connection.ts";

/** The engine that answers, without starting one. */
export async function findEngine(dockerHost: string | undefined): Promise<DockerHost | undefined> {
  const host = dockerHost !== undefined && dockerHost !== "" ? dockerHost : `unix://${DEFAULT_SOCKET}`;
  try {
    await connect(host).ping();
    return host;
  } catch {
    return undefined;
  }
}

const STOP_TIMEOUT_MS = 15_000;
const POLL_MS = 100;

/**
 * Whether it was stopped: not when systemd or the user runs it, nor while any container is on it.
 * `pause` waits so many milliseconds.
 */
export async function stopOwnEngine(
  stateDirectory: string,
  pause: (milliseconds: number) => Promise<void>,
): Promise<boolean> {
  const pidFile = join(stateDirectory, "engine", "dockerd.pid");
  const processId = Number(await readFile(pidFile, "utf8").catch(() => ""));
  if (!(processId > 1) || !(await isDaemon(processId, pidFile))) return false;
  const containers = await connect(`unix://${DEFAULT_SOCKET}`)
    .listContainers({ all: true })
    .catch(() => []);
  if (containers.length > 0) return false;
  process.kill(processId, "SIGTERM");
  for (let waited = 0; waited < STOP_TIMEOUT_MS && (await isDaemon(processId, pidFile)); waited += POLL_MS) {
    await pause(POLL_MS);
  }
  await rm(pidFile, { force: true });
  return true;
}

/** A reused process id is not our daemon, whose command line names our file; nor is one that has died. */
export async function isDaemon(processId: number, pidFile: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${processId}/cmdline`, "utf8").catch(() => "");
  return commandLine.includes("dockerd") && commandLine.includes(pidFile);
}
