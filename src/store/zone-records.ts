/** All record sets of a hosted zone: the stored ones, and those that Cloud Map derives from its instances. */
import { type DerivedRecordSet, deriveRecordSets } from "../model/cloudmap/derived-records.ts";
import type { HostedZone, RecordSet } from "../model/route53/records.ts";
import type { StoreReader } from "./store.ts";
import { discoveryInstances, discoveryServices, namespaces } from "./tables/cloudmap.ts";
import { loadBalancers } from "./tables/elb.ts";
import { recordSets } from "./tables/route53.ts";

/** With the health of the instance behind each; stored record sets count as healthy. */
export function recordSetsWithHealth(store: StoreReader, zone: HostedZone): DerivedRecordSet[] {
  return [
    ...store.where(recordSets, "zone", zone.id).map((recordSet) => ({ recordSet, healthy: true })),
    ...derivedRecordSets(store, zone),
  ];
}

export function recordSetsOfZone(store: StoreReader, zone: HostedZone): RecordSet[] {
  return recordSetsWithHealth(store, zone).map(({ recordSet }) => recordSet);
}

export function recordSetCount(store: StoreReader, zone: HostedZone): number {
  return store.count(recordSets, "zone", zone.id) + derivedRecordSets(store, zone).length;
}

function derivedRecordSets(store: StoreReader, zone: HostedZone): DerivedRecordSet[] {
  return store
    .where(namespaces, "hostedZone", zone.id)
    .flatMap((namespace) =>
      store
        .where(discoveryServices, "namespace", namespace.id)
        .flatMap((service) =>
          deriveRecordSets(
            namespace,
            service,
            store.where(discoveryInstances, "service", service.id),
            (name) => canonicalZoneOf(store, name),
          ),
        ),
    );
}

function canonicalZoneOf(store: StoreReader, dnsName: string): string | undefined {
  const [loadBalancer] = store.where(loadBalancers, "dnsName", dnsName.toLowerCase().replace(/\.$/, ""));
  return loadBalancer?.canonicalHostedZoneId;
}
