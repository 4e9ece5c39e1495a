/**
 * What a target that runs a task may be. EventBridge looks at the words alone: whether cluster, task definition and
 * subnets are there it leaves to ECS, which it asks when an event comes.
 */
import type * as wire from "@aws-sdk/client-eventbridge";
import { parseArn } from "../../model/arn.ts";
import type { HandlerContext } from "../operation.ts";
import { checkCount, checkLength, checkRange, oneOf, requireMember } from "./constraints.ts";
import { invalidArn, roleMissing, unsupported, validation } from "./errors.ts";
import { checkRole } from "./resolve.ts";

const MOST_TASKS = 10;
const MOST_SUBNETS = 16;
const MOST_SECURITY_GROUPS = 5;

/** What the model says. */
export function checkEcsShape(parameters: wire.EcsParameters, path: string): void {
  const definition = requireMember(parameters.TaskDefinitionArn, `${path}.taskDefinitionArn`);
  checkLength(definition, `${path}.taskDefinitionArn`, 1, 1600);
  checkRange(parameters.TaskCount, `${path}.taskCount`, 1);
  oneOf(parameters.LaunchType, `${path}.launchType`, ["EC2", "FARGATE", "EXTERNAL"]);
  oneOf(parameters.PropagateTags, `${path}.propagateTags`, ["TASK_DEFINITION"]);
  checkLength(parameters.ReferenceId, `${path}.referenceId`, 0, 1024);
  const vpc = parameters.NetworkConfiguration?.awsvpcConfiguration;
  if (vpc !== undefined) {
    const vpcPath = `${path}.networkConfiguration.awsvpcConfiguration`;
    requireMember(vpc.Subnets, `${vpcPath}.subnets`);
    oneOf(vpc.AssignPublicIp, `${vpcPath}.assignPublicIp`, ["ENABLED", "DISABLED"]);
  }
  checkCapacityShape(parameters, path);
  checkPlacementShape(parameters, path);
  for (const [index, { Key, Value }] of (parameters.Tags ?? []).entries()) {
    const key = requireMember(Key, `${path}.tags.${index + 1}.member.key`);
    checkLength(key, `${path}.tags.${index + 1}.member.key`, 1, 128);
    const value = requireMember(Value, `${path}.tags.${index + 1}.member.value`);
    checkLength(value, `${path}.tags.${index + 1}.member.value`, 0, 256);
  }
}

function checkCapacityShape({ CapacityProviderStrategy: strategy = [] }: wire.EcsParameters, path: string) {
  const listPath = `${path}.capacityProviderStrategy`;
  checkCount(
    strategy.map(({ capacityProvider }) => capacityProvider ?? ""),
    listPath,
    0,
    6,
  );
  for (const [index, { capacityProvider, weight, base }] of strategy.entries()) {
    const itemPath = `${listPath}.${index + 1}.member`;
    const name = requireMember(capacityProvider, `${itemPath}.capacityProvider`);
    checkLength(name, `${itemPath}.capacityProvider`, 1, 255);
    checkRange(weight, `${itemPath}.weight`, 0, 1000);
    checkRange(base, `${itemPath}.base`, 0, 100_000);
  }
}

function checkPlacementShape(
  { PlacementConstraints: constraints = [], PlacementStrategy: strategy = [] }: wire.EcsParameters,
  path: string,
): void {
  checkCount(
    constraints.map(({ type }) => type ?? ""),
    `${path}.placementConstraints`,
    0,
    10,
  );
  for (const [index, { type, expression }] of constraints.entries()) {
    const itemPath = `${path}.placementConstraints.${index + 1}.member`;
    oneOf(type, `${itemPath}.type`, ["distinctInstance", "memberOf"]);
    checkLength(expression, `${itemPath}.expression`, 0, 2000);
  }
  checkCount(
    strategy.map(({ type }) => type ?? ""),
    `${path}.placementStrategy`,
    0,
    5,
  );
  for (const [index, { type, field }] of strategy.entries()) {
    const itemPath = `${path}.placementStrategy.${index + 1}.member`;
    oneOf(type, `${itemPath}.type`, ["random", "spread", "binpack"]);
    checkLength(field, `${itemPath}.field`, 0, 255);
  }
}

/** Throws ValidationException. */
export function checkCluster(context: HandlerContext, target: wire.Target, resource: string): void {
  const { Id: id = "", Arn: arn = "", RoleArn: roleArn, EcsParameters: parameters } = target;
  const { scope } = context;
  if (!/^cluster\/[a-zA-Z0-9_-]{1,255}$/.test(resource)) throw invalidArn(arn);
  if (roleArn === undefined) throw roleMissing(arn);
  if (parameters === undefined)
    throw validation(`Parameter(s) EcsParameters must be specified for target: ${id}.`);
  const { TaskDefinitionArn: definitionArn = "", TaskCount: count = 1 } = parameters;
  const definition = parseArn(definitionArn);
  if (
    definition?.service !== "ecs" ||
    !/^task-definition\/[a-zA-Z0-9_-]+(:\d+)?$/.test(definition.resource)
  ) {
    throw invalidArn(definitionArn);
  }
  const region = parseArn(arn)?.region;
  if (region !== definition.region) {
    throw validation(`Region of ${arn} does not match region of ${definitionArn}.`);
  }
  if (count > MOST_TASKS) throw validation(`Parameter(s) TaskCount not valid for target: ${id}.`);
  checkNetwork(parameters, id);
  checkRole(context, roleArn, "roleArn");
  if (region !== scope.region) throw unsupported(`ECS clusters of another region as targets (${arn})`);
}

function checkNetwork(
  { LaunchType: launchType, NetworkConfiguration: network, PlatformVersion: platform }: wire.EcsParameters,
  id: string,
): void {
  const { Subnets, SecurityGroups = [], AssignPublicIp } = network?.awsvpcConfiguration ?? {};
  if (launchType === "FARGATE" && network === undefined) {
    throw validation(
      `Parameter NetworkConfiguration must be specified for target ${id} when launch type is FARGATE.`,
    );
  }
  if (launchType === "EC2" && platform !== undefined) throw notForEc2("PlatformVersion", id);
  if (launchType === "EC2" && AssignPublicIp === "ENABLED") throw notForEc2("AssignPublicIp", id);
  if (Subnets !== undefined && (Subnets.length < 1 || Subnets.length > MOST_SUBNETS)) {
    throw wrongSize("Subnets", 1, MOST_SUBNETS);
  }
  if (SecurityGroups.length > MOST_SECURITY_GROUPS)
    throw wrongSize("SecurityGroups", 0, MOST_SECURITY_GROUPS);
}

function notForEc2(parameter: string, id: string): Error {
  return validation(`Parameter ${parameter} for target ${id} is not supported when launch type is EC2.`);
}

function wrongSize(parameter: string, least: number, most: number): Error {
  return validation(
    `Parameter ${parameter} is not valid. Reason: size must be in between ${least} and ${most}.`,
  );
}
