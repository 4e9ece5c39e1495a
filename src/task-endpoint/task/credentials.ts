/** Credentials of the task's role, at `/v2/credentials/<id>` (amazon-ecs-agent, `ecs-agent/tmds/handlers/v1` and `/v2`). */
import type { Log } from "../../lib/log.ts";
import { taskRoleArn } from "../../model/ecs/endpoint-environment.ts";
import type { Task } from "../../model/ecs/records.ts";
import type { Role } from "../../model/iam/records.ts";
import { findRoleByArn, mayServiceAssume } from "../../store/iam-access.ts";
import type { StoreReader } from "../../store/store.ts";
import { taskDefinitions } from "../../store/tables/ecs.ts";
import { jsonReply, type Reply } from "../reply.ts";
import type { SessionCredentialsSource } from "../session-credentials.ts";
import { type Caller, isCallerOf, taskOfCredentials } from "./caller.ts";

export interface CredentialsSource {
  readonly store: StoreReader;
  readonly log: Log;
  readonly credentials: SessionCredentialsSource;
}

const TASKS = "ecs-tasks.amazonaws.com";

/** @param version of the path: the id was a parameter of the query in the first one */
export function credentialsReply(
  { store, log, credentials }: CredentialsSource,
  caller: Caller,
  credentialsId: string,
  version: 1 | 2,
): Reply {
  const refuse = (code: string, message: string) =>
    jsonReply(400, { code, message: `CredentialsV${version}Request: ${message}`, HTTPErrorCode: 400 });
  if (credentialsId === "") return refuse("NoIdInRequest", "No Credential ID in the request");
  const task = taskOfCredentials(store, credentialsId);
  const foreign = task !== undefined && !isCallerOf(store, caller, task);
  const { vpcId, address } = caller;
  if (task === undefined) log.warn("credentials refused: no task has that id", { vpcId, address });
  if (foreign) {
    log.warn("credentials refused: they are another task's", { vpcId, address, owner: task.arn });
  }
  const role = task === undefined || foreign ? undefined : roleOfTask(store, task);
  if (task === undefined || role === undefined) return refuse("InvalidIdInRequest", "Credentials not found");
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials.credentialsFor(
    role,
    task.taskId,
  );
  return jsonReply(200, {
    RoleArn: role.arn,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: new Date(expiration).toISOString().replace(/\.\d+Z$/, "Z"),
  });
}

/** Undefined also when the role is gone, or does not let tasks assume it (any more). */
export function roleOfTask(store: StoreReader, task: Task): Role | undefined {
  const definition = store.get(taskDefinitions, task.taskDefinitionArn);
  const roleArn = definition === undefined ? undefined : taskRoleArn(task, definition);
  const role = roleArn === undefined ? undefined : findRoleByArn(store, roleArn);
  // Trust policies against the confused deputy ask for these (developer guide, "Amazon ECS task IAM role").
  const context = new Map([
    ["aws:sourcearn", [task.arn]],
    ["aws:sourceaccount", [task.account]],
  ]);
  return role !== undefined && mayServiceAssume(role, TASKS, context) ? role : undefined;
}
