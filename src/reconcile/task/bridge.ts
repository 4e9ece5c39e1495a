/**
 * Network mode `bridge`: each container has an address of its own on its instance's docker0, which nothing names but
 * links; ports are published on the instance. What Docker does with `docker run --link`, in its words. Pure.
 */
import type * as wire from "@aws-sdk/client-ecs";
import type { Random } from "../../lib/random.ts";
import { failure, type Result, success } from "../../lib/result.ts";
import { formatAddress, parseAddress } from "../../model/cidr.ts";
import type { Vpc } from "../../model/ec2/records.ts";
import { dockerName } from "../../model/ecs/docker-container.ts";
import type { BridgeEndpoint, Task, TaskDefinition } from "../../model/ecs/records.ts";
import type { SandboxSpec } from "../../runtime/container-runtime.ts";
import { networkControls } from "./container-settings.ts";
import { environmentOf } from "./container-spec.ts";
import type { HostPorts, TakenPorts } from "./host-ports.ts";
import { nameServersOf, searchDomainsOf, taskLimits } from "./task-network.ts";

/** docker0 is 172.17.0.1/16. */
const FIRST_ADDRESS = parseAddress("172.17.0.2") ?? 0;
const LAST_ADDRESS = parseAddress("172.17.255.254") ?? 0;
/** The Amazon ECS agent's names end in so many hexadecimal digits. */
export const NAME_SUFFIX_LENGTH = 20;
/** As long as the first part of a container's id, which Docker takes. */
const HOST_NAME_LENGTH = 12;
/** Docker does not pass these on to a container that links. */
const NOT_PASSED_ON = ["HOME", "PATH"];

export interface NewEndpoint {
  readonly task: Task;
  readonly definition: TaskDefinition;
  readonly container: wire.ContainerDefinition;
  readonly instanceId: string;
  /** All endpoints of the instance. */
  readonly others: readonly BridgeEndpoint[];
  /** On the instance, besides those of `others`. */
  readonly taken: TakenPorts;
}

/** The failure is the container's reason, the part before the colon included. */
export function newBridgeEndpoint(
  { task, definition, container, instanceId, others, taken }: NewEndpoint,
  hostPorts: HostPorts,
  random: Random,
): Result<BridgeEndpoint, string> {
  const address = freeAddress(others);
  if (address === undefined) {
    return failure(
      "CannotStartContainerError: Error response from daemon: no available IPv4 addresses on this network's address pools: bridge",
    );
  }
  const mappings = container.portMappings ?? [];
  const busy = takenPorts(others, taken);
  const ports = hostPorts.assign(instanceId, mappings, busy.all);
  if (!ports.ok) return failure(`HostConfigError: ${ports.failure}`);
  const endpointId = random.hex(64);
  const name = container.name ?? "";
  const engine = dockerName(definition, name, random.hex(NAME_SUFFIX_LENGTH));
  const conflict = ports.value.find(({ protocol, hostPort }) => busy.published[protocol].has(hostPort));
  if (conflict !== undefined) {
    return failure(
      `CannotStartContainerError: Error response from daemon: driver failed programming external connectivity on endpoint ${engine} (${endpointId}): Bind for 0.0.0.0:${conflict.hostPort} failed: port is already allocated`,
    );
  }
  return success({
    account: task.account,
    region: task.region,
    endpointId,
    instanceId,
    taskArn: task.arn,
    containerName: name,
    engineName: engine,
    address,
    macAddress: macAddressOf(address),
    ports: ports.value,
    linkState: "absent",
  });
}

function freeAddress(others: readonly BridgeEndpoint[]): string | undefined {
  const used = new Set(others.map(({ address }) => address));
  for (let value = FIRST_ADDRESS; value <= LAST_ADDRESS; value++) {
    const address = formatAddress(value);
    if (!used.has(address)) return address;
  }
  return undefined;
}

/** Docker's own rule: `02:42:` and the four octets. */
function macAddressOf(address: string): string {
  const octets = address.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0"));
  return `02:42:${octets.join(":")}`;
}

function takenPorts(others: readonly BridgeEndpoint[], taken: TakenPorts) {
  const published = (protocol: "tcp" | "udp") =>
    new Set(
      others.flatMap(({ ports }) =>
        ports.filter((port) => port.protocol === protocol).map(({ hostPort }) => hostPort),
      ),
    );
  const own = { tcp: published("tcp"), udp: published("udp") };
  return {
    published: own,
    all: { tcp: new Set([...taken.tcp, ...own.tcp]), udp: new Set([...taken.udp, ...own.udp]) },
  };
}

