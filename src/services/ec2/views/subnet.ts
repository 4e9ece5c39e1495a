import type * as wire from "@aws-sdk/client-ec2";
import { arn } from "../../../model/arn.ts";
import type { Subnet } from "../../../model/ec2/records.ts";
import { availableAddressCount } from "../../../store/network-interfaces.ts";
import type { StoreReader } from "../../../store/store.ts";
import { describeTagList } from "../tagging.ts";

export function describeSubnet(store: StoreReader, subnet: Subnet): wire.Subnet {
  return {
    SubnetId: subnet.subnetId,
    SubnetArn: subnetArn(subnet),
    VpcId: subnet.vpcId,
    OwnerId: subnet.account,
    State: "available",
    CidrBlock: subnet.cidrBlock,
    AvailableIpAddressCount: availableAddressCount(store, subnet),
    AvailabilityZone: subnet.availabilityZone,
    AvailabilityZoneId: subnet.availabilityZoneId,
    DefaultForAz: subnet.defaultForAz,
    MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
    MapCustomerOwnedIpOnLaunch: false,
    AssignIpv6AddressOnCreation: false,
    Ipv6CidrBlockAssociationSet: [],
    Ipv6Native: false,
    EnableDns64: false,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: "ip-name",
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    Tags: describeTagList(subnet.tags),
  };
}

export function subnetArn(subnet: Subnet): string {
  return arn("ec2", subnet, `subnet/${subnet.subnetId}`);
}
