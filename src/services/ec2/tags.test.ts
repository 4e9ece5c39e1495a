import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ec2";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import { listTaggableResources } from "./tagging.ts";
import { assertFails, call, newAttachedGateway, newAwsInterface, newNetwork, TASK_OWNER } from "./testing.ts";

test("every kind of resource can be tagged, found by its tag, and stripped of it", () => {
  const network = newNetwork();
  const { context, vpcId, subnetId } = network;
  newAttachedGateway(network);
  const AllocationId = call(context, "AllocateAddress", {}).AllocationId;
  call(context, "CreateNatGateway", { SubnetId: subnetId, AllocationId });
  const Resources = listTaggableResources(context).map((resource) => resource.resourceId);
  call(context, "CreateTags", { Resources, Tags: [{ Key: "team", Value: "blue" }] });
  const described = call(context, "DescribeTags", { Filters: [{ Name: "tag:team", Values: ["blue"] }] }).Tags;
  assert.deepEqual(
    new Set(described?.map((tag) => tag.ResourceType)),
    new Set([
      "dhcp-options",
      "elastic-ip",
      "internet-gateway",
      "natgateway",
      "network-acl",
      "network-interface",
      "route-table",
      "security-group",
      "security-group-rule",
      "subnet",
      "vpc",
    ]),
  );
  assert.equal(described?.length, Resources.length);
  const Filters = [{ Name: "tag:team", Values: ["blue"] }];
  assert.equal(call(context, "DescribeVpcs", { Filters }).Vpcs?.[0]?.VpcId, vpcId);
  assert.equal(call(context, "DescribeSecurityGroupRules", { Filters }).SecurityGroupRules?.length, 2);
  call(context, "DeleteTags", { Resources, Tags: [{ Key: "team" }] });
  assert.deepEqual(call(context, "DescribeTags", {}).Tags, []);
});

test("tags of create requests are kept, and must be of the type that is made", () => {
  const { context } = newNetwork();
  const specification = (ResourceType: wire.ResourceType, ...Tags: wire.Tag[]) => ({
    CidrBlock: "10.9.0.0/16",
    TagSpecifications: [{ ResourceType, Tags }],
  });
  const { Vpc } = call(context, "CreateVpc", specification("vpc", { Key: "Name", Value: "main" }));
  assert.deepEqual(Vpc?.Tags, [{ Key: "Name", Value: "main" }]);
  assertFails(
    () => call(context, "CreateVpc", specification("subnet", { Key: "a", Value: "b" })),
    "InvalidParameterValue",
    "'subnet' is not a valid taggable resource type for this operation.",
  );
  assertFails(
    () => call(context, "CreateVpc", specification("vpc")),
    "InvalidParameterValue",
    "Tag specification must have at least one tag",
  );
  assertFails(
    () => call(context, "CreateVpc", specification("vpc", { Key: "a" }, { Key: "a", Value: "b" })),
    "InvalidParameterValue",
    "Duplicate tag key 'a' specified.",
  );
});

test("a tag replaces one of the same key, and a tag with a value is deleted only with that value", () => {
  const { context, vpcId } = newNetwork();
  const Resources = [vpcId];
  const tags = () => call(context, "DescribeVpcs", { VpcIds: [vpcId] }).Vpcs?.[0]?.Tags;
  call(context, "CreateTags", { Resources, Tags: [{ Key: "a", Value: "1" }, { Key: "b" }] });
  call(context, "CreateTags", { Resources, Tags: [{ Key: "a", Value: "2" }] });
  assert.deepEqual(tags(), [
    { Key: "b", Value: "" },
    { Key: "a", Value: "2" },
  ]);
  call(context, "DeleteTags", { Resources, Tags: [{ Key: "a", Value: "1" }] });
  assert.equal(tags()?.length, 2);
  call(context, "DeleteTags", { Resources });
  assert.deepEqual(tags(), []);
});

test("AWS's own tags can be neither made nor removed", () => {
  const network = newNetwork();
  const { context } = network;
  const tags = [{ key: "aws:ecs:clusterName", value: "demo" }];
  const { networkInterfaceId } = newAwsInterface(network, TASK_OWNER, { tags });
  assertFails(
    () =>
      call(context, "CreateTags", { Resources: [networkInterfaceId], Tags: [{ Key: "aws:x", Value: "y" }] }),
    "InvalidParameterValue",
    "Tag keys starting with 'aws:' are reserved for internal use",
  );
  call(context, "DeleteTags", { Resources: [networkInterfaceId] });
  assert.deepEqual(context.store.get(networkInterfaces, networkInterfaceId)?.tags, tags);
});

test("unknown resources are named in the error, and then nothing is tagged", () => {
  const { context, vpcId } = newNetwork();
  const tag = (id: string) => () =>
    call(context, "CreateTags", { Resources: [vpcId, id], Tags: [{ Key: "a", Value: "b" }] });
  assertFails(tag("foo"), "InvalidID", "The ID 'foo' is not valid");
  assertFails(tag("subnet-00000000000000000"), "InvalidSubnetID.NotFound");
  assertFails(tag("subnet-x"), "InvalidSubnetID.Malformed");
  assert.deepEqual(call(context, "DescribeTags", {}).Tags, []);
});

test("a resource has at most 50 tags", () => {
  const { context, vpcId } = newNetwork();
  const tags = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, index) => ({ Key: `${prefix}${index}`, Value: "" }));
  call(context, "CreateTags", { Resources: [vpcId], Tags: tags(50, "a") });
  assertFails(
    () => call(context, "CreateTags", { Resources: [vpcId], Tags: tags(1, "b") }),
    "TagLimitExceeded",
  );
});
