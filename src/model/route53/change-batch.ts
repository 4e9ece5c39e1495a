/** A batch of changes to the record sets of a zone: all of it, or nothing and the reasons why. */
import { liesInZone, nameFault, normaliseName } from "./domain-names.ts";
import { valueFault } from "./record-values.ts";
import type { HostedZone, RecordSet } from "./records.ts";

export interface RecordChange {
  readonly action: "CREATE" | "DELETE" | "UPSERT";
  /** The name as it was sent, for messages about it. */
  readonly sentName: string;
  readonly recordSet: RecordSet;
}

export type ChangePlan =
  | { readonly ok: true; readonly puts: readonly RecordSet[]; readonly deletes: readonly RecordSet[] }
  /** One sentence for each thing that is wrong, in Route 53's words. */
  | { readonly ok: false; readonly messages: readonly string[] };

export type AliasTargetState = "found" | "not-found" | "outside-zone";

export interface ChangeBatchContext {
  readonly zone: HostedZone;
  readonly existing: readonly RecordSet[];
  /** Whether an alias to a name outside this zone leads somewhere. */
  findAliasTarget(alias: NonNullable<RecordSet["aliasTarget"]>): AliasTargetState;
}

/** Quotas of ChangeResourceRecordSets; an UPSERT counts twice. */
const MOST_RECORDS = 1000;
const MOST_VALUE_CHARACTERS = 32_000;

export function planChanges(changes: readonly RecordChange[], context: ChangeBatchContext): ChangePlan {
  const limit = limitFault(changes);
  if (limit !== undefined) return { ok: false, messages: [limit] };
  const current = new Map(context.existing.map((set) => [keyOf(set), set]));
  const messages: string[] = [];
  const seen = new Map<string, RecordChange["action"]>();
  for (const change of changes) {
    const key = keyOf(change.recordSet);
    const faults = changeFaults(change, seen.get(key), current, context);
    seen.set(key, change.action);
    messages.push(...faults);
    if (faults.length > 0) continue;
    if (change.action === "DELETE") current.delete(key);
    else current.set(key, change.recordSet);
  }
  if (messages.length === 0) messages.push(...resultFaults(changes, current, context));
  if (messages.length > 0) return { ok: false, messages };
  const before = new Map(context.existing.map((set) => [keyOf(set), set]));
  return {
    ok: true,
    puts: [...current].filter(([key, set]) => before.get(key) !== set).map(([, set]) => set),
    deletes: [...before].filter(([key]) => !current.has(key)).map(([, set]) => set),
  };
}

function limitFault(changes: readonly RecordChange[]): string | undefined {
  let records = 0;
  let characters = 0;
  for (const { action, recordSet } of changes) {
    const times = action === "UPSERT" ? 2 : 1;
    records += times * Math.max(recordSet.values.length, 1);
    for (const value of recordSet.values) characters += times * value.length;
  }
  if (records > MOST_RECORDS) return `Number of records limit of ${MOST_RECORDS} exceeded.`;
  if (characters > MOST_VALUE_CHARACTERS) {
    return `Number of characters limit of ${MOST_VALUE_CHARACTERS} exceeded.`;
  }
  return undefined;
}

/** What is wrong with one change by itself, given what the changes before it did. */
function changeFaults(
  change: RecordChange,
  earlier: RecordChange["action"] | undefined,
  current: ReadonlyMap<string, RecordSet>,
  { zone }: ChangeBatchContext,
): string[] {
  const { action, recordSet, sentName } = change;
  const { name, type } = recordSet;
  // Only "delete, then create" may touch one record set twice.
  if (earlier !== undefined && !(earlier === "DELETE" && action !== "DELETE")) {
    return [`The request contains an invalid set of changes for a resource record set '${type} ${name}'`];
  }
  const fault = nameFault(sentName);
  if (fault !== undefined) return [fault];
  if (!liesInZone(name, zone.name)) return [notPermitted(recordSet, false, `in zone ${zone.name}`)];
  const existing = current.get(keyOf(recordSet));
  if (action === "DELETE") {
    if (existing === undefined) return [`Tried to delete ${quoted(recordSet)} but it was not found`];
    return sameRecordSet(existing, recordSet)
      ? []
      : [`Tried to delete ${quoted(recordSet)} but the values provided do not match the current values`];
  }
  if (action === "CREATE" && existing !== undefined) {
    return [`Tried to create ${quoted(recordSet)} but it already exists`];
  }
  if (type === "CNAME" && name === zone.name) {
    return [notPermitted(recordSet, true, `at apex in zone ${zone.name}`)];
  }
  const valueFaults = recordSet.values.map((value) => valueFault(type, value)).filter(isText);
  if (valueFaults.length > 0) return valueFaults;
  const duplicate = recordSet.values.find((value, position) => recordSet.values.indexOf(value) !== position);
  return duplicate === undefined ? [] : [`Duplicate Resource Record: '${duplicate}'`];
}

