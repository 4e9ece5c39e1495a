/** The port to the network. Every call may be repeated; "already so" and "already gone" are success. */
import type { Server } from "node:net";
import type { InstanceNetworkConfig, LoadBalancerNodeConfig, ObservedTarget, VpcConfig } from "./config.ts";

export interface Fabric {
  /** Prepares what all VPCs share: the internet namespace, the host's link to it, the pool's unreachable route. */
  start(): Promise<void>;
  /**
   * Makes the VPC as declared and removes what it no longer declares. Resolves when packets flow so; returns the
   * interfaces that are linked (one whose sandbox has vanished is left out). Throws when the kernel refuses.
   */
  applyVpc(config: VpcConfig): Promise<{ readonly linkedInterfaceIds: readonly string[] }>;
  removeVpc(vpcId: string): Promise<void>;
  /** Ids of the VPCs that exist in the kernel, also of an earlier run. */
  observeVpcs(): Promise<readonly string[]>;
  /** The network namespace of a VPC, as `ip netns` names it: where its resolver listens. */
  vpcNamespace(vpcId: string): string;
  /** Removes everything of this installation, whatever state it is in. */
  removeEverything(): Promise<void>;
}

/** Networks inside EC2 instances. What is in an instance's namespace goes with it. */
export interface InstanceFabric {
  /**
   * Makes `docker0` (172.17.0.1/16), the links to it, published ports and masquerading as declared, and removes what
   * is no longer. Returns the endpoints that are linked (one whose sandbox has vanished is left out). Throws when the
   * instance's namespace is gone, or the kernel refuses.
   */
  applyInstance(config: InstanceNetworkConfig): Promise<{ readonly linkedEndpointIds: readonly string[] }>;
}

/** Listening sockets inside a namespace: a child binds them there and hands them to this process. */
export interface NamespaceSockets {
  /** Closing the server ends it; it also goes with the namespace. Throws when the address cannot be bound. */
  listen(
    where:
      | { readonly kind: "vpc"; readonly vpcId: string }
      | { readonly kind: "process"; readonly processId: number },
    address: string,
    port: number,
  ): Promise<Server>;
}

/** Load balancer nodes; their namespaces are made by `Fabric.applyVpc`. */
export interface LoadBalancerFabric {
  /** Starts or changes the node's proxy without losing a connection. Throws when its namespace is not there yet. */
  applyNode(config: LoadBalancerNodeConfig): Promise<void>;
  removeNode(nodeId: string): Promise<void>;
  /** Nodes whose proxy runs, also of an earlier run. */
  observeNodes(): Promise<readonly string[]>;
  observeTargets(nodeId: string): Promise<readonly ObservedTarget[]>;
}

/** DNS as seen from one VPC. */
export interface DnsView {
  readonly vpcId: string;
  readonly namespace: string;
  /** Addresses that it answers at. */
  readonly addresses: readonly string[];
  readonly zones: readonly DnsZone[];
}

export interface DnsZone {
  /** Lower case, with the trailing dot. */
  readonly name: string;
  readonly private: boolean;
  readonly soa: { readonly ttlSeconds: number; readonly nameServer: string };
  readonly recordSets: readonly DnsRecordSet[];
}

/** Record sets of one name and type are the choices among which `selection` selects. */
export interface DnsRecordSet {
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  /** In presentation form, as in a zone file. */
  readonly values: readonly string[];
  /** `all`: every value; `multivalue`: up to eight values, of choices at random; `weighted`: one choice. */
  readonly selection: "all" | "multivalue" | "weighted";
  /** Of a `weighted` choice. */
  readonly weight?: number | undefined;
}

/** The resolver process. It goes on with its last views while the control plane is down. */
export interface ResolverFabric {
  /**
   * Replaces the VPC's view. Resolves when its addresses answer so; throws when they cannot be bound (yet), and the
   * resolver then goes on trying by itself too. Starts the process when none runs.
   */
  applyView(view: DnsView): Promise<void>;
  /** Unbinds the VPC's addresses, so that its namespace can go. */
  removeView(vpcId: string): Promise<void>;
  /** The VPCs that the process has views of, also of an earlier run; none when no process runs. */
  observeViews(): Promise<readonly string[]>;
  /** Called when the process is lost: its views are gone, and whoever applied them applies them again. */
  onLost(listener: () => void): void;
  /** Lets go of the process, which goes on; with `stop` it ends, and every view with it. */
  close(options?: { readonly stop?: boolean }): Promise<void>;
}
