import { parseArn } from "../../model/arn.ts";
import type { LogGroup, LogStream } from "../../model/logs/records.ts";
import { findLogGroup, findLogStream } from "../../store/log-groups.ts";
import { logGroups } from "../../store/tables/logs.ts";
import type { HandlerContext } from "../operation.ts";
import { requireGroupName, requireStreamName } from "./constraints.ts";
import { groupNotFound, invalidParameter, resourceNotFound, streamNotFound } from "./errors.ts";

/** Throws InvalidParameterException or ResourceNotFoundException. */
export function requireGroup(context: HandlerContext, name: string | undefined): LogGroup {
  const group = findLogGroup(context.store, context.scope, requireGroupName(name));
  if (group === undefined) throw groupNotFound();
  return group;
}

/** By `logGroupName`, or by `logGroupIdentifier` that is a name or an ARN; never both. */
export function requireIdentifiedGroup(
  context: HandlerContext,
  input: { readonly logGroupName?: string | undefined; readonly logGroupIdentifier?: string | undefined },
): LogGroup {
  const { logGroupName, logGroupIdentifier } = input;
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
    throw invalidParameter("Exactly one of logGroupName and logGroupIdentifier must be specified.");
  }
  return requireGroup(context, logGroupName ?? groupNameOf(logGroupIdentifier ?? ""));
}

/** Of a group's name or its ARN, with or without `:*`. */
export function groupNameOf(identifier: string): string {
  const resource = parseArn(identifier)?.resource;
  if (resource === undefined) return identifier;
  return resource.replace(/^log-group:/, "").replace(/:\*$/, "");
}

export function requireStream(context: HandlerContext, group: LogGroup, name: string | undefined): LogStream {
  const stream = findLogStream(context.store, group, requireStreamName(name));
  if (stream === undefined) throw streamNotFound();
  return stream;
}

/** A log group by the ARN of tag operations. */
export function requireTaggedGroup(context: HandlerContext, resourceArn: string | undefined): LogGroup {
  const text = resourceArn ?? "";
  const parts = parseArn(text);
  if (parts?.service !== "logs") throw invalidParameter("Invalid resource ARN");
  const group = context.store.get(logGroups, text.replace(/:\*$/, ""));
  const { account, region } = context.scope;
  if (group === undefined || group.account !== account || group.region !== region) throw resourceNotFound();
  return group;
}
