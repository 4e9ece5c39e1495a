/**
 * What RegisterTaskDefinition refuses, in ECS's own words (texts as the live API gives them). Each rule returns a
 * message or undefined; the first message wins.
 */
import type * as wire from "@aws-sdk/client-ecs";
import { isFargateSize, parseCpu, parseMemory } from "./fargate-sizes.ts";
import { firelensRule } from "./firelens/rules.ts";
import { isEcrImage } from "./task-definition-defaults.ts";
import { DETAIL_RULES } from "./task-definition-details.ts";
import { NETWORK_RULES } from "./task-definition-network.ts";

type Request = wire.RegisterTaskDefinitionRequest;
type Container = wire.ContainerDefinition;

export function findTaskDefinitionFault(request: Request): string | undefined {
  for (const rule of RULES) {
    const message = rule(request);
    if (message !== undefined) return message;
  }
  return undefined;
}

/** Launch types that a definition without faults can run on, in the order that DescribeTaskDefinition shows. */
export function compatibilitiesOf(request: Request): wire.Compatibility[] {
  if (request.networkMode !== "awsvpc") return ["EXTERNAL", "EC2"];
  const asked: Request = { ...request, requiresCompatibilities: ["FARGATE"] };
  const found: wire.Compatibility[] = request.ephemeralStorage === undefined ? ["EC2"] : [];
  if (findTaskDefinitionFault(asked) === undefined) found.push("FARGATE");
  return [...found, "MANAGED_INSTANCES"];
}

const RULES: readonly ((request: Request) => string | undefined)[] = [
  namesRule,
  sizesRule,
  ...NETWORK_RULES,
  memoryRule,
  dependenciesRule,
  referencesRule,
  healthChecksRule,
  containersRule,
  logsRule,
  firelensRule,
  fargateRule,
  ...DETAIL_RULES,
];

function containersOf(request: Request): readonly Container[] {
  return request.containerDefinitions ?? [];
}

function isFargate(request: Request): boolean {
  return (request.requiresCompatibilities ?? []).includes("FARGATE");
}

