/**
 * Further things that RegisterTaskDefinition refuses: about volumes, files, proxies, roles and values of single
 * settings. Each rule returns ECS's message or undefined.
 */
import type * as wire from "@aws-sdk/client-ecs";
import { findDefinitionPlacementFault } from "./placement-rules.ts";

type Request = wire.RegisterTaskDefinitionRequest;
type Rule = (request: Request) => string | undefined;

const MOST_CONTAINERS = 10;
const MOST_BYTES = 65_536;

export const DETAIL_RULES: readonly Rule[] = [
  enumerationsRule,
  rolesRule,
  volumesRule,
  environmentRule,
  linksRule,
  proxyRule,
  healthCheckMinimumsRule,
  launchTypesRule,
  placementRule,
  sizeRule,
];

function containersOf(request: Request): readonly wire.ContainerDefinition[] {
  return request.containerDefinitions ?? [];
}

/** The schema lets any text through where the service knows only some. */
function enumerationsRule(request: Request): string | undefined {
  const { networkMode, requiresCompatibilities = [], pidMode, ipcMode } = request;
  const found = [
    unknownValue("networkMode", networkMode, ["bridge", "host", "awsvpc", "none"]),
    unknownValue("pidMode", pidMode, ["host", "task"]),
    unknownValue("ipcMode", ipcMode, ["host", "task", "none"]),
    ...requiresCompatibilities.map((text) =>
      unknownValue("requiresCompatibilities", text, ["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"]),
    ),
    ...containersOf(request)
      .flatMap(({ portMappings }) => portMappings ?? [])
      .map(({ protocol }) => unknownValue("protocol", protocol, ["tcp", "udp"])),
    ...containersOf(request)
      .flatMap(({ dependsOn }) => dependsOn ?? [])
      .map(({ condition }) =>
        unknownValue("condition", condition, ["START", "COMPLETE", "SUCCESS", "HEALTHY"]),
      ),
  ];
  return found.find((message) => message !== undefined);
}

function unknownValue(name: string, value: string | undefined, known: readonly string[]): string | undefined {
  return value === undefined || known.includes(value)
    ? undefined
    : `${name} should be one of [${known.join(",")}]`;
}

/** A role's name, or its ARN. That it exists is not looked at before a task starts. */
function rolesRule({ taskRoleArn, executionRoleArn }: Request): string | undefined {
  const valid = /^(arn:aws[a-z-]*:iam::\d{12}:role\/(\S*\/)?)?[\w+=,.@-]{1,64}$/;
  return [taskRoleArn, executionRoleArn].some((role) => role !== undefined && !valid.test(role))
    ? "Role is not valid"
    : undefined;
}

/**
 * Their form alone (EFS API reference, FileSystemId and AccessPointId), since they name directories here. ECS's own words
 * for others are not known.
 */
const FILE_SYSTEM_ID = /^fs-[0-9a-z]{1,40}$/i;
const ACCESS_POINT_ID = /^fsap-[0-9a-z]{1,40}$/i;

/** How many ways of configuration the volume has; a host without a path is none. */
function kindsOf(volume: wire.Volume): number {
  return [
    volume.host?.sourcePath,
    volume.dockerVolumeConfiguration,
    volume.efsVolumeConfiguration,
    volume.fsxWindowsFileServerVolumeConfiguration,
  ].filter((given) => given !== undefined).length;
}

function volumesRule(request: Request): string | undefined {
  const mounted = new Set(
    containersOf(request).flatMap(({ mountPoints }) =>
      (mountPoints ?? []).map((mount) => mount.sourceVolume),
    ),
  );
  for (const volume of request.volumes ?? []) {
    const { name, configuredAtLaunch, efsVolumeConfiguration: efs } = volume;
    if (!/^[a-zA-Z0-9_-]{1,255}$/.test(name ?? "")) return "volume.name contains invalid characters.";
    if (kindsOf(volume) > 1) {
      return "When the volume parameter is specified, only one volume configuration type should be used.";
    }
    if (configuredAtLaunch === true && !mounted.has(name)) {
      return `Volumes [${name}] are not referenced by any of the containers`;
    }
    if (efs === undefined) continue;
    const { authorizationConfig, rootDirectory, transitEncryption, transitEncryptionPort } = efs;
    if (!FILE_SYSTEM_ID.test(efs.fileSystemId ?? "")) return `Invalid file system ID: ${efs.fileSystemId}`;
    if (!ACCESS_POINT_ID.test(authorizationConfig?.accessPointId ?? "fsap-0")) {
      return `Invalid access point ID: ${authorizationConfig?.accessPointId}`;
    }
    if (authorizationConfig?.iam === "ENABLED" && transitEncryption !== "ENABLED") {
      return "EFS IAM authorization requires TransitEncryption to be enabled";
    }
    if (transitEncryptionPort !== undefined && transitEncryption !== "ENABLED") {
      return "TransitEncryptionPort requires that TransitEncryption is enabled";
    }
    const root = rootDirectory ?? "/";
    if (authorizationConfig?.accessPointId !== undefined && root !== "/" && root !== "") {
      return 'When using an EFS access point, the root directory must either be set to "/" or be omitted';
    }
  }
  return undefined;
}

