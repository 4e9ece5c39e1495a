import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../testing.ts";
import {
  assertFails,
  call,
  newAttachedGateway,
  newAwsInterface,
  newGroup,
  newNetwork,
  newSubnet,
  TASK_OWNER,
} from "./testing.ts";

test("a VPC comes with a default group, a main route table and a default ACL, found by the filters Terraform uses", () => {
  const { context, vpcId } = newNetwork();
  const ofVpc = { Name: "vpc-id", Values: [vpcId] };
  const groups = call(context, "DescribeSecurityGroups", {
    Filters: [{ Name: "group-name", Values: ["default"] }, ofVpc],
  }).SecurityGroups;
  assert.equal(groups?.length, 1);
  assert.equal(groups?.[0]?.Description, "default VPC security group");
  assert.equal(groups?.[0]?.IpPermissions?.[0]?.UserIdGroupPairs?.[0]?.GroupId, groups?.[0]?.GroupId);
  const tables = call(context, "DescribeRouteTables", {
    Filters: [{ Name: "association.main", Values: ["true"] }, ofVpc],
  }).RouteTables;
  assert.equal(tables?.length, 1);
  assert.deepEqual(
    tables?.[0]?.Routes?.map((route) => [
      route.DestinationCidrBlock,
      route.GatewayId,
      route.Origin,
      route.State,
    ]),
    [["10.0.0.0/16", "local", "CreateRouteTable", "active"]],
  );
  const acls = call(context, "DescribeNetworkAcls", {
    Filters: [{ Name: "default", Values: ["true"] }, ofVpc],
  }).NetworkAcls;
  assert.equal(acls?.length, 1);
  assert.equal(acls?.[0]?.Associations?.length, 1, "the subnet belongs to it");
  const options = call(context, "DescribeDhcpOptions", {}).DhcpOptions;
  assert.equal(options?.[0]?.DhcpOptionsId, call(context, "DescribeVpcs", {}).Vpcs?.[0]?.DhcpOptionsId);
});

test("a new VPC is pending in the answer and available when described", () => {
  const context = testContext();
  const vpc = call(context, "CreateVpc", { CidrBlock: "10.0.7.7/16" }).Vpc;
  assert.equal(vpc?.State, "pending");
  assert.equal(vpc?.CidrBlock, "10.0.0.0/16", "host bits are cleared");
  assert.equal(call(context, "DescribeVpcs", {}).Vpcs?.[0]?.State, "available");
});

test("a VPC is a /16 to a /28", () => {
  const context = testContext();
  for (const cidr of ["10.0.0.0/15", "10.0.0.0/29", "127.0.0.0/16"]) {
    assertFails(
      () => call(context, "CreateVpc", { CidrBlock: cidr }),
      "InvalidVpc.Range",
      `The CIDR '${cidr}' is invalid.`,
    );
  }
  assertFails(
    () => call(context, "CreateVpc", { CidrBlock: "10.0.0.0" }),
    "InvalidParameterValue",
    "Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
  );
  assertFails(() => call(context, "CreateVpc", {}), "MissingParameter");
});

test("unknown and malformed VPC ids are told apart", () => {
  const context = testContext();
  const describe = (id: string) => () => call(context, "DescribeVpcs", { VpcIds: [id] });
  assertFails(
    describe("vpc-00000000000000000"),
    "InvalidVpcID.NotFound",
    "The vpc ID 'vpc-00000000000000000' does not exist",
  );
  assertFails(describe("foo"), "InvalidVpcID.Malformed", 'Invalid id: "foo" (expecting "vpc-...")');
  assertFails(describe("vpc-xyz"), "InvalidVpcID.Malformed", 'Invalid id: "vpc-xyz"');
});

test("another account or region sees nothing of a VPC", () => {
  const { context, vpcId } = newNetwork();
  const elsewhere = { ...context, scope: { ...context.scope, region: "eu-west-1" } };
  assert.deepEqual(call(elsewhere, "DescribeVpcs", {}).Vpcs, []);
  assertFails(() => call(elsewhere, "DeleteVpc", { VpcId: vpcId }), "InvalidVpcID.NotFound");
});

