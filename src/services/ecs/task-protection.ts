import type * as wire from "@aws-sdk/client-ecs";
import type { Task } from "../../model/ecs/records.ts";
import {
  isProtected,
  isProtectionPeriod,
  LEAST_PROTECTION_MINUTES,
  MOST_PROTECTION_MINUTES,
  protectionEnd,
  protectionObstacle,
} from "../../model/ecs/task-protection.ts";
import { tasks } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidParameter } from "./errors.ts";
import { checkTaskId, findTask, requireCluster } from "./resolve.ts";

/** API reference, GetTaskProtection and UpdateTaskProtection. */
const MOST_READ = 100;
const MOST_WRITTEN = 10;

export function getTaskProtection(
  input: wire.GetTaskProtectionRequest,
  context: HandlerContext,
): wire.GetTaskProtectionResponse {
  const { found, failures } = readTasks(input, context, MOST_READ);
  return { protectedTasks: found.map((task) => describe(task, context.clock.now())), failures };
}

export function updateTaskProtection(
  input: wire.UpdateTaskProtectionRequest,
  context: HandlerContext,
): wire.UpdateTaskProtectionResponse {
  const { store, clock } = context;
  const { found, failures } = readTasks(input, context, MOST_WRITTEN);
  const { expiresInMinutes, protectionEnabled = false } = input;
  if (expiresInMinutes !== undefined && !isProtectionPeriod(expiresInMinutes)) {
    throw invalidParameter(
      `expiresInMinutes must be between ${LEAST_PROTECTION_MINUTES} and ${MOST_PROTECTION_MINUTES} minutes.`,
    );
  }
  const now = clock.now();
  const protectedUntil = protectionEnd(protectionEnabled, expiresInMinutes, now);
  const changed = found.map((task) => ({ ...task, protectedUntil }));
  store.transaction((tx) => {
    for (const task of changed) tx.put(tasks, task);
  });
  return { protectedTasks: changed.map((task) => describe(task, now)), failures };
}

function readTasks(
  input: { readonly cluster?: string | undefined; readonly tasks?: readonly string[] | undefined },
  context: HandlerContext,
  most: number,
): { readonly found: readonly Task[]; readonly failures: wire.Failure[] } {
  const cluster = requireCluster(context, input.cluster);
  const asked = [...new Set(input.tasks ?? [])];
  if (asked.length === 0) throw invalidParameter("Tasks cannot be empty.");
  if (asked.length > most) throw invalidParameter(`tasks can have at most ${most} items.`);
  const found = new Map<string, Task>();
  const failures: wire.Failure[] = [];
  for (const id of asked) {
    checkTaskId(id);
    const task = findTask(context, cluster, id);
    const reason = protectionObstacle(task);
    if (task !== undefined && reason === undefined) {
      found.set(task.arn, task);
      continue;
    }
    const arn = id.startsWith("arn:") ? id : `${cluster.arn.replace(":cluster/", ":task/")}/${id}`;
    failures.push({ arn: task?.arn ?? arn, reason });
  }
  return { found: [...found.values()], failures };
}

function describe(task: Task, now: number): wire.ProtectedTask {
  const { arn: taskArn, protectedUntil } = task;
  return protectedUntil !== undefined && isProtected(task, now)
    ? { taskArn, protectionEnabled: true, expirationDate: new Date(protectedUntil) }
    : { taskArn, protectionEnabled: false };
}