function namesRule(request: Request): string | undefined {
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(request.family ?? "")) return "Family contains invalid characters.";
  const containers = containersOf(request);
  if (containers.length === 0) return "Container list cannot be empty";
  for (const { name, image } of containers) {
    if (name === undefined || name === "") return "Container.name should not be null or empty.";
    if (!/^[a-zA-Z0-9_-]{1,255}$/.test(name)) return "Container.name contains invalid characters.";
    if (image === undefined || image === "") return "Container.image should not be null or empty.";
    if (!/^[a-zA-Z0-9_./:@#-]{1,255}$/.test(image)) return "Container.image contains invalid characters";
  }
  if (new Set(containers.map(({ name }) => name)).size < containers.length) {
    return "Container names must be unique within a task definition";
  }
  if (containers.every(({ essential }) => essential === false)) {
    return "Task definition doesn't have any essential container";
  }
  return undefined;
}

function sizesRule(request: Request): string | undefined {
  const cpu = request.cpu === undefined ? undefined : parseCpu(request.cpu);
  const memory = request.memory === undefined ? undefined : parseMemory(request.memory);
  if (request.cpu !== undefined && (cpu === undefined || Number(cpu) < 128 || Number(cpu) > 196_608)) {
    return "Invalid 'cpu' setting for task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";
  }
  if (request.memory !== undefined && memory === undefined) {
    return "Invalid 'memory' setting for task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";
  }
  if (!isFargate(request)) return undefined;
  if (request.networkMode !== "awsvpc") return "Fargate only supports network mode ‘awsvpc’.";
  if (cpu === undefined) return "Fargate requires that 'cpu' be defined at the task level.";
  if (memory === undefined) return "Fargate requires that 'memory' be defined at the task level.";
  return isFargateSize(cpu, memory)
    ? undefined
    : `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. See the Amazon ECS documentation for the valid values.`;
}

function memoryRule(request: Request): string | undefined {
  const taskMemory = request.memory === undefined ? undefined : Number(parseMemory(request.memory));
  const taskCpu = request.cpu === undefined ? undefined : Number(parseCpu(request.cpu));
  for (const { name, memory, memoryReservation } of containersOf(request)) {
    if (memory === undefined && memoryReservation === undefined && taskMemory === undefined) {
      return `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`;
    }
    if (memory !== undefined && memoryReservation !== undefined && memory < memoryReservation) {
      return `Invalid setting for container '${name}'. 'memory' must be greater than or equal to 'memoryReservation'`;
    }
    if (memory !== undefined && taskMemory !== undefined && memory > taskMemory) {
      return `The 'memory' setting for container '${name}' is greater than for the task`;
    }
  }
  const cpuSum = containersOf(request).reduce((sum, { cpu }) => sum + (cpu ?? 0), 0);
  return taskCpu !== undefined && cpuSum > taskCpu
    ? "The sum of all container 'cpu' values cannot be greater than the task-level 'cpu' value"
    : undefined;
}

function dependenciesRule(request: Request): string | undefined {
  const byName = new Map(containersOf(request).map((container) => [container.name, container]));
  for (const container of byName.values()) {
    for (const { containerName, condition } of container.dependsOn ?? []) {
      const dependency = byName.get(containerName);
      if (dependency === undefined) {
        return `Cannot depend on container + '${containerName}' because it does not exist`;
      }
      if ((condition === "SUCCESS" || condition === "COMPLETE") && dependency.essential !== false) {
        return "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container";
      }
      if (condition === "HEALTHY" && dependency.healthCheck === undefined) {
        return "A dependency container with HEALTHY condition must have health check configured";
      }
    }
  }
  return hasCycle(byName) ? "Container dependsOn contains a cycle" : undefined;
}

function hasCycle(byName: ReadonlyMap<string | undefined, Container>): boolean {
  const done = new Set<string | undefined>();
  const visit = (name: string | undefined, path: ReadonlySet<string | undefined>): boolean => {
    if (path.has(name)) return true;
    if (done.has(name)) return false;
    const next = new Set(path).add(name);
    const found = (byName.get(name)?.dependsOn ?? []).some(({ containerName }) => visit(containerName, next));
    done.add(name);
    return found;
  };
  return [...byName.keys()].some((name) => visit(name, new Set()));
}

function referencesRule(request: Request): string | undefined {
  const volumes = new Set((request.volumes ?? []).map(({ name }) => name));
  const names = new Set(containersOf(request).map(({ name }) => name));
  for (const container of containersOf(request)) {
    for (const { sourceVolume } of container.mountPoints ?? []) {
      if (!volumes.has(sourceVolume)) return `Unknown volume '${sourceVolume}'.`;
    }
    for (const { sourceContainer } of container.volumesFrom ?? []) {
      if (!names.has(sourceContainer)) {
        return `Invalid 'volumesFrom' setting. Unknown container: '${sourceContainer}'`;
      }
    }
    if ((container.secrets ?? []).length > 0 && request.executionRoleArn === undefined) {
      return "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'";
    }
    if ((container.environmentFiles ?? []).length > 10) {
      return "The maximum number of environment files was exceeded. Specify ten or less and try again";
    }
  }
  return undefined;
}

function healthChecksRule(request: Request): string | undefined {
  for (const { name, healthCheck } of containersOf(request)) {
    if ((healthCheck?.interval ?? 30) > 300) {
      return `Health check interval must be less than or equal to the maximum allowed value 300 for container '${name}'`;
    }
    if ((healthCheck?.retries ?? 3) > 10) {
      return `Health check retries must be less than or equal to the maximum allowed value 10 for container '${name}'`;
    }
    if ((healthCheck?.timeout ?? 5) > 60) {
      return `Health check timeout must be less than or equal to the maximum allowed value 60 for container '${name}'`;
    }
    if ((healthCheck?.startPeriod ?? 0) > 300) {
      return `Health check startPeriod must be less than or equal to the maximum allowed value 300 for container '${name}'`;
    }
  }
  return undefined;
}

function containersRule(request: Request): string | undefined {
  for (const { name, ulimits, restartPolicy } of containersOf(request)) {
    for (const { name: limit, softLimit, hardLimit } of ulimits ?? []) {
      if ((softLimit ?? 0) > (hardLimit ?? 0)) return `Soft limit exceeds hard limit for ulimit ${limit}`;
    }
    const period = restartPolicy?.restartAttemptPeriod;
    if (period !== undefined && (period < 60 || period > 1800)) {
      return `The 'restartAttemptPeriod' setting for container '${name}' must be between 60 and 1800.`;
    }
  }
  const size = request.ephemeralStorage?.sizeInGiB;
  if (size === undefined) return undefined;
  if (size < 21) return "EphemeralStorage size should be at least 21";
  if (size > 200) return "EphemeralStorage size should be at most 200";
  return undefined;
}

function logsRule(request: Request): string | undefined {
  for (const { logConfiguration } of containersOf(request)) {
    if (logConfiguration?.logDriver === "awslogs") {
      const options = logConfiguration.options ?? {};
      const missing = ["awslogs-group", "awslogs-region"].filter((option) => !options[option]);
      if (missing.length > 0) return `Log driver awslogs requires options: ${missing.join(", ")}`;
    }
  }
  return undefined;
}

const FARGATE_LOG_DRIVERS = ["awslogs", "splunk", "awsfirelens"];

function fargateRule(request: Request): string | undefined {
  if (!isFargate(request)) return undefined;
  if ((request.placementConstraints ?? []).length > 0) return fargateDoesNotSupport("constraints");
  if (request.ipcMode !== undefined) return fargateDoesNotSupport("ipcMode");
  if (request.pidMode === "host") {
    return "Tasks using the Fargate launch type do not support pidMode 'host'. The supported value for pidMode is 'task'.";
  }
  for (const volume of request.volumes ?? []) {
    if (volume.dockerVolumeConfiguration !== undefined)
      return fargateDoesNotSupport("dockerVolumeConfiguration");
    if (volume.host?.sourcePath !== undefined) return fargateDoesNotSupport("sourcePath");
  }
  for (const container of containersOf(request)) {
    const message = fargateContainerFault(request, container);
    if (message !== undefined) return message;
  }
  return undefined;
}

function fargateContainerFault(request: Request, container: Container): string | undefined {
  const { linuxParameters, logConfiguration } = container;
  if (container.privileged === true) return "Fargate requires that the 'privileged' setting be 'false'";
  if ((container.dockerSecurityOptions ?? []).length > 0)
    return fargateDoesNotSupport("dockerSecurityOptions");
  if ((linuxParameters?.devices ?? []).length > 0) return fargateDoesNotSupport("devices");
  if (linuxParameters?.maxSwap !== undefined) return fargateDoesNotSupport("maxSwap");
  if (linuxParameters?.sharedMemorySize !== undefined) return fargateDoesNotSupport("sharedMemorySize");
  const added = (linuxParameters?.capabilities?.add ?? []).find((capability) => capability !== "SYS_PTRACE");
  if (added !== undefined) return `${added} is not allowed on Fargate.`;
  if ((container.resourceRequirements ?? []).some(({ type }) => type === "GPU")) {
    return "Tasks using the Fargate launch type do not support GPU resource requirements";
  }
  const driver = logConfiguration?.logDriver;
  if (driver !== undefined && !FARGATE_LOG_DRIVERS.includes(driver)) {
    return `${driver} is not a valid log driver. Must be one of [${FARGATE_LOG_DRIVERS.join(", ")}]`;
  }
  if (driver === "awslogs" && request.executionRoleArn === undefined) {
    return "Fargate requires task definition to have execution role ARN to support log driver awslogs.";
  }
  if (driver === "awslogs" && !logConfiguration?.options?.["awslogs-stream-prefix"]) {
    return "Fargate requires log configuration options to include awslogs-stream-prefix";
  }
  if (isEcrImage(container.image ?? "") && request.executionRoleArn === undefined) {
    return "Fargate requires task definition to have execution role ARN to support ECR images.";
  }
  return undefined;
}

function fargateDoesNotSupport(word: string): string {
  return `Fargate compatible task definitions do not support ${word}`;
}
