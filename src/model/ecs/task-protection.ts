/** Task scale-in protection (Amazon ECS developer guide, "Protect your Amazon ECS tasks from being terminated by scale-in events"). */
import type { Task } from "./records.ts";

export const LEAST_PROTECTION_MINUTES = 1;
export const MOST_PROTECTION_MINUTES = 2880;
const DEFAULT_PROTECTION_MINUTES = 120;

/** @param now milliseconds since the epoch */
export function isProtected({ protectedUntil }: Pick<Task, "protectedUntil">, now: number): boolean {
  return protectedUntil !== undefined && protectedUntil > now;
}

/** Undefined ends it. Each call counts anew. @param now milliseconds since the epoch */
export function protectionEnd(
  enabled: boolean,
  minutes: number | undefined,
  now: number,
): number | undefined {
  return enabled ? now + (minutes ?? DEFAULT_PROTECTION_MINUTES) * 60_000 : undefined;
}

export function isProtectionPeriod(minutes: number): boolean {
  return (
    Number.isInteger(minutes) && minutes >= LEAST_PROTECTION_MINUTES && minutes <= MOST_PROTECTION_MINUTES
  );
}

/** Why a task can have no protection: those of services alone can, as long as they are meant to run. */
export function protectionObstacle(task: Task | undefined): "MISSING" | "TASK_NOT_VALID" | undefined {
  if (task === undefined) return "MISSING";
  return task.serviceArn === undefined || task.lastStatus === "STOPPED" || task.desiredStatus === "STOPPED"
    ? "TASK_NOT_VALID"
    : undefined;
}
