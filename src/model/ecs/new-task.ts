/** A task as it is when it has just been asked for, by RunTask or by the service scheduler. */
import type * as wire from "@aws-sdk/client-ecs";
import { type Random, shuffled } from "../../lib/random.ts";
import { arn } from "../arn.ts";
import type { Scope } from "../scope.ts";
import type { Tag } from "../tags.ts";
import { sizeOf } from "./placement/needs.ts";
import type { Task, TaskAttachment, TaskContainer, TaskDefinition } from "./records.ts";

/** What `LATEST` means today on Linux. */
const LATEST_PLATFORM_VERSION = "1.4.0";

/** The numbers of containers on Fargate have ten digits. */
const FIRST_NUMBER = 1_000_000_000;
const NUMBERS = 3_294_967_295;

export interface NewTask {
  readonly scope: Scope;
  readonly cluster: { readonly arn: string; readonly name: string };
  readonly definition: TaskDefinition;
  readonly group: string;
  readonly launchType: wire.LaunchType;
  readonly serviceArn?: string | undefined;
  readonly deploymentId?: string | undefined;
  readonly startedBy?: string | undefined;
  readonly capacityProviderName?: string | undefined;
  /** Under launch type EC2: where it was placed; absent while it waits for an instance. */
  readonly containerInstanceArn?: string | undefined;
  /** Those of `networkConfiguration` that are in that instance's zone; absent: all of them. */
  readonly subnetIds?: readonly string[] | undefined;
  /** Kept only on a task that waits. */
  readonly placementConstraints?: readonly wire.PlacementConstraint[] | undefined;
  readonly placementStrategy?: readonly wire.PlacementStrategy[] | undefined;
  readonly platformVersion?: string | undefined;
  readonly networkConfiguration?: wire.NetworkConfiguration | undefined;
  readonly overrides?: wire.TaskOverride | undefined;
  readonly enableExecuteCommand: boolean;
  readonly clientToken?: string | undefined;
  readonly tags: readonly Tag[];
  /** Tasks among which this one is spread over the subnets, and so over the Availability Zones. */
  readonly siblings?: readonly Task[] | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export function newTask(request: NewTask, random: Random): Task {
  const { scope, cluster, definition, overrides } = request;
  const taskId = random.hex(32);
  const given = definition.definition.containerDefinitions ?? [];
  const size = sizeOf(definition.definition, overrides);
  const waits = request.launchType === "EC2" && request.containerInstanceArn === undefined;
  const awsvpc = definition.definition.networkMode === "awsvpc";
  return {
    account: scope.account,
    region: scope.region,
    arn: arn("ecs", scope, `task/${cluster.name}/${taskId}`),
    taskId,
    clusterArn: cluster.arn,
    taskDefinitionArn: definition.arn,
    serviceArn: request.serviceArn,
    deploymentId: request.deploymentId,
    group: request.group,
    startedBy: request.startedBy,
    launchType: request.launchType,
    capacityProviderName: request.capacityProviderName,
    containerInstanceArn: request.containerInstanceArn,
    ...(waits
      ? { placementConstraints: request.placementConstraints, placementStrategy: request.placementStrategy }
      : {}),
    platformVersion: platformVersionOf(request),
    networkConfiguration: request.networkConfiguration,
    overrides: {
      ...overrides,
      containerOverrides: given.map(
        ({ name }) => overrides?.containerOverrides?.find((override) => override.name === name) ?? { name },
      ),
      inferenceAcceleratorOverrides: overrides?.inferenceAcceleratorOverrides ?? [],
    },
    enableExecuteCommand: request.enableExecuteCommand,
    clientToken: request.clientToken,
    cpu: overrides?.cpu ?? definition.definition.cpu ?? String(size.cpu),
    memory: overrides?.memory ?? definition.definition.memory ?? String(size.memory),
    desiredStatus: "RUNNING",
    lastStatus: awsvpc || waits ? "PROVISIONING" : "PENDING",
    version: 1,
    attachment: awsvpc && !waits ? newAttachment(request, random) : undefined,
    containers: given.map((container) => ({
      ...newContainer(container, scope, cluster.name, taskId, random),
      endpointId: newEndpointId(request, taskId, random),
    })),
    credentialsId: random.uuid(),
    healthStatus: "UNKNOWN",
    createdAt: request.createdAt,
    tags: request.tags,
  };
}

/** A task that waited, once there is an instance for it. */
export function placedLater(
  task: Task,
  place: Pick<NewTask, "containerInstanceArn" | "subnetIds" | "siblings"> & { readonly awsvpc: boolean },
  random: Random,
): Task {
  const { containerInstanceArn, subnetIds, siblings, awsvpc } = place;
  return {
    ...task,
    containerInstanceArn,
    lastStatus: awsvpc ? "PROVISIONING" : "PENDING",
    attachment: awsvpc
      ? newAttachment({ networkConfiguration: task.networkConfiguration, subnetIds, siblings }, random)
      : undefined,
    version: task.version + 1,
  };
}

/** The elastic network interface to come; it has nothing but its subnet yet. */
function newAttachment(
  request: Pick<NewTask, "networkConfiguration" | "subnetIds" | "siblings">,
  random: Random,
): TaskAttachment | undefined {
  const subnetIds = request.subnetIds ?? request.networkConfiguration?.awsvpcConfiguration?.subnets ?? [];
  const subnetId = leastUsedSubnet(subnetIds, request.siblings ?? [], random);
  return subnetId === undefined ? undefined : { id: random.uuid(), status: "PRECREATED", subnetId };
}

/** The subnet that has the fewest of the tasks that are meant to run; at random among equals. */
function leastUsedSubnet(
  subnetIds: readonly string[],
  siblings: readonly Task[],
  random: Random,
): string | undefined {
  const used = new Map<string, number>();
  for (const { attachment, desiredStatus } of siblings) {
    if (attachment === undefined || desiredStatus !== "RUNNING") continue;
    used.set(attachment.subnetId, (used.get(attachment.subnetId) ?? 0) + 1);
  }
  const [best] = shuffled(random, subnetIds).sort((a, b) => (used.get(a) ?? 0) - (used.get(b) ?? 0));
  return best;
}

function newContainer(
  container: wire.ContainerDefinition,
  scope: Scope,
  clusterName: string,
  taskId: string,
  random: Random,
): TaskContainer {
  return {
    arn: arn("ecs", scope, `container/${clusterName}/${taskId}/${random.uuid()}`),
    name: container.name ?? "",
    image: container.image ?? "",
    lastStatus: "PENDING",
    healthStatus: "UNKNOWN",
    essential: container.essential !== false,
  };
}

/** As the developer guide's examples show them, "Amazon ECS task metadata endpoint version 4". */
function newEndpointId({ launchType }: NewTask, taskId: string, random: Random): string {
  if (launchType !== "FARGATE") return random.uuid();
  return `${taskId}-${FIRST_NUMBER + random.below(NUMBERS)}`;
}

function platformVersionOf({ launchType, platformVersion }: NewTask): string | undefined {
  if (launchType !== "FARGATE") return undefined;
  return platformVersion === undefined || platformVersion === "LATEST"
    ? LATEST_PLATFORM_VERSION
    : platformVersion;
}
