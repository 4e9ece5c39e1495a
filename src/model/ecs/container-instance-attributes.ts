/** What the container agent says that it and its instance can do (amazon-ecs-agent, `agent_capability.go`). */
import type { AgentConfiguration } from "./agent-configuration.ts";

export interface NamedAttribute {
  readonly name: string;
  readonly value?: string | undefined;
}

const DOCKER = "com.amazonaws.ecs.capability.";
const ECS = "ecs.capability.";

/** Of amazon-vpc-cni-plugins as this agent carries them, in the form in which its plugins tell it. */
const CNI_VERSION = "a4e9ac07-";

/** Docker's API versions that agents report; newer ones are left out so that the list stays short. */
const DOCKER_API_VERSIONS = [17, 18, 19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 32];

const ALWAYS = [
  "private-registry-authentication.secretsmanager",
  "secrets.ssm.environment-variables",
  "secrets.ssm.bootstrap.log-driver",
  "ecr-endpoint",
  "secrets.asm.environment-variables",
  "secrets.asm.bootstrap.log-driver",
  "container-ordering",
  "full-sync",
  "env-files.s3",
  "network.container-port-range",
  "container-restart-policy",
  "execution-role-ecr-pull",
  "docker-plugin.local",
  "docker-plugin.amazon-ecs-volume-plugin",
  "pid-ipc-namespace-sharing",
  "aws-appmesh",
  "task-eia",
  "firelens.fluentd",
  "firelens.fluentbit",
  "logging-driver.awsfirelens.log-driver-buffer-limit",
  "firelens.non-root-user",
  "efs",
  "storage.s3-files",
  "firelens.options.config.file",
  "firelens.options.config.s3",
  "execute-command",
  "service-connect-v1",
  "storage.ebs-task-volume-attach",
  "storage.ebsta-non-root-user",
  "fault-injection",
  "ipv6-only",
];

const LOGGING_DRIVERS = [
  "json-file",
  "syslog",
  "journald",
  "gelf",
  "fluentd",
  "awslogs",
  "splunk",
  "logentries",
  "sumologic",
  "none",
];

export function agentCapabilities(
  agent: AgentConfiguration,
  architecture: "x86_64" | "arm64",
): NamedAttribute[] {
  const ecs = (name: string, value?: string): NamedAttribute =>
    value === undefined ? { name: ECS + name } : { name: ECS + name, value };
  const docker = (name: string): NamedAttribute => ({ name: DOCKER + name });
  return [
    ...ALWAYS.map((name) => ecs(name)),
    ...DOCKER_API_VERSIONS.map((minor) => docker(`docker-remote-api.1.${minor}`)),
    docker("ecr-auth"),
    docker("logging-driver.awsfirelens"),
    ...agent.loggingDrivers
      .filter((driver) => LOGGING_DRIVERS.includes(driver))
      .map((driver) => docker(`logging-driver.${driver}`)),
    ...agent.volumePluginCapabilities.map((name) => ecs(name)),
    ...(agent.privileged ? [docker("privileged-container")] : []),
    ...(agent.seLinux ? [docker("selinux")] : []),
    ...(agent.appArmor ? [docker("apparmor")] : []),
    ...(agent.taskRoles ? [docker("task-iam-role")] : []),
    ...(agent.taskRolesUnderHost ? [docker("task-iam-role-network-host")] : []),
    ...(agent.taskLimits ? [ecs("task-cpu-mem-limit"), ecs("increased-task-cpu-limit")] : []),
    ...(agent.healthChecks ? [ecs("container-health-check")] : []),
    ...(agent.logsWithExecutionRole ? [ecs("execution-role-awslogs")] : []),
    ...(architecture === "x86_64" ? [ecs("task-eia.optimized-cpu")] : []),
    ...interfaceCapabilities(agent, ecs),
  ];
}

function interfaceCapabilities(
  agent: AgentConfiguration,
  ecs: (name: string, value?: string) => NamedAttribute,
): NamedAttribute[] {
  if (!agent.taskEni) return [];
  return [
    ecs("task-eni"),
    ecs("task-eni.ipv6"),
    ecs("cni-plugin-version", CNI_VERSION),
    ...(agent.blockInstanceMetadata ? [ecs("task-eni-block-instance-metadata")] : []),
    ...(agent.highDensityEni
      ? [ecs("task-eni-trunking"), ecs("branch-cni-plugin-version", CNI_VERSION)]
      : []),
  ];
}
