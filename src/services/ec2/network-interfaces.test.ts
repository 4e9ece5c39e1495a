import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertFails,
  call,
  type Network,
  newAttachedGateway,
  newAwsInterface,
  newGroup,
  newNetwork,
  newSubnet,
  TASK_OWNER,
} from "./testing.ts";

function shown({ context }: Network, id: string) {
  return call(context, "DescribeNetworkInterfaces", { NetworkInterfaceIds: [id] }).NetworkInterfaces?.[0];
}

test("a task's interface is shown as Fargate's", () => {
  const network = newNetwork();
  const eni = newAwsInterface(network, TASK_OWNER, { amazonPublicIp: "198.18.0.40" });
  const view = shown(network, eni.networkInterfaceId);
  assert.equal(
    view?.Description,
    "arn:aws:ecs:ap-northeast-1:000000000000:attachment/11111111-2222-3333-4444-555555555555",
  );
  assert.equal(view?.InterfaceType, "interface");
  assert.equal(view?.RequesterManaged, true);
  assert.match(view?.RequesterId ?? "", /^\d{12}$/);
  assert.equal(view?.Status, "in-use");
  assert.deepEqual(view?.Attachment, {
    AttachmentId: eni.attachmentId,
    AttachTime: new Date(eni.createTime),
    DeleteOnTermination: false,
    DeviceIndex: 1,
    InstanceOwnerId: view?.RequesterId,
    Status: "attached",
  });
  assert.equal(view?.Association?.IpOwnerId, "amazon");
  assert.equal(view?.Association?.PublicIp, "198.18.0.40");
});

test("a load balancer's interface is shown as ELB's", () => {
  const network = newNetwork();
  const owner = (description: string) =>
    ({ kind: "load-balancer", loadBalancerArn: "arn:lb", description }) as const;
  const alb = shown(network, newAwsInterface(network, owner("ELB app/web/0123")).networkInterfaceId);
  assert.deepEqual(
    [alb?.Description, alb?.InterfaceType, alb?.RequesterId, alb?.Attachment?.InstanceOwnerId],
    ["ELB app/web/0123", "interface", "amazon-elb", "amazon-elb"],
  );
  const nlb = shown(network, newAwsInterface(network, owner("ELB net/web/0123")).networkInterfaceId);
  assert.deepEqual(
    [nlb?.InterfaceType, nlb?.RequesterId, nlb?.Attachment?.InstanceOwnerId],
    ["network_load_balancer", "amazon-elb", "amazon-aws"],
  );
});

test("a NAT gateway's interface is shown as its own type, without groups or source check", () => {
  const network = newNetwork();
  const { context, subnetId: SubnetId } = network;
  newAttachedGateway(network);
  const AllocationId = call(context, "AllocateAddress", {}).AllocationId;
  const nat = call(context, "CreateNatGateway", { SubnetId, AllocationId }).NatGateway;
  const [view] =
    call(context, "DescribeNetworkInterfaces", {
      Filters: [{ Name: "interface-type", Values: ["nat_gateway"] }],
    }).NetworkInterfaces ?? [];
  assert.equal(view?.Description, `Interface for NAT Gateway ${nat?.NatGatewayId}`);
  assert.equal(view?.SourceDestCheck, false);
  assert.deepEqual(view?.Groups, []);
  assert.match(view?.Attachment?.AttachmentId ?? "", /^ela-attach-/);
  assert.equal(view?.Attachment?.InstanceOwnerId, "amazon-aws");
  assert.equal(view?.Association?.IpOwnerId, context.scope.account);
  assert.equal(view?.Association?.AllocationId, AllocationId);
});

test("what AWS made cannot be deleted, detached or changed", () => {
  const network = newNetwork();
  const { context, vpcId } = network;
  const task = newAwsInterface(network, TASK_OWNER);
  const lb = newAwsInterface(network, {
    kind: "load-balancer",
    loadBalancerArn: "x",
    description: "ELB app/a/b",
  });
  assertFails(
    () => call(context, "DeleteNetworkInterface", { NetworkInterfaceId: task.networkInterfaceId }),
    "InvalidParameterValue",
    `Network interface '${task.networkInterfaceId}' is currently in use.`,
  );
  assertFails(
    () => call(context, "DetachNetworkInterface", { AttachmentId: task.attachmentId }),
    "AuthFailure",
    "You do not have permission to access the specified resource.",
  );
  assertFails(
    () => call(context, "DetachNetworkInterface", { AttachmentId: lb.attachmentId }),
    "OperationNotPermitted",
    "You are not allowed to manage 'ela-attach' attachments.",
  );
  assertFails(
    () => call(context, "DetachNetworkInterface", { AttachmentId: "eni-attach-0" }),
    "InvalidAttachmentID.NotFound",
  );
  assertFails(
    () =>
      call(context, "ModifyNetworkInterfaceAttribute", {
        NetworkInterfaceId: task.networkInterfaceId,
        Groups: [newGroup(context, vpcId, "web")],
      }),
    "AuthFailure",
  );
});

