/** What the health checks of a task's containers say together (essential containers; a check is opt-in). */
import type { Task, TaskDefinition } from "./records.ts";

/** `none` when no essential container has a health check, `waiting` until each of them has given a verdict. */
export type ContainerHealth = "none" | "waiting" | "healthy" | "unhealthy";

/** Names of the essential containers whose health ECS watches; checks that an image brings along do not count. */
export function containersWithHealthCheck(definition: TaskDefinition | undefined): ReadonlySet<string> {
  const containers = definition?.definition.containerDefinitions ?? [];
  return new Set(
    containers
      .filter((container) => container.essential !== false && container.healthCheck !== undefined)
      .flatMap((container) => container.name ?? []),
  );
}

export function containerHealthOf(task: Task, checkedContainers: ReadonlySet<string>): ContainerHealth {
  if (checkedContainers.size === 0) return "none";
  const states = task.containers
    .filter((container) => checkedContainers.has(container.name))
    .map((container) => container.healthStatus);
  if (states.includes("UNHEALTHY")) return "unhealthy";
  return states.length > 0 && states.every((state) => state === "HEALTHY") ? "healthy" : "waiting";
}
