/** `berth instance ls`, `network`: EC2 instances as they are on this machine. */
import type { BridgeReport, InstanceReport } from "../admin/instance-report.ts";
import { stateDirectoryOf } from "../config.ts";
import { askServer, requireServer } from "./admin-client.ts";
import { CommandFailure, EXIT, print, printJson, table } from "./output.ts";

export interface InstanceFlags {
  readonly stateDir?: string | undefined;
  readonly json?: boolean | undefined;
}

export async function listInstances(flags: InstanceFlags): Promise<void> {
  const all = await askInstances(flags);
  if (flags.json) {
    printJson(all);
    return;
  }
  const rows = all.map((one) => [
    one.id,
    one.type,
    one.state,
    one.zone,
    one.address ?? "-",
    one.containerInstance ?? "-",
    one.cluster ?? "-",
    one.status === undefined ? "-" : one.agentConnected ? one.status : `${one.status} (agent gone)`,
    String(one.tasks),
    `${one.interfaces}/${one.interfaceLimit}`,
  ]);
  const head = [
    "INSTANCE",
    "TYPE",
    "STATE",
    "ZONE",
    "ADDRESS",
    "CONTAINER INSTANCE",
    "CLUSTER",
    "STATUS",
    "TASKS",
    "ENIS",
  ];
  print(table([head, ...rows]));
}

/** As `docker network inspect bridge` prints it on the instance. Throws CommandFailure (4) for another network. */
export async function printNetwork(instanceId: string, network: string, flags: InstanceFlags): Promise<void> {
  const { id, bridge } = await findInstance(instanceId, flags);
  if (network !== "bridge") {
    throw new CommandFailure(`instance ${id} has no network ${network}; it has bridge`, EXIT.notFound);
  }
  print(JSON.stringify([inspectBridge(bridge)], null, 4));
}

export async function askInstances({ stateDir }: InstanceFlags): Promise<readonly InstanceReport[]> {
  const server = requireServer(stateDirectoryOf(stateDir, process.env));
  const { body } = await askServer(server, "instances");
  // The server is of the same version: it serves the same checkout.
  const { instances } = body as { instances: readonly InstanceReport[] };
  return instances;
}

/** By id, or by the beginning of one. Throws CommandFailure (4) when there is none. */
export async function findInstance(instanceId: string, flags: InstanceFlags): Promise<InstanceReport> {
  return chooseInstance(await askInstances(flags), instanceId);
}

export function chooseInstance(all: readonly InstanceReport[], instanceId: string): InstanceReport {
  const found = instanceId === "" ? [] : all.filter(({ id }) => id.startsWith(instanceId));
  const [only, second] = found;
  if (only === undefined) {
    throw new CommandFailure(`no instance ${instanceId}; ./berth instance ls lists them`, EXIT.notFound);
  }
  if (second !== undefined) {
    throw new CommandFailure(`${instanceId} is the beginning of several instance ids`, EXIT.usage);
  }
  return only;
}

export function inspectBridge({ id, created, containers }: BridgeReport): object {
  const sorted = containers.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  return {
    Name: "bridge",
    Id: id,
    Created: created,
    Scope: "local",
    Driver: "bridge",
    EnableIPv6: false,
    IPAM: { Driver: "default", Options: null, Config: [{ Subnet: "172.17.0.0/16" }] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      sorted.map((one) => [
        one.id,
        {
          Name: one.name,
          EndpointID: one.endpointId,
          MacAddress: one.macAddress,
          IPv4Address: `${one.address}/16`,
          IPv6Address: "",
        },
      ]),
    ),
    Options: {
      "com.docker.network.bridge.default_bridge": "true",
      "com.docker.network.bridge.enable_icc": "true",
      "com.docker.network.bridge.enable_ip_masquerade": "true",
      "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",
      "com.docker.network.bridge.name": "docker0",
      "com.docker.network.driver.mtu": "1500",
    },
    Labels: {},
  };
}
