/** What a container's awslogs options mean (developer guide, "Send Amazon ECS logs to CloudWatch"). Pure. */
import type * as wire from "@aws-sdk/client-ecs";
import { type LinearExpression, linearExpression } from "../../lib/linear-expression.ts";
import type { Task, TaskContainer } from "../../model/ecs/records.ts";
import type { Scope } from "../../model/scope.ts";
import { dateTimePattern } from "./multiline.ts";

export interface LogDestination {
  readonly scope: Scope;
  readonly groupName: string;
  readonly streamName: string;
  readonly createGroup: boolean;
  /** Where a new event begins; absent: with every line. */
  readonly firstLine?: LinearExpression | undefined;
}

/** The driver's options (Docker documentation, "Amazon CloudWatch Logs logging driver"), and those that ECS adds. */
const OPTIONS = [
  "awslogs-region",
  "awslogs-group",
  "awslogs-create-group",
  "awslogs-stream-prefix",
  "awslogs-datetime-format",
  "awslogs-multiline-pattern",
  "mode",
  "max-buffer-size",
];

/** What the driver says about options that do not go. */
export function logOptionsFault({ logConfiguration }: wire.ContainerDefinition): string | undefined {
  if (logConfiguration?.logDriver !== "awslogs") return undefined;
  const options = logConfiguration.options ?? {};
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) return `unknown log opt '${unknown}' for awslogs log driver`;
  const { "awslogs-datetime-format": format, "awslogs-multiline-pattern": pattern } = options;
  if (format !== undefined && pattern !== undefined) {
    return "you cannot configure log opt 'awslogs-datetime-format' and 'awslogs-multiline-pattern' at the same time";
  }
  const createGroup = options["awslogs-create-group"];
  if (createGroup !== undefined && !/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(createGroup)) {
    return `must specify valid value for log opt 'awslogs-create-group': ${createGroup}`;
  }
  const given = pattern ?? (format === undefined ? undefined : dateTimePattern(format));
  return given === undefined || expression(given) !== undefined
    ? undefined
    : `awslogs could not parse multiline pattern key "${given}"`;
}

function expression(pattern: string): LinearExpression | undefined {
  try {
    return linearExpression(pattern);
  } catch {
    return undefined;
  }
}

function firstLineOf(options: Readonly<Record<string, string>>): LinearExpression | undefined {
  const { "awslogs-datetime-format": format, "awslogs-multiline-pattern": pattern } = options;
  if (pattern !== undefined) return expression(pattern);
  return format === undefined ? undefined : expression(dateTimePattern(format));
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
    createGroup: /^(1|t|true)$/i.test(options["awslogs-create-group"] ?? ""),
    firstLine: firstLineOf(options),
  };
}