/** What is wrong with the zone as the batch would leave it. */
function resultFaults(
  changes: readonly RecordChange[],
  current: ReadonlyMap<string, RecordSet>,
  context: ChangeBatchContext,
): string[] {
  const { zone } = context;
  const messages: string[] = [];
  const apex = (type: string) => current.has(keyOf({ zoneId: zone.id, name: zone.name, type, values: [] }));
  if (!apex("SOA")) messages.push("A HostedZone must contain exactly one SOA record.");
  if (!apex("NS")) messages.push("A HostedZone must contain at least one NS record for the zone itself.");
  const byName = new Map<string, RecordSet[]>();
  for (const set of current.values()) byName.set(set.name, [...(byName.get(set.name) ?? []), set]);
  for (const { action, recordSet } of changes) {
    if (action === "DELETE") continue;
    const neighbours = (byName.get(recordSet.name) ?? []).filter((other) => other !== recordSet);
    messages.push(
      ...[cnameFault(recordSet, neighbours, zone), policyFault(recordSet, neighbours)].filter(isText),
      ...aliasFaults(recordSet, byName, context),
    );
  }
  return messages;
}

function cnameFault(
  recordSet: RecordSet,
  neighbours: readonly RecordSet[],
  zone: HostedZone,
): string | undefined {
  if (recordSet.type === "CNAME") {
    return neighbours.some((other) => other.type !== "CNAME")
      ? notPermitted(
          recordSet,
          true,
          `as it conflicts with other records with the same DNS name in zone ${zone.name}`,
        )
      : undefined;
  }
  return neighbours.some((other) => other.type === "CNAME")
    ? notPermitted(
        recordSet,
        true,
        `because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone.name}`,
      )
    : undefined;
}

/** All record sets of one name and type have the same routing policy, and only one may have none. */
function policyFault(recordSet: RecordSet, neighbours: readonly RecordSet[]): string | undefined {
  const others = neighbours.filter((other) => other.type === recordSet.type);
  const policy = routingPolicy(recordSet);
  if (!others.some((other) => routingPolicy(other) !== policy || policy === "simple")) return undefined;
  const { name, type, setIdentifier } = recordSet;
  if (policy === "simple") {
    return `RRSet with DNS name ${name}, type ${type}, SetIdentifier null cannot be created as other RRSets exist with the same name and type.`;
  }
  return `RRSet with DNS name ${name}, type ${type}, SetIdentifier "${setIdentifier}" cannot be created because a non ${policy} rrset exists with the same name and type.`;
}

export type RoutingPolicy =
  | "simple"
  | "weighted"
  | "multivalue answer"
  | "latency"
  | "failover"
  | "geolocation";

export function routingPolicy(recordSet: RecordSet): RoutingPolicy {
  if (recordSet.setIdentifier === undefined) return "simple";
  if (recordSet.multiValueAnswer === true) return "multivalue answer";
  if (recordSet.region !== undefined) return "latency";
  if (recordSet.failover !== undefined) return "failover";
  if (recordSet.geoLocation !== undefined) return "geolocation";
  return "weighted";
}

function aliasFaults(
  recordSet: RecordSet,
  byName: ReadonlyMap<string, readonly RecordSet[]>,
  { zone, findAliasTarget }: ChangeBatchContext,
): string[] {
  const alias = recordSet.aliasTarget;
  if (alias === undefined) return [];
  const target = normaliseName(alias.dnsName);
  const start = `Tried to create an alias that targets ${target}, type ${recordSet.type} in zone ${alias.hostedZoneId}, but`;
  const outside = `${start} the alias target name does not lie within the target zone`;
  const missing = `${start} that target was not found`;
  if (alias.hostedZoneId === zone.id) {
    if (!liesInZone(target, zone.name)) return [outside, missing];
    const found = byName.get(target)?.some((other) => other.type === recordSet.type && other !== recordSet);
    return found === true ? [] : [missing];
  }
  switch (findAliasTarget(alias)) {
    case "found":
      return [];
    case "not-found":
      return [missing];
    case "outside-zone":
      return [outside, missing];
  }
}

/** DELETE takes away only what it names exactly: kind, TTL, values in any order, policy. */
export function sameRecordSet(a: RecordSet, b: RecordSet): boolean {
  const alias = (set: RecordSet) =>
    set.aliasTarget === undefined
      ? ""
      : `${set.aliasTarget.hostedZoneId} ${normaliseName(set.aliasTarget.dnsName)} ${set.aliasTarget.evaluateTargetHealth}`;
  // Listed without a TTL; some clients send the 0 that stands for none.
  const ttl = (set: RecordSet) => (set.aliasTarget === undefined ? set.ttlSeconds : 0);
  return (
    alias(a) === alias(b) &&
    ttl(a) === ttl(b) &&
    [...a.values].sort().join("\n") === [...b.values].sort().join("\n") &&
    routingPolicy(a) === routingPolicy(b) &&
    a.weight === b.weight &&
    a.region === b.region &&
    a.failover === b.failover &&
    JSON.stringify(a.geoLocation) === JSON.stringify(b.geoLocation)
  );
}

function keyOf(set: RecordSet): string {
  return `${set.name}|${set.type}|${set.setIdentifier ?? ""}`;
}

function quoted({ name, type, setIdentifier }: RecordSet): string {
  const identifier = setIdentifier === undefined ? "" : `, set-identifier='${setIdentifier}'`;
  return `resource record set [name='${name}', type='${type}'${identifier}]`;
}

function notPermitted(set: RecordSet, withType: boolean, why: string): string {
  return `RRSet ${withType ? `of type ${set.type} ` : ""}with DNS name ${set.name} is not permitted ${why}`;
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}
