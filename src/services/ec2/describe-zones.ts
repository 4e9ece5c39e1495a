/** DescribeAvailabilityZones, DescribeRegions and DescribeAccountAttributes: facts of the region and the account. */
import type * as wire from "@aws-sdk/client-ec2";
import { allRegions, availabilityZonesOf, type RegionInfo, type ZoneInfo } from "../../model/ec2/zones.ts";
import type { Tag } from "../../model/tags.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidParameterValue } from "./errors.ts";
import { type FilterTable, filtered } from "./filters.ts";
import { findDefaultVpc } from "./resolve.ts";

/** Zones and regions have no tags, but go through the same filters. */
const NO_TAGS: { readonly tags: readonly Tag[] } = { tags: [] };

export function describeAvailabilityZones(
  input: wire.DescribeAvailabilityZonesRequest,
  context: HandlerContext,
): wire.DescribeAvailabilityZonesResult {
  const { region } = context.scope;
  const filters: FilterTable<ZoneInfo> = {
    "group-long-name": () => undefined,
    "group-name": () => region,
    message: () => undefined,
    "opt-in-status": () => "opt-in-not-required",
    "parent-zone-id": () => undefined,
    "parent-zone-name": () => undefined,
    "region-name": () => region,
    state: () => "available",
    "zone-id": (zone) => zone.zoneId,
    "zone-name": (zone) => zone.zoneName,
    "zone-type": () => "availability-zone",
  };
  const zones = availabilityZonesOf(region);
  requireKnown(
    input.ZoneNames,
    zones.map((zone) => zone.zoneName),
    "availability zone",
  );
  requireKnown(
    input.ZoneIds,
    zones.map((zone) => zone.zoneId),
    "availability zone",
  );
  const chosen = zones
    .filter((zone) => !input.ZoneNames?.length || input.ZoneNames.includes(zone.zoneName))
    .filter((zone) => !input.ZoneIds?.length || input.ZoneIds.includes(zone.zoneId))
    .map((zone) => ({ ...zone, ...NO_TAGS }));
  return {
    AvailabilityZones: filtered(chosen, input.Filters, filters).map((zone) => ({
      ZoneName: zone.zoneName,
      ZoneId: zone.zoneId,
      RegionName: region,
      GroupName: region,
      NetworkBorderGroup: region,
      OptInStatus: "opt-in-not-required",
      State: "available",
      ZoneType: "availability-zone",
      Messages: [],
    })),
  };
}

const REGION_FILTERS: FilterTable<RegionInfo> = {
  endpoint: (region) => endpointOf(region),
  "opt-in-status": (region) => region.optInStatus,
  "region-name": (region) => region.regionName,
};

export function describeRegions(
  input: wire.DescribeRegionsRequest,
  context: HandlerContext,
): wire.DescribeRegionsResult {
  const regions = allRegions(context.scope.region);
  requireKnown(
    input.RegionNames,
    regions.map((region) => region.regionName),
    "region",
  );
  const chosen = regions
    .filter((region) => !input.RegionNames?.length || input.RegionNames.includes(region.regionName))
    .filter((region) => input.AllRegions || region.optInStatus !== "not-opted-in")
    .map((region) => ({ ...region, ...NO_TAGS }));
  return {
    Regions: filtered(chosen, input.Filters, REGION_FILTERS).map((region) => ({
      RegionName: region.regionName,
      Endpoint: endpointOf(region),
      OptInStatus: region.optInStatus,
    })),
  };
}

function endpointOf(region: RegionInfo): string {
  return `ec2.${region.regionName}.amazonaws.com`;
}

function requireKnown(
  asked: readonly string[] | undefined,
  known: readonly string[],
  noun: "availability zone" | "region",
): void {
  const unknown = asked?.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw invalidParameterValue(
    noun === "region" ? `Invalid region: [${unknown}]` : `Invalid availability zone: [${unknown}]`,
  );
}

export function describeAccountAttributes(
  input: wire.DescribeAccountAttributesRequest,
  context: HandlerContext,
): wire.DescribeAccountAttributesResult {
  const attributes: Readonly<Record<string, string>> = {
    "supported-platforms": "VPC",
    "default-vpc": findDefaultVpc(context)?.vpcId ?? "none",
    "max-instances": "20",
    "vpc-max-security-groups-per-interface": "5",
    "max-elastic-ips": "5",
    "vpc-max-elastic-ips": "5",
  };
  const names: readonly string[] = input.AttributeNames?.length
    ? input.AttributeNames
    : Object.keys(attributes);
  return {
    AccountAttributes: names.map((name) => {
      const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
      if (value === undefined) {
        throw invalidParameterValue(
          `Value (${name}) for parameter attributeName is invalid. Unknown attribute.`,
        );
      }
      return { AttributeName: name, AttributeValues: [{ AttributeValue: value }] };
    }),
  };
}
