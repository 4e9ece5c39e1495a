import type { Listener, LoadBalancer } from "../../model/elb/records.ts";
import { oneOf } from "./constraints.ts";
import { unsupportedProtocol, validationError } from "./errors.ts";
import { PROTOCOLS } from "./health-check-input.ts";

const APPLICATION_PROTOCOLS: readonly string[] = ["HTTPS", "HTTP"];
const NETWORK_PROTOCOLS: readonly string[] = ["TLS", "TCP", "TCP_UDP", "UDP"];

/** HTTP or HTTPS on an application load balancer, TCP on a network one. Throws ValidationError, UnsupportedProtocol. */
export function readListenerProtocol(
  value: string | undefined,
  loadBalancer: Pick<LoadBalancer, "type">,
): Listener["protocol"] {
  const protocol = oneOf(value, "protocol", PROTOCOLS);
  if (protocol === undefined) throw validationError("A listener protocol must be specified");
  const allowed = loadBalancer.type === "application" ? APPLICATION_PROTOCOLS : NETWORK_PROTOCOLS;
  if (!allowed.includes(protocol)) {
    throw validationError(`Listener protocol '${protocol}' must be one of '${allowed.join(", ")}'`);
  }
  if (protocol === "HTTP" || protocol === "HTTPS" || protocol === "TCP") return protocol;
  throw unsupportedProtocol(`Berth does not support ${protocol} listeners; network load balancers have TCP`);
}
