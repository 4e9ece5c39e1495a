/** Reading lines: of one stream in both directions, or of a group through a filter. */
import type * as wire from "@aws-sdk/client-cloudwatch-logs";
import type { LogPosition, StoredLine } from "../../store/log-store.ts";
import { logStreams } from "../../store/tables/logs.ts";
import type { HandlerContext } from "../operation.ts";
import { checkRange } from "./constraints.ts";
import { invalidParameter, invalidToken } from "./errors.ts";
import { parseFilterPattern } from "./filter-pattern.ts";
import { requireIdentifiedGroup, requireStream } from "./resolve.ts";
import { describeFilteredEvent, describeOutputEvent } from "./views.ts";

const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;
const BATCH_LINES = 1000;
/** Lines that one FilterLogEvents looks at before it hands the rest to the next page. */
const MOST_SCANNED = 50_000;
const START: LogPosition = { timestamp: -1, id: -1 };

/**
 * Both tokens always come back; a client is at the end when it gets the one that it sent. `f/…` goes on after the
 * last line shown, `b/…` before the first.
 */
export function getLogEvents(
  input: wire.GetLogEventsRequest,
  context: HandlerContext,
): wire.GetLogEventsResponse {
  const { limit = MOST_EVENTS, startTime, endTime } = input;
  checkRange(limit, "limit", 1, MOST_EVENTS);
  const group = requireIdentifiedGroup(context, input);
  const stream = requireStream(context, group, input.logStreamName);
  const token = input.nextToken === undefined ? undefined : readToken(input.nextToken);
  const forward = token === undefined ? input.startFromHead === true : token.direction === "f";
  const read = context.logStore.read({
    groupArn: group.arn,
    streamNames: [stream.name],
    startTime,
    endTime,
    ...(token === undefined ? {} : forward ? { after: token.position } : { before: token.position }),
    from: forward ? "oldest" : "newest",
    limit,
  });
  const lines = withinAnswer(read, forward);
  const [first, last] = [lines.at(0), lines.at(-1)];
  const here = token?.position ?? START;
  return {
    events: lines.map(describeOutputEvent),
    nextForwardToken: writeToken("f", last ?? here),
    nextBackwardToken: writeToken("b", first ?? here),
  };
}

export function filterLogEvents(
  input: wire.FilterLogEventsRequest,
  context: HandlerContext,
): wire.FilterLogEventsResponse {
  const { limit = MOST_EVENTS, startTime, endTime, logStreamNamePrefix: prefix } = input;
  checkRange(limit, "limit", 1, MOST_EVENTS);
  const matches = parseFilterPattern(input.filterPattern ?? "");
  const group = requireIdentifiedGroup(context, input);
  if (input.logStreamNames !== undefined && prefix !== undefined) {
    throw invalidParameter("logStreamNames and logStreamNamePrefix cannot both be specified.");
  }
  for (const name of input.logStreamNames ?? []) requireStream(context, group, name);
  const streamNames =
    prefix === undefined
      ? input.logStreamNames
      : context.store
          .where(logStreams, "group", group.arn)
          .map((stream) => stream.name)
          .filter((name) => name.startsWith(prefix));
  let position = input.nextToken === undefined ? START : readToken(input.nextToken, "n").position;
  const found: StoredLine[] = [];
  let bytes = 0;
  for (let scanned = 0; scanned < MOST_SCANNED; scanned += BATCH_LINES) {
    const lines = context.logStore.read({
      groupArn: group.arn,
      streamNames,
      startTime,
      endTime,
      after: position,
      from: "oldest",
      limit: BATCH_LINES,
    });
    for (const line of lines) {
      if (matches(line.message)) {
        bytes += Buffer.byteLength(line.message);
        if (found.length > 0 && bytes > MOST_BYTES) return filtered(found, position);
        found.push(line);
      }
      position = line;
      if (found.length >= limit) return filtered(found, position);
    }
    if (lines.length < BATCH_LINES) return filtered(found, undefined);
  }
  return filtered(found, position);
}

function filtered(lines: readonly StoredLine[], next: LogPosition | undefined): wire.FilterLogEventsResponse {
  return {
    events: lines.map(describeFilteredEvent),
    searchedLogStreams: [],
    ...(next === undefined ? {} : { nextToken: writeToken("n", next) }),
  };
}

/** As many lines as one answer holds (1 MB), from the end that is read from. */
function withinAnswer(lines: readonly StoredLine[], forward: boolean): readonly StoredLine[] {
  const ordered = forward ? lines : lines.toReversed();
  let bytes = 0;
  const end = ordered.findIndex((line, index) => {
    bytes += Buffer.byteLength(line.message);
    return index > 0 && bytes > MOST_BYTES;
  });
  const kept = end === -1 ? ordered : ordered.slice(0, end);
  return forward ? kept : kept.toReversed();
}

interface Token {
  readonly direction: string;
  readonly position: LogPosition;
}

function writeToken(direction: string, position: LogPosition): string {
  return `${direction}/${position.timestamp}-${position.id}/s`;
}

function readToken(text: string, direction = "[fb]"): Token {
  const match = new RegExp(`^(${direction})/(-?\\d{1,15})-(-?\\d{1,15})/s$`).exec(text);
  if (match === null) throw invalidToken();
  return { direction: match[1] ?? "", position: { timestamp: Number(match[2]), id: Number(match[3]) } };
}
