/** Settings of a task definition that Berth stores but cannot honour: running them would only pretend. */
import type * as wire from "@aws-sdk/client-ecs";
import type { TaskDefinition } from "./records.ts";

type ContainerSetting = keyof wire.ContainerDefinition;

/** There is no domain controller. */
const CONTAINER_SETTINGS: readonly ContainerSetting[] = ["credentialSpecs"];

/** Honoured where a container has names of its own: under `awsvpc` they are the task's, under `host` the instance's. */
const NAME_SETTINGS: readonly ContainerSetting[] = [
  "links",
  "hostname",
  "extraHosts",
  "dnsServers",
  "dnsSearchDomains",
];

const LOG_DRIVERS: readonly string[] = ["awslogs", "awsfirelens", "json-file", "none"];

/** Names such as `environmentFiles (container app)`; empty when everything is honoured. */
export function unhonouredSettings(definition: TaskDefinition["definition"]): string[] {
  return [
    ...(definition.volumes ?? []).flatMap(unhonouredInVolume),
    ...unhonouredInTask(definition),
    ...(definition.containerDefinitions ?? []).flatMap((container) =>
      unhonouredInContainer(container, definition.networkMode ?? "bridge"),
    ),
  ];
}

function unhonouredInTask(definition: TaskDefinition["definition"]): string[] {
  const found: string[] = [];
  if (definition.proxyConfiguration !== undefined) found.push("proxyConfiguration");
  if (definition.enableFaultInjection === true) found.push("enableFaultInjection");
  const { operatingSystemFamily, cpuArchitecture } = definition.runtimePlatform ?? {};
  if (operatingSystemFamily !== undefined && operatingSystemFamily !== "LINUX") {
    found.push(`runtimePlatform.operatingSystemFamily ${operatingSystemFamily}`);
  }
  const architecture = process.arch === "arm64" ? "ARM64" : "X86_64";
  if (cpuArchitecture !== undefined && cpuArchitecture !== architecture) {
    found.push(`runtimePlatform.cpuArchitecture ${cpuArchitecture}`);
  }
  return found;
}

function unhonouredInContainer(container: wire.ContainerDefinition, networkMode: wire.NetworkMode): string[] {
  const where = `(container ${container.name})`;
  const found: string[] = [];
  const ownNames = networkMode === "bridge" || networkMode === "none";
  for (const setting of ownNames ? CONTAINER_SETTINGS : [...CONTAINER_SETTINGS, ...NAME_SETTINGS]) {
    const value = container[setting];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    found.push(`${setting} ${where}`);
  }
  // No instance of Berth's has a GPU: the placement refuses those, as ECS does.
  for (const { type } of container.resourceRequirements ?? []) {
    if (type !== "GPU") found.push(`resourceRequirements ${type} ${where}`);
  }
  const { logConfiguration } = container;
  const driver = logConfiguration?.logDriver;
  if (driver !== undefined && !LOG_DRIVERS.includes(driver)) {
    found.push(`logConfiguration.logDriver ${driver} ${where}`);
  }
  if (driver !== "json-file" && driver !== "awsfirelens" && logConfiguration?.secretOptions?.length) {
    found.push(`logConfiguration.secretOptions ${where}`);
  }
  if (container.disableNetworking === true && !ownNames) found.push(`disableNetworking ${where}`);
  if (container.dockerSecurityOptions?.some((option) => option.startsWith("credentialspec:"))) {
    found.push(`dockerSecurityOptions credentialspec ${where}`);
  }
  return found;
}

/** Volumes whose files would be elsewhere than with the task, on its instance or in a directory for a file system. */
function unhonouredInVolume(volume: wire.Volume): string[] {
  const where = `(volume ${volume.name})`;
  const {
    name: _name,
    host: _host,
    efsVolumeConfiguration: _efs,
    dockerVolumeConfiguration: docker,
    configuredAtLaunch,
    ...others
  } = volume;
  const found = Object.entries(others).flatMap(([setting, value]) =>
    value === undefined ? [] : [`${setting} ${where}`],
  );
  if (configuredAtLaunch === true) found.push(`configuredAtLaunch ${where}`);
  if (docker?.driver !== undefined && docker.driver !== "local") {
    found.push(`dockerVolumeConfiguration.driver ${docker.driver} ${where}`);
  }
  // The engine's own driver mounts whatever it is told to, the disks and directories of this machine as well.
  const { type, device } = docker?.driverOpts ?? {};
  const inMemory = type === "tmpfs" && (device === undefined || device === "tmpfs");
  if (Object.keys(docker?.driverOpts ?? {}).length > 0 && !inMemory) {
    found.push(`dockerVolumeConfiguration.driverOpts ${where}`);
  }
  return found;
}
