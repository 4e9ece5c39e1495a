import type * as wire from "@aws-sdk/client-ecs";
import type { TaskDefinition } from "../../model/ecs/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { deployments, taskDefinitions, tasks } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { readMaxResults } from "./constraints.ts";
import { clientException, invalidParameter, invalidToken, unableToDescribeTaskDefinition } from "./errors.ts";
import { findTaskDefinition } from "./resolve.ts";
import { describeTaskDefinitionRecord } from "./views/task-definition.ts";

export function describeTaskDefinition(
  input: wire.DescribeTaskDefinitionRequest,
  context: HandlerContext,
): wire.DescribeTaskDefinitionResponse {
  const record = findTaskDefinition(context, input.taskDefinition ?? "");
  if (record === undefined) throw unableToDescribeTaskDefinition();
  return {
    taskDefinition: describeTaskDefinitionRecord(record),
    ...(input.include?.includes("TAGS") ? { tags: [...record.tags] } : {}),
  };
}

/** Needs the revision; deregistering twice is no error. */
export function deregisterTaskDefinition(
  input: wire.DeregisterTaskDefinitionRequest,
  context: HandlerContext,
): wire.DeregisterTaskDefinitionResponse {
  const text = (input.taskDefinition ?? "").replace(/^.*task-definition\//, "");
  const [, revision] = text.split(":");
  if (revision === undefined) throw clientException("Revision is missing.");
  if (!/^\d+$/.test(revision)) throw clientException(`Invalid revision number. Number: ${revision}`);
  const record = findTaskDefinition(context, input.taskDefinition ?? "");
  if (record === undefined) throw unableToDescribeTaskDefinition();
  const inactive: TaskDefinition =
    record.status === "ACTIVE"
      ? { ...record, status: "INACTIVE", deregisteredAt: context.clock.now() }
      : record;
  context.store.transaction((tx) => tx.put(taskDefinitions, inactive));
  return { taskDefinition: describeTaskDefinitionRecord(inactive) };
}

/** Whether a task or a service still goes by it. */
function isInUse(store: StoreReader, arn: string): boolean {
  return (
    store
      .list(tasks)
      .some(({ taskDefinitionArn, lastStatus }) => taskDefinitionArn === arn && lastStatus !== "STOPPED") ||
    store
      .list(deployments)
      .some(({ spec, status }) => spec.taskDefinitionArn === arn && status !== "INACTIVE")
  );
}

/** At most ten; each must be INACTIVE. What nothing uses is gone at once. */
export function deleteTaskDefinitions(
  input: wire.DeleteTaskDefinitionsRequest,
  context: HandlerContext,
): wire.DeleteTaskDefinitionsResponse {
  const asked = input.taskDefinitions ?? [];
  if (asked.length === 0) {
    throw invalidParameter("size of TaskDefinition references list must be greater than 0");
  }
  if (asked.length > 10) throw invalidParameter("Size of TaskDefinition references list cannot exceed 10");
  const deleted: TaskDefinition[] = [];
  const failures: wire.Failure[] = [];
  for (const text of asked) {
    const record = findTaskDefinition(context, text);
    if (!/:\d+$/.test(text)) {
      failures.push({
        arn: text,
        reason:
          "The specified task definition identifier is invalid. Specify a valid name or ARN and try again.",
      });
    } else if (record === undefined) {
      failures.push({
        arn: text,
        reason:
          "The specified task definition does not exist. Specify a valid account, family, revision and try again.",
      });
    } else if (record.status === "ACTIVE") {
      failures.push({
        arn: record.arn,
        reason:
          "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
      });
    } else {
      deleted.push({ ...record, status: "DELETE_IN_PROGRESS", deleteRequestedAt: context.clock.now() });
    }
  }
  context.store.transaction((tx) => {
    for (const record of deleted) {
      if (isInUse(context.store, record.arn)) tx.put(taskDefinitions, record);
      else tx.delete(taskDefinitions, record.arn);
    }
  });
  return { taskDefinitions: deleted.map(describeTaskDefinitionRecord), failures };
}

export function listTaskDefinitions(
  input: wire.ListTaskDefinitionsRequest,
  { store, scope }: HandlerContext,
): wire.ListTaskDefinitionsResponse {
  const status = input.status ?? "ACTIVE";
  const found = store
    .where(taskDefinitions, "scope", `${scope.account}/${scope.region}`)
    .filter((record) => record.status === status)
    .filter((record) => input.familyPrefix === undefined || record.family === input.familyPrefix);
  const { items, nextToken } = page(found, {
    token: input.nextToken,
    limit: readMaxResults(input.maxResults, 100),
    key: (record) => {
      const key = `${record.family}:${String(record.revision).padStart(12, "0")}`;
      return input.sort === "DESC" ? descending(key) : key;
    },
    invalidToken,
  });
  return {
    taskDefinitionArns: items.map((record) => record.arn),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

/** A text that sorts the other way round. */
function descending(key: string): string {
  const inverted = [...key].map((character) => String.fromCharCode(0x7f - character.charCodeAt(0)));
  return `${inverted.join("")}\x7f`;
}

export function listTaskDefinitionFamilies(
  input: wire.ListTaskDefinitionFamiliesRequest,
  { store, scope }: HandlerContext,
): wire.ListTaskDefinitionFamiliesResponse {
  const status = input.status ?? "ALL";
  const active = new Set<string>();
  const all = new Set<string>();
  for (const record of store.where(taskDefinitions, "scope", `${scope.account}/${scope.region}`)) {
    if (record.status === "DELETE_IN_PROGRESS") continue;
    all.add(record.family);
    if (record.status === "ACTIVE") active.add(record.family);
  }
  const shown = [...all].filter(
    (family) =>
      family.startsWith(input.familyPrefix ?? "") &&
      (status === "ALL" || active.has(family) === (status === "ACTIVE")),
  );
  const { items, nextToken } = page(shown, {
    token: input.nextToken,
    limit: readMaxResults(input.maxResults, 100),
    key: (family) => family,
    invalidToken,
  });
  return { families: items, ...(nextToken === undefined ? {} : { nextToken }) };
}
