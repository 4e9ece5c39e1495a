/**
 * Several lines of output as one event of a log stream: `awslogs-multiline-pattern` and `awslogs-datetime-format`, as
 * Docker's awslogs driver understands them (Docker documentation, "Amazon CloudWatch Logs logging driver"). Pure.
 */
import type { LinearExpression } from "../../lib/linear-expression.ts";
import type { LogSinkLine } from "./log-sink.ts";

/** What CloudWatch Logs takes as one event. */
const LARGEST_EVENT_BYTES = 262_144 - 26;
/** The driver looks every five seconds, and sends what is that old. */
export const LONGEST_WAIT_MS = 5000;

/** Python's strftime, as far as the driver knows it. */
const DATE_PARTS: Readonly<Record<string, string>> = {
  a: "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)",
  A: "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)",
  w: "[0-6]",
  d: "(?:0[1-9]|[12][0-9]|3[01])",
  b: "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
  B: "(?:January|February|March|April|May|June|July|August|September|October|November|December)",
  m: "(?:0[1-9]|1[0-2])",
  Y: "\\d{4}",
  y: "\\d{2}",
  H: "(?:[01][0-9]|2[0-3])",
  I: "(?:0[0-9]|1[0-2])",
  p: "[AP]M",
  M: "[0-5][0-9]",
  S: "[0-5][0-9]",
  f: "\\d{6}",
  z: "[+-]\\d{4}",
  Z: "[A-Z]{1,4}T",
  j: "(?:00[1-9]|0[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-6])",
  L: "\\.\\d{3}",
};

/**
 * The text of a pattern that a new event's first line has somewhere. All but the parts of the date is a pattern as it
 * stands (`\[%Y\]`), and a part that the driver does not know is nothing.
 */
export function dateTimePattern(format: string): string {
  return format.replace(/%(.)/g, (_found, part: string) => DATE_PARTS[part] ?? "");
}

export interface LineJoiner {
  /** The event that is complete now, if any. */
  push(line: LogSinkLine): LogSinkLine | undefined;
  /** What there is so far. */
  flush(): LogSinkLine | undefined;
}

/** An event that may go on. */
interface OpenEvent {
  readonly timestamp: number;
  readonly lines: string[];
  /** With the end of each line. */
  bytes: number;
}

/** Without a pattern every line is an event. An event has the time of its first line. */
export function createLineJoiner(pattern: LinearExpression | undefined): LineJoiner {
  let open: OpenEvent | undefined;
  const flush = () => {
    const event = open && { timestamp: open.timestamp, message: `${open.lines.join("\n")}\n` };
    open = undefined;
    return event;
  };
  return {
    push(line) {
      if (pattern === undefined) return line;
      const bytes = Buffer.byteLength(line.message) + 1;
      if (open !== undefined && belongs(open, line, bytes, pattern)) {
        open.lines.push(line.message);
        open.bytes += bytes;
        return undefined;
      }
      const complete = flush();
      open = { timestamp: line.timestamp, lines: [line.message], bytes };
      return complete;
    },
    flush,
  };
}

/** By the lines' own times, so that the same output is cut in the same places when it is read again. */
function belongs(open: OpenEvent, line: LogSinkLine, bytes: number, pattern: LinearExpression): boolean {
  if (line.timestamp - open.timestamp >= LONGEST_WAIT_MS) return false;
  return !pattern.test(line.message) && open.bytes + bytes <= LARGEST_EVENT_BYTES;
}