test("a filter on an unknown id gives an empty list", () => {
  const { context } = newNetwork();
  const Filters = [{ Name: "vpc-id", Values: ["vpc-00000000000000000"] }];
  assert.deepEqual(call(context, "DescribeSubnets", { Filters }).Subnets, []);
});

test("VPC attributes change one a call", () => {
  const { context, vpcId: VpcId } = newNetwork();
  const read = () =>
    call(context, "DescribeVpcAttribute", { VpcId, Attribute: "enableDnsHostnames" }).EnableDnsHostnames
      ?.Value;
  assert.equal(read(), false);
  call(context, "ModifyVpcAttribute", { VpcId, EnableDnsHostnames: { Value: true } });
  assert.equal(read(), true);
  assertFails(
    () =>
      call(context, "ModifyVpcAttribute", {
        VpcId,
        EnableDnsHostnames: { Value: true },
        EnableDnsSupport: { Value: true },
      }),
    "InvalidParameterCombination",
    "Fields for multiple attribute types specified: enableDnsHostnames, enableDnsSupport",
  );
});

test("a subnet lies within its VPC and clear of the others", () => {
  const { context, vpcId: VpcId } = newNetwork();
  const create = (CidrBlock: string) => () => call(context, "CreateSubnet", { VpcId, CidrBlock });
  for (const cidr of ["10.1.0.0/24", "10.0.0.0/15", "10.0.2.0/29"]) {
    assertFails(create(cidr), "InvalidSubnet.Range", `The CIDR '${cidr}' is invalid.`);
  }
  for (const cidr of ["10.0.1.0/24", "10.0.1.128/25", "10.0.0.0/16"]) {
    assertFails(create(cidr), "InvalidSubnet.Conflict", `The CIDR '${cidr}' conflicts with another subnet`);
  }
  assert.equal(create("10.0.2.0/28")().Subnet?.AvailableIpAddressCount, 11);
});

test("a subnet in a zone that the region does not have is refused with the zones there are", () => {
  const { context, vpcId: VpcId } = newNetwork();
  assertFails(
    () => call(context, "CreateSubnet", { VpcId, CidrBlock: "10.0.2.0/24", AvailabilityZone: "us-east-1a" }),
    "InvalidParameterValue",
    "Value (us-east-1a) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ap-northeast-1a, ap-northeast-1c, ap-northeast-1d.",
  );
  const zoned = { VpcId, CidrBlock: "10.0.2.0/24", AvailabilityZoneId: "apne1-az1" };
  assert.equal(call(context, "CreateSubnet", zoned).Subnet?.AvailabilityZone, "ap-northeast-1c");
});

test("each interface takes one of a subnet's 251 addresses", () => {
  const network = newNetwork();
  const { context, subnetId } = network;
  const count = () =>
    call(context, "DescribeSubnets", { SubnetIds: [subnetId] }).Subnets?.[0]?.AvailableIpAddressCount;
  assert.equal(count(), 251);
  newAwsInterface(network, TASK_OWNER);
  assert.equal(count(), 250);
});

test("interfaces keep a subnet, and a deleted subnet leaves no associations", () => {
  const network = newNetwork();
  const { context, vpcId, subnetId } = network;
  const eni = call(context, "CreateNetworkInterface", { SubnetId: subnetId }).NetworkInterface;
  assertFails(
    () => call(context, "DeleteSubnet", { SubnetId: subnetId }),
    "DependencyViolation",
    `The subnet '${subnetId}' has dependencies and cannot be deleted.`,
  );
  const table = call(context, "CreateRouteTable", { VpcId: vpcId }).RouteTable?.RouteTableId;
  call(context, "AssociateRouteTable", { RouteTableId: table, SubnetId: subnetId });
  call(context, "DeleteNetworkInterface", { NetworkInterfaceId: eni?.NetworkInterfaceId });
  call(context, "DeleteSubnet", { SubnetId: subnetId });
  const after = call(context, "DescribeRouteTables", { RouteTableIds: [table ?? ""] });
  assert.deepEqual(after.RouteTables?.[0]?.Associations, []);
  assert.deepEqual(call(context, "DescribeNetworkAcls", {}).NetworkAcls?.[0]?.Associations, []);
});

