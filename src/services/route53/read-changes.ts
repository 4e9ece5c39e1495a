/** A change batch as it was sent, to the changes that the model plans. Throws InvalidInput or NoSuchHealthCheck. */
import type * as wire from "@aws-sdk/client-route-53";
import type { RecordChange } from "../../model/route53/change-batch.ts";
import { normaliseName } from "../../model/route53/domain-names.ts";
import { RECORD_TYPES } from "../../model/route53/record-values.ts";
import type { HostedZone, RecordSet } from "../../model/route53/records.ts";
import { constraintViolation, rangeRequirement } from "../constraint-messages.ts";
import { checkEnum, checkLength } from "./constraints.ts";
import { invalidInput, noSuchHealthCheck } from "./errors.ts";
import { bareId } from "./resolve.ts";

const LONGEST_TTL_SECONDS = 2_147_483_647;
const GREATEST_WEIGHT = 255;

export function readChanges(batch: wire.ChangeBatch | undefined, zone: HostedZone): RecordChange[] {
  const changes = batch?.Changes ?? [];
  checkLength(batch?.Comment ?? "", "changeBatch.comment", 0, 256);
  if (changes.length === 0) {
    throw invalidInput(
      constraintViolation("[]", "changeBatch.changes", "Member must have length greater than or equal to 1"),
    );
  }
  return changes.map((change, index) => readChange(change, `changeBatch.changes.${index + 1}.member`, zone));
}

function readChange(change: wire.Change, path: string, zone: HostedZone): RecordChange {
  const action = checkEnum(change.Action, `${path}.action`, ["CREATE", "DELETE", "UPSERT"]);
  const set = change.ResourceRecordSet;
  const setPath = `${path}.resourceRecordSet`;
  const sentName = set?.Name ?? "";
  const type = checkEnum(set?.Type, `${setPath}.type`, RECORD_TYPES);
  checkLength(sentName, `${setPath}.name`, 1, 1024);
  const where = `Change with [Action=${action}, Name=${sentName}, Type=${type}, SetIdentifier=${set?.SetIdentifier ?? "null"}]`;
  checkContent(set, where);
  if (set?.TTL !== undefined) checkRange(Number(set.TTL), `${setPath}.tTL`, LONGEST_TTL_SECONDS);
  const recordSet: RecordSet = {
    zoneId: zone.id,
    name: normaliseName(sentName),
    type,
    ...readPolicy(set, setPath, where),
    ...readAlias(set?.AliasTarget),
    ttlSeconds: set?.AliasTarget === undefined ? set?.TTL : undefined,
    values:
      set?.AliasTarget === undefined ? (set?.ResourceRecords ?? []).map(({ Value }) => Value ?? "") : [],
  };
  return { action, sentName, recordSet };
}

function checkContent(set: wire.ResourceRecordSet | undefined, where: string): void {
  const values = set?.ResourceRecords ?? [];
  const alias = set?.AliasTarget !== undefined;
  const expected =
    "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found";
  // Some clients name a TTL of 0 where an alias has none.
  if (alias && (values.length > 0 || (set?.TTL ?? 0) !== 0)) {
    throw invalidInput(`${expected} more than one in ${where}`);
  }
  if (!alias && (values.length === 0 || set?.TTL === undefined)) {
    throw invalidInput(`${expected} none in ${where}`);
  }
  for (const { Value } of values) checkLength(Value ?? "", "value", 0, 4000);
  for (const member of ["TrafficPolicyInstanceId", "CidrRoutingConfig", "GeoProximityLocation"] as const) {
    if (set?.[member] !== undefined) {
      throw invalidInput(`Invalid request: ${member} is not supported by Berth in ${where}`);
    }
  }
  // No health checks can be made.
  if (set?.HealthCheckId !== undefined) throw noSuchHealthCheck(set.HealthCheckId);
}

function readPolicy(
  set: wire.ResourceRecordSet | undefined,
  path: string,
  where: string,
): Pick<RecordSet, "setIdentifier" | "weight" | "region" | "failover" | "multiValueAnswer" | "geoLocation"> {
  const geo = set?.GeoLocation;
  const policy = {
    ...(set?.Weight === undefined ? {} : { weight: Number(set.Weight) }),
    ...(set?.Region === undefined ? {} : { region: set.Region }),
    ...(set?.Failover === undefined
      ? {}
      : { failover: checkEnum(set.Failover, `${path}.failover`, ["PRIMARY", "SECONDARY"]) }),
    ...(set?.MultiValueAnswer === true ? { multiValueAnswer: true } : {}),
    ...(geo === undefined
      ? {}
      : {
          geoLocation: {
            continentCode: geo.ContinentCode,
            countryCode: geo.CountryCode,
            subdivisionCode: geo.SubdivisionCode,
          },
        }),
  };
  const count = Object.keys(policy).length;
  if (set?.SetIdentifier === undefined) {
    if (count > 0) throw invalidInput(`Invalid request: Missing field 'SetIdentifier' in ${where}`);
    return {};
  }
  checkLength(set.SetIdentifier, `${path}.setIdentifier`, 1, 128);
  if (policy.weight !== undefined) checkRange(policy.weight, `${path}.weight`, GREATEST_WEIGHT);
  if (count !== 1) {
    throw invalidInput(
      `Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, GeoProximityLocation, or CidrRoutingConfig], but found ${count === 0 ? "none" : "more than one"} in ${where}`,
    );
  }
  return { setIdentifier: set.SetIdentifier, ...policy };
}

function readAlias(alias: wire.AliasTarget | undefined): Pick<RecordSet, "aliasTarget"> {
  if (alias === undefined) return {};
  return {
    aliasTarget: {
      hostedZoneId: bareId(alias.HostedZoneId),
      dnsName: alias.DNSName ?? "",
      evaluateTargetHealth: alias.EvaluateTargetHealth ?? false,
    },
  };
}

function checkRange(value: number, path: string, maximum: number): void {
  const requirement = rangeRequirement(value, 0, maximum);
  if (requirement !== undefined) throw invalidInput(constraintViolation(value, path, requirement));
}
