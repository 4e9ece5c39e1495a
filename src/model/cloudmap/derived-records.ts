/**
 * The Route 53 record sets that Cloud Map keeps for its instances. They are computed, not stored: the instances
 * are the truth. From "DnsRecord" and "RegisterInstance" in the Cloud Map API reference.
 */
import type { RecordSet } from "../route53/records.ts";
import type { DiscoveryInstance, DiscoveryService, Namespace } from "./records.ts";

export interface DerivedRecordSet {
  readonly recordSet: RecordSet;
  /** Of the instance: UNKNOWN counts as healthy. */
  readonly healthy: boolean;
}

/** `<service>.<namespace>.`, lower case; a service named `.` has the namespace's own name. */
export function serviceDnsName(service: DiscoveryService, namespace: Namespace): string {
  const namespaceName = `${namespace.name.toLowerCase()}.`;
  return service.name === "." ? namespaceName : `${service.name.toLowerCase()}.${namespaceName}`;
}

export function deriveRecordSets(
  namespace: Namespace,
  service: DiscoveryService,
  instances: readonly DiscoveryInstance[],
  /** The canonical hosted zone of a load balancer, for instances that are an alias of one. */
  findCanonicalZone: (dnsName: string) => string | undefined,
): DerivedRecordSet[] {
  const zoneId = namespace.hostedZoneId;
  if (zoneId === undefined || service.dnsConfig === undefined) return [];
  const name = serviceDnsName(service, namespace);
  const { routingPolicy, dnsRecords } = service.dnsConfig;
  const policy = routingPolicy === "MULTIVALUE" ? { multiValueAnswer: true } : { weight: 1 };
  return instances.flatMap((instance) => {
    const healthy = instance.health !== "UNHEALTHY";
    const shared = { zoneId, setIdentifier: instance.instanceId, ...policy };
    return dnsRecords.flatMap(({ type, ttlSeconds }): DerivedRecordSet[] => {
      const aliasName = instance.attributes["AWS_ALIAS_DNS_NAME"];
      if (aliasName !== undefined) {
        const aliasTarget = {
          hostedZoneId: findCanonicalZone(aliasName) ?? "",
          dnsName: aliasName.endsWith(".") ? aliasName : `${aliasName}.`,
          evaluateTargetHealth: true,
        };
        return [{ recordSet: { ...shared, name, type, values: [], aliasTarget }, healthy }];
      }
      if (type === "SRV") return srvRecordSets(instance, name, shared, ttlSeconds, healthy);
      const value = instance.attributes[ATTRIBUTE_OF[type]];
      if (value === undefined) return [];
      return [{ recordSet: { ...shared, name, type, ttlSeconds, values: [value] }, healthy }];
    });
  });
}

const ATTRIBUTE_OF = {
  A: "AWS_INSTANCE_IPV4",
  AAAA: "AWS_INSTANCE_IPV6",
  CNAME: "AWS_INSTANCE_CNAME",
} as const;

/** An SRV record names a host of its own for each instance, which Cloud Map also gives its addresses. */
function srvRecordSets(
  instance: DiscoveryInstance,
  name: string,
  shared: { readonly zoneId: string; readonly setIdentifier: string },
  ttlSeconds: number,
  healthy: boolean,
): DerivedRecordSet[] {
  const port = instance.attributes["AWS_INSTANCE_PORT"];
  if (port === undefined) return [];
  const host = `${instance.instanceId.toLowerCase()}.${name}`;
  const srv = { ...shared, name, type: "SRV", ttlSeconds, values: [`1 1 ${port} ${host}`] };
  const addresses = (["A", "AAAA"] as const).flatMap((type): DerivedRecordSet[] => {
    const address = instance.attributes[ATTRIBUTE_OF[type]];
    if (address === undefined) return [];
    return [
      { recordSet: { zoneId: shared.zoneId, name: host, type, ttlSeconds, values: [address] }, healthy },
    ];
  });
  return [{ recordSet: srv, healthy }, ...addresses];
}
