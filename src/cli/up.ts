/** `berth up`: the server, in the foreground or behind. */
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Config, type ConfigFlags, readConfig } from "../config.ts";
import { requireFreePort } from "../lib/listen.ts";
import { createLog } from "../lib/log.ts";
import { checkMachine } from "./doctor.ts";
import { CommandFailure, say } from "./output.ts";
import { findRunningServer, removeProcessFile, writeProcessFile } from "./process-file.ts";
import { isSimulated, markSimulated } from "./simulation-mark.ts";

export function logFileOf(stateDirectory: string): string {
  return join(stateDirectory, "berth.log");
}

export interface UpFlags extends ConfigFlags {
  readonly detach?: boolean | undefined;
}

export async function up(flags: UpFlags): Promise<void> {
  const config = readConfig(flags, process.env);
  const running = findRunningServer(config.stateDirectory);
  if (running !== undefined) {
    if (flags.detach && running.port === config.port) {
      say(`Berth already runs (process ${running.processId}) on http://${running.host}:${running.port}`);
      return;
    }
    throw new CommandFailure(
      `Berth already runs for ${config.stateDirectory} (process ${running.processId}, port ${running.port}); stop it with ./berth down --keep`,
    );
  }
  if (config.simulate === undefined) {
    const problem = checkMachine().find((check) => !check.ok && check.required);
    if (problem !== undefined) throw new CommandFailure(`${problem.problem}; ${problem.remedy}`);
  }
  requireSameWorld(config);
  // Before anything is made: a start that cannot succeed leaves nothing behind.
  await requireFreePort(config).catch((error: unknown) => {
    throw new CommandFailure(textOf(error));
  });
  mkdirSync(config.stateDirectory, { recursive: true, mode: 0o700 });
  if (config.simulate !== undefined) markSimulated(config.stateDirectory);
  await (flags.detach ? upDetached(config) : upForeground(config));
}

/** What a simulation remembers was never in the kernel, and the other way round. */
function requireSameWorld(config: Config): void {
  const { stateDirectory, simulate } = config;
  if (!existsSync(join(stateDirectory, "berth.db"))) return;
  if (isSimulated(stateDirectory) === (simulate !== undefined)) return;
  throw new CommandFailure(
    simulate === undefined
      ? `${stateDirectory} is a simulation's; add --simulate, or remove it with ./berth down`
      : `${stateDirectory} belongs to a real Berth; give the simulation a folder of its own with --state-dir`,
  );
}

async function upForeground(config: Config): Promise<void> {
  const file = createWriteStream(logFileOf(config.stateDirectory), { flags: "a", mode: 0o600 });
  const detached = process.env["BERTH_DETACHED"] === "1";
  const log = createLog(config.logLevel, (line) => {
    file.write(line);
    if (!detached) process.stderr.write(line);
  });
  process.on("unhandledRejection", (error) => log.error("unhandled rejection", { error }));
  const { startBerth } = await import("../main.ts");
  let berth: Awaited<ReturnType<typeof startBerth>>;
  try {
    berth = await startBerth(config, log, (step) => log.info("starting", { step }));
  } catch (error) {
    // The file alone keeps the stack; the user gets the line.
    createLog(config.logLevel, (line) => file.write(line)).error("berth could not start", { error });
    throw new CommandFailure(textOf(error));
  }
  writeProcessFile(config.stateDirectory, { host: config.host, port: config.port });
  if (!detached)
    say(
      `Berth serves ${berth.endpoint}; state in ${config.stateDirectory}; stop with Ctrl-C or ./berth down`,
    );
  await new Promise<void>((resolve) => {
    let stopping = false;
    const stop = () => {
      if (stopping) return;
      stopping = true;
      log.info("stopping; containers and networks go on");
      void berth
        .stop()
        .catch((error: unknown) => log.error("stopping failed", { error }))
        .finally(() => {
          removeProcessFile(config.stateDirectory);
          resolve();
        });
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  });
  process.exit(0);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const READY_TIMEOUT_MS = 60_000;

async function upDetached(config: Config): Promise<void> {
  const output = openSync(logFileOf(config.stateDirectory), "a", 0o600);
  const main = new URL("./cli.ts", import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv,
      main,
      "up",
      "--state-dir",
      config.stateDirectory,
      "--port",
      String(config.port),
      "--public-pool",
      config.publicPool,
      "--log-level",
      config.logLevel,
      ...(config.enforceOperator ? ["--iam", "enforce"] : []),
      ...(config.endpointInjection ? [] : ["--no-endpoint-injection"]),
      ...(config.simulate === undefined ? [] : ["--simulate", "--speed", String(config.simulate.speed)]),
    ],
    { detached: true, stdio: ["ignore", output, output], env: { ...process.env, BERTH_DETACHED: "1" } },
  );
  const ended = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let exitCode: number | undefined;
  void ended.then((code) => {
    exitCode = code;
  });
  while (Date.now() < deadline && exitCode === undefined) {
    const server = findRunningServer(config.stateDirectory);
    if (server?.processId === child.pid) {
      child.unref();
      say(
        `Berth serves http://${config.host}:${config.port} (process ${child.pid}); state in ${config.stateDirectory}`,
      );
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new CommandFailure(`Berth did not become ready: ${lastError(config.stateDirectory)}`);
}

/** The last thing that the log says went wrong. */
function lastError(stateDirectory: string): string {
  const file = logFileOf(stateDirectory);
  try {
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const found = lines.reverse().find((line) => line.startsWith("berth: "));
    return found?.slice("berth: ".length) ?? `see ${file}`;
  } catch {
    return `see ${file}`;
  }
}
