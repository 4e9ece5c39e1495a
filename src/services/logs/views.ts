/** Log groups, streams and lines in the form of the API. */
import type * as wire from "@aws-sdk/client-cloudwatch-logs";
import type { LogGroup, LogStream } from "../../model/logs/records.ts";
import type { StoredLine, StreamStatistics } from "../../store/log-store.ts";

const CLASSES = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"] as const;

export function describeGroup(group: LogGroup, storedBytes: number): wire.LogGroup {
  const logGroupClass = CLASSES.find((known) => known === group.logGroupClass) ?? "STANDARD";
  return {
    logGroupName: group.name,
    creationTime: group.creationTime,
    ...(group.retentionInDays === undefined ? {} : { retentionInDays: group.retentionInDays }),
    metricFilterCount: 0,
    arn: `${group.arn}:*`,
    storedBytes,
    ...(group.kmsKeyId === undefined ? {} : { kmsKeyId: group.kmsKeyId }),
    logGroupClass,
    logGroupArn: group.arn,
  };
}

/** `storedBytes` of streams is always 0 since 2019: see DescribeLogStreams. */
export function describeStream(stream: LogStream, statistics: StreamStatistics | undefined): wire.LogStream {
  return {
    logStreamName: stream.name,
    creationTime: stream.creationTime,
    ...(statistics?.firstTimestamp === undefined ? {} : { firstEventTimestamp: statistics.firstTimestamp }),
    ...(statistics?.lastTimestamp === undefined ? {} : { lastEventTimestamp: statistics.lastTimestamp }),
    ...(statistics?.lastIngestionTime === undefined
      ? {}
      : { lastIngestionTime: statistics.lastIngestionTime }),
    arn: stream.arn,
    storedBytes: 0,
  };
}

export function describeOutputEvent(line: StoredLine): wire.OutputLogEvent {
  return { timestamp: line.timestamp, message: line.message, ingestionTime: line.ingestionTime };
}

export function describeFilteredEvent(line: StoredLine): wire.FilteredLogEvent {
  return {
    logStreamName: line.streamName,
    timestamp: line.timestamp,
    message: line.message,
    ingestionTime: line.ingestionTime,
    // Ordered like AWS's, which are 56 digits.
    eventId: String(line.timestamp).padStart(20, "3") + String(line.id).padStart(36, "0"),
  };
}
