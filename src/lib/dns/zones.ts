/**
 * Zones as data, indexed for look-up. Names are lower case with a trailing dot; the root is `.`.
 * Wildcards and empty non-terminals follow RFC 4592.
 */

/** One choice among the record sets of its name and type; a simple record set is the only one. */
export interface ZoneRecordSet {
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  /** In presentation form, as in a zone file. */
  readonly values: readonly string[];
  /** `all`: every value; `multivalue`: up to eight values, of choices at random; `weighted`: one choice. */
  readonly selection: "all" | "multivalue" | "weighted";
  /** Of a `weighted` choice. */
  readonly weight?: number | undefined;
}

export interface Zone {
  readonly name: string;
  /** Private zones hide public ones, even more specific public ones. */
  readonly private: boolean;
  /** `ttlSeconds` is how long a negative answer may be kept. */
  readonly soa: { readonly ttlSeconds: number; readonly nameServer: string };
  readonly recordSets: readonly ZoneRecordSet[];
}

export type RecordSetsByType = ReadonlyMap<string, readonly ZoneRecordSet[]>;

export interface IndexedZone {
  readonly zone: Zone;
  readonly records: ReadonlyMap<string, RecordSetsByType>;
  /** Names that exist, also those that only have names below them. */
  readonly names: ReadonlySet<string>;
}

export interface ZoneIndex {
  readonly private: ReadonlyMap<string, IndexedZone>;
  readonly public: ReadonlyMap<string, IndexedZone>;
}

/** Of two zones with one name and kind, the first counts. */
export function indexZones(zones: readonly Zone[]): ZoneIndex {
  const index = { private: new Map<string, IndexedZone>(), public: new Map<string, IndexedZone>() };
  for (const zone of zones) {
    const side = zone.private ? index.private : index.public;
    if (!side.has(zone.name)) side.set(zone.name, indexZone(zone));
  }
  return index;
}

export function indexZone(zone: Zone): IndexedZone {
  const records = new Map<string, Map<string, ZoneRecordSet[]>>();
  const names = new Set<string>([zone.name]);
  for (const set of zone.recordSets) {
    const byType = records.get(set.name) ?? new Map<string, ZoneRecordSet[]>();
    records.set(set.name, byType);
    const choices = byType.get(set.type);
    if (choices) choices.push(set);
    else byType.set(set.type, [set]);
    for (let name = set.name; !names.has(name) && name !== "."; name = parentName(name)) names.add(name);
  }
  return { zone, records, names };
}

/** The zone that answers for a name: the most specific private one, else the most specific public one. */
export function findZone(index: ZoneIndex, name: string): IndexedZone | undefined {
  return mostSpecific(index.private, name) ?? mostSpecific(index.public, name);
}

function mostSpecific(zones: ReadonlyMap<string, IndexedZone>, name: string): IndexedZone | undefined {
  if (zones.size === 0) return undefined;
  for (let candidate = name; ; candidate = parentName(candidate)) {
    const zone = zones.get(candidate);
    if (zone !== undefined || candidate === ".") return zone;
  }
}

/** The records that a name has, by itself or through a wildcard; undefined when the name does not exist. */
export function findRecords(indexed: IndexedZone, name: string): RecordSetsByType | undefined {
  const exact = indexed.records.get(name);
  if (exact !== undefined) return exact;
  if (indexed.names.has(name)) return NO_RECORDS;
  let closestEncloser = parentName(name);
  while (!indexed.names.has(closestEncloser)) closestEncloser = parentName(closestEncloser);
  return indexed.records.get(closestEncloser === "." ? "*." : `*.${closestEncloser}`);
}

const NO_RECORDS: RecordSetsByType = new Map();

/** Whether a name lies below a delegation (an NS record set under the zone's own name): others answer for it. */
export function isDelegated(indexed: IndexedZone, name: string): boolean {
  for (let cut = name; cut !== indexed.zone.name && cut !== "."; cut = parentName(cut)) {
    if (indexed.records.get(cut)?.has("NS") === true) return true;
  }
  return false;
}

/** `b.c.` of `a.b.c.`; the root is its own parent. */
export function parentName(name: string): string {
  const dot = name.indexOf(".");
  return dot < 0 || dot === name.length - 1 ? "." : name.slice(dot + 1);
}
