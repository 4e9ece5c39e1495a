/** What a container's awslogs options mean (developer guide, "Send Amazon ECS logs to CloudWatch"). Pure. */
import type * as wire from "@aws-sdk/client-ecs";
import type { Task, TaskContainer } from "../../model/ecs/records.ts";
import type { Scope } from "../../model/scope.ts";

export interface LogDestination {
  readonly scope: Scope;
  readonly groupName: string;
  readonly streamName: string;
  readonly createGroup: boolean;
}

/** Undefined when the container's output goes nowhere, or (without a prefix) its stream has no name yet. */
export function logDestination(
  task: Task,
  definition: wire.ContainerDefinition,
  container: TaskContainer,
): LogDestination | undefined {
  if (definition.logConfiguration?.logDriver !== "awslogs") return undefined;
  const options = definition.logConfiguration.options ?? {};
  const groupName = options["awslogs-group"];
  const prefix = options["awslogs-stream-prefix"];
  const streamName =
    prefix === undefined ? container.runtimeId : `${prefix}/${container.name}/${task.taskId}`;
  if (groupName === undefined || streamName === undefined) return undefined;
  return {
    scope: { account: task.account, region: options["awslogs-region"] ?? task.region },
    groupName,
    streamName,
    createGroup: options["awslogs-create-group"] === "true",
  };
}
