/** Elastic Load Balancing v2's nouns. */
import type { Scope } from "../scope.ts";
import type { Tag } from "../tags.ts";

export interface LoadBalancer extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly type: "application" | "network";
  readonly scheme: "internet-facing" | "internal";
  readonly vpcId: string;
  readonly securityGroupIds: readonly string[];
  /** One node, and so one ENI, per subnet. */
  readonly zones: readonly {
    readonly subnetId: string;
    readonly zoneName: string;
    readonly networkInterfaceId: string;
  }[];
  readonly dnsName: string;
  readonly canonicalHostedZoneId: string;
  readonly ipAddressType: "ipv4";
  /** Written by reconcile/load-balancer: `active` once each node serves. */
  readonly state: "provisioning" | "active" | "failed";
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdTime: number;
  readonly tags: readonly Tag[];
}

export interface TargetGroup extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly protocol: "HTTP" | "HTTPS" | "TCP" | "TLS" | "UDP" | "TCP_UDP";
  readonly protocolVersion?: "HTTP1" | "HTTP2" | "GRPC" | undefined;
  readonly port: number;
  readonly vpcId: string;
  readonly targetType: "instance" | "ip" | "lambda" | "alb";
  readonly healthCheck: {
    readonly enabled: boolean;
    readonly protocol: string;
    /** A number as text, or `traffic-port`. */
    readonly port: string;
    readonly path?: string | undefined;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly healthyThresholdCount: number;
    readonly unhealthyThresholdCount: number;
    readonly matcher?: string | undefined;
  };
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdTime: number;
  readonly tags: readonly Tag[];
}

export type TargetHealthState = "initial" | "healthy" | "unhealthy" | "unused" | "draining" | "unavailable";

/** A registered target: key `<target group arn>|<id>|<port>`. Registered by handlers and reconcile/registration. */
export interface Target extends Scope {
  readonly targetGroupArn: string;
  /** An IPv4 address, or an instance id. */
  readonly targetId: string;
  readonly port: number;
  readonly availabilityZone?: string | undefined;
  readonly registeredAt: number;
  /** Set by DeregisterTargets; the target then drains and reconcile/load-balancer deletes the record. */
  readonly deregisteredAt?: number | undefined;
  /** Written by reconcile/load-balancer alone; `unused` when no listener or rule forwards to the group. */
  readonly health: {
    readonly state: TargetHealthState;
    readonly reason?: string | undefined;
    readonly description?: string | undefined;
  };
}

export type Action =
  | {
      readonly kind: "forward";
      readonly targetGroups: readonly {
        readonly targetGroupArn: string;
        readonly weight?: number | undefined;
      }[];
      readonly stickiness?:
        | { readonly enabled: boolean; readonly durationSeconds?: number | undefined }
        | undefined;
      readonly order?: number | undefined;
    }
  | {
      readonly kind: "fixed-response";
      readonly statusCode: string;
      readonly contentType?: string | undefined;
      readonly messageBody?: string | undefined;
      readonly order?: number | undefined;
    }
  | {
      readonly kind: "redirect";
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
      readonly statusCode: "HTTP_301" | "HTTP_302";
      readonly order?: number | undefined;
    };

export type Condition =
  | { readonly kind: "host-header"; readonly values: readonly string[] }
  | { readonly kind: "path-pattern"; readonly values: readonly string[] }
  | { readonly kind: "http-header"; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: "http-request-method"; readonly values: readonly string[] }
  | {
      readonly kind: "query-string";
      readonly values: readonly { readonly key?: string | undefined; readonly value: string }[];
    }
  | { readonly kind: "source-ip"; readonly values: readonly string[] };

export interface Listener extends Scope {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: "HTTP" | "HTTPS" | "TCP" | "TLS" | "UDP" | "TCP_UDP";
  readonly sslPolicy?: string | undefined;
  /** The default certificate, first, then those of AddListenerCertificates. */
  readonly certificateArns: readonly string[];
  readonly defaultActions: readonly Action[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
}

/** A rule other than the default one (which is the listener's default actions). */
export interface ListenerRule extends Scope {
  readonly arn: string;
  readonly listenerArn: string;
  readonly priority: number;
  readonly conditions: readonly Condition[];
  readonly actions: readonly Action[];
  readonly tags: readonly Tag[];
}
