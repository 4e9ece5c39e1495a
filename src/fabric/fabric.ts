/** The port to the network. Every call may be repeated; "already so" and "already gone" are success. */
import type { LoadBalancerNodeConfig, ObservedTarget, VpcConfig } from "./config.ts";

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

export interface DnsRecordSet {
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  /** Each choice is a set of values; one choice answers unless `selection` is `all`. */
  readonly values: readonly string[];
  /** `multivalue`: up to eight at random; `weighted`: one by weight; `all`: every value. */
  readonly selection: "all" | "multivalue" | "weighted";
}

/** The resolver process. It goes on with its last views while the control plane is down. */
export interface ResolverFabric {
  applyView(view: DnsView): Promise<void>;
  removeView(vpcId: string): Promise<void>;
  close(): Promise<void>;
}
