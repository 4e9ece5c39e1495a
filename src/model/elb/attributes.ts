/**
 * The attributes of load balancers, target groups and listeners: keys, defaults, and which values are valid. From
 * the Elastic Load Balancing API reference (LoadBalancerAttribute, TargetGroupAttribute, ListenerAttribute).
 */
import type { Listener, LoadBalancer, TargetGroup } from "./records.ts";

type ValueRule =
  | { readonly kind: "boolean" }
  | { readonly kind: "number"; readonly minimum: number; readonly maximum: number }
  | { readonly kind: "number-or-off"; readonly minimum: number; readonly maximum: number }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  | { readonly kind: "text" };

export interface Attribute {
  readonly key: string;
  readonly initial: string;
  readonly rule: ValueRule;
  /** Cannot be set to anything else. */
  readonly fixed?: boolean;
}

const boolean = (key: string, initial: boolean, fixed = false): Attribute => ({
  key,
  initial: String(initial),
  rule: { kind: "boolean" },
  fixed,
});
const number = (key: string, initial: number, minimum: number, maximum: number): Attribute => ({
  key,
  initial: String(initial),
  rule: { kind: "number", minimum, maximum },
});
const numberOrOff = (key: string, initial: string, maximum: number): Attribute => ({
  key,
  initial,
  rule: { kind: "number-or-off", minimum: 1, maximum },
});
const choice = (key: string, initial: string, choices: readonly string[]): Attribute => ({
  key,
  initial,
  rule: { kind: "choice", choices },
});
const text = (key: string): Attribute => ({ key, initial: "", rule: { kind: "text" } });

const logs = (kind: string): Attribute[] => [
  boolean(`${kind}.s3.enabled`, false),
  text(`${kind}.s3.bucket`),
  text(`${kind}.s3.prefix`),
];

export function loadBalancerAttributes(
  loadBalancer: Pick<LoadBalancer, "type" | "scheme">,
): readonly Attribute[] {
  const common = [
    ...logs("access_logs"),
    boolean("deletion_protection.enabled", false),
    boolean("ipv6.deny_all_igw_traffic", loadBalancer.scheme === "internal"),
    boolean("zonal_shift.config.enabled", false),
  ];
  if (loadBalancer.type === "network") {
    return [
      ...common,
      boolean("load_balancing.cross_zone.enabled", false),
      choice("dns_record.client_routing_policy", "any_availability_zone", [
        "availability_zone_affinity",
        "partial_availability_zone_affinity",
        "any_availability_zone",
      ]),
      number("secondary_ips.auto_assigned.per_subnet", 0, 0, 7),
    ];
  }
  return [
    ...common,
    ...logs("connection_logs"),
    ...logs("health_check_logs"),
    boolean("load_balancing.cross_zone.enabled", true, true),
    number("idle_timeout.timeout_seconds", 60, 1, 4000),
    number("client_keep_alive.seconds", 3600, 60, 604_800),
    choice("routing.http.desync_mitigation_mode", "defensive", ["monitor", "defensive", "strictest"]),
    boolean("routing.http.drop_invalid_header_fields.enabled", false),
    boolean("routing.http.preserve_host_header.enabled", false),
    boolean("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", false),
    boolean("routing.http.xff_client_port.enabled", false),
    choice("routing.http.xff_header_processing.mode", "append", ["append", "preserve", "remove"]),
    boolean("routing.http2.enabled", true),
    boolean("waf.fail_open.enabled", false),
  ];
}

const TARGET_GROUP_HEALTH = [
  numberOrOff("target_group_health.dns_failover.minimum_healthy_targets.count", "1", 1000),
  numberOrOff("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", 100),
  number("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", 1, 1, 1000),
  numberOrOff("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off", 100),
];

