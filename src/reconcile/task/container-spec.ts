/** A container definition, with the task's overrides, as the container engine is asked for it. Pure. */
import type * as wire from "@aws-sdk/client-ecs";
import { ecsLabels } from "../../model/ecs/docker-container.ts";
import { endpointEnvironment } from "../../model/ecs/endpoint-environment.ts";
import type { Task, TaskContainer, TaskDefinition } from "../../model/ecs/records.ts";
import type { ContainerNetwork, ContainerSpec, Mount } from "../../runtime/container-runtime.ts";
import { linuxSettings, namespacesOf, outputOf, ownControls } from "./container-settings.ts";
import type { FirelensPart } from "./firelens.ts";
import type { SecretValues } from "./task-secrets.ts";

const MIB = 1024 * 1024;
/** API reference, HealthCheck, in seconds. */
const HEALTH_CHECK_DEFAULTS = { interval: 30, timeout: 5, retries: 3, startPeriod: 0 };

export interface ContainerSource {
  readonly task: Task;
  readonly definition: TaskDefinition;
  readonly container: wire.ContainerDefinition;
  readonly record: TaskContainer;
  readonly network: ContainerNetwork;
  readonly engineName: string;
  /** What Docker adds for `links`; the user's own go before it. */
  readonly linkEnvironment?: Readonly<Record<string, string>> | undefined;
  readonly sandboxLimits?: ContainerSpec["sandboxLimits"];
  readonly mounts: readonly Mount[];
  /** What the task's log router brings along. */
  readonly firelens?: FirelensPart | undefined;
  /** The instance that the task is on, under launch type EC2. */
  readonly instanceId?: string | undefined;
  /** They go to the engine and nowhere else. */
  readonly secrets: SecretValues;
  /** Variables of the container's environment files; all others go before them. */
  readonly fromFiles?: Readonly<Record<string, string>> | undefined;
  /** Whether SDKs in it are pointed at Berth. */
  readonly awsEndpoint?: boolean | undefined;
}

export function containerSpec(source: ContainerSource): ContainerSpec {
  const { task, definition, container, record } = source;
  const override = task.overrides.containerOverrides?.find(({ name }) => name === container.name);
  const cpu = override?.cpu ?? container.cpu;
  const memory = override?.memory ?? container.memory;
  const memoryReservation = override?.memoryReservation ?? container.memoryReservation;
  const environment = {
    ...source.linkEnvironment,
    ...environmentOf(task, container, source.fromFiles),
    ...source.secrets.environment,
    ...source.firelens?.environment,
  };
  const endpoints = { given: environment, awsEndpoint: source.awsEndpoint === true };
  return {
    sandboxId: task.taskId,
    name: record.name,
    engineName: source.engineName,
    imageId: record.imageId ?? "",
    network: source.network,
    sandboxLimits: source.sandboxLimits,
    entryPoint: filled(container.entryPoint),
    command: filled(override?.command) ?? filled(container.command),
    environment: { ...environment, ...endpointEnvironment(task, definition, record, endpoints) },
    user: container.user,
    workingDirectory: container.workingDirectory,
    labels: { ...container.dockerLabels, ...ecsLabels(task, definition, record.name) },
    cpuShares: cpu,
    memoryBytes: memory === undefined ? undefined : memory * MIB,
    memoryReservationBytes: memoryReservation === undefined ? undefined : memoryReservation * MIB,
    readonlyRootFilesystem: container.readonlyRootFilesystem,
    privileged: container.privileged,
    interactive: container.interactive,
    pseudoTerminal: container.pseudoTerminal,
    ulimits: ulimitsOf(container),
    openFiles: task.launchType === "FARGATE" ? OPEN_FILES.FARGATE : OPEN_FILES.EC2,
    ...linuxSettings(container),
    ...namespacesOf(definition, source.instanceId),
    sysctls: ownControls(definition, container, source.network),
    securityOptions: filled(container.dockerSecurityOptions),
    output: source.firelens?.output ?? outputOf(container, source.secrets.logOptions),
    mounts: [...source.mounts, ...(source.firelens?.mounts ?? [])],
    mountsFrom: (container.volumesFrom ?? []).flatMap(({ sourceContainer, readOnly }) =>
      sourceContainer === undefined ? [] : [{ name: sourceContainer, readOnly: readOnly ?? false }],
    ),
    healthCheck: healthCheckOf(container.healthCheck),
  };
}

/** An empty list in a definition means "as the image has it". */
function filled(list: readonly string[] | undefined): readonly string[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

/** The region is given unless the user gives either name of it (Amazon ECS agent). */
export function environmentOf(
  task: Task,
  container: wire.ContainerDefinition,
  fromFiles: ContainerSource["fromFiles"] = {},
): Record<string, string> {
  const override = task.overrides.containerOverrides?.find(({ name }) => name === container.name);
  const listed = [...(container.environment ?? []), ...(override?.environment ?? [])].map(
    ({ name, value }) => [name ?? "", value ?? ""] as const,
  );
  const given = { ...fromFiles, ...Object.fromEntries(listed) };
  const hasRegion = "AWS_REGION" in given || "AWS_DEFAULT_REGION" in given;
  return {
    AWS_EXECUTION_ENV: task.launchType === "FARGATE" ? "AWS_ECS_FARGATE" : "AWS_ECS_EC2",
    ...(hasRegion ? {} : { AWS_REGION: task.region, AWS_DEFAULT_REGION: task.region }),
    ...given,
  };
}

/** On Fargate as the API reference has it (Ulimit); on an instance as its Docker is configured (ECS-optimized AMI). */
const OPEN_FILES = { FARGATE: { soft: 65_535, hard: 65_535 }, EC2: { soft: 32_768, hard: 65_536 } } as const;

function ulimitsOf(container: wire.ContainerDefinition): ContainerSpec["ulimits"] {
  return (container.ulimits ?? []).flatMap(({ name, softLimit, hardLimit }) =>
    name === undefined ? [] : [{ name, soft: softLimit ?? 0, hard: hardLimit ?? 0 }],
  );
}

function healthCheckOf(check: wire.HealthCheck | undefined): ContainerSpec["healthCheck"] {
  if (check?.command === undefined) return undefined;
  const { interval, timeout, retries, startPeriod } = HEALTH_CHECK_DEFAULTS;
  return {
    test: check.command,
    intervalMs: (check.interval ?? interval) * 1000,
    timeoutMs: (check.timeout ?? timeout) * 1000,
    retries: check.retries ?? retries,
    startPeriodMs: (check.startPeriod ?? startPeriod) * 1000,
  };
}
