/** Berth's side of the resolver process: starts it, finds it again, speaks to it. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Log } from "../../lib/log.ts";
import type { ResolverFabric } from "../fabric.ts";
import { type ControlReply, type ControlRequest, codeVersion, lineReader, type Numbered } from "./control.ts";

const RESOLVER_PROCESS = fileURLToPath(new URL("./resolver-process.ts", import.meta.url));
const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 25;
const MEMORY_FLAGS = ["--max-semi-space-size=1"];
/** Longer paths do not fit into a unix socket's address. */
const LONGEST_SOCKET_PATH = 107;

export interface ResolverOptions {
  /** Where the control socket and the log of the process are. */
  readonly stateDirectory: string;
  readonly log: Log;
}

export function createResolverFabric({ stateDirectory, log }: ResolverOptions): ResolverFabric {
  const socketPath = join(stateDirectory, "resolver.sock");
  if (Buffer.byteLength(socketPath) > LONGEST_SOCKET_PATH) {
    throw new Error(`the path of the state directory is too long for a unix socket: ${socketPath}`);
  }
  const listeners: (() => void)[] = [];
  let connecting: Promise<Connection> | undefined;
  let closed = false;

  const onClosed = () => {
    connecting = undefined;
    if (!closed) for (const listener of listeners) listener();
  };

  /** The process that runs, or a new one. */
  const connection = (): Promise<Connection> => {
    connecting ??= establish(socketPath, stateDirectory, log, onClosed).catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  };

  /** Undefined when none runs: then there is nothing to take back. */
  const existing = async (): Promise<Connection | undefined> => {
    if (connecting !== undefined) return connecting;
    const probe = await tryConnect(socketPath);
    if (probe === undefined) return undefined;
    probe.end();
    return connection();
  };

  return {
    async applyView(view) {
      await expectDone(await connection(), { kind: "apply", view });
    },
    async removeView(vpcId) {
      const running = await existing();
      if (running !== undefined) await expectDone(running, { kind: "remove", vpcId });
    },
    async observeViews() {
      const reply = await (await existing())?.request({ kind: "observe" });
      return reply?.kind === "views" ? reply.vpcIds : [];
    },
    onLost: (listener) => listeners.push(listener),
    async close(options) {
      closed = true;
      const running = options?.stop === true ? await existing() : await connecting?.catch(() => undefined);
      if (running === undefined) return;
      if (options?.stop === true) await stop(running);
      else running.end();
    },
  };
}

async function expectDone(connection: Connection, message: ControlRequest): Promise<void> {
  const reply = await connection.request(message);
  if (reply.kind === "failed") throw new Error(reply.reason);
}

/** A process of other code is replaced: it would not understand, or answer by old rules. */
async function establish(
  socketPath: string,
  stateDirectory: string,
  log: Log,
  onClosed: () => void,
): Promise<Connection> {
  const found = await greet(socketPath);
  if (found?.codeVersion === codeVersion()) {
    log.debug("found the resolver process", { processId: found.processId });
    found.connection.onClose(onClosed);
    return found.connection;
  }
  if (found !== undefined) {
    log.info("replacing a resolver process of another version", { processId: found.processId });
    await stop(found.connection);
  }
  const deadline = Date.now() + START_TIMEOUT_MS;
  let child = startProcess(socketPath, stateDirectory);
  while (Date.now() < deadline) {
    const started = await greet(socketPath);
    if (started !== undefined) {
      log.info("started the resolver process", { processId: started.processId });
      started.connection.onClose(onClosed);
      return started.connection;
    }
    // It gives way to a process that was still ending.
    if (child.exitCode !== null) child = startProcess(socketPath, stateDirectory);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`the resolver process did not start; see ${join(stateDirectory, "resolver.log")}`);
}

/** Undefined when nobody answers: none runs, or one is just ending. */
async function greet(
  socketPath: string,
): Promise<{ connection: Connection; codeVersion: string; processId: number } | undefined> {
  const socket = await tryConnect(socketPath);
  if (socket === undefined) return undefined;
  const connection = new Connection(socket);
  const reply = await connection.request({ kind: "hello" }).catch(() => undefined);
  if (reply?.kind !== "hello") {
    connection.end();
    return undefined;
  }
  return { connection, codeVersion: reply.codeVersion, processId: reply.processId };
}

/** Detached, with no pipe to this process: it lives on when this one is killed. */
function startProcess(socketPath: string, stateDirectory: string): ChildProcess {
  const output = openSync(join(stateDirectory, "resolver.log"), "a", 0o600);
  const child = spawn(process.execPath, [...MEMORY_FLAGS, RESOLVER_PROCESS, socketPath], {
    cwd: "/",
    detached: true,
    env: {
      PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin",
      // From the second start on no compiler of types is loaded: 55 MB instead of 83.
      NODE_COMPILE_CACHE: join(stateDirectory, "compile-cache"),
    },
    stdio: ["ignore", output, output],
  });
  // Failure shows in that nobody listens.
  child.on("error", () => {});
  child.unref();
  closeSync(output);
  return child;
}

async function stop(connection: Connection): Promise<void> {
  const ended = new Promise<void>((resolve) => connection.onClose(resolve));
  // The answer may be lost with the process.
  connection.request({ kind: "stop" }).catch(() => {});
  const timer = AbortSignal.timeout(STOP_TIMEOUT_MS);
  await Promise.race([
    ended,
    new Promise((_, reject) => {
      timer.addEventListener("abort", () => reject(new Error("the resolver process does not stop")));
    }),
  ]);
}

function tryConnect(socketPath: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", () => resolve(undefined));
  });
}

/** Requests may overlap; each reply carries its request's number. */
class Connection {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, { resolve(reply: ControlReply): void; reject(error: Error): void }>();
  readonly #onClose: (() => void)[] = [];
  #next = 0;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("utf8");
    const readLine = lineReader((line) => {
      // The other end is resolver-process.ts.
      const { id, message } = JSON.parse(line) as Numbered<ControlReply>;
      this.#waiting.get(id)?.resolve(message);
      this.#waiting.delete(id);
    });
    socket.on("data", readLine);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#closed = true;
      for (const { reject } of this.#waiting.values()) reject(new Error("the resolver process is gone"));
      this.#waiting.clear();
      for (const listener of this.#onClose) listener();
    });
  }

  request(message: ControlRequest): Promise<ControlReply> {
    if (this.#closed) return Promise.reject(new Error("the resolver process is gone"));
    const numbered: Numbered<ControlRequest> = { id: this.#next++, message };
    return new Promise((resolve, reject) => {
      this.#waiting.set(numbered.id, { resolve, reject });
      this.#socket.write(`${JSON.stringify(numbered)}\n`);
    });
  }

  /** Called at once when it is closed already. */
  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#onClose.push(listener);
  }

  end(): void {
    this.#socket.end();
  }
}
