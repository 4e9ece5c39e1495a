/** How the Amazon ECS agent names and labels a container in Docker. */
import type { Task, TaskContainer, TaskDefinition } from "./records.ts";

const SUFFIX_LENGTH = 20;

/** `ecs-<family>-<revision>-<name>-<hex>`, the name without what Docker would not take. */
export function dockerName({ family, revision }: TaskDefinition, name: string, suffix: string): string {
  return `ecs-${family}-${revision}-${name.replace(/[^A-Za-z0-9-]/g, "")}-${suffix}`;
}

/** Of a container whose name is written down nowhere else: always the same. */
export function dockerNameOf(
  definition: TaskDefinition,
  { arn, name }: Pick<TaskContainer, "arn" | "name">,
): string {
  const uuid = arn.split("/").at(-1) ?? "";
  return dockerName(definition, name, uuid.replaceAll("-", "").slice(0, SUFFIX_LENGTH));
}

export function ecsLabels(task: Task, definition: TaskDefinition, name: string): Record<string, string> {
  return {
    "com.amazonaws.ecs.cluster": task.clusterArn,
    "com.amazonaws.ecs.container-name": name,
    "com.amazonaws.ecs.task-arn": task.arn,
    "com.amazonaws.ecs.task-definition-family": definition.family,
    "com.amazonaws.ecs.task-definition-version": String(definition.revision),
  };
}
