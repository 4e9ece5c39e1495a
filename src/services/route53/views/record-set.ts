import type * as wire from "@aws-sdk/client-route-53";
import { escapeName } from "../../../model/route53/domain-names.ts";
import type { RecordSet } from "../../../model/route53/records.ts";

export function describeRecordSet(set: RecordSet): wire.ResourceRecordSet {
  const { aliasTarget: alias, geoLocation: geo } = set;
  return {
    Name: escapeName(set.name),
    // Only types, regions and failover roles of the model are stored.
    Type: set.type as wire.RRType,
    ...(set.setIdentifier === undefined ? {} : { SetIdentifier: set.setIdentifier }),
    ...(set.weight === undefined ? {} : { Weight: set.weight }),
    ...(set.region === undefined ? {} : { Region: set.region as wire.ResourceRecordSetRegion }),
    ...(set.failover === undefined ? {} : { Failover: set.failover as wire.ResourceRecordSetFailover }),
    ...(set.multiValueAnswer === undefined ? {} : { MultiValueAnswer: set.multiValueAnswer }),
    ...(geo === undefined
      ? {}
      : {
          GeoLocation: {
            ContinentCode: geo.continentCode,
            CountryCode: geo.countryCode,
            SubdivisionCode: geo.subdivisionCode,
          },
        }),
    ...(alias === undefined
      ? { TTL: set.ttlSeconds, ResourceRecords: set.values.map((value) => ({ Value: value })) }
      : {
          AliasTarget: {
            HostedZoneId: alias.hostedZoneId,
            DNSName: dottedLowerCase(alias.dnsName),
            EvaluateTargetHealth: alias.evaluateTargetHealth,
          },
        }),
    ...(set.healthCheckId === undefined ? {} : { HealthCheckId: set.healthCheckId }),
  };
}

function dottedLowerCase(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower : `${lower}.`;
}
