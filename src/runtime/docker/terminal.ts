/** A program with a terminal in a container that is there already (`docker exec -it`), and its end. */
import { readdir, readFile } from "node:fs/promises";
import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import { type Clock, sleep } from "../../lib/clock.ts";
import { failure, type Result, success } from "../../lib/result.ts";
import type {
  RuntimeFailure,
  TerminalEvents,
  TerminalProcess,
  TerminalProgram,
} from "../container-runtime.ts";
import { isGone, toFailure } from "./connection.ts";

const POLL_MS = 20;
/** Between SIGHUP and SIGKILL. */
const HANGUP_MS = 1000;
const KILLED_MS = 2000;

export async function openTerminal(
  docker: Docker,
  clock: Clock,
  containerId: string,
  program: TerminalProgram,
  events: TerminalEvents,
): Promise<Result<TerminalProcess, RuntimeFailure>> {
  try {
    const exec = await docker.getContainer(containerId).exec({
      Cmd: [...program.arguments],
      Env: Object.entries(program.environment).map(([name, value]) => `${name}=${value}`),
      User: "0",
      Tty: true,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    events.created(exec.id);
    const stream: Duplex = await exec.start({ hijack: true, stdin: true, Tty: true });
    const output = gate(stream, events.output);
    const started = await waitForStart(exec, clock);
    if (!started.running) {
      stream.destroy();
      // The engine's own words come where the program's would: there is none that could print.
      const words = output.held().trim();
      if (started.processId === 0) return failure({ kind: "start-failed", message: words });
    }
    output.open();
    void output.closed.then(() => reportEnd(exec, events));
    return success({
      write: (data) => void (stream.writable && stream.write(data)),
      resize: (columns, rows) => void exec.resize({ w: columns, h: rows }).catch(() => {}),
      pause: () => void stream.pause(),
      resume: () => void stream.resume(),
      async kill() {
        await endProgram(docker, clock, exec.id);
        stream.destroy();
      },
    });
  } catch (error) {
    return failure(toFailure("start-failed", error));
  }
}

/** Keeps what comes until it is known whether it is the program that speaks. */
function gate(stream: Duplex, output: (data: Buffer) => void) {
  const early: Buffer[] = [];
  let isOpen = false;
  stream.on("data", (data: Buffer) => {
    if (isOpen) output(data);
    else early.push(data);
  });
  // An engine that goes away: `close` follows.
  stream.on("error", () => {});
  stream.on("end", () => stream.destroy());
  const closed = new Promise<void>((resolve) => {
    stream.once("close", () => resolve());
  });
  return {
    closed,
    held: () => Buffer.concat(early).toString("utf8"),
    open() {
      isOpen = true;
      for (const data of early) output(data);
    },
  };
}

async function waitForStart(
  exec: Docker.Exec,
  clock: Clock,
): Promise<{ readonly running: boolean; readonly processId: number }> {
  for (;;) {
    const { Running: running, ExitCode: exitCode, Pid: processId } = await exec.inspect();
    if (processId > 0 || (!running && exitCode !== null)) return { running, processId };
    await sleep(clock, POLL_MS);
  }
}

async function reportEnd(exec: Docker.Exec, events: TerminalEvents): Promise<void> {
  const info = await exec.inspect().catch(() => undefined);
  events.ended(info?.Running === false && info.ExitCode !== null ? info.ExitCode : undefined);
}

/** SIGHUP to the whole terminal session, then SIGKILL. Returns when it is over; at once for one that is. */
export async function endProgram(docker: Docker, clock: Clock, execId: string): Promise<void> {
  const exec = docker.getExec(execId);
  try {
    for (const [signal, patienceMs] of [
      ["SIGHUP", HANGUP_MS],
      ["SIGKILL", KILLED_MS],
    ] as const) {
      const { Running: running, Pid: leader, ContainerID: containerId } = await exec.inspect();
      if (!running || !(leader > 1)) return;
      for (const processId of await terminalSession(leader, containerId)) signalProcess(processId, signal);
      const deadline = clock.now() + patienceMs;
      while (clock.now() < deadline && (await exec.inspect()).Running) await sleep(clock, POLL_MS);
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/**
 * The processes whose session (setsid(2)) the leader began, while it is the container's: its number may be someone
 * else's by now, or that of another machine's engine.
 */
async function terminalSession(leader: number, containerId: string): Promise<number[]> {
  const groups = await readFile(`/proc/${leader}/cgroup`, "utf8").catch(() => "");
  if (!groups.includes(containerId)) return [];
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const sessions = await Promise.all(
    numbers.map(async (number) => {
      const stat = await readFile(`/proc/${number}/stat`, "utf8").catch(() => "");
      // After the name, which may hold anything: state, parent, group, session (proc(5)).
      const [, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return { processId: Number(number), session: Number(session) };
    }),
  );
  return sessions.filter(({ session }) => session === leader).map(({ processId }) => processId);
}

function signalProcess(processId: number, signal: "SIGHUP" | "SIGKILL"): void {
  try {
    process.kill(processId, signal);
  } catch {
    // It has just ended.
  }
}
