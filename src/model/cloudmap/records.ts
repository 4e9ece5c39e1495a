/** AWS Cloud Map's nouns. */
import type { Scope } from "../scope.ts";
import type { Tag } from "../tags.ts";

export interface Namespace extends Scope {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly type: "DNS_PRIVATE" | "DNS_PUBLIC" | "HTTP";
  readonly description?: string | undefined;
  readonly creatorRequestId?: string | undefined;
  /** Absent on HTTP namespaces. */
  readonly hostedZoneId?: string | undefined;
  readonly soaTtlSeconds?: number | undefined;
  readonly createDate: number;
  readonly tags: readonly Tag[];
}

export interface DiscoveryService extends Scope {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly namespaceId: string;
  readonly description?: string | undefined;
  readonly creatorRequestId?: string | undefined;
  readonly dnsConfig?:
    | {
        readonly routingPolicy: "MULTIVALUE" | "WEIGHTED";
        readonly dnsRecords: readonly {
          readonly type: "A" | "AAAA" | "SRV" | "CNAME";
          readonly ttlSeconds: number;
        }[];
      }
    | undefined;
  readonly healthCheckConfig?:
    | {
        readonly type: string;
        readonly resourcePath?: string | undefined;
        readonly failureThreshold?: number | undefined;
      }
    | undefined;
  readonly healthCheckCustomConfig?: { readonly failureThreshold: number } | undefined;
  readonly type: "DNS_HTTP" | "HTTP" | "DNS";
  /** Changes with each registration and deregistration (DiscoverInstances' InstancesRevision). */
  readonly instancesRevision: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly createDate: number;
  readonly tags: readonly Tag[];
}

/** Key `<service id>|<instance id>`. */
export interface DiscoveryInstance extends Scope {
  readonly serviceId: string;
  readonly instanceId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly creatorRequestId?: string | undefined;
  /** UNKNOWN without a custom health check. */
  readonly health: "HEALTHY" | "UNHEALTHY" | "UNKNOWN";
}

export interface DiscoveryOperation extends Scope {
  readonly id: string;
  readonly type:
    | "CREATE_NAMESPACE"
    | "DELETE_NAMESPACE"
    | "UPDATE_NAMESPACE"
    | "UPDATE_SERVICE"
    | "REGISTER_INSTANCE"
    | "DEREGISTER_INSTANCE";
  readonly status: "SUBMITTED" | "PENDING" | "SUCCESS" | "FAIL";
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
  readonly targets: Readonly<Partial<Record<"NAMESPACE" | "SERVICE" | "INSTANCE", string>>>;
  readonly createDate: number;
  readonly updateDate: number;
}
