/**
 * Finds the Docker Engine of this machine, and starts it where none runs. An engine that Berth started goes on when
 * Berth ends, as the containers in it do.
 */
import { execFile, spawn } from "node:child_process";
import { access, constants, mkdir, open, readFile, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { Log } from "../../lib/log.ts";
import { connect, DEFAULT_SOCKET, type DockerHost, readEngineError } from "./connection.ts";
import { isDaemon } from "./stop-engine.ts";

/** A cold engine with many containers takes some seconds; more than this means that it will not come. */
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 200;

export interface EnsureEngineOptions {
  readonly log: Log;
  /** An absolute path; `engine/dockerd.log` and `engine/dockerd.pid` in it are the engine's. */
  readonly stateDirectory: string;
  /** The value of DOCKER_HOST, where it is set. */
  readonly dockerHost?: string | undefined;
  /** The value of PATH. */
  readonly path?: string | undefined;
}

/** Throws an error whose text says what to do when there is no engine and none can be started. */
export async function ensureEngine(
  options: EnsureEngineOptions,
): Promise<{ readonly dockerHost: DockerHost }> {
  const { log, dockerHost } = options;
  if (dockerHost !== undefined && dockerHost !== "") {
    const problem = await ping(dockerHost);
    if (problem === undefined) return { dockerHost };
    throw new Error(
      `no container engine answers at DOCKER_HOST=${dockerHost} (${problem}); start it, or unset DOCKER_HOST to use ${DEFAULT_SOCKET}`,
    );
  }
  const host = `unix://${DEFAULT_SOCKET}`;
  const problem = await ping(host);
  if (problem === undefined) return { dockerHost: host };
  if (/EACCES/.test(problem)) {
    throw new Error(`${DEFAULT_SOCKET} may not be used by this user (${problem}); run Berth as root`);
  }
  if (process.getuid?.() !== 0) {
    throw new Error(
      `no container engine answers at ${DEFAULT_SOCKET}; start it (systemctl start docker), or run Berth as root`,
    );
  }
  log.info("no container engine answers; starting one", { socket: DEFAULT_SOCKET });
  if (await hasSystemdUnit()) await startWithSystemd(host);
  else await startDaemonTwice(options, host);
  log.info("the container engine has started", { socket: DEFAULT_SOCKET });
  return { dockerHost: host };
}

/** Why the engine does not answer; undefined when it does. */
async function ping(host: DockerHost): Promise<string | undefined> {
  try {
    await connect(host).ping();
    return undefined;
  } catch (error) {
    const { code, message } = readEngineError(error);
    return code === undefined || message.includes(code) ? message : `${code}: ${message}`;
  }
}

async function hasSystemdUnit(): Promise<boolean> {
  try {
    await access("/run/systemd/system");
    const { stdout } = await promisify(execFile)("systemctl", [
      "list-unit-files",
      "--no-legend",
      "docker.service",
    ]);
    return stdout.includes("docker.service");
  } catch {
    return false;
  }
}

async function startWithSystemd(host: DockerHost): Promise<void> {
  try {
    await promisify(execFile)("systemctl", ["start", "docker"]);
  } catch (error) {
    throw new Error(
      `systemctl start docker failed (${readEngineError(error).message.trim()}); see: journalctl -u docker`,
    );
  }
  await untilReady(host, () => undefined, "see: journalctl -u docker");
}

/** After kill -9 the former engine's containerd may be in the way of the first try, which ends it. */
async function startDaemonTwice(options: EnsureEngineOptions, host: DockerHost): Promise<void> {
  try {
    await startDaemon(options, host);
  } catch (error) {
    options.log.warn("the container engine did not start; trying once more", { error });
    await startDaemon(options, host);
  }
}

async function startDaemon({ stateDirectory, path }: EnsureEngineOptions, host: DockerHost): Promise<void> {
  const daemon = await findExecutable(
    "dockerd",
    path ?? "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin",
  );
  if (daemon === undefined) {
    throw new Error(
      "Docker Engine is not installed (no dockerd in PATH); install it, on Debian or Ubuntu: apt-get install docker.io",
    );
  }
  const directory = join(stateDirectory, "engine");
  await mkdir(directory, { recursive: true });
  const pidFile = join(directory, "dockerd.pid");
  // After kill -9 its process file stays, and a new daemon would not start beside it.
  const former = Number(await readFile(pidFile, "utf8").catch(() => ""));
  if (!(former > 1 && (await isDaemon(former, pidFile)))) await rm(pidFile, { force: true });
  const logFile = join(directory, "dockerd.log");
  const output = await open(logFile, "a");
  // Live restore: containers, and so tasks, go on while the engine is down or restarts.
  const child = spawn(daemon, ["--live-restore", "--pidfile", pidFile], {
    // A session of its own: neither a hang-up nor an interrupt of Berth's terminal reaches it.
    detached: true,
    stdio: ["ignore", output.fd, output.fd],
    cwd: "/",
  });
  let ended: string | undefined;
  child.once("error", (error) => {
    ended = error.message;
  });
  child.once("exit", (code, signal) => {
    ended = `dockerd ended (${signal ?? `exit code ${code}`})`;
  });
  await output.close();
  try {
    await untilReady(host, () => ended, `see ${logFile}`, logFile);
  } finally {
    child.removeAllListeners();
    child.unref();
  }
}

/** Another Berth may have started an engine at the same time: then ours ends, and theirs answers. */
async function untilReady(
  host: DockerHost,
  ended: () => string | undefined,
  remedy: string,
  logFile?: string,
): Promise<void> {
  let endedPolls = 0;
  for (let waited = 0; waited < START_TIMEOUT_MS; waited += POLL_MS) {
    if ((await ping(host)) === undefined) return;
    if (ended() !== undefined && ++endedPolls * POLL_MS > 5_000) break;
    await pause(POLL_MS);
  }
  const last = logFile === undefined ? undefined : await lastError(logFile);
  throw new Error(
    `the container engine did not start: ${ended() ?? `no answer within ${START_TIMEOUT_MS / 1000} s`}${last === undefined ? "" : `: ${last}`}; ${remedy}`,
  );
}

async function lastError(logFile: string): Promise<string | undefined> {
  const text = await readFile(logFile, "utf8").catch(() => "");
  return text
    .trimEnd()
    .split("\n")
    .findLast((line) => line !== "" && !/level=(info|debug)/.test(line));
}

async function findExecutable(name: string, path: string): Promise<string | undefined> {
  for (const directory of path.split(delimiter)) {
    const file = join(directory, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found && directory !== "") return file;
  }
  return undefined;
}
