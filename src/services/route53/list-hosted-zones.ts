/** The three ways to list hosted zones, and their number. */
import type * as wire from "@aws-sdk/client-route-53";
import { compareNames, escapeName, nameFault, normaliseName } from "../../model/route53/domain-names.ts";
import type { HostedZone } from "../../model/route53/records.ts";
import { hostedZones } from "../../store/tables/route53.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { checkEnum, readMaxItems } from "./constraints.ts";
import { invalidDomainName, invalidInput, invalidPaginationToken, noSuchDelegationSet } from "./errors.ts";
import { bareId, requireVpc, zonesOfAccount } from "./resolve.ts";
import { describeHostedZone } from "./views/hosted-zone.ts";

const MOST_ZONES = 100;

/** In order of ids; the marker is the id of the first zone to show. */
export function listHostedZones(
  input: wire.ListHostedZonesRequest,
  context: HandlerContext,
): wire.ListHostedZonesResponse {
  const limit = readMaxItems(input.MaxItems, MOST_ZONES);
  // No reusable delegation sets can be made.
  if (input.DelegationSetId !== undefined && input.DelegationSetId !== "") {
    throw noSuchDelegationSet(bareId(input.DelegationSetId));
  }
  const type = input.HostedZoneType;
  if (type !== undefined) checkEnum(type, "hostedZoneType", ["PrivateHostedZone"]);
  const start = bareId(input.Marker);
  const zones = zonesOfAccount(context)
    .filter((zone) => zone.id >= start && (type === undefined || zone.privateZone))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const next = zones[limit];
  return {
    HostedZones: zones.slice(0, limit).map((zone) => describeHostedZone(context.store, zone)),
    Marker: input.Marker,
    IsTruncated: next !== undefined,
    ...(next === undefined ? {} : { NextMarker: next.id }),
    MaxItems: limit,
  };
}

export function listHostedZonesByName(
  input: wire.ListHostedZonesByNameRequest,
  context: HandlerContext,
): wire.ListHostedZonesByNameResponse {
  const limit = readMaxItems(input.MaxItems, MOST_ZONES);
  const zones = zonesOfAccount(context).sort(compareZones);
  const sentName = input.DNSName === "" ? undefined : input.DNSName;
  const sentId = input.HostedZoneId === "" ? undefined : input.HostedZoneId;
  if (sentName === undefined && sentId !== undefined) {
    throw invalidInput("If you specify a value for HostedZoneId, you must also specify a value for DNSName");
  }
  const fault = sentName === undefined ? undefined : nameFault(sentName);
  if (fault !== undefined) throw invalidDomainName(fault);
  const start = { name: normaliseName(sentName ?? "."), id: bareId(sentId) };
  const from = sentName === undefined ? zones : zones.filter((zone) => compareZones(zone, start) >= 0);
  const next = from[limit];
  return {
    HostedZones: from.slice(0, limit).map((zone) => describeHostedZone(context.store, zone)),
    ...(sentName === undefined ? {} : { DNSName: sentName }),
    ...(sentId === undefined ? {} : { HostedZoneId: sentId }),
    IsTruncated: next !== undefined,
    ...(next === undefined ? {} : { NextDNSName: escapeName(next.name), NextHostedZoneId: next.id }),
    MaxItems: limit,
  };
}

function compareZones(
  a: { readonly name: string; readonly id: string },
  b: { readonly name: string; readonly id: string },
): number {
  return compareNames(a.name, b.name) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

export function listHostedZonesByVpc(
  input: wire.ListHostedZonesByVPCRequest,
  context: HandlerContext,
): wire.ListHostedZonesByVPCResponse {
  const limit = readMaxItems(input.MaxItems, MOST_ZONES);
  const vpc = requireVpc({ VPCId: input.VPCId, VPCRegion: input.VPCRegion }, context);
  const zones = page(context.store.where(hostedZones, "vpc", vpc.vpcId), {
    token: input.NextToken,
    limit,
    key: (zone) => zone.id,
    invalidToken: invalidPaginationToken,
  });
  return {
    HostedZoneSummaries: zones.items.map(summarise),
    MaxItems: limit,
    ...(zones.nextToken === undefined ? {} : { NextToken: zones.nextToken }),
  };
}

function summarise(zone: HostedZone): wire.HostedZoneSummary {
  return {
    HostedZoneId: zone.id,
    Name: escapeName(zone.name),
    Owner:
      zone.linkedService === undefined
        ? { OwningAccount: zone.account }
        : { OwningService: zone.linkedService.servicePrincipal },
  };
}

export function getHostedZoneCount(
  _input: wire.GetHostedZoneCountRequest,
  context: HandlerContext,
): wire.GetHostedZoneCountResponse {
  return { HostedZoneCount: zonesOfAccount(context).length };
}
