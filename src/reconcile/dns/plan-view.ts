/** What DNS answers, compiled from the store: as seen from one VPC, and from outside of all. */
import type { DnsView } from "../../fabric/fabric.ts";
import { type Answer, type Below, lookUp } from "../../lib/dns/lookup.ts";
import { indexZones, type Zone, type ZoneRecordSet } from "../../lib/dns/zones.ts";
import { cidrSize, formatAddress, parseCidr } from "../../model/cidr.ts";
import { privateDnsName, publicDnsName } from "../../model/ec2/addresses.ts";
import type { NetworkInterface, Vpc } from "../../model/ec2/records.ts";
import { discoveryHosts, TASK_ENDPOINT_ADDRESS } from "../../model/ecs/endpoint-environment.ts";
import { normaliseName } from "../../model/route53/domain-names.ts";
import type { HostedZone } from "../../model/route53/records.ts";
import {
  addressRecord,
  compileHostedZone,
  compileLoadBalancerZones,
  publicZone,
} from "../../store/dns-zones.ts";
import { publicAddressOf } from "../../store/network-interfaces.ts";
import type { StoreReader } from "../../store/store.ts";
import { addresses, networkInterfaces, vpcs } from "../../store/tables/ec2.ts";
import { hostedZones, recordSets } from "../../store/tables/route53.ts";

/** The address that is the resolver's in every VPC ("DNS attributes for your VPC", VPC user guide). */
const LINK_LOCAL_RESOLVER = "169.254.169.253";

/** Undefined when `enableDnsSupport` is off: the VPC then has no resolver. */
export function planView(store: StoreReader, vpc: Vpc, namespace: string): DnsView | undefined {
  if (!vpc.enableDnsSupport) return undefined;
  return {
    vpcId: vpc.vpcId,
    namespace,
    addresses: resolverAddresses(vpc),
    zones: [
      ...privateZones(store, vpc),
      // After the user's: a private zone of the same name takes the place of what AWS defines by itself.
      ...planAutodefinedZones(store, vpc),
      ...planEndpointZones(vpc.region),
      ...planPublicZones(store, vpc),
    ],
  };
}

/** Names of AWS's own endpoints that tasks are pointed to: Berth, beside their metadata. */
function planEndpointZones(region: string): Zone[] {
  return discoveryHosts(region).map((host) =>
    publicZone(`${host}.`, [addressRecord(`${host}.`, [TASK_ENDPOINT_ADDRESS])]),
  );
}

/** The VPC's base address + 2, and the link-local one. */
export function resolverAddresses(vpc: Vpc): string[] {
  const cidr = parseCidr(vpc.cidrBlock);
  return cidr === undefined ? [LINK_LOCAL_RESOLVER] : [formatAddress(cidr.base + 2), LINK_LOCAL_RESOLVER];
}

/** Private zones need both DNS attributes of the VPC ("Working with private hosted zones"). */
function privateZones(store: StoreReader, vpc: Vpc): Zone[] {
  if (!vpc.enableDnsHostnames) return [];
  return store.where(hostedZones, "vpc", vpc.vpcId).map((zone) => compileHostedZone(store, zone, vpc.region));
}

/** What anybody on the internet resolves, as far as it is on Berth. `vpc`: as seen from there. */
export function planPublicZones(store: StoreReader, vpc?: Vpc): Zone[] {
  const hosted = store.list(hostedZones).filter((zone) => !zone.privateZone);
  return [
    ...byDelegation(store, hosted).map((zone) => compileHostedZone(store, zone, vpc?.region ?? "")),
    ...compileLoadBalancerZones(store),
    ...planPublicAddressZones(store, vpc),
  ];
}

