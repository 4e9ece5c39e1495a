import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ec2";
import { canonicalIpv6Cidr } from "./ipv6.ts";
import { assertFails, call, newAwsInterface, newGroup, newNetwork } from "./testing.ts";

function newWebGroup() {
  const network = newNetwork();
  const { context, vpcId } = network;
  const GroupId = newGroup(context, vpcId, "web");
  const ingress = (...IpPermissions: wire.IpPermission[]) =>
    call(context, "AuthorizeSecurityGroupIngress", { GroupId, IpPermissions });
  const shown = () => call(context, "DescribeSecurityGroups", { GroupIds: [GroupId] }).SecurityGroups?.[0];
  return { ...network, network, GroupId, ingress, shown };
}

const http = (...cidrs: string[]): wire.IpPermission => ({
  IpProtocol: "tcp",
  FromPort: 80,
  ToPort: 80,
  IpRanges: cidrs.map((CidrIp) => ({ CidrIp })),
});

test("a new group lets nothing in and everything out", () => {
  const { shown, context } = newWebGroup();
  assert.deepEqual(shown()?.IpPermissions, []);
  assert.deepEqual(shown()?.IpPermissionsEgress, [
    {
      IpProtocol: "-1",
      FromPort: undefined,
      ToPort: undefined,
      IpRanges: [{ CidrIp: "0.0.0.0/0", Description: undefined }],
      Ipv6Ranges: [],
      UserIdGroupPairs: [],
      PrefixListIds: [],
    },
  ]);
  assert.equal(shown()?.OwnerId, context.scope.account);
});

test("Terraform's removal of the default egress rule matches although it names ports, and finds no IPv6 one", () => {
  const { context, GroupId, shown } = newWebGroup();
  const all = { IpProtocol: "-1", FromPort: 0, ToPort: 0 };
  const revoked = call(context, "RevokeSecurityGroupEgress", {
    GroupId,
    IpPermissions: [{ ...all, IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
  });
  assert.equal(revoked.RevokedSecurityGroupRules?.length, 1);
  assert.deepEqual(shown()?.IpPermissionsEgress, []);
  assertFails(
    () =>
      call(context, "RevokeSecurityGroupEgress", {
        GroupId,
        IpPermissions: [{ ...all, Ipv6Ranges: [{ CidrIpv6: "::/0" }] }],
      }),
    "InvalidPermission.NotFound",
    "The specified rule does not exist in this security group.",
  );
});

test("sources of the same protocol and ports are one permission, each with its description", () => {
  const { GroupId, ingress, shown, context, vpcId } = newWebGroup();
  const other = newGroup(context, vpcId, "other");
  ingress(http("10.1.0.0/16"));
  ingress({
    ...http(),
    IpRanges: [{ CidrIp: "10.2.0.0/16", Description: "office" }],
    UserIdGroupPairs: [{ GroupId: other }, { GroupId }],
  });
  ingress({ ...http("10.1.0.0/16"), ToPort: 81 });
  const permissions = shown()?.IpPermissions ?? [];
  assert.equal(permissions.length, 2);
  assert.deepEqual(permissions[0]?.IpRanges, [
    { CidrIp: "10.1.0.0/16", Description: undefined },
    { CidrIp: "10.2.0.0/16", Description: "office" },
  ]);
  assert.deepEqual(
    permissions[0]?.UserIdGroupPairs?.map((pair) => [pair.GroupId, pair.UserId]),
    [
      [other, context.scope.account],
      [GroupId, context.scope.account],
    ],
  );
});

test("a rule that exists is refused with the rule in EC2's words, whatever its description", () => {
  const { GroupId, ingress, shown } = newWebGroup();
  ingress(http("0.0.0.0/0"));
  assertFails(
    () => ingress(http("10.0.0.0/8"), { ...http(), IpRanges: [{ CidrIp: "0.0.0.0/0", Description: "x" }] }),
    "InvalidPermission.Duplicate",
    'the specified rule "peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW" already exists',
  );
  assert.equal(shown()?.IpPermissions?.[0]?.IpRanges?.length, 1, "none of the request's rules was added");
  const everything: wire.IpPermission = { IpProtocol: "-1", UserIdGroupPairs: [{ GroupId }] };
  ingress(everything);
  assertFails(
    () => ingress(everything),
    "InvalidPermission.Duplicate",
    `the specified rule "peer: ${GroupId}, ALL, ALLOW" already exists`,
  );
  assertFails(
    () => ingress(http("10.3.0.0/16", "10.3.0.0/16")),
    "InvalidParameterValue",
    "The same permission must not appear multiple times",
  );
});

test("protocols have one name, ranges lose their host bits", () => {
  const { ingress, shown } = newWebGroup();
  ingress({ ...http("10.1.2.3/16"), IpProtocol: "6" });
  assert.equal(shown()?.IpPermissions?.[0]?.IpProtocol, "tcp");
  assert.equal(shown()?.IpPermissions?.[0]?.IpRanges?.[0]?.CidrIp, "10.1.0.0/16");
  ingress({ IpProtocol: "50", FromPort: 1, ToPort: 2, IpRanges: [{ CidrIp: "0.0.0.0/0" }] });
  assert.equal(shown()?.IpPermissions?.[1]?.FromPort, undefined);
  ingress({ IpProtocol: "icmp", FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: "0.0.0.0/0" }] });
  assert.deepEqual([shown()?.IpPermissions?.[2]?.FromPort, shown()?.IpPermissions?.[2]?.ToPort], [8, -1]);
  ingress({ ...http(), Ipv6Ranges: [{ CidrIpv6: "2001:DB8:0:0:0:0:0:1/32" }] });
  assert.equal(shown()?.IpPermissions?.[0]?.Ipv6Ranges?.[0]?.CidrIpv6, "2001:db8::/32");
});

