/** Log groups and how long they keep their lines. */
import type * as wire from "@aws-sdk/client-cloudwatch-logs";
import { findLogGroup, newLogGroup } from "../../store/log-groups.ts";
import { logGroups, logStreams } from "../../store/tables/logs.ts";
import { constraintViolation, enumRequirement } from "../constraint-messages.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { checkLength, checkRange, oneOf, readTags, requireGroupName, requireMember } from "./constraints.ts";
import { groupExists, invalidParameter, invalidToken } from "./errors.ts";
import { groupNameOf, requireGroup } from "./resolve.ts";
import { describeGroup } from "./views.ts";

const CLASSES = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"] as const;
/** Of PutRetentionPolicy. */
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export function createLogGroup(input: wire.CreateLogGroupRequest, context: HandlerContext): object {
  const name = requireGroupName(input.logGroupName);
  const logGroupClass = oneOf(input.logGroupClass, "logGroupClass", CLASSES) ?? "STANDARD";
  checkLength(input.kmsKeyId, "kmsKeyId", 0, 256);
  const tags = readTags(input.tags);
  if (findLogGroup(context.store, context.scope, name) !== undefined) throw groupExists();
  const group = {
    ...newLogGroup(context.scope, name, context.clock.now()),
    logGroupClass,
    tags,
    ...(input.kmsKeyId === undefined ? {} : { kmsKeyId: input.kmsKeyId }),
  };
  context.store.transaction((tx) => tx.put(logGroups, group));
  return {};
}

export function describeLogGroups(
  input: wire.DescribeLogGroupsRequest,
  context: HandlerContext,
): wire.DescribeLogGroupsResponse {
  const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern, limit = 50 } = input;
  checkRange(limit, "limit", 1, 50);
  if (prefix !== undefined) requireGroupName(prefix, "logGroupNamePrefix");
  if (prefix !== undefined && pattern !== undefined) {
    throw invalidParameter(
      "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
    );
  }
  const logGroupClass = oneOf(input.logGroupClass, "logGroupClass", CLASSES);
  const names = input.logGroupIdentifiers?.map(groupNameOf);
  const lowerPattern = pattern?.toLowerCase();
  const found = context.store
    .where(logGroups, "scope", `${context.scope.account}/${context.scope.region}`)
    .filter(
      (group) =>
        (prefix === undefined || group.name.startsWith(prefix)) &&
        (lowerPattern === undefined || group.name.toLowerCase().includes(lowerPattern)) &&
        (names === undefined || names.includes(group.name)) &&
        (logGroupClass === undefined || group.logGroupClass === logGroupClass),
    );
  const { items, nextToken } = page(found, {
    token: input.nextToken,
    limit,
    key: (group) => group.name,
    invalidToken,
  });
  return {
    logGroups: items.map((group) => describeGroup(group, context.logStore.storedBytes(group.arn))),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

/** The lines go too; should Berth end in between, the retention loop deletes them. */
export function deleteLogGroup(input: wire.DeleteLogGroupRequest, context: HandlerContext): object {
  const group = requireGroup(context, input.logGroupName);
  const streams = context.store.where(logStreams, "group", group.arn);
  context.store.transaction((tx) => {
    for (const stream of streams) tx.delete(logStreams, stream.arn);
    tx.delete(logGroups, group.arn);
  });
  context.logStore.deleteGroup(group.arn);
  return {};
}

export function putRetentionPolicy(input: wire.PutRetentionPolicyRequest, context: HandlerContext): object {
  const retentionInDays = requireMember(input.retentionInDays, "retentionInDays");
  if (!RETENTIONS.includes(retentionInDays)) {
    throw invalidParameter(
      constraintViolation(retentionInDays, "retentionInDays", enumRequirement(RETENTIONS.map(String))),
    );
  }
  const group = requireGroup(context, input.logGroupName);
  context.store.transaction((tx) => tx.put(logGroups, { ...group, retentionInDays }));
  return {};
}

export function deleteRetentionPolicy(
  input: wire.DeleteRetentionPolicyRequest,
  context: HandlerContext,
): object {
  const group = requireGroup(context, input.logGroupName);
  context.store.transaction((tx) => tx.put(logGroups, { ...group, retentionInDays: undefined }));
  return {};
}