export function targetGroupAttributes(
  group: Pick<TargetGroup, "protocol" | "targetType">,
): readonly Attribute[] {
  const common = [
    number("deregistration_delay.timeout_seconds", 300, 0, 3600),
    boolean("stickiness.enabled", false),
    choice("load_balancing.cross_zone.enabled", "use_load_balancer_configuration", [
      "true",
      "false",
      "use_load_balancer_configuration",
    ]),
    ...TARGET_GROUP_HEALTH,
  ];
  if (isApplicationProtocol(group.protocol)) {
    return [
      ...common,
      choice("stickiness.type", "lb_cookie", ["lb_cookie", "app_cookie"]),
      number("stickiness.lb_cookie.duration_seconds", 86_400, 1, 604_800),
      text("stickiness.app_cookie.cookie_name"),
      number("stickiness.app_cookie.duration_seconds", 86_400, 1, 604_800),
      choice("load_balancing.algorithm.type", "round_robin", [
        "round_robin",
        "least_outstanding_requests",
        "weighted_random",
      ]),
      choice("load_balancing.algorithm.anomaly_mitigation", "off", ["on", "off"]),
      number("slow_start.duration_seconds", 0, 0, 900),
    ];
  }
  const isUdp = group.protocol === "UDP" || group.protocol === "TCP_UDP";
  return [
    ...common,
    choice("stickiness.type", "source_ip", ["source_ip"]),
    boolean("deregistration_delay.connection_termination.enabled", isUdp),
    boolean("preserve_client_ip.enabled", isUdp || group.targetType === "instance", isUdp),
    boolean("proxy_protocol_v2.enabled", false),
    boolean("target_health_state.unhealthy.connection_termination.enabled", true),
    number("target_health_state.unhealthy.draining_interval_seconds", 0, 0, 360_000),
  ];
}

const TLS_REQUEST_HEADERS = [
  "mtls_clientcert_serial_number",
  "mtls_clientcert_issuer",
  "mtls_clientcert_subject",
  "mtls_clientcert_validity",
  "mtls_clientcert_leaf",
  "mtls_clientcert",
  "tls_version",
  "tls_cipher_suite",
];
const RESPONSE_HEADERS = [
  "strict_transport_security",
  "access_control_allow_origin",
  "access_control_allow_methods",
  "access_control_allow_headers",
  "access_control_allow_credentials",
  "access_control_expose_headers",
  "access_control_max_age",
  "content_security_policy",
  "x_content_type_options",
  "x_frame_options",
];

export function listenerAttributes(listener: Pick<Listener, "protocol">): readonly Attribute[] {
  if (!isApplicationProtocol(listener.protocol)) {
    return listener.protocol === "TCP" ? [number("tcp.idle_timeout.seconds", 350, 60, 6000)] : [];
  }
  return [
    boolean("routing.http.response.server.enabled", true),
    ...RESPONSE_HEADERS.map((name) => text(`routing.http.response.${name}.header_value`)),
    ...(listener.protocol === "HTTPS"
      ? TLS_REQUEST_HEADERS.map((name) => text(`routing.http.request.x_amzn_${name}.header_name`))
      : []),
  ];
}

export function initialAttributes(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map((attribute) => [attribute.key, attribute.initial]));
}

/** Whether any resource of the kind knows the key, though this one may not. */
export function isKnownLoadBalancerAttribute(key: string): boolean {
  return (["application", "network"] as const).some((type) =>
    loadBalancerAttributes({ type, scheme: "internal" }).some((attribute) => attribute.key === key),
  );
}

export function isKnownTargetGroupAttribute(key: string): boolean {
  return (["HTTP", "TCP"] as const).some((protocol) =>
    targetGroupAttributes({ protocol, targetType: "ip" }).some((attribute) => attribute.key === key),
  );
}

export function isKnownListenerAttribute(key: string): boolean {
  return (["HTTPS", "TCP"] as const).some((protocol) =>
    listenerAttributes({ protocol }).some((attribute) => attribute.key === key),
  );
}

/** What is wrong with a value, as a whole sentence; undefined when it is valid. */
export function attributeProblem(attribute: Attribute, value: string): string | undefined {
  const { key, rule } = attribute;
  if (attribute.fixed && value !== attribute.initial)
    return `'${key}' cannot be changed from '${attribute.initial}'`;
  switch (rule.kind) {
    case "boolean":
      return value === "true" || value === "false"
        ? undefined
        : `'${key}' value '${value}' must be one of [true, false]`;
    case "choice":
      return rule.choices.includes(value)
        ? undefined
        : `'${key}' value '${value}' must be one of [${rule.choices.join(", ")}]`;
    case "number-or-off":
      if (value === "off") return undefined;
      return numberProblem(key, value, rule.minimum, rule.maximum);
    case "number":
      if (key === "slow_start.duration_seconds" && value !== "0")
        return numberProblem(key, value, 30, rule.maximum);
      return numberProblem(key, value, rule.minimum, rule.maximum);
    case "text":
      return undefined;
  }
}

function numberProblem(key: string, value: string, minimum: number, maximum: number): string | undefined {
  const valid = /^\d+$/.test(value) && Number(value) >= minimum && Number(value) <= maximum;
  return valid ? undefined : `'${key}' value '${value}' must be between '${minimum}-${maximum}' inclusive`;
}

export function isApplicationProtocol(protocol: string): boolean {
  return protocol === "HTTP" || protocol === "HTTPS";
}
