/** What ECS adds to a task definition when it stores it, and what it derives from it. */
import type * as wire from "@aws-sdk/client-ecs";
import { parseCpu, parseMemory } from "./fargate-sizes.ts";
import type { TaskDefinition } from "./records.ts";

type Definition = TaskDefinition["definition"];

/** Fills in the service's defaults and no others: any more, and Terraform sees a difference for ever. */
export function withDefaults(given: wire.RegisterTaskDefinitionRequest): Definition {
  const { family: _family, tags: _tags, ...definition } = given;
  const fixedPorts = given.networkMode === "awsvpc" || given.networkMode === "host";
  return {
    ...definition,
    ...(given.cpu === undefined ? {} : { cpu: parseCpu(given.cpu) ?? given.cpu }),
    ...(given.memory === undefined ? {} : { memory: parseMemory(given.memory) ?? given.memory }),
    volumes: given.volumes ?? [],
    placementConstraints: given.placementConstraints ?? [],
    containerDefinitions: (given.containerDefinitions ?? []).map((container) => ({
      ...container,
      cpu: container.cpu ?? 0,
      essential: container.essential ?? true,
      environment: container.environment ?? [],
      mountPoints: container.mountPoints ?? [],
      volumesFrom: container.volumesFrom ?? [],
      systemControls: container.systemControls ?? [],
      portMappings: (container.portMappings ?? []).map((mapping) => withPortDefaults(mapping, fixedPorts)),
    })),
  };
}

function withPortDefaults(mapping: wire.PortMapping, fixedPorts: boolean): wire.PortMapping {
  if (mapping.containerPortRange !== undefined) return { ...mapping, protocol: mapping.protocol ?? "tcp" };
  // 0 says the same as nothing; Terraform sends it for that.
  const hostPort = fixedPorts ? mapping.hostPort || mapping.containerPort : (mapping.hostPort ?? 0);
  return { ...mapping, ...(hostPort === undefined ? {} : { hostPort }), protocol: mapping.protocol ?? "tcp" };
}

const DOCKER = "com.amazonaws.ecs.capability.docker-remote-api";

/** Attributes that a container instance must have to run the definition. */
export function requiredAttributesOf(definition: Definition): wire.Attribute[] {
  const names = new Set<string>();
  const containers = definition.containerDefinitions ?? [];
  for (const container of containers) {
    const driver = container.logConfiguration?.logDriver;
    if (driver !== undefined) {
      names.add(`com.amazonaws.ecs.capability.logging-driver.${driver}`);
      if (driver === "awslogs") {
        names.add(`${DOCKER}.1.19`);
        if (definition.executionRoleArn !== undefined) names.add("ecs.capability.execution-role-awslogs");
      }
    }
    if (isEcrImage(container.image ?? "")) {
      names.add("com.amazonaws.ecs.capability.ecr-auth");
      if (definition.executionRoleArn !== undefined) names.add("ecs.capability.execution-role-ecr-pull");
    }
    if (container.memoryReservation !== undefined) names.add(`${DOCKER}.1.21`);
    if (container.healthCheck !== undefined) names.add("ecs.capability.container-health-check");
    if (container.privileged === true) names.add("com.amazonaws.ecs.capability.privileged-container");
    if ((container.dependsOn ?? []).length > 0 || container.startTimeout !== undefined) {
      names.add("ecs.capability.container-ordering");
    }
    for (const secret of container.secrets ?? []) {
      const source = (secret.valueFrom ?? "").includes(":secretsmanager:") ? "asm" : "ssm";
      names.add(`ecs.capability.secrets.${source}.environment-variables`);
    }
  }
  if (definition.taskRoleArn !== undefined) names.add("com.amazonaws.ecs.capability.task-iam-role");
  if (definition.networkMode === "awsvpc") {
    names.add("ecs.capability.task-eni");
    names.add(`${DOCKER}.1.18`);
  }
  return [...names].map((name) => ({ name }));
}

export function isEcrImage(image: string): boolean {
  return /\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\//.test(image);
}
