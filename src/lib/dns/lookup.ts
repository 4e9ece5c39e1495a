/** What a question gets from a set of zones: pure, but for the randomness that it is given. */

import type { ZoneIndex, ZoneRecordSet } from "./zones.ts";
import { findRecords, findZone, type IndexedZone, isDelegated, type RecordSetsByType } from "./zones.ts";

export interface AnswerRecord {
  /** Lower case, with the trailing dot; the first one's is the name that was asked. */
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  readonly value: string;
}

export interface Answer {
  /** `SERVFAIL`: nobody here knows the name, or a chain of aliases led to such a name. */
  readonly code: "NOERROR" | "NXDOMAIN" | "SERVFAIL";
  readonly answers: readonly AnswerRecord[];
  /** The zone's SOA, when the answer is negative. */
  readonly authority: readonly AnswerRecord[];
}

/** An integer from 0 up to, not including, `bound`. */
export type Below = (bound: number) => number;

const LONGEST_ALIAS_CHAIN = 8;
const MOST_VALUES = 8;

export function lookUp(index: ZoneIndex, name: string, type: string, below: Below): Answer {
  const answers: AnswerRecord[] = [];
  let current = name;
  for (let step = 0; step <= LONGEST_ALIAS_CHAIN; step++) {
    const zone = findZone(index, current);
    if (zone === undefined || (!zone.zone.private && refers(zone, current, type))) {
      return { code: "SERVFAIL", answers, authority: [] };
    }
    const records = findRecords(zone, current);
    if (records === undefined) return { code: "NXDOMAIN", answers, authority: [soaOf(zone)] };
    const alias = type === "CNAME" || type === "ANY" ? undefined : records.get("CNAME");
    if (alias === undefined) {
      const found = recordsOf(records, current, type, below);
      answers.push(...found);
      return { code: "NOERROR", answers, authority: found.length === 0 ? [soaOf(zone)] : [] };
    }
    const [chosen] = select(alias, below);
    if (chosen === undefined) return { code: "NOERROR", answers, authority: [soaOf(zone)] };
    answers.push({ name: current, type: "CNAME", ttlSeconds: chosen.ttlSeconds, value: chosen.value });
    current = chosen.value.toLowerCase();
    if (!current.endsWith(".")) current += ".";
  }
  return { code: "SERVFAIL", answers, authority: [] };
}

/** A delegation sends the resolver to other name servers; the cut's own NS record set is still known here. */
function refers(zone: IndexedZone, name: string, type: string): boolean {
  if (!isDelegated(zone, name)) return false;
  return !(type === "NS" && zone.records.get(name)?.has("NS") === true);
}

function recordsOf(records: RecordSetsByType, name: string, type: string, below: Below): AnswerRecord[] {
  const wanted = type === "ANY" ? [...records.keys()] : [type];
  return wanted.flatMap((each) =>
    select(records.get(each) ?? [], below).map((value) => ({ name, type: each, ...value })),
  );
}

interface Selected {
  readonly value: string;
  readonly ttlSeconds: number;
}

function select(choices: readonly ZoneRecordSet[], below: Below): Selected[] {
  const [first] = choices;
  if (first === undefined) return [];
  switch (first.selection) {
    case "all":
      return shuffle(choices.flatMap(valuesOf), below);
    case "multivalue":
      return shuffle(choices, below).flatMap(valuesOf).slice(0, MOST_VALUES);
    case "weighted":
      return shuffle(valuesOf(pickByWeight(choices, below) ?? first), below);
  }
}

function valuesOf(set: ZoneRecordSet): Selected[] {
  return set.values.map((value) => ({ value, ttlSeconds: set.ttlSeconds }));
}

/** A weight of 0 is never chosen, unless all are 0: then all are equal. */
function pickByWeight(choices: readonly ZoneRecordSet[], below: Below): ZoneRecordSet | undefined {
  const total = choices.reduce((sum, choice) => sum + (choice.weight ?? 1), 0);
  if (total === 0) return choices[below(choices.length)];
  let point = below(total);
  for (const choice of choices) {
    point -= choice.weight ?? 1;
    if (point < 0) return choice;
  }
  return choices[0];
}

function shuffle<T>(items: readonly T[], below: Below): T[] {
  const left = [...items];
  const result: T[] = [];
  while (left.length > 0) result.push(...left.splice(below(left.length), 1));
  return result;
}

function soaOf({ zone, records }: IndexedZone): AnswerRecord {
  const stored = records.get(zone.name)?.get("SOA")?.[0]?.values[0];
  const value = stored ?? `${zone.soa.nameServer} hostmaster.${zone.name} 1 7200 900 1209600 86400`;
  return { name: zone.name, type: "SOA", ttlSeconds: zone.soa.ttlSeconds, value };
}