test("IPv6 ranges are written canonically", () => {
  assert.equal(canonicalIpv6Cidr("::/0"), "::/0");
  assert.equal(canonicalIpv6Cidr("2001:db8:ffff:ffff::1/36"), "2001:db8:f000::/36");
  assert.equal(canonicalIpv6Cidr("::1/128"), "::1/128");
  for (const bad of ["::", "::/129", "10.0.0.0/8", "fe80::%eth0/64", "::/x"]) {
    assert.equal(canonicalIpv6Cidr(bad), undefined, bad);
  }
});

test("bad rules are refused", () => {
  const { ingress } = newWebGroup();
  const refused = (permission: wire.IpPermission, code: string, message?: string) =>
    assertFails(() => ingress(permission), code, message);
  const anywhere = [{ CidrIp: "0.0.0.0/0" }];
  refused(
    { IpProtocol: "tcp", FromPort: 80, IpRanges: anywhere },
    "InvalidParameterValue",
    "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
  );
  refused({ IpProtocol: "tcp", FromPort: 90, ToPort: 80, IpRanges: anywhere }, "InvalidParameterValue");
  refused({ IpProtocol: "tcp", FromPort: 0, ToPort: 65536, IpRanges: anywhere }, "InvalidParameterValue");
  refused(
    { IpProtocol: "tcpp", IpRanges: anywhere },
    "InvalidParameterValue",
    "Invalid value 'tcpp' for IP protocol. Unknown protocol.",
  );
  refused({ FromPort: 80, ToPort: 80, IpRanges: anywhere }, "InvalidParameterValue");
  refused(http("10.0.0.300/16"), "InvalidParameterValue", "CIDR block 10.0.0.300/16 is malformed");
  refused(http(), "MissingParameter");
  refused(
    { ...http(), IpRanges: [{ CidrIp: "10.0.0.0/8", Description: "who | what" }] },
    "InvalidParameterValue",
  );
  refused({ IpProtocol: "icmp", FromPort: -1, ToPort: 0, IpRanges: anywhere }, "InvalidParameterValue");
});

test("a rule may name groups of the same VPC only", () => {
  const { context, ingress } = newWebGroup();
  const foreign = newGroup(context, newNetwork(context).vpcId, "foreign");
  const from = (GroupId: string) => () => ingress({ ...http(), UserIdGroupPairs: [{ GroupId }] });
  assertFails(
    from(foreign),
    "InvalidGroup.NotFound",
    "You have specified two resources that belong to different networks.",
  );
  assertFails(
    from("sg-00000000000000000"),
    "InvalidGroup.NotFound",
    "The security group 'sg-00000000000000000' does not exist",
  );
  assertFails(from("web"), "InvalidGroupId.Malformed", 'Invalid id: "web" (expecting "sg-...")');
});

