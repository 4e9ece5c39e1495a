import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { LoadBalancer } from "../../../model/elb/records.ts";
import type { StoreReader } from "../../../store/store.ts";
import { addresses } from "../../../store/tables/ec2.ts";

export function describeLoadBalancer(store: StoreReader, loadBalancer: LoadBalancer): wire.LoadBalancer {
  return {
    LoadBalancerArn: loadBalancer.arn,
    DNSName: loadBalancer.dnsName,
    CanonicalHostedZoneId: loadBalancer.canonicalHostedZoneId,
    CreatedTime: new Date(loadBalancer.createdTime),
    LoadBalancerName: loadBalancer.name,
    Scheme: loadBalancer.scheme,
    VpcId: loadBalancer.vpcId,
    State: { Code: loadBalancer.state },
    Type: loadBalancer.type,
    AvailabilityZones: describeZones(store, loadBalancer),
    ...(loadBalancer.securityGroupIds.length > 0
      ? { SecurityGroups: [...loadBalancer.securityGroupIds] }
      : {}),
    IpAddressType: loadBalancer.ipAddressType,
    ...(loadBalancer.type === "network" ? { EnablePrefixForIpv6SourceNat: "off" } : {}),
  };
}

/** In the order of their zones' names. */
export function describeZones(store: StoreReader, loadBalancer: LoadBalancer): wire.AvailabilityZone[] {
  return [...loadBalancer.zones]
    .sort((a, b) => (a.zoneName < b.zoneName ? -1 : 1))
    .map((zone) => {
      const [elastic] = store.where(addresses, "networkInterface", zone.networkInterfaceId);
      return {
        ZoneName: zone.zoneName,
        SubnetId: zone.subnetId,
        LoadBalancerAddresses:
          elastic === undefined ? [] : [{ IpAddress: elastic.publicIp, AllocationId: elastic.allocationId }],
      };
    });
}
