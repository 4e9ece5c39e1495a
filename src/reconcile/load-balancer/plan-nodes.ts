/** From the records of a load balancer to the configuration of its nodes. Pure but for reading the store. */
import type {
  LoadBalancerNodeConfig,
  ProxyAction,
  ProxyBackend,
  ProxyListener,
  ProxyRequestHeaders,
  ProxyRule,
} from "../../fabric/config.ts";
import { unreachable } from "../../lib/assert.ts";
import { isApplicationProtocol } from "../../model/elb/attributes.ts";
import type { Action, Listener, LoadBalancer, TargetGroup } from "../../model/elb/records.ts";
import { DEFAULT_SSL_POLICY, findSslPolicy } from "../../model/elb/ssl-policies.ts";
import type { StoreReader } from "../../store/store.ts";
import { certificates } from "../../store/tables/acm.ts";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import { listenerRules, listeners, targetGroups } from "../../store/tables/elb.ts";
import { addressOfTarget, targetsOf } from "../../store/targets.ts";

const DEFAULT_IDLE_SECONDS = 60;
const NETWORK_IDLE_SECONDS = 350;

/**
 * One configuration per node that has a network interface. Listeners that cannot serve are left out: UDP, and those
 * with TLS whose default certificate is not issued.
 */
export function planNodes(store: StoreReader, loadBalancer: LoadBalancer): LoadBalancerNodeConfig[] {
  const own = listenersOf(store, loadBalancer.arn);
  const shared = {
    listeners: own.flatMap((listener) => planListener(store, listener)),
    backends: forwardedGroups(store, loadBalancer.arn).map((group) => planBackend(store, group)),
    idleTimeoutSeconds: idleSeconds(loadBalancer, own),
    http2: loadBalancer.attributes["routing.http2.enabled"] !== "false",
    requestHeaders: planRequestHeaders(loadBalancer),
  };
  return loadBalancer.zones.flatMap((zone) => {
    const networkInterface = store.get(networkInterfaces, zone.networkInterfaceId);
    if (networkInterface === undefined) return [];
    return [{ nodeId: zone.networkInterfaceId, address: networkInterface.privateIpAddress, ...shared }];
  });
}

/** The target groups that the load balancer's listeners and rules forward to, sorted by ARN. */
export function forwardedGroups(store: StoreReader, loadBalancerArn: string): TargetGroup[] {
  const actions = store
    .where(listeners, "loadBalancer", loadBalancerArn)
    .flatMap((listener) => [
      ...listener.defaultActions,
      ...store.where(listenerRules, "listener", listener.arn).flatMap((rule) => rule.actions),
    ]);
  const arns = new Set(
    actions.flatMap((action) =>
      action.kind === "forward" ? action.targetGroups.map((group) => group.targetGroupArn) : [],
    ),
  );
  return [...arns].sort().flatMap((arn) => store.get(targetGroups, arn) ?? []);
}

/** `…:targetgroup/name/0123456789abcdef` → `name.0123456789abcdef`. */
export function backendIdOf(targetGroupArn: string): string {
  return targetGroupArn.split("/").slice(1).join(".");
}

function listenersOf(store: StoreReader, loadBalancerArn: string): Listener[] {
  return store.where(listeners, "loadBalancer", loadBalancerArn).sort((a, b) => a.port - b.port);
}

/** The idle timeout of a network load balancer is an attribute of its listeners; the longest is taken for all. */
function idleSeconds(loadBalancer: LoadBalancer, own: readonly Listener[]): number {
  if (loadBalancer.type === "application") {
    return Number(loadBalancer.attributes["idle_timeout.timeout_seconds"] ?? DEFAULT_IDLE_SECONDS);
  }
  const seconds = own.map((listener) =>
    Number(listener.attributes["tcp.idle_timeout.seconds"] ?? NETWORK_IDLE_SECONDS),
  );
  return seconds.length === 0 ? NETWORK_IDLE_SECONDS : Math.max(...seconds);
}

function planRequestHeaders({ attributes }: LoadBalancer): ProxyRequestHeaders {
  const mode = attributes["routing.http.xff_header_processing.mode"];
  const isOn = (name: string) => attributes[`routing.http.${name}`] === "true";
  return {
    forwardedFor: mode === "preserve" || mode === "remove" ? mode : "append",
    forwardedForWithPort: isOn("xff_client_port.enabled"),
    preserveHost: isOn("preserve_host_header.enabled"),
    dropInvalid: isOn("drop_invalid_header_fields.enabled"),
    tlsVersionAndCipher: isOn("x_amzn_tls_version_and_cipher_suite.enabled"),
  };
}

