/** Runs a program in a container that is there already (`docker exec`), to its end or to the end of its time. */
import { readFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import type Docker from "dockerode";
import { type Clock, sleep } from "../../lib/clock.ts";
import { failure, type Result, success } from "../../lib/result.ts";
import type { RuntimeFailure } from "../container-runtime.ts";
import { toFailure } from "./connection.ts";

/** As timeout(1) answers. */
const TIMED_OUT = 124;
const MOST_OUTPUT_BYTES = 64 * 1024;
const POLL_MS = 200;
/** What a program wrote last may come after its end; what its children go on to write is not waited for. */
const LAST_WORDS_MS = 400;

/** What a login gives; the engine would take the container's own. */
const ENVIRONMENT = [
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "HOME=/root",
  "USER=root",
  "LANG=C.UTF-8",
  "TERM=linux",
];

export interface Program {
  readonly arguments: readonly string[];
  readonly input?: string | undefined;
  readonly timeoutSeconds: number;
}

export async function runInContainer(
  docker: Docker,
  clock: Clock,
  containerName: string,
  program: Program,
): Promise<Result<{ readonly exitCode: number; readonly output: string }, RuntimeFailure>> {
  try {
    const hasInput = program.input !== undefined;
    const exec = await docker.getContainer(containerName).exec({
      Cmd: [...program.arguments],
      Env: ENVIRONMENT,
      WorkingDir: "/",
      AttachStdin: hasInput,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: hasInput });
    const collected = collectOutput(docker, stream);
    if (hasInput) stream.end(program.input);
    const exitCode = await waitForEnd(exec, clock, program.timeoutSeconds * 1000);
    await Promise.race([collected.ended, sleep(clock, LAST_WORDS_MS)]);
    stream.destroy();
    return success({ exitCode, output: collected.text() });
  } catch (error) {
    return failure(toFailure("start-failed", error));
  }
}

/** The engine tells no end of the program but in the stream, which its background processes hold open. */
async function waitForEnd(exec: Docker.Exec, clock: Clock, timeoutMs: number): Promise<number> {
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    const { Running: running, ExitCode: exitCode, Pid: processId, ContainerID } = await exec.inspect();
    if (!running) return exitCode ?? 0;
    const remainingMs = deadline - clock.now();
    if (remainingMs <= 0) {
      await killGroup(processId, ContainerID);
      return TIMED_OUT;
    }
    await sleep(clock, Math.min(POLL_MS, remainingMs));
  }
}

/** The engine starts each program in a session, and so a process group, of its own; it has no call that ends one. */
async function killGroup(processId: number, containerId: string): Promise<void> {
  const groups = await readFile(`/proc/${processId}/cgroup`, "utf8").catch(() => "");
  // Another machine's engine, or a number that is someone else's by now.
  if (!(processId > 1) || !groups.includes(containerId)) return;
  try {
    process.kill(-processId, "SIGKILL");
  } catch {
    // It has just ended.
  }
}

function collectOutput(docker: Docker, stream: NodeJS.ReadWriteStream) {
  const chunks: Buffer[] = [];
  let size = 0;
  const sink = new PassThrough();
  sink.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    for (let first = chunks[0]; first !== undefined && size - first.length >= MOST_OUTPUT_BYTES; ) {
      chunks.shift();
      size -= first.length;
      first = chunks[0];
    }
  });
  docker.modem.demuxStream(stream, sink, sink);
  const ended = new Promise<void>((resolve) => {
    stream.on("end", () => resolve());
    stream.on("close", () => resolve());
    // A program that does not read its input, or an engine that goes away: the exit code tells.
    stream.on("error", () => resolve());
  });
  return { ended, text: () => Buffer.concat(chunks).subarray(-MOST_OUTPUT_BYTES).toString("utf8") };
}
