/** ExecuteCommand (ECS Exec): checks whether a session may be had; the port in the context opens it. */
import type * as wire from "@aws-sdk/client-ecs";
import type { Cluster, Task, TaskContainer } from "../../model/ecs/records.ts";
import { decideForRole, findRoleByArn } from "../../store/iam-access.ts";
import { logGroupArn } from "../../store/log-groups.ts";
import type { StoreReader } from "../../store/store.ts";
import { taskDefinitions } from "../../store/tables/ecs.ts";
import type { HandlerContext, SessionRequest } from "../operation.ts";
import {
  executeCommandNotEnabled,
  invalidParameter,
  sessionLimitReached,
  targetNotConnected,
  taskNotFound,
} from "./errors.ts";
import { findTask, requireCluster } from "./resolve.ts";

/** Of one container: the agent's limit. */
const MOST_SESSIONS = 2;
/** Amazon ECS developer guide, "Task IAM role", "ECS Exec permissions". */
const CHANNEL_ACTIONS = [
  "CreateControlChannel",
  "CreateDataChannel",
  "OpenControlChannel",
  "OpenDataChannel",
];
const LOG_ACTIONS = ["CreateLogStream", "PutLogEvents"];

export function executeCommand(
  input: wire.ExecuteCommandRequest,
  context: HandlerContext,
): wire.ExecuteCommandResponse {
  const { scope, sessions, store } = context;
  if (input.interactive !== true) {
    throw invalidParameter("Interactive is the only mode supported currently.");
  }
  const cluster = requireCluster(context, input.cluster);
  const taskId = input.task ?? "";
  if (!taskId.startsWith("arn:") && taskId.length !== 32 && taskId.length !== 36) {
    throw invalidParameter("task length should be one of [32,36]");
  }
  const task = findTask(context, cluster, taskId);
  if (task === undefined) throw taskNotFound();
  if (!task.enableExecuteCommand || task.lastStatus !== "RUNNING") throw executeCommandNotEnabled();
  const container = chooseContainer(task, input.container);
  const { runtimeId } = container;
  if (container.lastStatus !== "RUNNING" || runtimeId === undefined) throw executeCommandNotEnabled();
  if (!roleAllows(store, task, "ssmmessages", CHANNEL_ACTIONS, "*")) throw targetNotConnected();
  if (sessions.countOf(container.arn) >= MOST_SESSIONS) throw sessionLimitReached(MOST_SESSIONS);
  const session = sessions.open({
    scope,
    containerArn: container.arn,
    runtimeId,
    command: input.command ?? "",
    transcript: transcriptOf(store, cluster, task, container, context.log),
  });
  return {
    clusterArn: cluster.arn,
    containerArn: container.arn,
    containerName: container.name,
    interactive: true,
    session: { sessionId: session.sessionId, streamUrl: session.streamUrl, tokenValue: session.tokenValue },
    taskArn: task.arn,
  };
}

/**
 * The name may be left out where there is one container only (API reference, ExecuteCommand). The texts are our own:
 * ECS's are not published.
 */
function chooseContainer(task: Task, name: string | undefined): TaskContainer {
  const [first, second] = task.containers;
  if (name === undefined && first !== undefined && second === undefined) return first;
  if (name === undefined) {
    throw invalidParameter("A container name must be specified for tasks with multiple containers.");
  }
  const named = task.containers.find((container) => container.name === name);
  if (named === undefined) throw invalidParameter(`The container ${name} was not found in the task.`);
  return named;
}

/** The agent in the container calls Systems Manager and CloudWatch Logs under the task role. */
function roleAllows(
  store: StoreReader,
  task: Task,
  service: string,
  actions: readonly string[],
  resource: string,
): boolean {
  const arn =
    task.overrides.taskRoleArn ??
    store.get(taskDefinitions, task.taskDefinitionArn)?.definition.taskRoleArn ??
    "";
  const role = findRoleByArn(
    store,
    arn.startsWith("arn:") ? arn : `arn:aws:iam::${task.account}:role/${arn}`,
  );
  return (
    role !== undefined &&
    actions.every(
      (action) =>
        decideForRole(store, role, { action: `${service}:${action}`, resource, context: new Map() })
          .effect === "allow",
    )
  );
}

/** API reference, ExecuteCommandConfiguration: without a setting as DEFAULT. Buckets are not written to. */
function transcriptOf(
  store: StoreReader,
  cluster: Cluster,
  task: Task,
  container: TaskContainer,
  log: HandlerContext["log"],
): SessionRequest["transcript"] {
  const { logging = "DEFAULT", logConfiguration } = cluster.configuration?.executeCommandConfiguration ?? {};
  const options =
    store
      .get(taskDefinitions, task.taskDefinitionArn)
      ?.definition.containerDefinitions?.find(({ name }) => name === container.name)?.logConfiguration ??
    undefined;
  const awslogs = options?.logDriver === "awslogs" ? options.options : undefined;
  const scope = { account: task.account, region: task.region };
  const destination =
    logging === "OVERRIDE"
      ? { scope, groupName: logConfiguration?.cloudWatchLogGroupName }
      : logging === "DEFAULT"
        ? {
            scope: { ...scope, region: awslogs?.["awslogs-region"] ?? scope.region },
            groupName: awslogs?.["awslogs-group"],
          }
        : undefined;
  const groupName = destination?.groupName;
  if (destination === undefined || groupName === undefined || groupName === "") return undefined;
  if (!roleAllows(store, task, "logs", LOG_ACTIONS, `${logGroupArn(destination.scope, groupName)}:*`)) {
    log.warn("a session is not logged: the task role has no permission", { task: task.arn, groupName });
    return undefined;
  }
  return { scope: destination.scope, groupName };
}
