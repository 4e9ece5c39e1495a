/**
 * Hosted zones as DNS serves them: aliases resolved to addresses, routing policies to choices, unhealthy instances
 * of Cloud Map left out. Nothing of it is stored.
 */
import type { Zone, ZoneRecordSet } from "../lib/dns/zones.ts";
import type { DerivedRecordSet } from "../model/cloudmap/derived-records.ts";
import type { LoadBalancer } from "../model/elb/records.ts";
import { routingPolicy } from "../model/route53/change-batch.ts";
import { normaliseName } from "../model/route53/domain-names.ts";
import type { HostedZone, RecordSet } from "../model/route53/records.ts";
import { negativeTtlSeconds } from "../model/route53/zone-defaults.ts";
import { publicAddressOf } from "./network-interfaces.ts";
import type { StoreReader } from "./store.ts";
import { networkInterfaces } from "./tables/ec2.ts";
import { loadBalancers } from "./tables/elb.ts";
import { hostedZones } from "./tables/route53.ts";
import { recordSetsWithHealth } from "./zone-records.ts";

/** Of an alias that leads to a load balancer ("Choosing between alias and non-alias records"). */
export const LOAD_BALANCER_TTL_SECONDS = 60;

const LONGEST_ALIAS_CHAIN = 8;

/** The zone as seen from `region`, which decides between latency record sets. */
export function compileHostedZone(store: StoreReader, zone: HostedZone, region: string): Zone {
  const all = recordSetsWithHealth(store, zone);
  const soa = all.find(
    ({ recordSet }) => recordSet.type === "SOA" && recordSet.name === zone.name,
  )?.recordSet;
  return {
    name: zone.name,
    private: zone.privateZone,
    soa: { ttlSeconds: negativeTtlSeconds(soa), nameServer: `${zone.nameServers[0] ?? zone.name}` },
    recordSets: groupByNameAndType(all).flatMap((group) => compileGroup(store, group, region)),
  };
}

function groupByNameAndType(sets: readonly DerivedRecordSet[]): DerivedRecordSet[][] {
  const groups = new Map<string, DerivedRecordSet[]>();
  for (const set of sets) {
    const key = `${set.recordSet.name}|${set.recordSet.type}`;
    const group = groups.get(key);
    if (group) group.push(set);
    else groups.set(key, [set]);
  }
  return [...groups.values()];
}

/** A choice without values keeps its name in existence, but is not chosen while another has values. */
function compileGroup(
  store: StoreReader,
  group: readonly DerivedRecordSet[],
  region: string,
  depth = 0,
): ZoneRecordSet[] {
  const choices = preferred(group, ({ healthy }) => healthy).map(({ recordSet }) =>
    compileRecordSet(store, recordSet, region, depth),
  );
  const useful = preferred(choices, (choice) => choice.compiled.values.length > 0);
  const [first] = useful;
  if (first === undefined) return [];
  switch (routingPolicy(first.source)) {
    case "simple":
    case "weighted":
    case "multivalue answer":
      return useful.map(({ compiled }) => compiled);
    case "latency":
      return [(useful.find(({ source }) => source.region === region) ?? first).compiled];
    case "failover":
      return [(useful.find(({ source }) => source.failover === "PRIMARY") ?? first).compiled];
    case "geolocation":
      // A machine is in no country: the default record set is the one for it.
      return [(useful.find(({ source }) => source.geoLocation?.countryCode === "*") ?? first).compiled];
  }
}

/** Those that pass, or all when none does: "none healthy" means "all healthy". */
function preferred<T>(items: readonly T[], test: (item: T) => boolean): readonly T[] {
  const passing = items.filter(test);
  return passing.length > 0 ? passing : items;
}

function compileRecordSet(
  store: StoreReader,
  source: RecordSet,
  region: string,
  depth: number,
): { source: RecordSet; compiled: ZoneRecordSet } {
  const policy = routingPolicy(source);
  const selection =
    policy === "multivalue answer" ? "multivalue" : policy === "weighted" ? "weighted" : "all";
  const resolved =
    source.aliasTarget === undefined
      ? { values: source.values, ttlSeconds: source.ttlSeconds ?? 0 }
      : resolveAlias(store, source.aliasTarget, source.type, region, depth);
  const compiled = { name: source.name, type: source.type, selection, ...resolved } as const;
  return { source, compiled: policy === "weighted" ? { ...compiled, weight: source.weight ?? 0 } : compiled };
}

