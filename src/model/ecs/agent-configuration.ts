/** What `/etc/ecs/ecs.config` tells the container agent. */

export interface AgentConfiguration {
  /** A name; `default` unless told. */
  readonly cluster: string;
  /** MiB that the agent keeps from tasks. */
  readonly reservedMemoryMiB: number;
  readonly reservedPorts: readonly number[];
  readonly reservedPortsUdp: readonly number[];
  /** The user's own attributes. */
  readonly instanceAttributes: Readonly<Record<string, string>>;
  readonly instanceTags: Readonly<Record<string, string>>;
  readonly propagateTagsFrom: "none" | "ec2_instance";
  readonly loggingDrivers: readonly string[];
  readonly volumePluginCapabilities: readonly string[];
  readonly taskEni: boolean;
  readonly highDensityEni: boolean;
  readonly blockInstanceMetadata: boolean;
  readonly privileged: boolean;
  readonly taskRoles: boolean;
  readonly taskRolesUnderHost: boolean;
  readonly taskLimits: boolean;
  readonly healthChecks: boolean;
  readonly logsWithExecutionRole: boolean;
  readonly seLinux: boolean;
  readonly appArmor: boolean;
}

/** SSH, the Docker daemon twice, and the agent's own two. */
const RESERVED_PORTS = [22, 2375, 2376, 51678, 51679];

/**
 * Reads the file as the agent of an ECS-optimised Amazon Linux does: `KEY=value` lines, values taken literally,
 * malformed ones as if they were not there (developer guide, "Amazon ECS container agent configuration"; what
 * differs there from the bare agent's defaults is what `ecs-init` sets).
 */
export function parseAgentConfiguration(text: string): AgentConfiguration {
  const values = readLines(text);
  const flag = (name: string, otherwise: boolean) => readFlag(values.get(name), otherwise);
  return {
    cluster: values.get("ECS_CLUSTER") || "default",
    reservedMemoryMiB: readCount(values.get("ECS_RESERVED_MEMORY")),
    reservedPorts: readPorts(values.get("ECS_RESERVED_PORTS")) ?? RESERVED_PORTS,
    reservedPortsUdp: readPorts(values.get("ECS_RESERVED_PORTS_UDP")) ?? [],
    instanceAttributes: readMap(values.get("ECS_INSTANCE_ATTRIBUTES")),
    instanceTags: readMap(values.get("ECS_CONTAINER_INSTANCE_TAGS")),
    propagateTagsFrom:
      values.get("ECS_CONTAINER_INSTANCE_PROPAGATE_TAGS_FROM")?.toLowerCase() === "ec2_instance"
        ? "ec2_instance"
        : "none",
    loggingDrivers: readNames(values.get("ECS_AVAILABLE_LOGGING_DRIVERS")) ?? [
      "json-file",
      "syslog",
      "awslogs",
      "fluentd",
      "none",
    ],
    volumePluginCapabilities: readNames(values.get("ECS_VOLUME_PLUGIN_CAPABILITIES")) ?? ["efsAuth"],
    taskEni: flag("ECS_ENABLE_TASK_ENI", true),
    highDensityEni: flag("ECS_ENABLE_HIGH_DENSITY_ENI", true),
    blockInstanceMetadata: flag("ECS_AWSVPC_BLOCK_IMDS", false),
    privileged: !flag("ECS_DISABLE_PRIVILEGED", false),
    taskRoles: flag("ECS_ENABLE_TASK_IAM_ROLE", true),
    taskRolesUnderHost: flag("ECS_ENABLE_TASK_IAM_ROLE_NETWORK_HOST", true),
    taskLimits: flag("ECS_ENABLE_TASK_CPU_MEM_LIMIT", true),
    healthChecks: !flag("ECS_DISABLE_DOCKER_HEALTH_CHECK", false),
    logsWithExecutionRole: flag("ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE", true),
    seLinux: flag("ECS_SELINUX_CAPABLE", false),
    appArmor: flag("ECS_APPARMOR_CAPABLE", false),
  };
}

function readLines(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const at = line.indexOf("=");
    if (at <= 0 || line.trimStart().startsWith("#")) continue;
    values.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return values;
}

function readFlag(text: string | undefined, otherwise: boolean): boolean {
  if (text === undefined) return otherwise;
  if (/^(?:1|t|true)$/i.test(text)) return true;
  return /^(?:0|f|false)$/i.test(text) ? false : otherwise;
}

function readCount(text: string | undefined): number {
  return text !== undefined && /^\d+$/.test(text) && Number(text) <= 65535 ? Number(text) : 0;
}

function readJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readPorts(text: string | undefined): number[] | undefined {
  const ports = readJson(text);
  if (!Array.isArray(ports)) return undefined;
  return ports.filter((port) => Number.isInteger(port) && port >= 0 && port <= 65535);
}

function readNames(text: string | undefined): string[] | undefined {
  const names = readJson(text);
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : undefined;
}

function readMap(text: string | undefined): Record<string, string> {
  const map = readJson(text);
  if (typeof map !== "object" || map === null || Array.isArray(map)) return {};
  return Object.values(map).every((value) => typeof value === "string") ? { ...map } : {};
}