test("a user's interface is free, has the default group unless told, and can be changed and deleted", () => {
  const network = newNetwork();
  const { context, vpcId, subnetId: SubnetId } = network;
  const created = call(context, "CreateNetworkInterface", { SubnetId, Description: "mine" }).NetworkInterface;
  const NetworkInterfaceId = created?.NetworkInterfaceId ?? "";
  assert.deepEqual(
    [created?.Status, created?.RequesterManaged, created?.RequesterId, created?.Groups?.[0]?.GroupName],
    ["available", false, undefined, "default"],
  );
  const group = newGroup(context, vpcId, "web");
  call(context, "ModifyNetworkInterfaceAttribute", { NetworkInterfaceId, Groups: [group] });
  call(context, "ModifyNetworkInterfaceAttribute", { NetworkInterfaceId, SourceDestCheck: { Value: false } });
  call(context, "ModifyNetworkInterfaceAttribute", { NetworkInterfaceId, Description: { Value: "ours" } });
  const view = shown(network, NetworkInterfaceId);
  assert.deepEqual(
    [view?.Groups, view?.SourceDestCheck, view?.Description],
    [[{ GroupId: group, GroupName: "web" }], false, "ours"],
  );
  assertFails(
    () => call(context, "ModifyNetworkInterfaceAttribute", { NetworkInterfaceId }),
    "InvalidParameterCombination",
  );
  const attribute = call(context, "DescribeNetworkInterfaceAttribute", {
    NetworkInterfaceId,
    Attribute: "groupSet",
  });
  assert.deepEqual(attribute.Groups, view?.Groups);
  call(context, "DeleteNetworkInterface", { NetworkInterfaceId });
  assertFails(
    () => shown(network, NetworkInterfaceId),
    "InvalidNetworkInterfaceID.NotFound",
    `The networkInterface ID '${NetworkInterfaceId}' does not exist`,
  );
});

test("an address that is asked for must be the subnet's, not reserved and not taken", () => {
  const { context, subnetId: SubnetId } = newNetwork();
  const create = (PrivateIpAddress: string) => () =>
    call(context, "CreateNetworkInterface", { SubnetId, PrivateIpAddress }).NetworkInterface;
  assert.equal(create("10.0.1.50")()?.PrivateIpAddress, "10.0.1.50");
  assertFails(create("10.0.1.50"), "InvalidIPAddress.InUse", "Address 10.0.1.50 is in use.");
  assertFails(
    create("10.0.2.50"),
    "InvalidParameterValue",
    "Address does not fall within the subnet's address range",
  );
  for (const reserved of ["10.0.1.0", "10.0.1.3", "10.0.1.255"]) {
    assertFails(create(reserved), "InvalidParameterValue", "Address is in subnet's reserved address range");
  }
});

test("a full subnet gives no more interfaces", () => {
  const { context, vpcId } = newNetwork();
  const SubnetId = newSubnet(context, vpcId, "10.0.2.0/28");
  for (let i = 0; i < 11; i++) call(context, "CreateNetworkInterface", { SubnetId });
  assert.equal(
    call(context, "DescribeSubnets", { SubnetIds: [SubnetId] }).Subnets?.[0]?.AvailableIpAddressCount,
    0,
  );
  assertFails(
    () => call(context, "CreateNetworkInterface", { SubnetId }),
    "InsufficientFreeAddressesInSubnet",
  );
});

test("groups of another VPC are refused", () => {
  const { context, subnetId: SubnetId } = newNetwork();
  const foreign = newGroup(context, newNetwork(context).vpcId, "foreign");
  assertFails(
    () => call(context, "CreateNetworkInterface", { SubnetId, Groups: [foreign] }),
    "InvalidParameter",
    `Security group ${foreign} and subnet ${SubnetId} belong to different networks.`,
  );
});

test("names appear while the VPC has DNS host names on", () => {
  const network = newNetwork();
  const eni = newAwsInterface(network, TASK_OWNER, {
    privateIpAddress: "10.0.1.82",
    amazonPublicIp: "198.18.0.41",
  });
  assert.equal(shown(network, eni.networkInterfaceId)?.PrivateDnsName, undefined);
  call(network.context, "ModifyVpcAttribute", { VpcId: network.vpcId, EnableDnsHostnames: { Value: true } });
  const view = shown(network, eni.networkInterfaceId);
  assert.equal(view?.PrivateDnsName, "ip-10-0-1-82.ap-northeast-1.compute.internal");
  assert.equal(view?.Association?.PublicDnsName, "ec2-198-18-0-41.ap-northeast-1.compute.amazonaws.com");
});

test("interfaces are found by the filters that Terraform and scripts use", () => {
  const network = newNetwork();
  const { context, vpcId, subnetId } = network;
  const group = newGroup(context, vpcId, "web");
  const eni = newAwsInterface(network, TASK_OWNER, { groupIds: [group], amazonPublicIp: "198.18.0.42" });
  call(context, "CreateNetworkInterface", { SubnetId: subnetId });
  const found = (Name: string, ...Values: string[]) =>
    call(context, "DescribeNetworkInterfaces", { Filters: [{ Name, Values }] }).NetworkInterfaces?.map(
      (view) => view.NetworkInterfaceId,
    );
  const only = [eni.networkInterfaceId];
  assert.deepEqual(found("group-id", group), only);
  assert.deepEqual(found("description", "arn:aws:ecs:*:attachment/*"), only);
  assert.deepEqual(found("requester-managed", "true"), only);
  assert.deepEqual(found("attachment.attachment-id", eni.attachmentId ?? ""), only);
  assert.deepEqual(found("association.public-ip", "198.18.0.42"), only);
  assert.deepEqual(found("private-ip-address", eni.privateIpAddress), only);
  assert.deepEqual(found("status", "in-use"), only);
  assert.equal(found("subnet-id", subnetId)?.length, 2);
  assertFails(
    () => call(context, "DescribeNetworkInterfaces", { NetworkInterfaceIds: [...only], MaxResults: 5 }),
    "InvalidParameterCombination",
  );
});
