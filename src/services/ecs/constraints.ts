/** Rules on what a request may say, shared by several operations. */
import type * as wire from "@aws-sdk/client-ecs";
import { isFargateProvider } from "../../model/ecs/capacity-strategy.ts";
import { externalFile } from "../../model/ecs/firelens/configuration.ts";
import type { Cluster, TaskDefinition } from "../../model/ecs/records.ts";
import { unhonouredSettings } from "../../model/ecs/unhonoured.ts";
import { inScope } from "../../model/scope.ts";
import type { Tag } from "../../model/tags.ts";
import { securityGroups, subnets } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import {
  clientException,
  invalidParameter,
  platformIncompatible,
  platformUnknown,
  securityGroupMissing,
  subnetMissing,
  taskDefinitionUnhonoured,
  unsupportedFeature,
} from "./errors.ts";

const MOST_TAGS = 50;

/** Throws InvalidParameterException. */
export function readTags(tags: readonly wire.Tag[] | undefined): Tag[] {
  const read = (tags ?? []).map(({ key, value }) => ({ key: key ?? "", value: value ?? "" }));
  if (read.length > MOST_TAGS) throw invalidParameter("Tags can have a maximum of 50 items.");
  for (const { key, value } of read) {
    if (key === "" || key.length > 128) throw invalidParameter("Tag keys must have 1 to 128 characters.");
    if (value.length > 256) throw invalidParameter("Tag values must have at most 256 characters.");
    if (/^aws:/i.test(key)) throw invalidParameter("Tag keys cannot start with 'aws:'.");
  }
  if (new Set(read.map(({ key }) => key)).size < read.length) {
    throw invalidParameter("Duplicate tag keys found.");
  }
  return read;
}

/**
 * The network configuration fits the network mode; subnets and security groups exist and are of one VPC.
 * Throws InvalidParameterException.
 */