function planListener(store: StoreReader, listener: Listener): ProxyListener[] {
  const protocol = proxyProtocol(listener.protocol);
  if (protocol === undefined) return [];
  const base = { port: listener.port, protocol, rules: planRules(store, listener) };
  if (listener.protocol !== "HTTPS" && listener.protocol !== "TLS") return [{ ...base, certificates: [] }];
  const [first, ...others] = listener.certificateArns;
  const [defaultCertificate] = first === undefined ? [] : issuedCertificate(store, first);
  if (defaultCertificate === undefined) return [];
  const policy = findSslPolicy(listener.sslPolicy ?? DEFAULT_SSL_POLICY) ?? findSslPolicy(DEFAULT_SSL_POLICY);
  const [minimum] = policy?.protocols ?? [];
  const maximum = policy?.protocols.at(-1);
  return [
    {
      ...base,
      certificates: [defaultCertificate, ...others.flatMap((arn) => issuedCertificate(store, arn))],
      ...(minimum === undefined || maximum === undefined ? {} : { tlsVersions: { minimum, maximum } }),
      ...(policy === undefined ? {} : { tlsCiphers: policy.ciphers }),
    },
  ];
}

function proxyProtocol(protocol: Listener["protocol"]): ProxyListener["protocol"] | undefined {
  switch (protocol) {
    case "HTTP":
    case "HTTPS":
      return protocol;
    case "TCP":
    case "TLS":
    case "TCP_UDP":
      return "TCP";
    case "UDP":
      return undefined;
    default:
      return unreachable(protocol);
  }
}

/** The certificate as one bundle: key, certificate, chain. */
function issuedCertificate(store: StoreReader, arn: string): { name: string; pem: string }[] {
  const certificate = store.get(certificates, arn);
  if (certificate?.status !== "ISSUED") return [];
  const { privateKeyPem, certificatePem, chainPem } = certificate;
  if (privateKeyPem === undefined || certificatePem === undefined) return [];
  const parts = [privateKeyPem, certificatePem, ...(chainPem === undefined ? [] : [chainPem])];
  return [{ name: arn, pem: parts.map((part) => `${part.trim()}\n`).join("") }];
}

function planRules(store: StoreReader, listener: Listener): ProxyRule[] {
  const rules = store.where(listenerRules, "listener", listener.arn).sort((a, b) => a.priority - b.priority);
  return [
    ...rules.map((rule) => ({ conditions: rule.conditions, action: planAction(store, rule.actions) })),
    { conditions: [], action: planAction(store, listener.defaultActions) },
  ];
}

/** The action that ends a rule: the last. */
function planAction(store: StoreReader, actions: readonly Action[]): ProxyAction {
  const action = [...actions].sort((a, b) => (a.order ?? 0) - (b.order ?? 0)).at(-1);
  switch (action?.kind) {
    case undefined:
      return { kind: "forward", backends: [] };
    case "forward":
      return {
        kind: "forward",
        backends: action.targetGroups
          .filter((group) => store.get(targetGroups, group.targetGroupArn) !== undefined)
          .map((group) => ({ backendId: backendIdOf(group.targetGroupArn), weight: group.weight ?? 1 })),
      };
    case "fixed-response":
      return {
        kind: "fixed-response",
        statusCode: Number(action.statusCode),
        contentType: action.contentType ?? "text/plain",
        body: action.messageBody ?? "",
      };
    case "redirect": {
      const { protocol, host, port, path, query } = action;
      const statusCode = action.statusCode === "HTTP_301" ? 301 : 302;
      return { kind: "redirect", protocol, host, port, path, query, statusCode };
    }
    default:
      return unreachable(action);
  }
}

function planBackend(store: StoreReader, group: TargetGroup): ProxyBackend {
  const protocol = group.protocol === "HTTP" || group.protocol === "HTTPS" ? group.protocol : "TCP";
  const algorithm = group.attributes["load_balancing.algorithm.type"];
  return {
    backendId: backendIdOf(group.arn),
    protocol,
    http2: group.protocolVersion === "HTTP2" || group.protocolVersion === "GRPC",
    algorithm: algorithm === "least_outstanding_requests" ? algorithm : "round_robin",
    targets: targetsOf(store, group.arn)
      .flatMap((target) => {
        const address = addressOfTarget(store, target);
        return address === undefined
          ? []
          : [{ address, port: target.port, draining: target.deregisteredAt !== undefined }];
      })
      .sort((a, b) => (a.address === b.address ? a.port - b.port : a.address < b.address ? -1 : 1)),
    healthCheck: planHealthCheck(group),
  };
}

function planHealthCheck(group: TargetGroup): ProxyBackend["healthCheck"] {
  const { healthCheck } = group;
  // The status of a gRPC answer is in a trailer, where the proxy cannot look; that the port is open has to do.
  const isHttp = isApplicationProtocol(healthCheck.protocol) && group.protocolVersion !== "GRPC";
  return {
    enabled: healthCheck.enabled,
    protocol: !isHttp ? "TCP" : healthCheck.protocol === "HTTPS" ? "HTTPS" : "HTTP",
    port: healthCheck.port === "traffic-port" ? "traffic-port" : Number(healthCheck.port),
    path: healthCheck.path ?? "/",
    intervalSeconds: healthCheck.intervalSeconds,
    timeoutSeconds: healthCheck.timeoutSeconds,
    healthyThresholdCount: healthCheck.healthyThresholdCount,
    unhealthyThresholdCount: healthCheck.unhealthyThresholdCount,
    matcher: healthCheck.matcher ?? (isApplicationProtocol(group.protocol) ? "200" : "200-399"),
  };
}
