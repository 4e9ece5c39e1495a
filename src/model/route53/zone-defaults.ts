/** What a new hosted zone holds: its NS and SOA record sets. */
import type { Random } from "../../lib/random.ts";
import type { HostedZone, RecordSet } from "./records.ts";

/** Every private zone names these, which answer to nobody outside. */
const PRIVATE_NAME_SERVERS = [
  "ns-1536.awsdns-00.co.uk",
  "ns-0.awsdns-00.com",
  "ns-1024.awsdns-00.org",
  "ns-512.awsdns-00.net",
];

const NS_TTL_SECONDS = 172_800;
const SOA_TTL_SECONDS = 900;

/** The last field of the SOA: the longest time that a negative answer may be kept. */
const SOA_MINIMUM_SECONDS = 86_400;

/** Four, one of each top-level domain, as a delegation set has them. */
export function newNameServers(privateZone: boolean, random: Random): string[] {
  if (privateZone) return PRIVATE_NAME_SERVERS;
  const server = (stripe: number, domain: string) =>
    `ns-${stripe * 512 + random.below(512)}.awsdns-${String(random.below(64)).padStart(2, "0")}.${domain}`;
  return [server(3, "co.uk"), server(0, "com"), server(2, "org"), server(1, "net")];
}

export function newZoneRecordSets(zone: HostedZone, soaTtlSeconds = SOA_TTL_SECONDS): RecordSet[] {
  const [first = ""] = zone.nameServers;
  return [
    {
      zoneId: zone.id,
      name: zone.name,
      type: "NS",
      ttlSeconds: NS_TTL_SECONDS,
      values: zone.nameServers.map((server) => `${server}.`),
    },
    {
      zoneId: zone.id,
      name: zone.name,
      type: "SOA",
      ttlSeconds: soaTtlSeconds,
      values: [`${first}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 ${SOA_MINIMUM_SECONDS}`],
    },
  ];
}

/** How long a negative answer of the zone may be kept: the lesser of the SOA's TTL and its last field. */
export function negativeTtlSeconds(soa: RecordSet | undefined): number {
  const minimum = Number(soa?.values[0]?.split(/\s+/).at(-1));
  const ttl = soa?.ttlSeconds ?? SOA_TTL_SECONDS;
  return Number.isFinite(minimum) ? Math.min(ttl, minimum) : ttl;
}
