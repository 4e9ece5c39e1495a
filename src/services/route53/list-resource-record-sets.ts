import type * as wire from "@aws-sdk/client-route-53";
import { compareNames, escapeName, normaliseName } from "../../model/route53/domain-names.ts";
import { RECORD_TYPES } from "../../model/route53/record-values.ts";
import type { RecordSet } from "../../model/route53/records.ts";
import { recordSetsOfZone } from "../../store/zone-records.ts";
import type { HandlerContext } from "../operation.ts";
import { checkEnum, readMaxItems } from "./constraints.ts";
import { invalidInput } from "./errors.ts";
import { requireHostedZone } from "./resolve.ts";
import { describeRecordSet } from "./views/record-set.ts";

const MOST_RECORD_SETS = 300;

/** By name with its labels reversed, then type, then set identifier; from the first at or after the start. */
export function listResourceRecordSets(
  input: wire.ListResourceRecordSetsRequest,
  context: HandlerContext,
): wire.ListResourceRecordSetsResponse {
  const zone = requireHostedZone(input.HostedZoneId, context);
  const limit = readMaxItems(input.MaxItems, MOST_RECORD_SETS);
  const start = readStart(input);
  const ordered = recordSetsOfZone(context.store, zone)
    .sort(compareRecordSets)
    .filter((set) => start === undefined || compareRecordSets(set, start) >= 0);
  const next = ordered[limit];
  return {
    ResourceRecordSets: ordered.slice(0, limit).map(describeRecordSet),
    IsTruncated: next !== undefined,
    ...(next === undefined
      ? {}
      : {
          NextRecordName: escapeName(next.name),
          NextRecordType: checkEnum(next.type, "type", RECORD_TYPES),
          ...(next.setIdentifier === undefined ? {} : { NextRecordIdentifier: next.setIdentifier }),
        }),
    MaxItems: limit,
  };
}

type Position = Pick<RecordSet, "name" | "type" | "setIdentifier">;

function readStart(input: wire.ListResourceRecordSetsRequest): Position | undefined {
  const name = input.StartRecordName === "" ? undefined : input.StartRecordName;
  const type = input.StartRecordType as string | undefined;
  if (type !== undefined && type !== "") checkEnum(type, "type", RECORD_TYPES);
  if (name === undefined) {
    if (type !== undefined && type !== "") {
      throw invalidInput("The input is not valid: a record type was specified without a record name");
    }
    return undefined;
  }
  return { name: normaliseName(name), type: type ?? "", setIdentifier: input.StartRecordIdentifier };
}

function compareRecordSets(a: Position, b: Position): number {
  return (
    compareNames(a.name, b.name) ||
    compareText(a.type, b.type) ||
    compareText(a.setIdentifier ?? "", b.setIdentifier ?? "")
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
