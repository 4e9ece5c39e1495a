/** A container definition, with the task's overrides, as the container engine is asked for it. Pure. */
import type * as wire from "@aws-sdk/client-ecs";
import { ecsLabels } from "../../model/ecs/docker-container.ts";
import { endpointEnvironment } from "../../model/ecs/endpoint-environment.ts";
import type { Task, TaskContainer, TaskDefinition } from "../../model/ecs/records.ts";
import type { ContainerNetwork, ContainerSpec } from "../../runtime/container-runtime.ts";

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
  /** Whether SDKs in it are pointed at Berth. */
  readonly awsEndpoint?: boolean | undefined;
}

export function containerSpec(source: ContainerSource): ContainerSpec {
  const { task, definition, container, record } = source;
  const override = task.overrides.containerOverrides?.find(({ name }) => name === container.name);
  const cpu = override?.cpu ?? container.cpu;
  const memory = override?.memory ?? container.memory;
  const memoryReservation = override?.memoryReservation ?? container.memoryReservation;
  const { capabilities, initProcessEnabled } = container.linuxParameters ?? {};
  const environment = { ...source.linkEnvironment, ...environmentOf(task, container) };
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
    initProcessEnabled,
    ulimits: ulimitsOf(container),
    capabilities: { add: capabilities?.add ?? [], drop: capabilities?.drop ?? [] },
    mounts: (container.mountPoints ?? []).flatMap(({ sourceVolume, containerPath, readOnly }) =>
      sourceVolume === undefined || containerPath === undefined
        ? []
        : [{ volume: sourceVolume, containerPath, readOnly: readOnly ?? false }],
    ),
    healthCheck: healthCheckOf(container.healthCheck),
  };
}

/** An empty list in a definition means "as the image has it". */
function filled(list: readonly string[] | undefined): readonly string[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

/** The region is given unless the user gives either name of it (Amazon ECS agent). */
export function environmentOf(task: Task, container: wire.ContainerDefinition): Record<string, string> {
  const override = task.overrides.containerOverrides?.find(({ name }) => name === container.name);
  const given = Object.fromEntries(
    [...(container.environment ?? []), ...(override?.environment ?? [])].map(({ name, value }) => [
      name ?? "",
      value ?? "",
    ]),
  );
  const hasRegion = "AWS_REGION" in given || "AWS_DEFAULT_REGION" in given;
  return {
    AWS_EXECUTION_ENV: task.launchType === "FARGATE" ? "AWS_ECS_FARGATE" : "AWS_ECS_EC2",
    ...(hasRegion ? {} : { AWS_REGION: task.region, AWS_DEFAULT_REGION: task.region }),
    ...given,
  };
}

/**
 * Fargate's own limit of open files (65535) is not set: where the machine's is lower the kernel would refuse it, and
 * the container with it.
 */
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

/** What a task may ask for and Berth does not do yet: better not started than started without it. */
export function unsupportedFeature(definition: TaskDefinition): string | undefined {
  const containers = definition.definition.containerDefinitions ?? [];
  if (containers.some(({ secrets }) => secrets !== undefined && secrets.length > 0)) {
    return "unable to pull secrets or registry auth: Berth does not provide secrets yet";
  }
  if (
    containers.some(({ environmentFiles }) => environmentFiles !== undefined && environmentFiles.length > 0)
  ) {
    return "failed to download env files: Berth does not read environment files yet";
  }
  const volume = definition.definition.volumes?.find(
    ({ host, efsVolumeConfiguration, fsxWindowsFileServerVolumeConfiguration, configuredAtLaunch }) =>
      host?.sourcePath !== undefined ||
      efsVolumeConfiguration !== undefined ||
      fsxWindowsFileServerVolumeConfiguration !== undefined ||
      configuredAtLaunch === true,
  );
  return volume === undefined
    ? undefined
    : `failed to set up volume ${volume.name}: Berth has only volumes that live with the task yet`;
}
