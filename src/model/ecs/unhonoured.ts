/** Settings of a task definition that Berth stores but cannot honour yet: running them would only pretend. */
import type * as wire from "@aws-sdk/client-ecs";
import type { TaskDefinition } from "./records.ts";

type ContainerSetting = keyof wire.ContainerDefinition;

const CONTAINER_SETTINGS: readonly ContainerSetting[] = [
  "mountPoints",
  "volumesFrom",
  "secrets",
  "environmentFiles",
  "systemControls",
  "resourceRequirements",
  "firelensConfiguration",
  "repositoryCredentials",
  "dnsSearchDomains",
  "restartPolicy",
  "startTimeout",
  "credentialSpecs",
  "links",
  "hostname",
  "extraHosts",
  "dnsServers",
  "dockerSecurityOptions",
];

/** Names such as `secrets (container app)`; empty when everything is honoured. */
export function unhonouredSettings(definition: TaskDefinition["definition"]): string[] {
  const found: string[] = [];
  if ((definition.volumes ?? []).length > 0) found.push("volumes");
  if (definition.proxyConfiguration !== undefined) found.push("proxyConfiguration");
  if (definition.pidMode !== undefined) found.push("pidMode");
  if (definition.ipcMode !== undefined) found.push("ipcMode");
  if (definition.ephemeralStorage !== undefined) found.push("ephemeralStorage");
  if ((definition.placementConstraints ?? []).length > 0) found.push("placementConstraints");
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
    for (const setting of CONTAINER_SETTINGS) {
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
