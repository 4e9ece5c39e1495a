/**
 * Takes the engine's log stream apart. Without a terminal it is framed: an 8-byte head (stream, length) and one
 * message, which starts with its time and ends with a line feed unless the line goes on in the next message.
 */
import type { LogLine } from "../container-runtime.ts";

const HEAD = 8;
/** What CloudWatch Logs takes as one event; longer lines go on in the next, as with Docker's awslogs driver. */
const LONGEST_LINE_BYTES = 262_144 - 26;

export interface LogReader {
  push(chunk: Buffer): readonly LogLine[];
  /** What was left of a line without an end. */
  end(): readonly LogLine[];
}

interface OpenLine {
  readonly timestamp: number;
  text: string;
}

export function createLogReader(terminal: boolean): LogReader {
  const open = new Map<number, OpenLine>();
  let rest: Buffer = Buffer.alloc(0);
  const take = terminal ? takeLine : takeFrame;
  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const lines: LogLine[] = [];
      for (let taken = take(rest); taken !== undefined; taken = take(rest)) {
        rest = rest.subarray(taken.length);
        lines.push(...addMessage(open, taken.stream, taken.body));
      }
      return lines;
    },
    end() {
      const lines = [...open.values()].map(({ timestamp, text }) => ({ timestamp, message: text }));
      open.clear();
      return lines;
    },
  };
}

interface Taken {
  readonly length: number;
  readonly stream: number;
  readonly body: Buffer;
}

function takeFrame(buffer: Buffer): Taken | undefined {
  if (buffer.length < HEAD) return undefined;
  const length = HEAD + buffer.readUInt32BE(4);
  if (buffer.length < length) return undefined;
  return { length, stream: buffer.readUInt8(0), body: buffer.subarray(HEAD, length) };
}

function takeLine(buffer: Buffer): Taken | undefined {
  const end = buffer.indexOf(0x0a);
  return end < 0 ? undefined : { length: end + 1, stream: 1, body: buffer.subarray(0, end + 1) };
}

function addMessage(open: Map<number, OpenLine>, stream: number, body: Buffer): LogLine[] {
  const text = body.toString("utf8");
  const space = text.indexOf(" ");
  const timestamp = Date.parse(text.slice(0, space));
  if (space < 0 || Number.isNaN(timestamp)) return [];
  const before = open.get(stream);
  const line = {
    timestamp: before?.timestamp ?? timestamp,
    text: (before?.text ?? "") + text.slice(space + 1),
  };
  if (!line.text.endsWith("\n") && Buffer.byteLength(line.text) < LONGEST_LINE_BYTES) {
    open.set(stream, line);
    return [];
  }
  open.delete(stream);
  return [{ timestamp: line.timestamp, message: line.text.replace(/\r?\n$/, "") }];
}
