import type * as wire from "@aws-sdk/client-ec2";
import type { Vpc } from "../../../model/ec2/records.ts";
import { describeTagList } from "../tagging.ts";

export function describeVpc(vpc: Vpc, state: wire.VpcState = "available"): wire.Vpc {
  return {
    VpcId: vpc.vpcId,
    OwnerId: vpc.account,
    State: state,
    CidrBlock: vpc.cidrBlock,
    CidrBlockAssociationSet: [
      {
        AssociationId: vpc.cidrAssociationId,
        CidrBlock: vpc.cidrBlock,
        CidrBlockState: { State: "associated" },
      },
    ],
    Ipv6CidrBlockAssociationSet: [],
    DhcpOptionsId: vpc.dhcpOptionsId,
    InstanceTenancy: vpc.instanceTenancy,
    IsDefault: vpc.isDefault,
    Tags: describeTagList(vpc.tags),
  };
}
