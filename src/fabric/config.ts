/**
 * What the network should be, declared whole per VPC. Plain data: no records, no ARNs, no Linux names.
 * The fabric makes the kernel match it, however often it is given.
 */
export interface VpcConfig {
  readonly vpcId: string;
  readonly cidr: string;
  readonly subnets: readonly SubnetConfig[];
  readonly interfaces: readonly InterfaceConfig[];
  readonly securityGroups: readonly SecurityGroupConfig[];
  /** An internet gateway is attached: the VPC has an uplink. */
  readonly internetGateway: boolean;
  /** One-to-one translation at the internet gateway. */
  readonly publicAddresses: readonly { readonly publicIp: string; readonly privateIp: string }[];
  /** Whether the resolver answers at the base address + 2 and 169.254.169.253. */
  readonly dnsSupport: boolean;
}

export interface SubnetConfig {
  readonly subnetId: string;
  readonly cidr: string;
  /** Without the local route, which always is. */
  readonly routes: readonly RouteConfig[];
}

export interface RouteConfig {
  readonly destination: string;
  readonly target:
    | { readonly kind: "internet-gateway" }
    /** To an interface of this VPC: a NAT gateway's, or a user's. */
    | { readonly kind: "interface"; readonly interfaceId: string }
    /** The target is gone. */
    | { readonly kind: "blackhole" };
}

export interface InterfaceConfig {
  /** `eni-…`. */
  readonly interfaceId: string;
  readonly subnetId: string;
  readonly address: string;
  readonly macAddress: string;
  /** 0 (also when absent): `eth0`, with the default route; 1: `eth1` beside it, and so on. */
  readonly deviceIndex?: number | undefined;
  /** As on Fargate: `eth1`, though it is the only one, and no way to the instance metadata service. */
  readonly onFargate?: boolean | undefined;
  readonly securityGroupIds: readonly string[];
  /** `none`: no group filters it (NAT gateways). */
  readonly filtering: "security-groups" | "none";
  /** Packets with other source addresses than its own are dropped (EC2's source/destination check). */
  readonly sourceDestCheck: boolean;
  readonly sandbox: /** The namespace of that process. */
    | { readonly kind: "process"; readonly processId: number }
    /** A namespace that the fabric makes and removes with the interface. */
    | { readonly kind: "own-namespace"; readonly natGateway: boolean };
}

export interface SecurityGroupConfig {
  readonly groupId: string;
  readonly ingress: readonly FirewallRule[];
  readonly egress: readonly FirewallRule[];
  /** Private addresses of the interfaces that carry the group: what a reference to it means. */
  readonly members: readonly string[];
}

export interface FirewallRule {
  /** `-1`, `tcp`, `udp`, `icmp`, or an IP protocol number as text. */
  readonly protocol: string;
  /** Ports, or for ICMP type (`from`) and code (`to`), -1 meaning any. Absent: all. */
  readonly ports?: { readonly from: number; readonly to: number } | undefined;
  readonly peer:
    | { readonly kind: "cidr"; readonly cidr: string }
    | { readonly kind: "group"; readonly groupId: string };
}

/** What is inside an EC2 instance: Docker's default bridge, with the containers that hang on it. */
export interface InstanceNetworkConfig {
  readonly instanceId: string;
  /** The namespace of that process is the instance's. */
  readonly processId: number;
  readonly endpoints: readonly BridgeEndpointConfig[];
}

export interface BridgeEndpointConfig {
  /** 64 hexadecimal digits. */
  readonly endpointId: string;
  /** The container's namespace is that process's. */
  readonly processId: number;
  /** Of 172.17.0.0/16. */
  readonly address: string;
  readonly macAddress: string;
  /** Published on all addresses of the instance. */
  readonly ports: readonly {
    readonly protocol: "tcp" | "udp";
    readonly containerPort: number;
    readonly hostPort: number;
  }[];
}

