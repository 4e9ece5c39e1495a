/**
 * The agent's API of task scale-in protection (amazon-ecs-agent, `ecs-agent/tmds/handlers/taskprotection/v1`): it calls
 * ECS for the task, in the name of the task's role.
 */

import type { Task } from "../../model/ecs/records.ts";
import {
  isProtected,
  isProtectionPeriod,
  protectionEnd,
  protectionObstacle,
} from "../../model/ecs/task-protection.ts";
import { denialText } from "../../model/iam/policy/denial.ts";
import { decideForRole } from "../../store/iam-access.ts";
import { sessionArn } from "../../store/iam-sessions.ts";
import type { Store } from "../../store/store.ts";
import { tasks } from "../../store/tables/ecs.ts";
import { jsonReply, type Reply } from "../reply.ts";
import { roleOfTask } from "./credentials.ts";

export type Asked =
  | { readonly kind: "get" }
  | { readonly kind: "put"; readonly enabled?: boolean | undefined; readonly minutes?: number | undefined };

/** @param now milliseconds since the epoch; `newRequestId` as ECS would number the agent's call */
export function protectionReply(
  store: Store,
  task: Task | undefined,
  asked: Asked | "malformed",
  { now, newRequestId }: { readonly now: number; readonly newRequestId: () => string },
): Reply {
  if (asked === "malformed") {
    return errorReply(400, "", "InvalidParameterException", "UpdateTaskProtection: failed to decode request");
  }
  if (task === undefined) {
    return errorReply(404, "", "ResourceNotFoundException", "Failed to find a task for the request");
  }
  if (asked.kind === "put" && asked.enabled === undefined) {
    const message = "Invalid request: does not contain 'ProtectionEnabled' field";
    return errorReply(400, task.arn, "InvalidParameterException", message);
  }
  const role = roleOfTask(store, task);
  if (role === undefined) {
    const message = "Invalid Request: no task IAM role credentials available for task";
    return errorReply(403, task.arn, "AccessDeniedException", message);
  }
  const action = asked.kind === "get" ? "ecs:GetTaskProtection" : "ecs:UpdateTaskProtection";
  const decision = decideForRole(store, role, { action, resource: task.arn, context: new Map() });
  if (decision.effect !== "allow") {
    const user = sessionArn(role, task.taskId);
    const message = denialText({ user, action, resource: task.arn }, decision);
    return errorReply(400, task.arn, "AccessDeniedException", message, newRequestId());
  }
  const obstacle = protectionObstacle(task);
  if (obstacle !== undefined) {
    return jsonReply(200, { failure: { Arn: task.arn, Detail: null, Reason: obstacle } });
  }
  if (asked.kind === "get") return shown(task, now);
  if (asked.minutes !== undefined && !isProtectionPeriod(asked.minutes)) {
    const message = "expiresInMinutes must be between 1 and 2880 minutes.";
    return errorReply(400, task.arn, "InvalidParameterException", message, newRequestId());
  }
  const changed = { ...task, protectedUntil: protectionEnd(asked.enabled === true, asked.minutes, now) };
  store.transaction((tx) => tx.put(tasks, changed));
  return shown(changed, now);
}

/** The body of a PUT; members that the agent does not know make it one that cannot be read. */
export function readProtectionRequest(body: string): Asked | "malformed" {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return "malformed";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "malformed";
  let enabled: boolean | undefined;
  let minutes: number | undefined;
  // The agent's decoder does not mind the case of names.
  for (const [name, given] of Object.entries(value)) {
    const member = name.toLowerCase();
    if (given === null && (member === "protectionenabled" || member === "expiresinminutes")) continue;
    if (member === "protectionenabled" && typeof given === "boolean") enabled = given;
    else if (member === "expiresinminutes" && Number.isInteger(given)) minutes = Number(given);
    else return "malformed";
  }
  return { kind: "put", enabled, minutes };
}

function shown(task: Task, now: number): Reply {
  const { protectedUntil } = task;
  const lasts = protectedUntil !== undefined && isProtected(task, now);
  return jsonReply(200, {
    protection: {
      ExpirationDate: lasts ? new Date(protectedUntil).toISOString() : null,
      ProtectionEnabled: lasts,
      TaskArn: task.arn,
    },
  });
}

function errorReply(status: number, arn: string, code: string, message: string, requestID?: string): Reply {
  return jsonReply(status, {
    ...(requestID === undefined ? {} : { requestID }),
    error: { ...(arn === "" ? {} : { Arn: arn }), Code: code, Message: message },
  });
}