/** The pause container that holds the namespace of one container, with what Docker writes into `/etc`. */
export function pauseSpec(
  task: Task,
  definition: TaskDefinition,
  container: wire.ContainerDefinition,
  endpoint: BridgeEndpoint,
  { vpc, endpoints }: { readonly vpc: Vpc; readonly endpoints: readonly BridgeEndpoint[] },
): SandboxSpec {
  const hostname = hostNameOf(container, endpoint);
  const containers = definition.definition.containerDefinitions ?? [];
  return {
    sandboxId: task.taskId,
    holdsFor: endpoint.containerName,
    hostname,
    nameServers: filled(container.dnsServers) ?? nameServersOf(vpc),
    searchDomains: filled(container.dnsSearchDomains) ?? searchDomainsOf(task),
    hosts: [
      ...extraHostsOf(container),
      ...linksOf(container).flatMap(({ name, alias }) => {
        const linked = endpoints.find(({ containerName }) => containerName === name);
        const target = containers.find((other) => other.name === name);
        if (linked === undefined || target === undefined) return [];
        const names = new Set([alias, hostNameOf(target, linked), linked.engineName]);
        return [...names].map((each) => ({ name: each, address: linked.address }));
      }),
      { name: hostname, address: endpoint.address },
    ],
    limits: taskLimits(task, definition),
    sysctls: networkControls(container),
  };
}

export function extraHostsOf({ extraHosts }: wire.ContainerDefinition): SandboxSpec["hosts"] {
  return (extraHosts ?? []).flatMap(({ hostname, ipAddress }) =>
    hostname === undefined || ipAddress === undefined ? [] : [{ name: hostname, address: ipAddress }],
  );
}

function hostNameOf({ hostname }: wire.ContainerDefinition, { endpointId }: BridgeEndpoint): string {
  return hostname ?? endpointId.slice(0, HOST_NAME_LENGTH);
}

function filled(list: readonly string[] | undefined): readonly string[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

/** `name` or `name:alias`. */
export function linksOf({ links }: wire.ContainerDefinition): { name: string; alias: string }[] {
  return (links ?? []).map((link) => {
    const [name = "", alias = name] = link.split(":");
    return { name, alias };
  });
}

/**
 * The variables of a container that links to others (Docker documentation, "Legacy container links"). Ports are those
 * of the linked container's definition; what its image exposes besides is not known.
 */
export function linkEnvironment(
  task: Task,
  definition: TaskDefinition,
  container: wire.ContainerDefinition,
  endpoints: readonly BridgeEndpoint[],
): Record<string, string> {
  const containers = definition.definition.containerDefinitions ?? [];
  const own = endpoints.find(({ containerName }) => containerName === container.name);
  const variables = linksOf(container).flatMap(({ name, alias }) => {
    const linked = endpoints.find(({ containerName }) => containerName === name);
    const target = containers.find((other) => other.name === name);
    if (own === undefined || linked === undefined || target === undefined) return [];
    const prefix = alias.toUpperCase().replaceAll("-", "_");
    return [
      ...portVariables(prefix, linked),
      [`${prefix}_NAME`, `/${own.engineName}/${alias}`] as const,
      ...Object.entries(environmentOf(task, target))
        .filter(([key]) => !NOT_PASSED_ON.includes(key))
        .map(([key, value]) => [`${prefix}_ENV_${key}`, value] as const),
    ];
  });
  return Object.fromEntries(variables);
}

function portVariables(prefix: string, { address, ports }: BridgeEndpoint): (readonly [string, string])[] {
  const sorted = [...ports].sort(
    (a, b) => a.containerPort - b.containerPort || (a.protocol === "tcp" ? -1 : 1),
  );
  const url = (port: BridgeEndpoint["ports"][number]) =>
    `${port.protocol}://${address}:${port.containerPort}`;
  const [first] = sorted;
  return [
    ...(first === undefined ? [] : [[`${prefix}_PORT`, url(first)] as const]),
    ...sorted.flatMap((port) => {
      const name = `${prefix}_PORT_${port.containerPort}_${port.protocol.toUpperCase()}`;
      return [
        [name, url(port)] as const,
        [`${name}_ADDR`, address] as const,
        [`${name}_PORT`, String(port.containerPort)] as const,
        [`${name}_PROTO`, port.protocol] as const,
      ];
    }),
  ];
}
