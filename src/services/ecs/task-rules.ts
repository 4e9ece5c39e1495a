/** What RunTask and StartTask refuse. */
import type * as wire from "@aws-sdk/client-ecs";
import { isFargateSize } from "../../model/ecs/fargate-sizes.ts";
import type { Cluster, TaskDefinition } from "../../model/ecs/records.ts";
import { isEnvironmentFileArn } from "../../model/ecs/task-definition-details.ts";
import type { Tag } from "../../model/tags.ts";
import { checkChoice, readTags } from "./constraints.ts";
import { clientException, invalidParameter, unsupportedFeature } from "./errors.ts";

const LARGEST_OVERRIDES = 8192;
const LONGEST_STARTED_BY = 128;
/** Of a container, as in a task definition. */
const MOST_ENVIRONMENT_FILES = 10;

type TaskRequest = Pick<
  wire.RunTaskRequest,
  "startedBy" | "group" | "propagateTags" | "volumeConfigurations" | "tags" | "enableECSManagedTags"
>;

/** Throws InvalidParameterException, or UnsupportedFeatureException for what Berth does not have yet. */
export function checkTaskRequest(input: TaskRequest): void {
  if ((input.startedBy ?? "").length > LONGEST_STARTED_BY) {
    throw invalidParameter(`startedBy can have at most ${LONGEST_STARTED_BY} characters.`);
  }
  if (input.group?.startsWith("family:") || input.group?.startsWith("service:")) {
    throw invalidParameter("group must not start with 'family:' or 'service:'.");
  }
  checkChoice("propagateTags", input.propagateTags, ["TASK_DEFINITION", "NONE"]);
  if (input.volumeConfigurations?.length) {
    throw unsupportedFeature("Berth does not implement volumes configured at launch yet.");
  }
}

/** The request's, those of the definition if they are to go on, and ECS's own. */
export function tagsOfTask(definition: TaskDefinition, cluster: Cluster, input: TaskRequest): Tag[] {
  const own = new Set((input.tags ?? []).map(({ key }) => key));
  const propagated =
    input.propagateTags === "TASK_DEFINITION" ? definition.tags.filter(({ key }) => !own.has(key)) : [];
  const tags = [...propagated, ...readTags(input.tags)];
  return input.enableECSManagedTags ? [...tags, { key: "aws:ecs:clusterName", value: cluster.name }] : tags;
}

export function checkOverrides(
  definition: TaskDefinition,
  overrides: wire.TaskOverride | undefined,
  launchType: wire.LaunchType,
): void {
  if (overrides === undefined) return;
  const cpu = overrides.cpu ?? definition.definition.cpu;
  const memory = overrides.memory ?? definition.definition.memory;
  if (launchType === "FARGATE" && !isFargateSize(cpu, memory)) {
    throw clientException(
      `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. See the Amazon ECS documentation for the valid values.`,
    );
  }
  checkEphemeralStorage(overrides.ephemeralStorage, launchType);
  if (overrides.inferenceAcceleratorOverrides?.length) {
    throw unsupportedFeature("Berth does not honour inferenceAcceleratorOverrides in overrides.");
  }
  if (JSON.stringify(overrides).length > LARGEST_OVERRIDES) {
    throw invalidParameter(`Overrides length must be at most ${LARGEST_OVERRIDES}`);
  }
  const names = (definition.definition.containerDefinitions ?? []).map(({ name }) => name);
  for (const { name, environmentFiles, resourceRequirements } of overrides.containerOverrides ?? []) {
    if (name !== undefined && !names.includes(name)) {
      throw invalidParameter(
        `Override for container named ${name} is not a container in the TaskDefinition.`,
      );
    }
    if ((environmentFiles ?? []).length > MOST_ENVIRONMENT_FILES) {
      throw clientException(
        "The maximum number of environment files was exceeded. Specify ten or less and try again",
      );
    }
    if (environmentFiles?.some(({ value }) => !isEnvironmentFileArn(value))) {
      throw clientException("Invalid arn syntax");
    }
    if (resourceRequirements?.length) {
      throw unsupportedFeature(
        `Berth does not honour resourceRequirements in overrides yet (container ${name}).`,
      );
    }
  }
}

/** As RegisterTaskDefinition has it. */
function checkEphemeralStorage(
  storage: wire.EphemeralStorage | undefined,
  launchType: wire.LaunchType,
): void {
  if (storage === undefined) return;
  if (launchType === "EC2") {
    throw invalidParameter("Tasks using the EC2 launch type do not support EphemeralStorage");
  }
  const size = storage.sizeInGiB ?? 0;
  if (size < 21) throw invalidParameter("EphemeralStorage size should be at least 21");
  if (size > 200) throw invalidParameter("EphemeralStorage size should be at most 200");
}
