/** The DNS and health check settings of a service, as CreateService and UpdateService take them. */
import type * as wire from "@aws-sdk/client-servicediscovery";
import type { DiscoveryService, Namespace } from "../../model/cloudmap/records.ts";
import { checkEnum, checkLength, checkRange } from "./constraints.ts";
import { LONGEST_TTL_SECONDS } from "./create-namespace.ts";
import { invalidInput } from "./errors.ts";

export type DnsConfig = NonNullable<DiscoveryService["dnsConfig"]>;

export function readDnsRecords(records: readonly wire.DnsRecord[] | undefined): DnsConfig["dnsRecords"] {
  const read = (records ?? []).map((record, index) => {
    const path = `dnsConfig.dnsRecords.${index + 1}.member`;
    const type = checkEnum(record.Type, `${path}.type`, ["SRV", "A", "AAAA", "CNAME"]);
    const ttlSeconds = Number(record.TTL ?? 0);
    checkRange(ttlSeconds, `${path}.tTL`, 0, LONGEST_TTL_SECONDS);
    return { type, ttlSeconds };
  });
  if (read.length === 0) throw invalidInput("At least one DNS record must be specified");
  if (new Set(read.map(({ type }) => type)).size !== read.length) {
    throw invalidInput("Only one DNS record of each type can be specified");
  }
  if (read.length > 1 && read.some(({ type }) => type === "CNAME")) {
    throw invalidInput("A CNAME record can't be combined with records of other types");
  }
  return read;
}

/** A CNAME takes part in WEIGHTED routing only. Without a policy: MULTIVALUE, but for a CNAME. */
export function readRoutingPolicy(
  policy: string | undefined,
  records: DnsConfig["dnsRecords"],
): DnsConfig["routingPolicy"] {
  const cname = records.some(({ type }) => type === "CNAME");
  if (policy === undefined) return cname ? "WEIGHTED" : "MULTIVALUE";
  const read = checkEnum(policy, "dnsConfig.routingPolicy", ["MULTIVALUE", "WEIGHTED"]);
  if (cname && read !== "WEIGHTED") {
    throw invalidInput("The routing policy must be WEIGHTED for a service with a CNAME record");
  }
  return read;
}

/** Route 53 health checks, which reach public addresses only. */
export function readHealthCheckConfig(
  config: wire.HealthCheckConfig | undefined,
  namespace: Namespace | undefined,
  dnsConfig: DnsConfig | undefined,
): DiscoveryService["healthCheckConfig"] {
  if (config === undefined) return undefined;
  const type = checkEnum(config.Type, "healthCheckConfig.type", ["HTTP", "HTTPS", "TCP"]);
  checkLength(config.ResourcePath, "healthCheckConfig.resourcePath", 0, 255);
  if (config.FailureThreshold !== undefined) {
    checkRange(config.FailureThreshold, "healthCheckConfig.failureThreshold", 1, 10);
  }
  if (namespace?.type === "DNS_PRIVATE") {
    throw invalidInput("HealthCheckConfig can't be specified for a service in a private DNS namespace");
  }
  if (dnsConfig?.dnsRecords.some((record) => record.type === "CNAME") === true) {
    throw invalidInput("HealthCheckConfig can't be specified for a service with a CNAME record");
  }
  if (type === "TCP" && config.ResourcePath !== undefined) {
    throw invalidInput("ResourcePath can't be specified when the health check type is TCP");
  }
  return {
    type,
    resourcePath: config.ResourcePath ?? (type === "TCP" ? undefined : "/"),
    failureThreshold: config.FailureThreshold ?? 1,
  };
}
