/**
 * A network that is only said to be there: every link is ready at once, every target healthy, no packet flows. For
 * simulations of the control plane.
 */
import { createServer } from "node:net";
import type { LoadBalancerNodeConfig, ObservedTarget, VpcConfig } from "../config.ts";
import type {
  DnsView,
  Fabric,
  InstanceFabric,
  LoadBalancerFabric,
  NamespaceSockets,
  ResolverFabric,
} from "../fabric.ts";

export interface SimulatedNetwork {
  readonly fabric: Fabric;
  readonly instances: InstanceFabric;
  readonly sockets: NamespaceSockets;
  readonly loadBalancers: LoadBalancerFabric & { close(): void };
  readonly resolver: ResolverFabric;
}

export function createSimulatedNetwork(): SimulatedNetwork {
  return {
    fabric: simulatedFabric(),
    instances: {
      applyInstance: async ({ endpoints }) => ({
        linkedEndpointIds: endpoints.map(({ endpointId }) => endpointId),
      }),
    },
    // Nobody is there to connect: a server that does not listen.
    sockets: { listen: async () => createServer() },
    loadBalancers: simulatedLoadBalancers(),
    resolver: simulatedResolver(),
  };
}

function simulatedFabric(): Fabric {
  const vpcs = new Map<string, VpcConfig>();
  return {
    start: async () => {},
    async applyVpc(config) {
      vpcs.set(config.vpcId, config);
      return { linkedInterfaceIds: config.interfaces.map(({ interfaceId }) => interfaceId) };
    },
    async removeVpc(vpcId) {
      vpcs.delete(vpcId);
    },
    observeVpcs: async () => [...vpcs.keys()],
    vpcNamespace: (vpcId) => vpcId,
    async removeEverything() {
      vpcs.clear();
    },
  };
}

function simulatedLoadBalancers(): LoadBalancerFabric & { close(): void } {
  const nodes = new Map<string, LoadBalancerNodeConfig>();
  return {
    async applyNode(config) {
      nodes.set(config.nodeId, config);
    },
    async removeNode(nodeId) {
      nodes.delete(nodeId);
    },
    observeNodes: async () => [...nodes.keys()],
    observeTargets: async (nodeId) =>
      (nodes.get(nodeId)?.backends ?? []).flatMap(({ backendId, targets }) =>
        targets.map(
          ({ address, port }): ObservedTarget => ({
            backendId,
            address,
            port,
            state: "healthy",
            lastCheck: { outcome: "ok" },
            openSessions: 0,
          }),
        ),
      ),
    close() {
      nodes.clear();
    },
  };
}

function simulatedResolver(): ResolverFabric {
  const views = new Map<string, DnsView>();
  return {
    async applyView(view) {
      views.set(view.vpcId, view);
    },
    async removeView(vpcId) {
      views.delete(vpcId);
    },
    observeViews: async () => [...views.keys()],
    onLost: () => {},
    close: async () => {},
  };
}
