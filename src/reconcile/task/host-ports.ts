/**
 * Host ports of containers under network mode `bridge`, as the Amazon ECS agent chooses them
 * (`agent/utils/ephemeral_ports.go`, `dockerPortMap`): dynamic ones upwards from the last that was given, all of a
 * range side by side. What was given last is forgotten with the process, as by an agent that is started anew.
 */
import type * as wire from "@aws-sdk/client-ecs";
import { failure, type Result, success } from "../../lib/result.ts";
import type { BridgeEndpoint } from "../../model/ecs/records.ts";

/** `/proc/sys/net/ipv4/ip_local_port_range` of Linux, which agents take. */
const FIRST_DYNAMIC_PORT = 32_768;
const LAST_DYNAMIC_PORT = 60_999;

export type PublishedPort = BridgeEndpoint["ports"][number];

/** Ports that are taken on the instance, by protocol. */
export interface TakenPorts {
  readonly tcp: ReadonlySet<number>;
  readonly udp: ReadonlySet<number>;
}

export interface HostPorts {
  /** Ports for a container's mappings, in their order; the failure is what the agent says. */
  assign(
    instanceId: string,
    mappings: readonly wire.PortMapping[],
    taken: TakenPorts,
  ): Result<PublishedPort[], string>;
}

export function createHostPorts(): HostPorts {
  const lastGiven = new Map<string, number>();
  return {
    assign(instanceId, mappings, taken) {
      const ports: PublishedPort[] = [];
      let last = lastGiven.get(instanceId);
      for (const mapping of mappings) {
        const protocol = protocolOf(mapping);
        const containerPorts = containerPortsOf(mapping);
        const own = ports.filter((port) => port.protocol === protocol).map(({ hostPort }) => hostPort);
        const used = new Set([...taken[protocol], ...own]);
        const first = isDynamic(mapping) ? freePorts(containerPorts.length, used, last) : mapping.hostPort;
        if (first === undefined) return failure(noPort(containerPorts.length));
        if (isDynamic(mapping)) last = first + containerPorts.length - 1;
        ports.push(
          ...containerPorts.map((containerPort, index) => ({
            protocol,
            containerPort,
            hostPort: first + index,
          })),
        );
      }
      if (last !== undefined) lastGiven.set(instanceId, last);
      return success(ports);
    },
  };
}

function protocolOf({ protocol }: wire.PortMapping): PublishedPort["protocol"] {
  return protocol === "udp" ? "udp" : "tcp";
}

function isDynamic({ hostPort, containerPortRange }: wire.PortMapping): boolean {
  return containerPortRange !== undefined || hostPort === undefined || hostPort === 0;
}

function containerPortsOf({ containerPort, containerPortRange }: wire.PortMapping): number[] {
  const [from, to] = containerPortRange?.split("-").map(Number) ?? [containerPort, containerPort];
  if (from === undefined || to === undefined) return [];
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** The first of so many free ports side by side: from behind the last one on, then from the beginning. */
function freePorts(count: number, used: ReadonlySet<number>, last: number | undefined): number | undefined {
  const start = last === undefined || last >= LAST_DYNAMIC_PORT ? FIRST_DYNAMIC_PORT : last + 1;
  return findRun(count, used, start) ?? findRun(count, used, FIRST_DYNAMIC_PORT);
}

function findRun(count: number, used: ReadonlySet<number>, start: number): number | undefined {
  let run = 0;
  for (let port = start; port <= LAST_DYNAMIC_PORT; port++) {
    run = used.has(port) ? 0 : run + 1;
    if (run === count) return port - count + 1;
  }
  return undefined;
}

function noPort(count: number): string {
  const what = count > 1 ? `${count} contiguous host ports are unavailable` : "a host port is unavailable";
  return `error retrieving docker port map: ${what}`;
}

/** As ECS reports them: one entry a mapping, a range as a range (API reference, NetworkBinding). */
export function networkBindingsOf(
  mappings: readonly wire.PortMapping[],
  ports: readonly PublishedPort[],
): wire.NetworkBinding[] {
  return mappings.flatMap((mapping): wire.NetworkBinding[] => {
    const protocol = protocolOf(mapping);
    const [first, ...others] = containerPortsOf(mapping).flatMap((containerPort) =>
      ports.filter((port) => port.protocol === protocol && port.containerPort === containerPort),
    );
    if (first === undefined) return [];
    const { containerPort, hostPort } = first;
    if (mapping.containerPortRange === undefined) {
      return [{ bindIP: "0.0.0.0", containerPort, hostPort, protocol }];
    }
    const last = others.at(-1)?.hostPort ?? hostPort;
    const { containerPortRange } = mapping;
    return [{ bindIP: "0.0.0.0", containerPortRange, hostPortRange: `${hostPort}-${last}`, protocol }];
  });
}
