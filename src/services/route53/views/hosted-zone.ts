import type * as wire from "@aws-sdk/client-route-53";
import { escapeName } from "../../../model/route53/domain-names.ts";
import type { HostedZone } from "../../../model/route53/records.ts";
import type { StoreReader } from "../../../store/store.ts";
import { recordSetCount } from "../../../store/zone-records.ts";

export function describeHostedZone(store: StoreReader, zone: HostedZone): wire.HostedZone {
  return {
    Id: `/hostedzone/${zone.id}`,
    Name: escapeName(zone.name),
    CallerReference: zone.callerReference,
    Config: {
      ...(zone.comment === undefined ? {} : { Comment: zone.comment }),
      PrivateZone: zone.privateZone,
    },
    ResourceRecordSetCount: recordSetCount(store, zone),
    ...(zone.linkedService === undefined
      ? {}
      : {
          LinkedService: {
            ServicePrincipal: zone.linkedService.servicePrincipal,
            Description: zone.linkedService.description,
          },
        }),
  };
}

/** Undefined for private zones, which nothing is delegated to. */
export function describeDelegationSet(zone: HostedZone): wire.DelegationSet | undefined {
  return zone.privateZone ? undefined : { NameServers: [...zone.nameServers] };
}

export function describeVpcs(zone: HostedZone): wire.VPC[] {
  return zone.vpcs.map(({ vpcId, region }) => describeVpc(vpcId, region));
}

export function describeVpc(vpcId: string, region: string): wire.VPC {
  // What a VPC of Berth says its region is may be one that the SDK does not list.
  return { VPCRegion: region as wire.VPCRegion, VPCId: vpcId };
}
