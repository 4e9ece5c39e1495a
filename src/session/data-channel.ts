/**
 * The agent's end of a data channel: numbers what goes out and sends it again until it is acknowledged, puts what
 * comes in into its order and acknowledges it. Knows bytes and time, no socket: connections may come and go under it.
 */
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { decodeMessage, encodeMessage, type Message, type MessageType } from "./message.ts";

export interface DataChannelOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Puts a binary frame on the connection that there is at the moment; drops it when there is none. */
  send(frame: Buffer): void;
  /** Each payload once, in order. */
  receive(payloadType: number, payload: Buffer): void;
  /** Room again for more output, after `write` answered false. */
  drained(): void;
  /** The other end has not acknowledged for too long. */
  lost(): void;
}

/** As the plugin: it is asked every 100 ms, first after 200 ms, at the latest after a second. */
const RESEND_CHECK_MS = 100;
const RESEND_AFTER_MS = 1000;
/** Without a connection for so long the other end is given up (the plugin tries 3000 times). */
const MOST_RESENDS = 300;
/** Messages on their way at once: the plugin keeps 10,000 that come too early. */
const WINDOW = 512;
/** What is kept of the other end's messages that came too early. */
const MOST_EARLY = 10_000;

interface Sent {
  readonly sequenceNumber: number;
  readonly frame: Buffer;
  sentAt: number;
  attempts: number;
}

export class DataChannel {
  readonly #options: DataChannelOptions;
  readonly #unacknowledged: Sent[] = [];
  readonly #waiting: { readonly payloadType: number; readonly payload: Buffer; readonly flags: number }[] =
    [];
  readonly #early = new Map<number, Message>();
  #nextOut = 0;
  #expected = 0;
  #paused = false;
  #cancelCheck: (() => void) | undefined;
  #closed = false;

  constructor(options: DataChannelOptions) {
    this.#options = options;
  }

  /** Whether everything written has been acknowledged. */
  get isQuiet(): boolean {
    return this.#unacknowledged.length === 0 && this.#waiting.length === 0;
  }

  /** False: it is kept, but write no more before `drained`. */
  write(payloadType: number, payload: Buffer, flags = 0): boolean {
    if (this.#closed) return true;
    this.#waiting.push({ payloadType, payload, flags });
    this.#pump();
    return this.#waiting.length === 0;
  }

  /** Tells the other end that the session is over. `output` is shown to the user; empty for a regular end. */
  sendClosed(sessionId: string, output: string): void {
    const { clock, random } = this.#options;
    const body = {
      MessageId: random.uuid(),
      CreatedDate: new Date(clock.now()).toISOString(),
      DestinationId: sessionId,
      SessionId: sessionId,
      MessageType: "channel_closed",
      SchemaVersion: 1,
      Output: output,
    };
    this.#options.send(this.#frame("channel_closed", 0, 0, 0, Buffer.from(JSON.stringify(body))));
  }

  /** A frame came. Answers what was wrong with it, if anything. */
  accept(bytes: Buffer): string | undefined {
    if (this.#closed) return undefined;
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) return decoded.failure;
    const message = decoded.value;
    switch (message.messageType) {
      case "acknowledge":
        return this.#acknowledged(message);
      case "input_stream_data":
        this.#acceptInput(message);
        return undefined;
      case "pause_publication":
        this.#paused = true;
        return undefined;
      case "start_publication":
        this.#paused = false;
        this.#pump();
        return undefined;
      default:
        return `${message.messageType} is not for this end`;
    }
  }

  /** A new connection: what was on its way goes again at once. */
  reconnected(): void {
    for (const sent of this.#unacknowledged) this.#transmit(sent);
  }

  close(): void {
    this.#closed = true;
    this.#cancelCheck?.();
    this.#cancelCheck = undefined;
    this.#unacknowledged.length = 0;
    this.#waiting.length = 0;
    this.#early.clear();
  }

  #acceptInput(message: Message): void {
    const { sequenceNumber } = message;
    if (sequenceNumber > this.#expected && this.#early.size >= MOST_EARLY) return;
    this.#acknowledge(message);
    if (sequenceNumber < this.#expected) return;
    this.#early.set(sequenceNumber, message);
    for (;;) {
      const next = this.#early.get(this.#expected);
      if (next === undefined) return;
      this.#early.delete(this.#expected);
      this.#expected += 1;
      this.#options.receive(next.payloadType, next.payload);
      if (this.#closed) return;
    }
  }

  #acknowledge(message: Message): void {
    const body = {
      AcknowledgedMessageType: message.messageType,
      AcknowledgedMessageId: message.messageId,
      AcknowledgedMessageSequenceNumber: message.sequenceNumber,
      IsSequentialMessage: true,
    };
    this.#options.send(this.#frame("acknowledge", 0, 3, 0, Buffer.from(JSON.stringify(body))));
  }

  #acknowledged(message: Message): string | undefined {
    const sequenceNumber = acknowledgedNumber(message.payload);
    if (sequenceNumber === undefined) return "an acknowledgement without a sequence number";
    const index = this.#unacknowledged.findIndex((sent) => sent.sequenceNumber === sequenceNumber);
    if (index >= 0) this.#unacknowledged.splice(index, 1);
    const wasFull = this.#waiting.length > 0;
    this.#pump();
    if (wasFull && this.#waiting.length === 0) this.#options.drained();
    return undefined;
  }

  #pump(): void {
    const { clock } = this.#options;
    while (!this.#paused && this.#unacknowledged.length < WINDOW) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      const sequenceNumber = this.#nextOut++;
      const flags = sequenceNumber === 0 ? next.flags | 1 : next.flags;
      const frame = this.#frame("output_stream_data", sequenceNumber, flags, next.payloadType, next.payload);
      const sent: Sent = { sequenceNumber, frame, sentAt: clock.now(), attempts: 0 };
      this.#unacknowledged.push(sent);
      this.#options.send(frame);
    }
    this.#watch();
  }

  /** Only the oldest is sent again: the others follow it once it is through. */
  #watch(): void {
    if (this.#cancelCheck !== undefined || this.#unacknowledged.length === 0 || this.#closed) return;
    const { clock } = this.#options;
    this.#cancelCheck = clock.after(RESEND_CHECK_MS, () => {
      this.#cancelCheck = undefined;
      const [oldest] = this.#unacknowledged;
      if (oldest === undefined || this.#closed) return;
      if (clock.now() - oldest.sentAt >= RESEND_AFTER_MS) {
        oldest.attempts += 1;
        if (oldest.attempts > MOST_RESENDS) {
          this.#options.lost();
          return;
        }
        this.#transmit(oldest);
      }
      this.#watch();
    });
  }

  #transmit(sent: Sent): void {
    sent.sentAt = this.#options.clock.now();
    this.#options.send(sent.frame);
  }

  #frame(
    messageType: MessageType,
    sequenceNumber: number,
    flags: number,
    payloadType: number,
    payload: Buffer,
  ): Buffer {
    const { clock, random } = this.#options;
    return encodeMessage({
      messageType,
      sequenceNumber,
      flags,
      messageId: random.uuid(),
      payloadType,
      payload,
      createdDate: clock.now(),
    });
  }
}

function acknowledgedNumber(payload: Buffer): number | undefined {
  try {
    const body: unknown = JSON.parse(payload.toString("utf8"));
    if (typeof body !== "object" || body === null) return undefined;
    const number: unknown = Reflect.get(body, "AcknowledgedMessageSequenceNumber");
    return typeof number === "number" ? number : undefined;
  } catch {
    return undefined;
  }
}