function environmentRule(request: Request): string | undefined {
  const files = containersOf(request).flatMap(({ environmentFiles }) => environmentFiles ?? []);
  return files.every(({ value }) => isEnvironmentFileArn(value)) ? undefined : "Invalid arn syntax";
}

/** `arn:aws:s3:::bucket/key`. */
export function isEnvironmentFileArn(value: string | undefined): boolean {
  return /^arn:aws[a-z-]*:s3:::[^/]+\/.+$/.test(value ?? "");
}

/** `name` or `name:alias`, of a container of the same definition. */
function linksRule(request: Request): string | undefined {
  const names = new Set(containersOf(request).map(({ name }) => name));
  for (const { name, links = [] } of containersOf(request)) {
    for (const link of links) {
      const parts = link.split(":");
      if (parts.length > 2 || parts.includes("")) return `Invalid link format: ${link}`;
      if (!names.has(parts[0])) return `Container '${name}' links to unknown container '${parts[0]}'`;
    }
  }
  return undefined;
}

function proxyRule({ proxyConfiguration, networkMode, containerDefinitions }: Request): string | undefined {
  if (proxyConfiguration === undefined) return undefined;
  if (networkMode !== "awsvpc") {
    return "APPMESH proxy configuration is only supported in networkMode=awsvpc";
  }
  const { containerName, properties = [] } = proxyConfiguration;
  if (!(containerDefinitions ?? []).some(({ name }) => name === containerName)) {
    return `Proxy container [${containerName}] does not exist`;
  }
  const hasIngressPort = properties.some(({ name, value }) => name === "ProxyIngressPort" && value);
  return hasIngressPort ? undefined : "Ingress port not found";
}

/** API reference, HealthCheck; the texts mirror those that ECS gives for the upper limits. */
function healthCheckMinimumsRule(request: Request): string | undefined {
  for (const { name, healthCheck } of containersOf(request)) {
    if (healthCheck === undefined) continue;
    if ((healthCheck.command ?? []).length === 0) {
      return `Health check command must not be empty for container '${name}'`;
    }
    const minimums = { interval: 5, timeout: 2, retries: 1, startPeriod: 0 } as const;
    for (const [setting, minimum] of Object.entries(minimums) as [keyof typeof minimums, number][]) {
      if ((healthCheck[setting] ?? minimum) >= minimum) continue;
      return `Health check ${setting} must be greater than or equal to the minimum allowed value ${minimum} for container '${name}'`;
    }
  }
  return undefined;
}

function launchTypesRule(request: Request): string | undefined {
  const compatibilities = request.requiresCompatibilities ?? [];
  if ((request.inferenceAccelerators ?? []).length > 0) return "Unsupported field 'inferenceAccelerators'";
  if (request.ephemeralStorage !== undefined && compatibilities.includes("EC2")) {
    return "Tasks using the EC2 launch type do not support EphemeralStorage";
  }
  if (!compatibilities.includes("FARGATE")) return undefined;
  const slow = containersOf(request).find(
    ({ stopTimeout }) => stopTimeout !== undefined && stopTimeout > 120,
  );
  return slow === undefined
    ? undefined
    : `The 'stopTimeout' setting for container '${slow.name}' must be between 2 and 120.`;
}

function placementRule({ placementConstraints }: Request): string | undefined {
  return findDefinitionPlacementFault(placementConstraints ?? []);
}

function sizeRule(request: Request): string | undefined {
  if (containersOf(request).length > MOST_CONTAINERS) {
    return `The number of containers exceeds the maximum allowed value ${MOST_CONTAINERS}.`;
  }
  const size = Buffer.byteLength(JSON.stringify(request));
  return size > MOST_BYTES
    ? `Task definition is too long. Actual length: '${size}'. Max allowed length is '${MOST_BYTES}' bytes.`
    : undefined;
}
