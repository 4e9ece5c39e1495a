/**
 * What a network mode forbids: links, names and ports. Each rule returns ECS's message or undefined (API reference,
 * PortMapping and ContainerDefinition; texts as the live API gives them).
 */
import type * as wire from "@aws-sdk/client-ecs";

type Request = wire.RegisterTaskDefinitionRequest;

export const NETWORK_RULES: readonly ((request: Request) => string | undefined)[] = [
  modeRule,
  fixedPortsRule,
  portsRule,
  repeatedPortsRule,
];

function containersOf(request: Request): readonly wire.ContainerDefinition[] {
  return request.containerDefinitions ?? [];
}

function mappingsOf(request: Request): wire.PortMapping[] {
  return containersOf(request).flatMap(({ portMappings }) => portMappings ?? []);
}

function modeRule(request: Request): string | undefined {
  const mode = request.networkMode ?? "bridge";
  for (const container of containersOf(request)) {
    if ((container.links ?? []).length > 0 && mode !== "bridge") {
      return `Links are not supported when networkMode=${mode}`;
    }
    if (mode !== "awsvpc") continue;
    if (container.hostname !== undefined) {
      return "hostname is not supported on container when networkMode=awsvpc";
    }
    if ((container.extraHosts ?? []).length > 0) {
      return "Extra hosts are not supported on container when networkMode=awsvpc";
    }
    if ((container.dnsServers ?? []).length > 0) {
      return "DNS servers are not supported on container when networkMode=awsvpc";
    }
    if (container.disableNetworking === true) {
      return "Disable Networking is not supported on container when networkMode=awsvpc";
    }
  }
  return mode === "none" && mappingsOf(request).length > 0
    ? "Port mappings are not supported when networkMode=none"
    : undefined;
}

/** Where containers share a namespace that is not their own there is nothing to translate ports. */
function fixedPortsRule(request: Request): string | undefined {
  if (request.networkMode !== "awsvpc" && request.networkMode !== "host") return undefined;
  const differs = mappingsOf(request).some(
    ({ hostPort, containerPort }) =>
      hostPort !== undefined && hostPort !== 0 && containerPort !== undefined && hostPort !== containerPort,
  );
  return differs
    ? `When networkMode=${request.networkMode}, the host ports and container ports in port mappings must match.`
    : undefined;
}

function portsRule(request: Request): string | undefined {
  for (const { name, portMappings } of containersOf(request)) {
    for (const mapping of portMappings ?? []) {
      const { containerPort, containerPortRange, hostPort } = mapping;
      if (containerPortRange !== undefined) {
        if (containerPort !== undefined || hostPort !== undefined) {
          return `Invalid port mapping for container '${name}', cannot specify both single port and port range.`;
        }
        if (!isPortRange(containerPortRange) || request.networkMode === "host") {
          return `Invalid 'containerPortRange' setting for container '${name}'.`;
        }
        continue;
      }
      if (!isPort(containerPort, 1)) return `Invalid 'containerPort' setting for container '${name}'.`;
      if (hostPort !== undefined && !isPort(hostPort, 0)) {
        return `Invalid 'hostPort' setting for container '${name}'.`;
      }
    }
  }
  return undefined;
}

function repeatedPortsRule(request: Request): string | undefined {
  const awsvpc = request.networkMode === "awsvpc";
  const containerPorts = new Set<string>();
  const hostPorts = new Set<string>();
  const names = new Set<string>();
  for (const { containerPort, hostPort, protocol = "tcp", name } of mappingsOf(request)) {
    const upper = protocol.toUpperCase();
    const containerKey = `${upper}/${containerPort}`;
    if (awsvpc && containerPort !== undefined && containerPorts.has(containerKey)) {
      return `${upper} container port '${containerPort}' is used multiple times in task when networkMode=awsvpc.`;
    }
    containerPorts.add(containerKey);
    const taken = request.networkMode === "host" ? hostPort || containerPort : hostPort;
    if (!awsvpc && taken !== undefined && taken !== 0) {
      const hostKey = `${upper}/${taken}`;
      if (hostPorts.has(hostKey)) return `${upper} host port '${taken}' is mapped multiple times in task.`;
      hostPorts.add(hostKey);
    }
    if (name !== undefined && awsvpc && names.has(name)) {
      return "When networkMode=awsvpc, port mapping name is already used";
    }
    if (name !== undefined) names.add(name);
  }
  return undefined;
}

function isPort(port: number | undefined, lowest: number): boolean {
  return port !== undefined && Number.isInteger(port) && port >= lowest && port <= 65_535;
}

function isPortRange(text: string): boolean {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  return from >= 1 && to <= 65_535 && from < to;
}
