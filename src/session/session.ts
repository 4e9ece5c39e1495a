/**
 * One session of execute-command: a program in a container, joined to the client's data channel. The program starts
 * when the client has shaken hands; it goes on while the client reconnects, and the session ends with it.
 */
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import type { Result } from "../lib/result.ts";
import { DataChannel } from "./data-channel.ts";
import { PAYLOAD } from "./message.ts";

/** A program with a terminal, in a container. */
export interface ContainerProcess {
  write(data: Buffer): void;
  resize(columns: number, rows: number): void;
  /** Stops and goes on reading its output. */
  pause(): void;
  resume(): void;
  /** SIGHUP, as when a terminal goes; then SIGKILL. */
  kill(): void;
}

export interface ProcessEvents {
  output(data: Buffer): void;
  ended(exitCode: number | undefined): void;
}

export interface SessionOptions {
  readonly sessionId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Starts the program; the failure is shown to the user. */
  start(events: ProcessEvents): Promise<Result<ContainerProcess, string>>;
  /** What was typed is part of it only as far as the terminal echoes it. */
  transcript(data: Buffer): void;
  closed(): void;
}

export interface Connection {
  send(frame: Buffer): void;
  close(): void;
}

/** Amazon ECS developer guide, "Monitor Amazon ECS containers with ECS Exec": 20 minutes, not to be changed. */
export const IDLE_TIMEOUT_MS = 20 * 60_000;
/** How long a client that lost its connection may take to come back. */
const RECONNECT_MS = 5 * 60_000;
const HANDSHAKE_MS = 60_000;
/** What is still to be acknowledged when the program has ended gets so long. */
const LINGER_MS = 10_000;
const IDLE_TEXT = "Your session timed out due to inactivity.";
/** So much output goes in one message, as the agent does it. */
const CHUNK_BYTES = 4096;
const TERMINATE_FLAG = 2;
const AGENT_VERSION = "3.3.2746.0";

type Phase = "new" | "handshake" | "running" | "ending" | "closed";

export class Session {
  readonly sessionId: string;
  readonly #options: SessionOptions;
  readonly #channel: DataChannel;
  #phase: Phase = "new";
  #connection: Connection | undefined;
  #process: ContainerProcess | undefined;
  #size: { readonly columns: number; readonly rows: number } | undefined;
  #startedAt = 0;
  /** What was typed before the program was there. */
  readonly #typedEarly: Buffer[] = [];
  /** Why there is no program. */
  #failure = "";
  #cancelIdle: (() => void) | undefined;
  #cancelLost: (() => void) | undefined;