test("mapPublicIpOnLaunch can be switched, attributes of features that are not there cannot", () => {
  const { context, subnetId: SubnetId } = newNetwork();
  call(context, "ModifySubnetAttribute", { SubnetId, MapPublicIpOnLaunch: { Value: true } });
  assert.equal(call(context, "DescribeSubnets", {}).Subnets?.[0]?.MapPublicIpOnLaunch, true);
  call(context, "ModifySubnetAttribute", { SubnetId, EnableDns64: { Value: false } });
  assertFails(
    () => call(context, "ModifySubnetAttribute", { SubnetId, EnableDns64: { Value: true } }),
    "UnsupportedOperation",
  );
});

test("a VPC goes when only what came with it is left", () => {
  const { context, vpcId: VpcId, subnetId: SubnetId } = newNetwork();
  const blocked = () =>
    assertFails(
      () => call(context, "DeleteVpc", { VpcId }),
      "DependencyViolation",
      `The vpc '${VpcId}' has dependencies and cannot be deleted.`,
    );
  blocked();
  call(context, "DeleteSubnet", { SubnetId });
  const GroupId = newGroup(context, VpcId, "web");
  blocked();
  call(context, "DeleteSecurityGroup", { GroupId });
  const RouteTableId = call(context, "CreateRouteTable", { VpcId }).RouteTable?.RouteTableId;
  blocked();
  call(context, "DeleteRouteTable", { RouteTableId });
  const InternetGatewayId = newAttachedGateway({ context, vpcId: VpcId, subnetId: SubnetId });
  blocked();
  call(context, "DetachInternetGateway", { InternetGatewayId, VpcId });
  call(context, "DeleteVpc", { VpcId });
  assertFails(() => call(context, "DescribeVpcs", { VpcIds: [VpcId] }), "InvalidVpcID.NotFound");
  assert.deepEqual(call(context, "DescribeSecurityGroups", {}).SecurityGroups, []);
  assert.deepEqual(call(context, "DescribeRouteTables", {}).RouteTables, []);
  assert.deepEqual(call(context, "DescribeNetworkAcls", {}).NetworkAcls, []);
});

test("pages follow each other without gap or repetition, also when an item goes in between", () => {
  const { context, vpcId } = newNetwork();
  for (let third = 2; third <= 12; third++) newSubnet(context, vpcId, `10.0.${third}.0/24`);
  const first = call(context, "DescribeSubnets", { MaxResults: 5 });
  assert.equal(first.Subnets?.length, 5);
  call(context, "DeleteSubnet", { SubnetId: first.Subnets?.[4]?.SubnetId });
  const second = call(context, "DescribeSubnets", { MaxResults: 5, NextToken: first.NextToken });
  const third = call(context, "DescribeSubnets", { MaxResults: 5, NextToken: second.NextToken });
  assert.equal(third.NextToken, undefined);
  const ids = [first, second, third].flatMap((page) => page.Subnets?.map((subnet) => subnet.SubnetId));
  assert.equal(new Set(ids).size, 12);
  assert.equal(ids.length, 12);
});

test("page sizes out of range and foreign tokens are refused", () => {
  const { context } = newNetwork();
  assertFails(
    () => call(context, "DescribeVpcs", { MaxResults: 4 }),
    "InvalidParameterValue",
    "Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5.",
  );
  assertFails(() => call(context, "DescribeVpcs", { MaxResults: 1001 }), "InvalidParameterValue");
  assertFails(() => call(context, "DescribeRouteTables", { MaxResults: 101 }), "InvalidParameterValue");
  assertFails(() => call(context, "DescribeVpcs", { NextToken: "nonsense" }), "InvalidNextToken");
});

