/**
 * One HAProxy as a process: started in a namespace in a session of its own, so that it lives on when we do not, and
 * found again by its pid file. Master and worker: the master reloads, the worker serves.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ADMIN_SOCKET, STATE_FILE } from "./render-config.ts";
import { ask, ProxyUnreachable } from "./runtime-api.ts";

const HAPROXY = "haproxy";
/** Nothing of our own environment (credentials, say) goes to the proxy. */
const ENVIRONMENT = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
const STOP_MS = 3_000;
const COMMAND_MS = 20_000;
const MASTER_READY_MS = 3_000;

export interface ProxyPaths {
  readonly directory: string;
  readonly config: string;
  readonly nextConfig: string;
  readonly pidFile: string;
  readonly masterSocket: string;
  readonly adminSocket: string;
  readonly stateFile: string;
  readonly log: string;
}

export function proxyPaths(stateDirectory: string, nodeId: string): ProxyPaths {
  const directory = join(stateDirectory, nodeId);
  return {
    directory,
    config: join(directory, "haproxy.cfg"),
    nextConfig: join(directory, "haproxy.cfg.next"),
    pidFile: join(directory, "pid"),
    masterSocket: join(directory, "m"),
    adminSocket: join(directory, ADMIN_SOCKET),
    stateFile: join(directory, STATE_FILE),
    log: join(directory, "haproxy.log"),
  };
}

/** The master's process id, when it runs and is truly this node's. */
export async function findProxy(paths: ProxyPaths): Promise<number | undefined> {
  const processId = Number(await readFile(paths.pidFile, "utf8").catch(() => ""));
  if (!Number.isInteger(processId) || processId <= 1) return undefined;
  return (await isProxy(processId, paths)) ? processId : undefined;
}

/** Process ids are used again, command lines tell. A process that has ended but was not waited for has none. */
async function isProxy(processId: number, paths: ProxyPaths): Promise<boolean> {
  const words = (await readFile(`/proc/${processId}/cmdline`, "utf8").catch(() => "")).split("\0");
  return words[0] === HAPROXY && words.includes(paths.config);
}

/** False also when the namespace was made anew since: the proxy is then in one that nobody can reach. */
export async function isInNamespace(processId: number, namespace: string): Promise<boolean> {
  const [own, named] = await Promise.all([
    stat(`/proc/${processId}/ns/net`).catch(() => undefined),
    stat(`/run/netns/${namespace}`).catch(() => undefined),
  ]);
  return own !== undefined && named !== undefined && own.ino === named.ino && own.dev === named.dev;
}

/** Throws with HAProxy's words when the namespace is not there or an address cannot be bound. */
export async function startProxy(paths: ProxyPaths, namespace: string): Promise<void> {
  await Promise.all(
    [paths.pidFile, paths.masterSocket, paths.adminSocket].map((path) => rm(path, { force: true })),
  );
  await run(paths, "ip", [
    ...["netns", "exec", namespace, HAPROXY, "-W", "-D"],
    ...["-f", paths.config, "-p", paths.pidFile, "-S", paths.masterSocket],
  ]);
}

/** Throws with HAProxy's words when it would not take the configuration. */
export async function checkConfig(paths: ProxyPaths, configFile: string): Promise<void> {
  await run(paths, HAPROXY, ["-c", "-q", "-f", configFile]);
}

/** The master starts a new worker from the configuration file; the old one ends when its connections do. */
export async function requestReload(paths: ProxyPaths): Promise<void> {
  // The master replaces itself while we are connected, which may look like a lost connection.
  await askMaster(paths, "reload").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ECONNRESET" && error.code !== "EPIPE") throw error;
  });
}

/** While it starts or reloads, which takes some 100 ms, the master listens later than its worker serves. */
async function askMaster(paths: ProxyPaths, command: string): Promise<string> {
  const deadline = Date.now() + MASTER_READY_MS;
  for (;;) {
    try {
      return await ask(paths.masterSocket, command);
    } catch (error) {
      if (!(error instanceof ProxyUnreachable) || Date.now() > deadline) throw error;
      await delay(20);
    }
  }
}

/** Process ids of workers that a reload has replaced and that still have connections. */
export async function findOldWorkers(paths: ProxyPaths): Promise<readonly number[]> {
  return parseOldWorkers(await askMaster(paths, "show proc"));
}

export function parseOldWorkers(answer: string): number[] {
  const lines = answer.split("\n");
  const start = lines.findIndex((line) => line.startsWith("# old workers"));
  if (start < 0) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.startsWith("#"));
  return rest
    .slice(0, end < 0 ? rest.length : end)
    .map((line) => Number(line.split(/\s+/)[0]))
    .filter((processId) => processId > 1);
}

/** Ends master and workers, connections and all. */
export async function stopProxy(paths: ProxyPaths): Promise<void> {
  const processId = await findProxy(paths);
  if (processId === undefined) return;
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    signalProcess(processId, signal);
    const deadline = Date.now() + STOP_MS;
    while (Date.now() < deadline) {
      if (!(await isProxy(processId, paths))) return;
      await delay(20);
    }
  }
  throw new Error(`haproxy ${processId} does not end`);
}

function signalProcess(processId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(processId, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/**
 * Runs a command to its end. Its words go to a file, not a pipe: a daemon that it leaves behind would hold the
 * pipe's other end.
 */
async function run(paths: ProxyPaths, command: string, args: readonly string[]): Promise<void> {
  const output = openSync(paths.log, "w", 0o600);
  const outcome = await new Promise<{ code: number | null; error?: Error }>((resolve) => {
    const child = spawn(command, args, {
      cwd: "/",
      detached: true,
      env: ENVIRONMENT,
      stdio: ["ignore", output, output],
      timeout: COMMAND_MS,
    });
    child.on("error", (error) => resolve({ code: null, error }));
    child.on("exit", (code) => resolve({ code }));
  });
  closeSync(output);
  if (outcome.error !== undefined) throw outcome.error;
  if (outcome.code !== 0) {
    const words = (await readFile(paths.log, "utf8").catch(() => "")).trim();
    throw new Error(`${command} ${args.join(" ")} ended with ${outcome.code}: ${words}`);
  }
}