  constructor(options: SessionOptions) {
    this.sessionId = options.sessionId;
    this.#options = options;
    this.#channel = new DataChannel({
      clock: options.clock,
      random: options.random,
      send: (frame) => this.#connection?.send(frame),
      receive: (payloadType, payload) => this.#receive(payloadType, payload),
      drained: () => this.#process?.resume(),
      lost: () => this.terminate(""),
    });
    this.#cancelLost = options.clock.after(HANDSHAKE_MS, () => this.terminate(""));
  }

  get isOpen(): boolean {
    return this.#phase !== "closed";
  }

  /** A client that has shown its token. One that was connected before is let go. */
  connect(connection: Connection): void {
    this.#connection?.close();
    this.#connection = connection;
    this.#cancelLost?.();
    if (this.#phase !== "new") {
      this.#channel.reconnected();
      return;
    }
    this.#phase = "handshake";
    this.#startedAt = this.#options.clock.now();
    this.#cancelLost = this.#options.clock.after(HANDSHAKE_MS, () => this.terminate(""));
    const request = {
      AgentVersion: AGENT_VERSION,
      RequestedClientActions: [
        {
          ActionType: "SessionType",
          ActionParameters: { SessionType: "InteractiveCommands", Properties: null },
        },
      ],
    };
    this.#channel.write(PAYLOAD.handshakeRequest, Buffer.from(JSON.stringify(request)));
  }

  disconnected(connection: Connection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    if (this.#phase === "closed") return;
    this.#cancelLost?.();
    this.#cancelLost = this.#options.clock.after(RECONNECT_MS, () => this.terminate(""));
  }

  accept(frame: Buffer): void {
    const problem = this.#channel.accept(frame);
    if (problem !== undefined) {
      this.#options.log.warn("a message of a session is not understood", {
        sessionId: this.sessionId,
        problem,
      });
    }
  }

  /** Ends the program, if it runs, and the session. `output` is shown to the user; empty for a regular end. */
  terminate(output: string): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#cancelIdle?.();
    this.#cancelLost?.();
    this.#channel.sendClosed(this.sessionId, output);
    this.#channel.close();
    this.#process?.kill();
    this.#connection?.close();
    this.#connection = undefined;
    this.#options.closed();
  }

  #receive(payloadType: number, payload: Buffer): void {
    switch (payloadType) {
      case PAYLOAD.handshakeResponse:
        if (this.#phase === "handshake") void this.#begin();
        return;
      case PAYLOAD.size:
        this.#resize(payload);
        return;
      case PAYLOAD.flag:
        if (payload.length >= 4 && payload.readUInt32BE(0) === TERMINATE_FLAG) this.terminate("");
        return;
      case PAYLOAD.output:
        this.#touch();
        if (this.#process !== undefined) this.#process.write(payload);
        else this.#typedEarly.push(payload);
        return;
      default:
        // Encryption is never asked for, so its answers never come.
        return;
    }
  }

  async #begin(): Promise<void> {
    this.#phase = "running";
    this.#cancelLost?.();
    const complete = {
      HandshakeTimeToComplete: (this.#options.clock.now() - this.#startedAt) * 1_000_000,
      CustomerMessage: "",
    };
    this.#channel.write(PAYLOAD.handshakeComplete, Buffer.from(JSON.stringify(complete)));
    this.#touch();
    const started = await this.#options.start({
      output: (data) => this.#output(data),
      ended: () => this.#ended(),
    });
    if (!started.ok) {
      this.#failure = started.failure;
      this.#ended();
      return;
    }
    if (!this.isOpen) {
      started.value.kill();
      return;
    }
    this.#process = started.value;
    if (this.#size !== undefined) this.#process.resize(this.#size.columns, this.#size.rows);
    for (const data of this.#typedEarly.splice(0)) this.#process.write(data);
  }

  #output(data: Buffer): void {
    if (!this.isOpen) return;
    this.#touch();
    this.#options.transcript(data);
    let roomLeft = true;
    for (let at = 0; at < data.length; at += CHUNK_BYTES) {
      roomLeft = this.#channel.write(PAYLOAD.output, data.subarray(at, at + CHUNK_BYTES));
    }
    if (!roomLeft) this.#process?.pause();
  }

  /** The client gets everything that was printed before it is told of the end. */
  #ended(): void {
    if (this.#phase === "closed") return;
    this.#phase = "ending";
    this.#cancelIdle?.();
    const { clock } = this.#options;
    const deadline = clock.now() + LINGER_MS;
    const look = () => {
      if (this.#phase === "closed") return;
      if (this.#channel.isQuiet || clock.now() >= deadline) this.terminate(this.#failure);
      else this.#cancelIdle = clock.after(20, look);
    };
    look();
  }

  #resize(payload: Buffer): void {
    const size = readSize(payload);
    if (size === undefined) return;
    this.#size = size;
    this.#process?.resize(size.columns, size.rows);
  }

  #touch(): void {
    this.#cancelIdle?.();
    this.#cancelIdle = this.#options.clock.after(IDLE_TIMEOUT_MS, () => this.terminate(IDLE_TEXT));
  }
}

function readSize(payload: Buffer): { readonly columns: number; readonly rows: number } | undefined {
  try {
    const body: unknown = JSON.parse(payload.toString("utf8"));
    if (typeof body !== "object" || body === null) return undefined;
    const [columns, rows]: unknown[] = [Reflect.get(body, "cols"), Reflect.get(body, "rows")];
    const fits = (value: unknown): value is number =>
      Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;
    return fits(columns) && fits(rows) ? { columns, rows } : undefined;
  } catch {
    return undefined;
  }
}
