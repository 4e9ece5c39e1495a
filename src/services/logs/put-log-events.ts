import type * as wire from "@aws-sdk/client-cloudwatch-logs";
import type { LogGroup } from "../../model/logs/records.ts";
import type { LogLine } from "../../store/log-store.ts";
import { constraintViolation, lengthRequirement } from "../constraint-messages.ts";
import type { HandlerContext } from "../operation.ts";
import { requireMember } from "./constraints.ts";
import { invalidParameter } from "./errors.ts";
import { requireGroup, requireStream } from "./resolve.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** What a batch may be, as PutLogEvents of the API reference says. */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;
const BYTES_PER_EVENT = 26;
const OLDEST_MS = 14 * DAY_MS;
const NEWEST_MS = 2 * 60 * 60 * 1000;
const SEQUENCE_TOKEN_DIGITS = 56;

/** Events that are too old or too new are left out and told by index; the others are stored. */
export function putLogEvents(
  input: wire.PutLogEventsRequest,
  context: HandlerContext,
): wire.PutLogEventsResponse {
  const events = readEvents(input.logEvents);
  const group = requireGroup(context, input.logGroupName);
  const stream = requireStream(context, group, input.logStreamName);
  const now = context.clock.now();
  const { accepted, rejected } = sortOut(events, group, now);
  context.logStore.write(group.arn, stream.name, accepted, now);
  return {
    // Accepted and ignored since 2023, but still answered.
    nextSequenceToken: context.random.digits(SEQUENCE_TOKEN_DIGITS),
    ...(Object.keys(rejected).length === 0 ? {} : { rejectedLogEventsInfo: rejected }),
  };
}

function readEvents(input: readonly wire.InputLogEvent[] | undefined): LogLine[] {
  const events = requireMember(input, "logEvents").map(({ timestamp, message }, index) => ({
    timestamp: requireMember(timestamp, `logEvents.${index + 1}.member.timestamp`),
    message: requireMember(message, `logEvents.${index + 1}.member.message`),
  }));
  const broken = lengthRequirement(events.length, 1, MOST_EVENTS);
  if (broken !== undefined) throw invalidParameter(constraintViolation("[]", "logEvents", broken));
  if (events.some(({ message }) => message === "")) {
    throw invalidParameter("Log event message must not be empty.");
  }
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + BYTES_PER_EVENT, 0);
  if (bytes > MOST_BYTES) {
    throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${MOST_BYTES}`);
  }
  if (events.some(({ timestamp }) => !Number.isSafeInteger(timestamp) || timestamp < 0)) {
    throw invalidParameter("Log event timestamps must be milliseconds since 1970, as whole numbers.");
  }
  let earlier = 0;
  for (const { timestamp } of events) {
    if (timestamp < earlier) {
      throw invalidParameter("Log events in a single PutLogEvents request must be in chronological order.");
    }
    earlier = timestamp;
  }
  if (earlier - (events[0]?.timestamp ?? 0) > DAY_MS) {
    throw invalidParameter(
      "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
    );
  }
  return events;
}

/** Events are in order of time, so what is refused is a piece at either end. */
function sortOut(
  events: readonly LogLine[],
  group: LogGroup,
  now: number,
): { readonly accepted: LogLine[]; readonly rejected: wire.RejectedLogEventsInfo } {
  const days = group.retentionInDays;
  const expired = days === undefined ? Number.NEGATIVE_INFINITY : now - days * DAY_MS;
  const count = (test: (timestamp: number) => boolean) =>
    events.filter(({ timestamp }) => test(timestamp)).length;
  const tooOld = count((timestamp) => timestamp < now - OLDEST_MS);
  const past = count((timestamp) => timestamp < expired);
  const tooNew = count((timestamp) => timestamp > now + NEWEST_MS);
  return {
    accepted: events.slice(Math.max(tooOld, past), events.length - tooNew),
    rejected: {
      ...(tooNew > 0 ? { tooNewLogEventStartIndex: events.length - tooNew } : {}),
      ...(tooOld > 0 ? { tooOldLogEventEndIndex: tooOld } : {}),
      ...(past > 0 ? { expiredLogEventEndIndex: past } : {}),
    },
  };
}
