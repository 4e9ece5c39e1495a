/**
 * What ECS does for a task before its containers run, and in whose name: secrets, pulls and log streams under the
 * execution role; on EC2 without one, pulls and log streams under the instance's (developer guide, "Amazon ECS task
 * execution IAM role").
 */
import { arn } from "../../model/arn.ts";
import type { Instance } from "../../model/ec2/records.ts";
import { parseRegistryName } from "../../model/ecr/image-names.ts";
import type { Task, TaskDefinition } from "../../model/ecs/records.ts";
import { findRoleByArn, mayRole } from "../../store/iam-access.ts";
import { roleOfInstance } from "../../store/instance-role.ts";
import type { StoreReader } from "../../store/store.ts";
import type { LogDestination } from "./log-configuration.ts";

export interface TaskRoles {
  readonly store: StoreReader;
  readonly task: Task;
  readonly definition: TaskDefinition;
  readonly instance: Instance | undefined;
}

const TASKS = "ecs-tasks.amazonaws.com";
const INSTANCES = "ec2.amazonaws.com";
const PULL_ACTIONS = ["ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"];

export function executionRoleOf({ task, definition }: Pick<TaskRoles, "task" | "definition">) {
  return task.overrides.executionRoleArn ?? definition.definition.executionRoleArn;
}

/** The task's stopped reason when its execution role cannot be assumed. */
export function unassumableRole(roles: TaskRoles): string | undefined {
  const given = executionRoleOf(roles);
  if (given === undefined) return undefined;
  const roleArn = fullRoleArn(roles.task, given);
  const verdict = mayRole(
    roles.store,
    { roleArn, service: TASKS, sessionName: roles.task.taskId },
    { action: "sts:GetCallerIdentity", resource: "*" },
  );
  return verdict.allowed || verdict.kind === "denied"
    ? undefined
    : `ECS was unable to assume the role '${roleArn}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`;
}

/** A definition may give the name alone. */
function fullRoleArn({ account }: Task, given: string): string {
  return given.startsWith("arn:") ? given : `arn:aws:iam::${account}:role/${given}`;
}

/** `User: … is not authorized to perform: …`; undefined when it may, or when there is no role that would be asked. */
export function deniedAction(roles: TaskRoles, action: string, resource: string): string | undefined {
  const { store, task, instance } = roles;
  const given = executionRoleOf(roles);
  const instanceRole = instance === undefined ? undefined : roleOfInstance(store, instance);
  const who =
    given !== undefined
      ? { roleArn: fullRoleArn(task, given), service: TASKS, sessionName: task.taskId }
      : instanceRole !== undefined
        ? { roleArn: instanceRole.arn, service: INSTANCES, sessionName: instance?.instanceId ?? "" }
        : undefined;
  if (who === undefined || findRoleByArn(store, who.roleArn) === undefined) return undefined;
  const verdict = mayRole(store, who, { action, resource });
  return verdict.allowed ? undefined : verdict.reason;
}

/** The reason when the image is in a registry of Berth's that the role may not pull from. */
export function refusedPull(roles: TaskRoles, image: string): string | undefined {
  const path = image.slice(Math.max(image.search(/\d{12}\.dkr\.ecr\./), 0)).replace(/(:[^/:]*|@.*)$/, "");
  const name = parseRegistryName(path);
  if (name === undefined) return undefined;
  const onInstance = roles.task.launchType === "EC2";
  const token = deniedAction(roles, "ecr:GetAuthorizationToken", "*");
  if (token !== undefined) {
    return onInstance
      ? `CannotPullECRContainerError: AccessDeniedException: ${token}`
      : `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: ${token}`;
  }
  const repository = arn("ecr", name.scope, `repository/${name.repositoryName}`);
  for (const action of PULL_ACTIONS) {
    const denied = deniedAction(roles, action, repository);
    if (denied === undefined) continue;
    return onInstance
      ? `CannotPullContainerError: Error response from daemon: pull access denied for ${path}, repository does not exist or may require 'docker login': denied: ${denied}`
      : `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: unexpected status from HEAD request to ${manifestUrl(path, image)}: 403 Forbidden`;
  }
  return undefined;
}

function manifestUrl(path: string, image: string): string {
  const [host = "", ...rest] = path.split("/");
  const reference = /(?:@|:)([^/@:]+(?::[0-9a-f]{64})?)$/.exec(image)?.[1] ?? "latest";
  return `https://${host}/v2/${rest.join("/")}/manifests/${reference}`;
}

/** `AccessDeniedException: …` when the role may not write to the stream. */
export function refusedLogStream(roles: TaskRoles, destination: LogDestination): string | undefined {
  const { scope, groupName, streamName, createGroup } = destination;
  const group = arn("logs", scope, `log-group:${groupName}`);
  const denied =
    (createGroup ? deniedAction(roles, "logs:CreateLogGroup", group) : undefined) ??
    deniedAction(roles, "logs:CreateLogStream", `${group}:log-stream:${streamName}`) ??
    deniedAction(roles, "logs:PutLogEvents", `${group}:log-stream:${streamName}`);
  return denied === undefined ? undefined : `AccessDeniedException: ${denied}`;
}