test("single rules have ids: they are described, revoked and tagged by them", () => {
  const { context, GroupId, shown } = newWebGroup();
  const made = call(context, "AuthorizeSecurityGroupIngress", {
    GroupId,
    IpPermissions: [http("10.1.0.0/16", "10.2.0.0/16")],
    TagSpecifications: [{ ResourceType: "security-group-rule", Tags: [{ Key: "k", Value: "v" }] }],
  }).SecurityGroupRules;
  assert.equal(made?.length, 2);
  const id = made?.[0]?.SecurityGroupRuleId ?? "";
  const [rule] =
    call(context, "DescribeSecurityGroupRules", { SecurityGroupRuleIds: [id] }).SecurityGroupRules ?? [];
  assert.deepEqual(
    [rule?.IsEgress, rule?.CidrIpv4, rule?.FromPort, rule?.Tags],
    [false, "10.1.0.0/16", 80, [{ Key: "k", Value: "v" }]],
  );
  const egress = call(context, "DescribeSecurityGroupRules", {
    Filters: [{ Name: "group-id", Values: [GroupId] }],
  }).SecurityGroupRules?.find((other) => other.IsEgress);
  assert.deepEqual([egress?.FromPort, egress?.ToPort], [-1, -1], "ports that do not apply are -1");
  assertFails(
    () => call(context, "RevokeSecurityGroupEgress", { GroupId, SecurityGroupRuleIds: [id] }),
    "InvalidSecurityGroupRuleId.NotFound",
    `The security group rule ID '${id}' does not exist`,
  );
  call(context, "RevokeSecurityGroupIngress", { GroupId, SecurityGroupRuleIds: [id] });
  assert.deepEqual(shown()?.IpPermissions?.[0]?.IpRanges, [
    { CidrIp: "10.2.0.0/16", Description: undefined },
  ]);
});

test("when one rule of a revocation is unknown, none is revoked", () => {
  const { context, GroupId, ingress, shown } = newWebGroup();
  ingress(http("10.1.0.0/16"));
  const IpPermissions = [http("10.1.0.0/16", "10.9.0.0/16")];
  assertFails(
    () => call(context, "RevokeSecurityGroupIngress", { GroupId, IpPermissions }),
    "InvalidPermission.NotFound",
  );
  assert.equal(shown()?.IpPermissions?.length, 1);
  assertFails(() => call(context, "RevokeSecurityGroupIngress", { GroupId }), "MissingParameter");
});

test("a rule can be changed in place, not into another kind nor into one that exists", () => {
  const { context, GroupId, ingress, shown } = newWebGroup();
  const [rule] = ingress(http("10.1.0.0/16")).SecurityGroupRules ?? [];
  ingress(http("10.2.0.0/16"));
  const modify = (SecurityGroupRule: wire.SecurityGroupRuleRequest) =>
    call(context, "ModifySecurityGroupRules", {
      GroupId,
      SecurityGroupRules: [{ SecurityGroupRuleId: rule?.SecurityGroupRuleId, SecurityGroupRule }],
    });
  modify({ IpProtocol: "tcp", FromPort: 443, ToPort: 443, CidrIpv4: "10.1.0.0/16", Description: "tls" });
  assert.deepEqual(
    shown()?.IpPermissions?.map((permission) => [permission.FromPort, permission.IpRanges?.[0]?.Description]),
    [
      [443, "tls"],
      [80, undefined],
    ],
  );
  assertFails(
    () => modify({ IpProtocol: "tcp", FromPort: 80, ToPort: 80, CidrIpv4: "10.2.0.0/16" }),
    "InvalidPermission.Duplicate",
  );
  assertFails(
    () => modify({ IpProtocol: "tcp", FromPort: 80, ToPort: 80, CidrIpv6: "::/0" }),
    "InvalidParameterValue",
    `Invalid rule type for security group rule '${rule?.SecurityGroupRuleId}'. You may not specify CidrIpv6 for an existing IPv4 CIDR rule.`,
  );
});