export function checkNetwork(
  context: HandlerContext,
  definition: TaskDefinition,
  configuration: wire.NetworkConfiguration | undefined,
  launchType: wire.LaunchType | undefined,
): void {
  const awsvpc = definition.definition.networkMode === "awsvpc";
  const given = configuration?.awsvpcConfiguration;
  if (!awsvpc) {
    if (given === undefined) return;
    throw invalidParameter(
      "Network Configuration is not valid for the given networkMode of this task definition.",
    );
  }
  if (given === undefined) {
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  const subnetIds = given.subnets ?? [];
  const groupIds = given.securityGroups ?? [];
  if (subnetIds.length === 0) throw invalidParameter("subnets can not be empty.");
  if (subnetIds.length > 16) throw invalidParameter("subnets can have at most 16 items.");
  if (groupIds.length > 5) throw invalidParameter("securityGroups can have at most 5 items.");
  checkChoice("assignPublicIp", given.assignPublicIp, ["ENABLED", "DISABLED"]);
  if (given.assignPublicIp === "ENABLED" && launchType === "EC2") {
    throw invalidParameter("Assign public IP is not supported for this launch type.");
  }
  const vpcIds = new Set(subnetIds.map((subnetId) => requireSubnetVpc(context, subnetId)));
  if (vpcIds.size > 1) throw invalidParameter("All specified subnets must be from the same VPC.");
  for (const groupId of groupIds) {
    const group = context.store.get(securityGroups, groupId);
    if (group === undefined || !inScope(group, context.scope)) throw securityGroupMissing(groupId);
    if (!vpcIds.has(group.vpcId)) {
      throw invalidParameter(
        `Security group ${groupId} does not appear to belong to the same VPC as the input subnets.`,
      );
    }
  }
}

function requireSubnetVpc(context: HandlerContext, subnetId: string): string {
  const subnet = context.store.get(subnets, subnetId);
  if (subnet === undefined || !inScope(subnet, context.scope)) throw subnetMissing(subnetId);
  return subnet.vpcId;
}

const LAUNCH_TYPES = ["EC2", "FARGATE", "EXTERNAL"];

export interface Capacity {
  readonly launchType?: wire.LaunchType | undefined;
  readonly capacityProviderStrategy: readonly wire.CapacityProviderStrategyItem[];
}

/**
 * The launch type or capacity provider strategy that a request means: what it says, else the cluster's default
 * strategy, else EC2. Throws InvalidParameterException.
 */
export function resolveCapacity(
  cluster: Cluster,
  launchType: wire.LaunchType | undefined,
  strategy: readonly wire.CapacityProviderStrategyItem[] | undefined,
): Capacity {
  const given = strategy ?? [];
  if (launchType !== undefined && given.length > 0) {
    throw invalidParameter(
      "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
    );
  }
  if (launchType !== undefined) {
    if (!LAUNCH_TYPES.includes(launchType)) {
      throw invalidParameter("launch type should be one of [EC2,FARGATE,EXTERNAL]");
    }
    return { launchType, capacityProviderStrategy: [] };
  }
  if (given.length > 0) {
    checkStrategy(cluster, given);
    return { capacityProviderStrategy: given };
  }
  return cluster.defaultCapacityProviderStrategy.length > 0
    ? { capacityProviderStrategy: cluster.defaultCapacityProviderStrategy }
    : { launchType: "EC2", capacityProviderStrategy: [] };
}

const MOST_STRATEGY_ITEMS = 20;
const LARGEST_WEIGHT = 1000;
const LARGEST_BASE = 100_000;

/** Throws InvalidParameterException. */
export function checkStrategy(
  cluster: Pick<Cluster, "capacityProviders">,
  strategy: readonly wire.CapacityProviderStrategyItem[],
  owner: "request" | "cluster" = "request",
): void {
  if (strategy.length > MOST_STRATEGY_ITEMS) {
    throw invalidParameter(`capacityProviderStrategy can have at most ${MOST_STRATEGY_ITEMS} items.`);
  }
  for (const { weight = 0, base = 0 } of strategy) {
    if (weight < 0 || weight > LARGEST_WEIGHT) {
      throw invalidParameter(`weight must be between 0 and ${LARGEST_WEIGHT}.`);
    }
    if (base < 0 || base > LARGEST_BASE)
      throw invalidParameter(`base must be between 0 and ${LARGEST_BASE}.`);
  }
  if (strategy.some(({ capacityProvider }) => !cluster.capacityProviders.includes(capacityProvider ?? ""))) {
    throw invalidParameter(
      "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster and try again.",
    );
  }
  if (new Set(strategy.map(({ capacityProvider }) => isFargateProvider(capacityProvider))).size > 1) {
    throw invalidParameter(
      "A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and Fargate providers. Specify one or the other and try again.",
    );
  }
  if (strategy.filter(({ base }) => (base ?? 0) > 0).length > 1) {
    throw invalidParameter(
      owner === "cluster"
        ? "The specified capacity provider strategy contains multiple capacity providers with a base value defined"
        : "There are multiple capacity providers in the specified capacity provider strategy with a base value defined",
    );
  }
  if (strategy.length > 0 && strategy.every(({ weight }) => (weight ?? 0) === 0)) {
    throw invalidParameter(
      "There are no capacity providers in the capacity provider strategy with a weight value greater than zero",
    );
  }
}

/** Those of Linux; `LATEST` is the newest (Amazon ECS developer guide, "Fargate platform versions"). */
const PLATFORM_VERSIONS = ["LATEST", "1.4.0", "1.3.0", "1.2.0", "1.1.0", "1.0.0"];

/** Throws InvalidParameterException, or PlatformUnknownException. */
export function checkPlatformVersion(version: string | undefined, launchType: wire.LaunchType): void {
  if (version === undefined) return;
  if (launchType !== "FARGATE") {
    throw invalidParameter("The platform version must be null when specifying an EC2 launch type");
  }
  if (!PLATFORM_VERSIONS.includes(version)) throw platformUnknown();
}

/** ECS Exec runs with the credentials of the task role. Throws InvalidParameterException. */
export function checkExecuteCommand(
  definition: TaskDefinition,
  taskRoleArn: string | undefined,
  failed: "service couldn't be created" | "service couldn't be updated" | "task couldn't be run",
): void {
  if (definition.definition.taskRoleArn !== undefined || taskRoleArn !== undefined) return;
  throw invalidParameter(
    `The ${failed} because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.`,
  );
}

/**
 * Throws InvalidParameterException or PlatformTaskDefinitionIncompatibilityException when the definition cannot run
 * there, UnsupportedFeatureException when Berth cannot.
 */
export function checkRunnable(definition: TaskDefinition, launchType: wire.LaunchType): void {
  if (launchType === "EXTERNAL") {
    throw unsupportedFeature("Berth does not implement launch type EXTERNAL (Amazon ECS Anywhere) yet.");
  }
  if (!definition.compatibilities.some((compatible) => compatible === launchType)) {
    throw invalidParameter(`Task definition does not support launch_type ${launchType}.`);
  }
  // Fargate takes the router's file from its image alone (API reference, FirelensConfiguration).
  const containers = definition.definition.containerDefinitions ?? [];
  if (launchType === "FARGATE" && containers.some((container) => externalFile(container) !== undefined)) {
    throw platformIncompatible();
  }
  const unhonoured = unhonouredSettings(definition.definition);
  if (unhonoured.length > 0) throw taskDefinitionUnhonoured(unhonoured);
}

const CLUSTER_NAME = /^[a-zA-Z0-9\-_]{1,255}$/;

/** Throws InvalidParameterException. */
export function checkClusterName(name: string): void {
  if (!CLUSTER_NAME.test(name)) {
    throw invalidParameter(`ClusterName must match ^[a-zA-Z0-9\\-_]{1,255}$, but was ${name}`);
  }
}

/** Throws InvalidParameterException. */
export function checkServiceName(name: string): void {
  if (!CLUSTER_NAME.test(name)) {
    throw invalidParameter(`ServiceName must match ^[a-zA-Z0-9\\-_]{1,255}$, but was ${name}`);
  }
}

/** The schema lets any text through where the service knows only some. Throws InvalidParameterException. */
export function checkChoice(member: string, value: string | undefined, choices: readonly string[]): void {
  if (value === undefined || choices.includes(value)) return;
  throw invalidParameter(`${member} should be one of [${choices.join(",")}]`);
}

/** Throws InvalidParameterException. */
export function checkServiceChoices(input: {
  readonly propagateTags?: string | undefined;
  readonly schedulingStrategy?: string | undefined;
  readonly availabilityZoneRebalancing?: string | undefined;
}): void {
  checkChoice("propagateTags", input.propagateTags, ["TASK_DEFINITION", "SERVICE", "NONE"]);
  checkChoice("schedulingStrategy", input.schedulingStrategy, ["REPLICA", "DAEMON"]);
  checkChoice("availabilityZoneRebalancing", input.availabilityZoneRebalancing, ["ENABLED", "DISABLED"]);
}

/** The page size of a List call. Throws InvalidParameterException. */
export function readMaxResults(given: number | undefined, fallback: number, maximum = 100): number {
  const limit = given ?? fallback;
  if (!Number.isInteger(limit) || limit < 1 || limit > maximum) {
    throw invalidParameter(`maxResults must be between 1 and ${maximum}.`);
  }
  return limit;
}

/** Throws ClientException when a list of ids is empty or too long. */
export function checkCount(
  what: string,
  ids: readonly string[] | undefined,
  maximum: number,
): readonly string[] {
  if (ids === undefined || ids.length === 0) throw clientException(`${what} cannot be empty.`);
  if (ids.length > maximum) throw invalidParameter(`${what} can have at most ${maximum} items.`);
  return ids;
}
