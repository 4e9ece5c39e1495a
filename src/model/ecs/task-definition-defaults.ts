/** What ECS adds to a task definition when it stores it, and what it derives from it. */
import type * as wire from "@aws-sdk/client-ecs";
import { parseCpu, parseMemory } from "./fargate-sizes.ts";
import { BUFFER_LIMIT_OPTION } from "./firelens/firelens.ts";
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
      // A log router runs as root unless it is told otherwise; DescribeTaskDefinition shows that.
      ...(container.firelensConfiguration === undefined ? {} : { user: container.user || "0" }),
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
  for (const container of definition.containerDefinitions ?? []) {
    for (const name of requiredByContainer(container, definition.executionRoleArn !== undefined)) {
      names.add(name);
    }
  }
  if (definition.taskRoleArn !== undefined) {
    names.add(
      definition.networkMode === "host"
        ? "com.amazonaws.ecs.capability.task-iam-role-network-host"
        : "com.amazonaws.ecs.capability.task-iam-role",
    );
  }
  if (definition.pidMode !== undefined || definition.ipcMode !== undefined) {
    names.add("ecs.capability.pid-ipc-namespace-sharing");
  }
  for (const { efsVolumeConfiguration: efs, dockerVolumeConfiguration: volume } of definition.volumes ?? []) {
    if (efs !== undefined) names.add("ecs.capability.efs");
    if (efs?.authorizationConfig !== undefined) names.add("ecs.capability.efsAuth");
    if (volume !== undefined) names.add(`ecs.capability.docker-plugin.${volume.driver ?? "local"}`);
  }
  if (definition.networkMode === "awsvpc") {
    names.add("ecs.capability.task-eni");
    names.add(`${DOCKER}.1.18`);
  }
  return [...names].map((name) => ({ name }));
}

function requiredByContainer(container: wire.ContainerDefinition, executionRole: boolean): string[] {
  const names: string[] = [];
  const driver = container.logConfiguration?.logDriver;
  if (driver !== undefined) {
    names.push(`com.amazonaws.ecs.capability.logging-driver.${driver}`);
    if (driver === "awslogs") {
      names.push(`${DOCKER}.1.19`);
      if (executionRole) names.push("ecs.capability.execution-role-awslogs");
    }
  }
  if (isEcrImage(container.image ?? "")) {
    names.push("com.amazonaws.ecs.capability.ecr-auth");
    if (executionRole) names.push("ecs.capability.execution-role-ecr-pull");
  }
  if (container.memoryReservation !== undefined) names.push(`${DOCKER}.1.21`);
  if (container.healthCheck !== undefined) names.push("ecs.capability.container-health-check");
  if (container.privileged === true) names.push("com.amazonaws.ecs.capability.privileged-container");
  if (container.restartPolicy?.enabled === true) names.push("ecs.capability.container-restart-policy");
  if ((container.environmentFiles ?? []).length > 0) names.push("ecs.capability.env-files.s3");
  names.push(...requiredByFirelens(container));
  if (container.repositoryCredentials !== undefined) {
    names.push("ecs.capability.private-registry-authentication.secretsmanager");
  }
  if ((container.portMappings ?? []).some(({ containerPortRange }) => containerPortRange !== undefined)) {
    names.push("ecs.capability.network.container-port-range");
  }
  if (
    (container.dependsOn ?? []).length > 0 ||
    container.startTimeout !== undefined ||
    container.stopTimeout !== undefined
  ) {
    names.push("ecs.capability.container-ordering");
  }
  const sourceOf = (secret: wire.Secret) =>
    (secret.valueFrom ?? "").includes(":secretsmanager:") ? "asm" : "ssm";
  for (const secret of container.secrets ?? []) {
    names.push(`ecs.capability.secrets.${sourceOf(secret)}.environment-variables`);
  }
  for (const secret of container.logConfiguration?.secretOptions ?? []) {
    names.push(`ecs.capability.secrets.${sourceOf(secret)}.bootstrap.log-driver`);
  }
  return names;
}

function requiredByFirelens({
  firelensConfiguration,
  user,
  logConfiguration,
}: wire.ContainerDefinition): string[] {
  const names: string[] = [];
  if (
    logConfiguration?.logDriver === "awsfirelens" &&
    BUFFER_LIMIT_OPTION in (logConfiguration.options ?? {})
  ) {
    names.push("ecs.capability.logging-driver.awsfirelens.log-driver-buffer-limit");
  }
  if (firelensConfiguration?.type === undefined) return names;
  names.push(`ecs.capability.firelens.${firelensConfiguration.type}`);
  const fileType = firelensConfiguration.options?.["config-file-type"];
  if (fileType !== undefined) names.push(`ecs.capability.firelens.options.config.${fileType}`);
  if (user !== undefined && user.split(":")[0] !== "0") names.push("ecs.capability.firelens.non-root-user");
  return names;
}

export function isEcrImage(image: string): boolean {
  return /\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\//.test(image);
}
