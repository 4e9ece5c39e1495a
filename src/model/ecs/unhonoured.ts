/** Settings of a task definition that Berth stores but cannot honour yet: running them would only pretend. */
import type * as wire from "@aws-sdk/client-ecs";
import type { TaskDefinition } from "./records.ts";

type ContainerSetting = keyof wire.ContainerDefinition;

const CONTAINER_SETTINGS: readonly ContainerSetting[] = [
  "volumesFrom",
  "secrets",
  "environmentFiles",
  "systemControls",
  "resourceRequirements",
  "firelensConfiguration",
  "repositoryCredentials",
  "startTimeout",
  "credentialSpecs",
  "dockerSecurityOptions",
];

/** Honoured where a container has a network namespace of its own on the instance's bridge. */
const BRIDGE_SETTINGS: readonly ContainerSetting[] = [
  "links",
  "hostname",
  "extraHosts",
  "dnsServers",
  "dnsSearchDomains",
];

/** Names such as `secrets (container app)`; empty when everything is honoured. */
export function unhonouredSettings(definition: TaskDefinition["definition"]): string[] {
  const found: string[] = [];
  for (const volume of definition.volumes ?? []) {
    if (!livesWithTask(volume)) found.push(`volumes (volume ${volume.name})`);
  }
  if (definition.proxyConfiguration !== undefined) found.push("proxyConfiguration");
  if (definition.pidMode !== undefined) found.push("pidMode");
  if (definition.ipcMode !== undefined) found.push("ipcMode");
  if (definition.ephemeralStorage !== undefined) found.push("ephemeralStorage");
  if (definition.enableFaultInjection === true) found.push("enableFaultInjection");
  const { operatingSystemFamily, cpuArchitecture } = definition.runtimePlatform ?? {};
  if (operatingSystemFamily !== undefined && operatingSystemFamily !== "LINUX") {
    found.push(`runtimePlatform.operatingSystemFamily ${operatingSystemFamily}`);
  }
  const architecture = process.arch === "arm64" ? "ARM64" : "X86_64";
  if (cpuArchitecture !== undefined && cpuArchitecture !== architecture) {
    found.push(`runtimePlatform.cpuArchitecture ${cpuArchitecture}`);
  }
  for (const container of definition.containerDefinitions ?? []) {
    const where = `(container ${container.name})`;
    const bridge = definition.networkMode === undefined || definition.networkMode === "bridge";
    for (const setting of bridge ? CONTAINER_SETTINGS : [...CONTAINER_SETTINGS, ...BRIDGE_SETTINGS]) {
      const value = container[setting];
      if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
      found.push(`${setting} ${where}`);
    }
    const driver = container.logConfiguration?.logDriver;
    if (driver !== undefined && driver !== "awslogs" && driver !== "json-file") {
      found.push(`logConfiguration.logDriver ${driver} ${where}`);
    }
    if (container.logConfiguration?.secretOptions?.length)
      found.push(`logConfiguration.secretOptions ${where}`);
    for (const option of ["awslogs-datetime-format", "awslogs-multiline-pattern"]) {
      if (container.logConfiguration?.options?.[option] !== undefined) {
        found.push(`logConfiguration.options.${option} ${where}`);
      }
    }
    if (container.privileged === true) found.push(`privileged ${where}`);
    if (container.disableNetworking === true) found.push(`disableNetworking ${where}`);
    if (container.versionConsistency === "enabled") found.push(`versionConsistency ${where}`);
    for (const [setting, value] of Object.entries(container.linuxParameters ?? {})) {
      if (setting === "initProcessEnabled" || setting === "capabilities") continue;
      if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
      found.push(`linuxParameters.${setting} ${where}`);
    }
  }
  return found;
}

/** One that is made with the task and removed with it: it names no place on the instance and no file system. */
function livesWithTask({ name: _name, host, ...other }: wire.Volume): boolean {
  const elsewhere = Object.values(other).some((value) => value !== undefined && value !== false);
  return host?.sourcePath === undefined && !elsewhere;
}