test("an internet gateway is attached to one VPC, and a VPC has one", () => {
  const network = newNetwork();
  const { context, vpcId } = network;
  const igw = newAttachedGateway(network);
  const [shown] =
    call(context, "DescribeInternetGateways", { InternetGatewayIds: [igw] }).InternetGateways ?? [];
  assert.deepEqual(shown?.Attachments, [{ VpcId: vpcId, State: "available" }]);
  assertFails(
    () => call(context, "AttachInternetGateway", { InternetGatewayId: igw, VpcId: vpcId }),
    "Resource.AlreadyAssociated",
    `resource ${igw} is already attached to network ${vpcId}`,
  );
  const other = call(context, "CreateInternetGateway", {}).InternetGateway?.InternetGatewayId;
  assertFails(
    () => call(context, "AttachInternetGateway", { InternetGatewayId: other, VpcId: vpcId }),
    "InvalidParameterValue",
    `Network ${vpcId} already has an internet gateway attached`,
  );
  assertFails(
    () => call(context, "DetachInternetGateway", { InternetGatewayId: other, VpcId: vpcId }),
    "Gateway.NotAttached",
  );
  assertFails(
    () => call(context, "DeleteInternetGateway", { InternetGatewayId: igw }),
    "DependencyViolation",
  );
});

test("a gateway stays attached while anything in the VPC has a public address", () => {
  const network = newNetwork();
  const { context, vpcId: VpcId } = network;
  const InternetGatewayId = newAttachedGateway(network);
  newAwsInterface(network, TASK_OWNER, { amazonPublicIp: "198.18.0.77" });
  assertFails(
    () => call(context, "DetachInternetGateway", { InternetGatewayId, VpcId }),
    "DependencyViolation",
    `Network ${VpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
  );
});

test("zones, regions and account attributes answer by name, by filter, and refuse what they do not know", () => {
  const context = testContext();
  const zones = call(context, "DescribeAvailabilityZones", {
    Filters: [{ Name: "state", Values: ["available"] }],
  });
  assert.deepEqual(
    zones.AvailabilityZones?.map((zone) => [zone.ZoneName, zone.ZoneId]),
    [
      ["ap-northeast-1a", "apne1-az4"],
      ["ap-northeast-1c", "apne1-az1"],
      ["ap-northeast-1d", "apne1-az2"],
    ],
  );
  assertFails(
    () => call(context, "DescribeAvailabilityZones", { ZoneNames: ["mars-1a"] }),
    "InvalidParameterValue",
  );
  const regions = call(context, "DescribeRegions", {}).Regions?.map((region) => region.RegionName);
  assert.ok(regions?.includes("us-east-1") && !regions.includes("af-south-1"));
  const all = call(context, "DescribeRegions", { AllRegions: true }).Regions;
  assert.equal(all?.find((region) => region.RegionName === "af-south-1")?.OptInStatus, "not-opted-in");
  const attributes = call(context, "DescribeAccountAttributes", { AttributeNames: ["default-vpc"] });
  assert.deepEqual(attributes.AccountAttributes, [
    { AttributeName: "default-vpc", AttributeValues: [{ AttributeValue: "none" }] },
  ]);
});

test("kinds that cannot be made are listed as empty, with ids and filters checked", () => {
  const context = testContext();
  assert.deepEqual(call(context, "DescribeVpcEndpoints", {}).VpcEndpoints, []);
  assertFails(
    () => call(context, "DescribeVpcEndpoints", { VpcEndpointIds: ["vpce-00000000000000000"] }),
    "InvalidVpcEndpointId.NotFound",
  );
  assertFails(
    () => call(context, "DescribeVpcPeeringConnections", { Filters: [{ Name: "nope", Values: ["x"] }] }),
    "InvalidParameterValue",
  );
  assert.deepEqual(call(context, "DescribePrefixLists", {}).PrefixLists, []);
});
