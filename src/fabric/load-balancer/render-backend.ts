/**
 * A target group as an HAProxy backend, and a target as two servers of it.
 *
 * - The first, named `<address>:<port>`, is checked. It begins with weight 0, a closed gate: HAProxy takes a new
 *   server for up until checks fail, the load balancer gives a new target no request before its first success.
 *   `admission.ts` opens the gate.
 * - The second, `open-<address>:<port>`, is an unchecked backup: HAProxy uses these, all of them, when no first
 *   server is usable, which is how the load balancer "fails open" when no target is healthy.
 */
import type { ProxyBackend, ProxyTarget } from "../config.ts";
import { quote } from "./quote.ts";

export const OPEN_PREFIX = "open-";

export interface RenderedServer {
  readonly name: string;
  /** Address and keywords, for the configuration and for `add server` alike. */
  readonly definition: string;
  readonly checked: boolean;
}

export function serverName(target: Pick<ProxyTarget, "address" | "port">): string {
  return `${target.address}:${target.port}`;
}

export function renderServers(backend: ProxyBackend, target: ProxyTarget): readonly RenderedServer[] {
  const { healthCheck: check } = backend;
  const name = serverName(target);
  // Target certificates are never checked, as on AWS.
  const tls = [...(backend.protocol === "HTTPS" ? ["ssl"] : []), "verify none"];
  const http2 = backend.http2 === true && backend.protocol !== "TCP";
  const common = [name, ...tls, ...(http2 ? ["proto h2"] : []), "pool-purge-delay 5s"];
  const checking = check.enabled
    ? [
        "weight 0",
        "check",
        // A port of its own also keeps the check from taking over the server's TLS.
        `port ${check.port === "traffic-port" ? target.port : check.port}`,
        ...(check.protocol === "HTTPS" ? ["check-ssl"] : []),
        ...(http2 && check.protocol !== "TCP" ? ["check-proto h2"] : []),
        `inter ${check.intervalSeconds}s`,
        `rise ${check.healthyThresholdCount}`,
        `fall ${check.unhealthyThresholdCount}`,
      ]
    : ["weight 1"];
  return [
    { name, definition: [...common, ...checking].join(" "), checked: check.enabled },
    {
      name: OPEN_PREFIX + name,
      definition: [...common, "weight 1", "backup"].join(" "),
      checked: false,
    },
  ];
}

export function renderBackend(backend: ProxyBackend): string[] {
  return [
    `backend ${backend.backendId}`,
    `  mode ${backend.protocol === "TCP" ? "tcp" : "http"}`,
    `  balance ${backend.algorithm === "least_outstanding_requests" ? "leastconn" : "roundrobin"}`,
    "  option allbackups",
    ...renderHealthCheck(backend.healthCheck),
    ...backend.targets
      .flatMap((target) => renderServers(backend, target))
      .map((server) => `  server ${server.name} ${server.definition}`),
  ];
}

/** "Health checks for your target groups": what the probe sends. A TCP check only connects. */
function renderHealthCheck(check: ProxyBackend["healthCheck"]): string[] {
  if (!check.enabled) return [];
  const timeout = `  timeout check ${check.timeoutSeconds}s`;
  if (check.protocol === "TCP") return [timeout];
  const host = check.port === "traffic-port" ? "%[srv_name]" : `%[srv_name,field(1,:)]:${check.port}`;
  return [
    timeout,
    "  option httpchk",
    `  http-check send meth GET uri ${quote(check.path)} ver HTTP/1.1 hdr Host ${quote(host)} ` +
      "hdr User-Agent ELB-HealthChecker/2.0 hdr Accept-Encoding 'gzip, compressed'",
    `  http-check expect status ${check.matcher.replaceAll(" ", "")}`,
  ];
}