/** One node of a load balancer: an HAProxy in the own namespace of one interface. */
export interface LoadBalancerNodeConfig {
  /** Equal to the interface's id. */
  readonly nodeId: string;
  readonly address: string;
  readonly listeners: readonly ProxyListener[];
  readonly backends: readonly ProxyBackend[];
  readonly idleTimeoutSeconds: number;
  readonly http2: boolean;
  /** What happens to the headers of requests on their way to a target; absent: as AWS's defaults have it. */
  readonly requestHeaders?: ProxyRequestHeaders | undefined;
}

export interface ProxyRequestHeaders {
  readonly forwardedFor: "append" | "preserve" | "remove";
  /** The client's address in X-Forwarded-For carries its port. */
  readonly forwardedForWithPort: boolean;
  /** Leaves the Host header as the client sent it; else its port is made to fit the listener's. */
  readonly preserveHost: boolean;
  /** Removes headers whose names have other characters than letters, digits and hyphens. */
  readonly dropInvalid: boolean;
  /** Adds x-amzn-tls-version and x-amzn-tls-cipher-suite on HTTPS. */
  readonly tlsVersionAndCipher: boolean;
}

export interface ProxyListener {
  readonly port: number;
  readonly protocol: "HTTP" | "HTTPS" | "TCP";
  /** PEM bundles (key, certificate, chain); the first is the default, the others go by SNI. A TCP listener that has some ends TLS. */
  readonly certificates: readonly { readonly name: string; readonly pem: string }[];
  /** `TLSv1`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`. */
  readonly tlsVersions?: { readonly minimum: string; readonly maximum: string } | undefined;
  /** In OpenSSL's names, in the order of preference; absent: what the proxy's library offers. */
  readonly tlsCiphers?: readonly string[] | undefined;
  /** In order of priority; the last has no conditions. */
  readonly rules: readonly ProxyRule[];
}

export type ProxyCondition =
  | { readonly kind: "host-header"; readonly values: readonly string[] }
  | { readonly kind: "path-pattern"; readonly values: readonly string[] }
  | { readonly kind: "http-header"; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: "http-request-method"; readonly values: readonly string[] }
  | {
      readonly kind: "query-string";
      readonly values: readonly { readonly key?: string | undefined; readonly value: string }[];
    }
  | { readonly kind: "source-ip"; readonly values: readonly string[] };

export type ProxyAction =
  | {
      readonly kind: "forward";
      readonly backends: readonly { readonly backendId: string; readonly weight: number }[];
    }
  | {
      readonly kind: "fixed-response";
      readonly statusCode: number;
      readonly contentType: string;
      readonly body: string;
    }
  | {
      readonly kind: "redirect";
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
      readonly statusCode: 301 | 302;
    };

export interface ProxyRule {
  readonly conditions: readonly ProxyCondition[];
  readonly action: ProxyAction;
}

export interface ProxyBackend {
  /** Letters, digits, `.`, `_`, `:` and `-` only. */
  readonly backendId: string;
  readonly protocol: "HTTP" | "HTTPS" | "TCP";
  /** Targets are spoken to in HTTP/2, requests and checks. */
  readonly http2?: boolean | undefined;
  readonly algorithm: "round_robin" | "least_outstanding_requests";
  readonly targets: readonly ProxyTarget[];
  readonly healthCheck: {
    readonly enabled: boolean;
    readonly protocol: "HTTP" | "HTTPS" | "TCP";
    /** A number, or the port of the target. */
    readonly port: number | "traffic-port";
    readonly path: string;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly healthyThresholdCount: number;
    readonly unhealthyThresholdCount: number;
    /** `200`, `200,202`, `200-299`. */
    readonly matcher: string;
  };
}

export interface ProxyTarget {
  readonly address: string;
  readonly port: number;
  /** Gets no new connections; those that are open go on. */
  readonly draining: boolean;
}

/** What one node saw of one target. */
export interface ObservedTarget {
  readonly backendId: string;
  readonly address: string;
  readonly port: number;
  readonly state: "initial" | "healthy" | "unhealthy";
  /** Of the last check: for example `Health checks failed with these codes: [404]`. */
  readonly lastCheck?:
    | { readonly outcome: "ok" | "timeout" | "failed" }
    | { readonly outcome: "wrong-code"; readonly code: number }
    | undefined;
  readonly openSessions: number;
}
