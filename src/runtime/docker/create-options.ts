/** What the engine is asked for: specs of the port turned into Docker's create calls. Pure. */
import type Docker from "dockerode";
import type { ContainerSpec, SandboxSpec } from "../container-runtime.ts";
import { PAUSE_COMMAND, PAUSE_IMAGE } from "./pause-image.ts";

export const INSTALLATION_LABEL = "berth.installation";
export const SANDBOX_LABEL = "berth.sandbox";
/** The container's name in its task definition; absent on the sandbox's own container. */
export const CONTAINER_LABEL = "berth.container";

/** The shares that the kernel takes for a container without a CPU reservation (Amazon ECS agent: minimum 2). */
const MINIMUM_CPU_SHARES = 2;
const MAXIMUM_CPU_SHARES = 262_144;
/** Docker's own least memory limit. */
const MINIMUM_MEMORY_BYTES = 6 * 1024 * 1024;

/** Lines are read into the log store as they come; the engine keeps enough for the time that Berth is down. */
const LOG_CONFIG = { Type: "json-file", Config: { "max-size": "16m", "max-file": "4" } };

/** On the sandbox's own container, where there is no control group to hold its total limits. */
const CPU_LABEL = "berth.limit.nano-cpus";
const MEMORY_LABEL = "berth.limit.memory-bytes";

export interface EngineContext {
  readonly installation: string;
  /** Of the sandbox, where total limits are set on it. */
  readonly cgroupParent?: string | undefined;
  /** How many processors the engine has: it takes no limit above that. */
  readonly processorCount: number;
}

export function sandboxName(installation: string, sandboxId: string): string {
  return `berth-${installation}-${sandboxId}`;
}

export function volumeName(installation: string, sandboxId: string, volume: string): string {
  return `berth-${installation}-${sandboxId}-${volume}`;
}

export function sandboxLabels(installation: string, sandboxId: string): Record<string, string> {
  return { [INSTALLATION_LABEL]: installation, [SANDBOX_LABEL]: sandboxId };
}

/** The namespace starts empty but for the loopback device; links are put into it from outside. */
export function sandboxOptions(spec: SandboxSpec, context: EngineContext): Docker.ContainerCreateOptions {
  return {
    name: sandboxName(context.installation, spec.sandboxId),
    Image: PAUSE_IMAGE,
    Entrypoint: [...PAUSE_COMMAND],
    Hostname: spec.hostname,
    Labels: {
      ...sandboxLabels(context.installation, spec.sandboxId),
      ...(context.cgroupParent === undefined ? limitLabels(spec) : {}),
    },
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      NetworkMode: "none",
      Dns: [...spec.nameServers],
      DnsSearch: [...spec.searchDomains],
      DnsOptions: [],
      ExtraHosts: spec.hosts.map(({ name, address }) => `${name}:${address}`),
      RestartPolicy: { Name: "no" },
      LogConfig: { Type: "none", Config: {} },
      ReadonlyRootfs: true,
      // Fargate's tasks may open low ports and ping without privileges.
      Sysctls: { "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647" },
      ...(context.cgroupParent === undefined ? {} : { CgroupParent: context.cgroupParent }),
    },
  };
}

function limitLabels({ limits }: SandboxSpec): Record<string, string> {
  return {
    ...(limits.nanoCpus === undefined ? {} : { [CPU_LABEL]: String(limits.nanoCpus) }),
    ...(limits.memoryBytes === undefined ? {} : { [MEMORY_LABEL]: String(limits.memoryBytes) }),
  };
}

/** The sandbox's own container, as the engine shows it. */
export interface SandboxContainer {
  readonly containerId: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function containerOptions(
  spec: ContainerSpec,
  sandbox: SandboxContainer,
  context: EngineContext,
): Docker.ContainerCreateOptions {
  return {
    name: spec.engineName,
    Image: spec.imageId,
    ...(spec.entryPoint === undefined ? {} : { Entrypoint: [...spec.entryPoint] }),
    ...(spec.command === undefined ? {} : { Cmd: [...spec.command] }),
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    ...(spec.user === undefined ? {} : { User: spec.user }),
    ...(spec.workingDirectory === undefined ? {} : { WorkingDir: spec.workingDirectory }),
    ...(spec.stopSignal === undefined ? {} : { StopSignal: spec.stopSignal }),
    OpenStdin: spec.interactive ?? false,
    Tty: spec.pseudoTerminal ?? false,
    Labels: {
      ...spec.labels,
      ...sandboxLabels(context.installation, spec.sandboxId),
      [CONTAINER_LABEL]: spec.name,
    },
    Healthcheck: healthCheck(spec),
    HostConfig: hostConfig(spec, sandbox, context),
  };
}

function hostConfig(
  spec: ContainerSpec,
  sandbox: SandboxContainer,
  context: EngineContext,
): NonNullable<Docker.ContainerCreateOptions["HostConfig"]> {
  const cpuLimit = sandbox.labels[CPU_LABEL];
  const memoryLimit = sandbox.labels[MEMORY_LABEL];
  const memoryBytes = spec.memoryBytes ?? (memoryLimit === undefined ? undefined : Number(memoryLimit));
  return {
    NetworkMode: `container:${sandbox.containerId}`,
    RestartPolicy: { Name: "no" },
    LogConfig: LOG_CONFIG,
    CpuShares: Math.min(MAXIMUM_CPU_SHARES, Math.max(MINIMUM_CPU_SHARES, spec.cpuShares ?? 0)),
    ...(memoryBytes === undefined ? {} : { Memory: Math.max(MINIMUM_MEMORY_BYTES, memoryBytes) }),
    ...(cpuLimit === undefined
      ? {}
      : { NanoCpus: Math.min(Number(cpuLimit), context.processorCount * 1_000_000_000) }),
    ...(spec.memoryReservationBytes === undefined
      ? {}
      : { MemoryReservation: Math.max(MINIMUM_MEMORY_BYTES, spec.memoryReservationBytes) }),
    ReadonlyRootfs: spec.readonlyRootFilesystem ?? false,
    Privileged: spec.privileged ?? false,
    Init: spec.initProcessEnabled ?? false,
    Ulimits: spec.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    CapAdd: [...(spec.capabilities?.add ?? [])],
    CapDrop: [...(spec.capabilities?.drop ?? [])],
    Mounts: spec.mounts.map(({ volume, containerPath, readOnly }) => ({
      Type: "volume",
      Source: volumeName(context.installation, spec.sandboxId, volume),
      Target: containerPath,
      ReadOnly: readOnly,
      VolumeOptions: {
        NoCopy: false,
        Labels: sandboxLabels(context.installation, spec.sandboxId),
        DriverConfig: { Name: "local", Options: {} },
      },
    })),
    ...(context.cgroupParent === undefined ? {} : { CgroupParent: context.cgroupParent }),
  };
}

/** A check that an image brings along does not count in ECS. */
function healthCheck(spec: ContainerSpec): Docker.HealthConfig {
  const check = spec.healthCheck;
  if (check === undefined) return { Test: ["NONE"] };
  const nanoseconds = (ms: number) => ms * 1_000_000;
  return {
    Test: [...check.test],
    Interval: nanoseconds(check.intervalMs),
    Timeout: nanoseconds(check.timeoutMs),
    Retries: check.retries,
    StartPeriod: nanoseconds(check.startPeriodMs),
  };
}