function resolveAlias(
  store: StoreReader,
  alias: NonNullable<RecordSet["aliasTarget"]>,
  type: string,
  region: string,
  depth: number,
): { values: readonly string[]; ttlSeconds: number } {
  const target = normaliseName(alias.dnsName);
  const loadBalancer = findLoadBalancerByDnsName(store, target);
  if (loadBalancer !== undefined) {
    return {
      values: type === "A" ? loadBalancerAddresses(store, loadBalancer) : [],
      ttlSeconds: LOAD_BALANCER_TTL_SECONDS,
    };
  }
  const zone = store.get(hostedZones, alias.hostedZoneId);
  if (zone === undefined || depth >= LONGEST_ALIAS_CHAIN) {
    return { values: [], ttlSeconds: LOAD_BALANCER_TTL_SECONDS };
  }
  const group = recordSetsWithHealth(store, zone).filter(
    ({ recordSet }) => recordSet.name === target && recordSet.type === type,
  );
  const compiled = compileGroup(store, group, region, depth + 1);
  return {
    values: compiled.flatMap((set) => set.values),
    ttlSeconds: compiled[0]?.ttlSeconds ?? LOAD_BALANCER_TTL_SECONDS,
  };
}

/** By its DNS name with or without trailing dot, also behind the `dualstack.` that consoles put in front. */
export function findLoadBalancerByDnsName(store: StoreReader, dnsName: string): LoadBalancer | undefined {
  const name = dnsName
    .toLowerCase()
    .replace(/\.$/, "")
    .replace(/^dualstack\./, "");
  return store.where(loadBalancers, "dnsName", name)[0];
}

/** Where a load balancer answers once it is active: public addresses, or private ones of an internal one. */
export function loadBalancerAddresses(store: StoreReader, loadBalancer: LoadBalancer): string[] {
  if (loadBalancer.state !== "active") return [];
  return loadBalancer.zones.flatMap((zone) => addressOfNode(store, loadBalancer, zone.networkInterfaceId));
}

function addressOfNode(store: StoreReader, loadBalancer: LoadBalancer, networkInterfaceId: string): string[] {
  const node = store.get(networkInterfaces, networkInterfaceId);
  if (node === undefined) return [];
  const address = loadBalancer.scheme === "internal" ? node.privateIpAddress : publicAddressOf(store, node);
  return address === undefined ? [] : [address];
}

/** The names that Elastic Load Balancing gives: of each balancer, and of a network balancer's zones. */
export function compileLoadBalancerZones(store: StoreReader): Zone[] {
  const byZone = new Map<string, ZoneRecordSet[]>([["elb.amazonaws.com.", []]]);
  for (const loadBalancer of store.list(loadBalancers)) {
    if (loadBalancer.state !== "active") continue;
    const name = normaliseName(loadBalancer.dnsName);
    const zoneName = name.endsWith(".elb.amazonaws.com.")
      ? "elb.amazonaws.com."
      : name.slice(name.indexOf(".") + 1);
    const sets = byZone.get(zoneName) ?? [];
    byZone.set(zoneName, sets);
    const values = loadBalancerAddresses(store, loadBalancer);
    sets.push(addressRecord(name, values), addressRecord(`dualstack.${name}`, values));
    if (loadBalancer.type === "application") continue;
    for (const { zoneName: availabilityZone, networkInterfaceId } of loadBalancer.zones) {
      const address = addressOfNode(store, loadBalancer, networkInterfaceId);
      sets.push(addressRecord(`${availabilityZone}.${name}`, address));
    }
  }
  return [...byZone].map(([name, recordSets]) => publicZone(name, recordSets));
}

export function addressRecord(
  name: string,
  values: readonly string[],
  ttlSeconds = LOAD_BALANCER_TTL_SECONDS,
): ZoneRecordSet {
  return { name, type: "A", ttlSeconds, values, selection: "all" };
}

/** A zone of AWS itself, without records of users. */
export function publicZone(name: string, recordSets: readonly ZoneRecordSet[]): Zone {
  return {
    name,
    private: false,
    soa: { ttlSeconds: LOAD_BALANCER_TTL_SECONDS, nameServer: "ns-0.awsdns-00.com." },
    recordSets,
  };
}
