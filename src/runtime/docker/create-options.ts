/** What the engine is asked for: specs of the port turned into Docker's create calls. Pure. */
import type Docker from "dockerode";
import type { ContainerSpec, SandboxSpec } from "../container-runtime.ts";
import { isolationOptions, type OtherContainers } from "./isolation-options.ts";
import { MACHINE_COMMAND, MACHINE_IMAGE } from "./machine-image.ts";
import { PAUSE_COMMAND, PAUSE_IMAGE } from "./pause-image.ts";

export const INSTALLATION_LABEL = "berth.installation";
export const SANDBOX_LABEL = "berth.sandbox";
/** The container's name in its task definition; absent on the sandbox's own container. */
export const CONTAINER_LABEL = "berth.container";
/** On a pause container that holds the namespace of that one container. */
export const HOLDS_FOR_LABEL = "berth.holds-for";

/** The shares that the kernel takes for a container without a CPU reservation (Amazon ECS agent: minimum 2). */
const MINIMUM_CPU_SHARES = 2;
const MAXIMUM_CPU_SHARES = 262_144;
/** Docker's own least memory limit. */
const MINIMUM_MEMORY_BYTES = 6 * 1024 * 1024;

/** Lines are read into the log store as they come; the engine keeps enough for the time that Berth is down. */
const LOG_OPTIONS = { "max-size": "16m", "max-file": "4" };

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

export function sandboxName(installation: string, sandboxId: string, holdsFor?: string): string {
  const whole = `berth-${installation}-${sandboxId}`;
  return holdsFor === undefined ? whole : `${whole}-pause-${holdsFor}`;
}

export function volumeName(installation: string, sandboxId: string, volume: string): string {
  return `ecs-${installation}-${sandboxId}-${volume}`;
}

export function sandboxLabels(installation: string, sandboxId: string): Record<string, string> {
  return { [INSTALLATION_LABEL]: installation, [SANDBOX_LABEL]: sandboxId };
}

/** The namespace starts empty but for the loopback device; links are put into it from outside. */
export function sandboxOptions(spec: SandboxSpec, context: EngineContext): Docker.ContainerCreateOptions {
  const machine = spec.machine === true;
  return {
    name: sandboxName(context.installation, spec.sandboxId, spec.holdsFor),
    Image: machine ? MACHINE_IMAGE : PAUSE_IMAGE,
    Entrypoint: [...(machine ? MACHINE_COMMAND : PAUSE_COMMAND)],
    Hostname: spec.hostname,
    Labels: {
      ...sandboxLabels(context.installation, spec.sandboxId),
      ...(spec.holdsFor === undefined ? {} : { [HOLDS_FOR_LABEL]: spec.holdsFor }),
      ...(context.cgroupParent === undefined ? limitLabels(spec) : {}),
    },
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      NetworkMode: "none",
      Dns: [...spec.nameServers],
      DnsSearch: [...spec.searchDomains],
      DnsOptions: [],
      ExtraHosts: extraHosts(spec.hosts),
      RestartPolicy: { Name: "no" },
      LogConfig: { Type: "none", Config: {} },
      ReadonlyRootfs: !machine,
      // Containers may open low ports and ping without privileges; on a machine the kernel's own default holds.
      Sysctls: {
        "net.ipv4.ip_unprivileged_port_start": machine ? "1024" : "0",
        "net.ipv4.ping_group_range": "0 2147483647",
        ...spec.sysctls,
      },
      // What joins it shares its memory, too.
      IpcMode: "shareable",
      ...(spec.sharedMemoryBytes === undefined ? {} : { ShmSize: spec.sharedMemoryBytes }),
      ...(context.cgroupParent === undefined ? {} : { CgroupParent: context.cgroupParent }),
    },
  };
}

function extraHosts(hosts: SandboxSpec["hosts"]): string[] {
  return hosts.map(({ name, address }) => `${name}:${address}`);
}

function limitLabels({ limits }: Pick<SandboxSpec, "limits">): Record<string, string> {
  return {
    ...(limits.nanoCpus === undefined ? {} : { [CPU_LABEL]: String(limits.nanoCpus) }),
    ...(limits.memoryBytes === undefined ? {} : { [MEMORY_LABEL]: String(limits.memoryBytes) }),
  };
}

/** Other containers that this one shares something with, as the engine shows them. */
export interface SandboxContainer extends OtherContainers {
  /** Whose network namespace is joined. Absent: one of its own (`network: none`). */
  readonly containerId?: string | undefined;
  /** Of the pause container that carries the sandbox's limits. */
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
    ...(spec.network.kind === "none" && spec.network.hostname !== undefined
      ? { Hostname: spec.network.hostname }
      : {}),
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
  const labels =
    context.cgroupParent === undefined && spec.sandboxLimits !== undefined
      ? limitLabels({ limits: spec.sandboxLimits })
      : sandbox.labels;
  const cpuLimit = labels[CPU_LABEL];
  const memoryLimit = labels[MEMORY_LABEL];
  const memoryBytes = spec.memoryBytes ?? (memoryLimit === undefined ? undefined : Number(memoryLimit));
  return {
    NetworkMode: sandbox.containerId === undefined ? "none" : `container:${sandbox.containerId}`,
    ...(spec.network.kind === "none"
      ? {
          ExtraHosts: extraHosts(spec.network.hosts ?? []),
          Dns: [...(spec.network.nameServers ?? [])],
          DnsSearch: [...(spec.network.searchDomains ?? [])],
        }
      : {}),
    RestartPolicy: { Name: "no" },
    LogConfig: logConfig(spec.output, sandbox.outputSocket),
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
    ...isolationOptions(spec, sandbox, memoryBytes),
    ...(context.cgroupParent === undefined ? {} : { CgroupParent: context.cgroupParent }),
  };
}

function logConfig(
  output: ContainerSpec["output"],
  outputSocket: string | undefined,
): Docker.HostConfig["LogConfig"] {
  if (output?.kind === "forward") {
    return {
      Type: "fluentd",
      Config: {
        tag: output.tag,
        "fluentd-address": `unix://${outputSocket}`,
        // Docker waits for nobody: neither to start a container nor to end it.
        "fluentd-async": "true",
        "fluentd-sub-second-precision": "true",
        ...(output.bufferLimit === undefined ? {} : { "fluentd-buffer-limit": output.bufferLimit }),
      },
    };
  }
  return output?.kind === "discard"
    ? { Type: "none", Config: {} }
    : { Type: "json-file", Config: { ...LOG_OPTIONS, ...output?.options } };
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