test("descriptions are updated by rule and by id", () => {
  const { context, GroupId, ingress, shown } = newWebGroup();
  const [rule] = ingress(http("10.1.0.0/16")).SecurityGroupRules ?? [];
  const description = () => shown()?.IpPermissions?.[0]?.IpRanges?.[0]?.Description;
  call(context, "UpdateSecurityGroupRuleDescriptionsIngress", {
    GroupId,
    IpPermissions: [{ ...http(), IpRanges: [{ CidrIp: "10.1.0.0/16", Description: "one" }] }],
  });
  assert.equal(description(), "one");
  call(context, "UpdateSecurityGroupRuleDescriptionsIngress", {
    GroupId,
    SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId: rule?.SecurityGroupRuleId, Description: "two" }],
  });
  assert.equal(description(), "two");
  assertFails(
    () =>
      call(context, "UpdateSecurityGroupRuleDescriptionsEgress", {
        GroupId,
        IpPermissions: [http("10.1.0.0/16")],
      }),
    "InvalidPermission.NotFound",
  );
});

test("names are unique in a VPC, not reserved, and not like ids", () => {
  const { context, vpcId } = newWebGroup();
  assertFails(
    () => newGroup(context, vpcId, "web"),
    "InvalidGroup.Duplicate",
    `The security group 'web' already exists for VPC '${vpcId}'`,
  );
  newGroup(context, newNetwork(context).vpcId, "web");
  assertFails(
    () => newGroup(context, vpcId, "default"),
    "InvalidParameterValue",
    "Cannot use reserved security group name: default",
  );
  assertFails(() => newGroup(context, vpcId, "sg-web"), "InvalidParameterValue");
  assertFails(() => newGroup(context, vpcId, "wéb"), "InvalidParameterValue");
  assertFails(() => newGroup(context, vpcId, "x".repeat(256)), "InvalidParameterValue");
  assertFails(
    () => call(context, "CreateSecurityGroup", { GroupName: "a", Description: "b" }),
    "VPCIdNotSpecified",
  );
});

test("a group stays while an interface carries it or another group's rule names it", () => {
  const { context, network, vpcId, GroupId, ingress } = newWebGroup();
  const inUse = () =>
    assertFails(
      () => call(context, "DeleteSecurityGroup", { GroupId }),
      "DependencyViolation",
      `resource ${GroupId} has a dependent object`,
    );
  const eni = newAwsInterface(network, { kind: "user" }, { groupIds: [GroupId], attachmentId: undefined });
  inUse();
  call(context, "DeleteNetworkInterface", { NetworkInterfaceId: eni.networkInterfaceId });
  const other = newGroup(context, vpcId, "other");
  const IpPermissions = [{ ...http(), UserIdGroupPairs: [{ GroupId }] }];
  call(context, "AuthorizeSecurityGroupIngress", { GroupId: other, IpPermissions });
  inUse();
  call(context, "DeleteSecurityGroup", { GroupId: other });
  ingress({ ...http(), UserIdGroupPairs: [{ GroupId }] });
  assert.deepEqual(call(context, "DeleteSecurityGroup", { GroupId }), { Return: true, GroupId });
  assertFails(
    () => call(context, "DescribeSecurityGroups", { GroupIds: [GroupId] }),
    "InvalidGroup.NotFound",
    `The security group '${GroupId}' does not exist`,
  );
});

test("the default group cannot be deleted", () => {
  const { context } = newWebGroup();
  const [group] =
    call(context, "DescribeSecurityGroups", { Filters: [{ Name: "group-name", Values: ["default"] }] })
      .SecurityGroups ?? [];
  assertFails(
    () => call(context, "DeleteSecurityGroup", { GroupId: group?.GroupId }),
    "CannotDelete",
    `the specified group: "${group?.GroupId}" name: "default" cannot be deleted by a user`,
  );
});

test("groups are found by what their rules say", () => {
  const { context, vpcId, GroupId, ingress } = newWebGroup();
  newGroup(context, vpcId, "other");
  ingress(http("10.1.0.0/16"));
  const found = (Name: string, value: string) =>
    call(context, "DescribeSecurityGroups", { Filters: [{ Name, Values: [value] }] }).SecurityGroups?.map(
      (group) => group.GroupId,
    );
  assert.deepEqual(found("ip-permission.cidr", "10.1.0.0/16"), [GroupId]);
  assert.deepEqual(found("ip-permission.to-port", "80"), [GroupId]);
  assert.equal(found("egress.ip-permission.cidr", "0.0.0.0/0")?.length, 3);
  assert.deepEqual(found("egress.ip-permission.to-port", "80"), []);
});