/** Of public zones with one name, the one that a parent zone delegates to comes first; else the lowest id. */
function byDelegation(store: StoreReader, zones: readonly HostedZone[]): HostedZone[] {
  const delegated = (zone: HostedZone) =>
    zones.some(
      (parent) =>
        parent.name !== zone.name &&
        store
          .get(recordSets, `${parent.id}|${zone.name}|NS|`)
          ?.values.some((value) => zone.nameServers.includes(value.toLowerCase().replace(/\.$/, ""))),
    );
  return [...zones].sort(
    (a, b) => Number(delegated(b)) - Number(delegated(a)) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
}

/** `ec2-198-18-0-20.<region>.compute.amazonaws.com`: inside its own VPC that is the private address. */
function planPublicAddressZones(store: StoreReader, vpc: Vpc | undefined): Zone[] {
  const regional: ZoneRecordSet[] = [];
  const northVirginia: ZoneRecordSet[] = [];
  for (const record of interfacesWithPublicAddress(store)) {
    if (store.get(vpcs, record.vpcId)?.enableDnsHostnames !== true) continue;
    const address = publicAddressOf(store, record);
    if (address === undefined) continue;
    const name = normaliseName(publicDnsName(address, record.region));
    const set = addressRecord(name, [record.vpcId === vpc?.vpcId ? record.privateIpAddress : address]);
    (name.endsWith(".compute-1.amazonaws.com.") ? northVirginia : regional).push(set);
  }
  return [
    publicZone("compute.amazonaws.com.", regional),
    publicZone("compute-1.amazonaws.com.", northVirginia),
  ];
}

function interfacesWithPublicAddress(store: StoreReader): NetworkInterface[] {
  const elastic = store
    .list(addresses)
    .map(({ association }) => association?.networkInterfaceId)
    .filter((id) => id !== undefined)
    .map((id) => store.get(networkInterfaces, id))
    .filter((record) => record !== undefined);
  const given = store
    .list(networkInterfaces)
    .filter((record) => record.amazonPublicIp !== undefined && !elastic.includes(record));
  return [...elastic, ...given];
}

/** The reverse zones that each VPC has ("Domain names that Resolver creates autodefined system rules for"). */
const AUTODEFINED_REVERSE_ZONES = [
  "10.in-addr.arpa.",
  ...Array.from({ length: 16 }, (_, i) => `${16 + i}.172.in-addr.arpa.`),
  "168.192.in-addr.arpa.",
  "254.169.in-addr.arpa.",
];

/** The names that AWS gives interfaces, forward and reverse, and `localhost`. */
export function planAutodefinedZones(store: StoreReader, vpc: Vpc): Zone[] {
  const zones = new Map<string, ZoneRecordSet[]>(
    ["compute.internal.", "ec2.internal.", ...AUTODEFINED_REVERSE_ZONES].map((name) => [name, []]),
  );
  const reverseZone = reverseZoneOf(vpc.cidrBlock);
  if (reverseZone !== undefined && !AUTODEFINED_REVERSE_ZONES.some((name) => isBelow(reverseZone, name))) {
    zones.set(reverseZone, []);
  }
  const names = [...zones.keys()];
  const add = (set: ZoneRecordSet) => {
    const zone = names.find((name) => isBelow(set.name, name));
    if (zone !== undefined) zones.get(zone)?.push(set);
  };
  for (const record of store.where(networkInterfaces, "vpc", vpc.vpcId)) {
    const name = normaliseName(privateDnsName(record.privateIpAddress, record.region));
    add(addressRecord(name, [record.privateIpAddress]));
    add(pointerRecord(record.privateIpAddress, name));
  }
  return [
    ...[...zones].map(([name, sets]) => ({ ...publicZone(name, sets), private: true })),
    {
      ...publicZone("localhost.", [
        addressRecord("localhost.", ["127.0.0.1"]),
        { ...addressRecord("localhost.", ["::1"]), type: "AAAA" },
      ]),
      private: true,
    },
    { ...publicZone("127.in-addr.arpa.", [pointerRecord("127.0.0.1", "localhost.")]), private: true },
  ];
}

function pointerRecord(address: string, name: string): ZoneRecordSet {
  return { ...addressRecord(reverseName(address), [name]), type: "PTR" };
}

function reverseName(address: string): string {
  return `${address.split(".").reverse().join(".")}.in-addr.arpa.`;
}

function isBelow(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** The smallest reverse zone, at a whole octet, that holds the range. */
function reverseZoneOf(cidrBlock: string): string | undefined {
  const cidr = parseCidr(cidrBlock);
  if (cidr === undefined) return undefined;
  const octets = cidrSize(cidr) > 65_536 ? 1 : cidrSize(cidr) > 256 ? 2 : 3;
  return reverseName(formatAddress(cidr.base).split(".").slice(0, octets).join("."));
}

/** What a client outside of every VPC gets for a name, by the public zones of Berth and the names of AWS. */
export function resolvePublicName(
  store: StoreReader,
  name: string,
  type = "A",
  below: Below = () => 0,
): Answer & { readonly addresses: readonly string[] } {
  const answer = lookUp(indexZones(planPublicZones(store)), normaliseName(name), type, below);
  return {
    ...answer,
    addresses: answer.answers.filter((record) => record.type === "A").map((record) => record.value),
  };
}
