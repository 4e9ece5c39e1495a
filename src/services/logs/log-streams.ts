/** Log streams. */
import type * as wire from "@aws-sdk/client-cloudwatch-logs";
import { findLogStream, newLogStream } from "../../store/log-groups.ts";
import { logStreams } from "../../store/tables/logs.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { checkRange, oneOf, requireStreamName } from "./constraints.ts";
import { invalidParameter, invalidToken, streamExists } from "./errors.ts";
import { requireGroup, requireIdentifiedGroup, requireStream } from "./resolve.ts";
import { describeStream } from "./views.ts";

const ORDERS = ["LogStreamName", "LastEventTime"] as const;
const LATEST = 10 ** 15;

export function createLogStream(input: wire.CreateLogStreamRequest, context: HandlerContext): object {
  const name = requireStreamName(input.logStreamName);
  const group = requireGroup(context, input.logGroupName);
  if (findLogStream(context.store, group, name) !== undefined) throw streamExists();
  const stream = newLogStream(group, name, context.clock.now());
  context.store.transaction((tx) => tx.put(logStreams, stream));
  return {};
}

export function describeLogStreams(
  input: wire.DescribeLogStreamsRequest,
  context: HandlerContext,
): wire.DescribeLogStreamsResponse {
  const { limit = 50, logStreamNamePrefix: prefix, descending = false } = input;
  checkRange(limit, "limit", 1, 50);
  const orderBy = oneOf(input.orderBy, "orderBy", ORDERS) ?? "LogStreamName";
  if (prefix !== undefined) requireStreamName(prefix, "logStreamNamePrefix");
  if (orderBy === "LastEventTime" && prefix !== undefined) {
    throw invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  const group = requireIdentifiedGroup(context, input);
  const statistics = context.logStore.statistics(group.arn);
  const streams = context.store
    .where(logStreams, "group", group.arn)
    .filter((stream) => prefix === undefined || stream.name.startsWith(prefix))
    .map((stream) => describeStream(stream, statistics.get(stream.name)));
  const { items, nextToken } = page(streams, {
    token: input.nextToken,
    limit,
    key: (stream) => sortKey(stream, orderBy, descending),
    invalidToken,
  });
  return { logStreams: items, ...(nextToken === undefined ? {} : { nextToken }) };
}

/** Pages are in ascending order of keys: descending order inverts each of a key's characters. */
function sortKey(stream: wire.LogStream, orderBy: (typeof ORDERS)[number], descending: boolean): string {
  const name = stream.logStreamName ?? "";
  const last = String(LATEST + (stream.lastEventTimestamp ?? 0));
  const key = orderBy === "LogStreamName" ? name : `${last}|${name}`;
  if (!descending) return key;
  const inverted = Array.from(key, (character) => String.fromCharCode(0xd7ff - character.charCodeAt(0)));
  return `${inverted.join("")}\ud7ff`;
}

export function deleteLogStream(input: wire.DeleteLogStreamRequest, context: HandlerContext): object {
  const group = requireGroup(context, input.logGroupName);
  const stream = requireStream(context, group, input.logStreamName);
  context.store.transaction((tx) => tx.delete(logStreams, stream.arn));
  context.logStore.deleteStream(group.arn, stream.name);
  return {};
}
