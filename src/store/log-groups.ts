/** Log groups and streams by name. */
import { arn } from "../model/arn.ts";
import type { LogGroup, LogStream } from "../model/logs/records.ts";
import type { Scope } from "../model/scope.ts";
import type { StoreReader } from "./store.ts";
import { logGroups, logStreams } from "./tables/logs.ts";

export function logGroupArn(scope: Scope, groupName: string): string {
  return arn("logs", scope, `log-group:${groupName}`);
}

export function findLogGroup(store: StoreReader, scope: Scope, groupName: string): LogGroup | undefined {
  return store.get(logGroups, logGroupArn(scope, groupName));
}

export function findLogStream(
  store: StoreReader,
  group: LogGroup,
  streamName: string,
): LogStream | undefined {
  return store.get(logStreams, `${group.arn}:log-stream:${streamName}`);
}

/** As CreateLogGroup makes it when nothing is asked for. */
export function newLogGroup(scope: Scope, name: string, now: number): LogGroup {
  return {
    account: scope.account,
    region: scope.region,
    arn: logGroupArn(scope, name),
    name,
    creationTime: now,
    logGroupClass: "STANDARD",
    tags: {},
  };
}

export function newLogStream(group: LogGroup, name: string, now: number): LogStream {
  return {
    account: group.account,
    region: group.region,
    arn: `${group.arn}:log-stream:${name}`,
    groupArn: group.arn,
    name,
    creationTime: now,
  };
}
