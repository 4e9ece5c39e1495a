/** What is outside of the control plane: this machine's engine and kernel, or a simulation that has neither. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "./config.ts";
import type {
  Fabric,
  InstanceFabric,
  LoadBalancerFabric,
  NamespaceSockets,
  ResolverFabric,
} from "./fabric/fabric.ts";
import { interfaceNamespaceName, vpcNamespaceName } from "./fabric/links/names.ts";
import { createLinuxInstanceFabric } from "./fabric/linux/instance-fabric.ts";
import { createLinuxFabric } from "./fabric/linux/linux-fabric.ts";
import { createNamespaceSockets } from "./fabric/linux/namespace-sockets.ts";
import { createHaproxyLoadBalancers } from "./fabric/load-balancer/load-balancers.ts";
import { createResolverFabric } from "./fabric/resolver/resolver-fabric.ts";
import { createSimulatedNetwork } from "./fabric/simulated/simulated-fabric.ts";
import { type Clock, systemClock } from "./lib/clock.ts";
import type { Log } from "./lib/log.ts";
import { eagerClock, scaledClock } from "./lib/simulated-clock.ts";
import type { ContainerRuntime } from "./runtime/container-runtime.ts";
import { createDockerRuntime } from "./runtime/docker/docker-runtime.ts";
import { ensureEngine } from "./runtime/docker/engine.ts";
import { sandboxFilesIn } from "./runtime/docker/sandbox-files.ts";
import { createSimulatedRuntime } from "./runtime/simulated/simulated-runtime.ts";

export interface World {
  readonly clock: Clock;
  readonly runtime: ContainerRuntime;
  readonly fabric: Fabric;
  readonly instances: InstanceFabric;
  readonly sockets: NamespaceSockets;
  readonly loadBalancers: LoadBalancerFabric & { close(): void };
  readonly resolver: ResolverFabric;
  /** Whether the VPC's namespace is there, so that something can be bound in it. */
  vpcReady(vpcId: string): boolean;
  /** A request came: simulated time may run ahead again. */
  touch(): void;
}

/** How far simulated time runs ahead of the last request, at most. */
const HORIZON_MS = 60 * 60_000;

/** Neither containers nor packets, and time as fast as asked for. */
export function simulatedWorld(speed: number | "fast"): World {
  const eager = speed === "fast" ? eagerClock(systemClock, HORIZON_MS) : undefined;
  const clock = eager ?? scaledClock(systemClock, speed === "fast" ? 1 : speed);
  return {
    clock,
    runtime: createSimulatedRuntime({ clock }),
    ...createSimulatedNetwork(),
    vpcReady: () => true,
    touch: () => eager?.touch(),
  };
}

/** Throws when the machine lacks what it needs. */
export async function machineWorld(
  config: Config,
  log: Log,
  progress: (line: string) => void,
): Promise<World> {
  const { stateDirectory, installation, publicPool } = config;
  const clock = systemClock;
  progress("container engine");
  const { dockerHost } = await ensureEngine({
    log,
    stateDirectory,
    dockerHost: config.dockerHost,
    path: process.env["PATH"],
  });
  const runtime = await createDockerRuntime({
    installation,
    dockerHost,
    filesDirectory: sandboxFilesIn(stateDirectory),
    clock,
    log,
  });

  progress("network");
  const fabric = createLinuxFabric({ installation, publicPool, log });
  await fabric.start();
  return {
    clock,
    runtime,
    fabric,
    instances: createLinuxInstanceFabric(log),
    sockets: createNamespaceSockets(installation),
    loadBalancers: createHaproxyLoadBalancers({
      stateDirectory: join(stateDirectory, "lb"),
      namespaceOf: (nodeId) => interfaceNamespaceName(installation, nodeId),
      log,
    }),
    resolver: createResolverFabric({ stateDirectory, log }),
    vpcReady: (vpcId) => existsSync(`/run/netns/${vpcNamespaceName(installation, vpcId)}`),
    touch() {},
  };
}
