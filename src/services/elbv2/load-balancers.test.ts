import assert from "node:assert/strict";
import { test } from "node:test";
import { addresses, internetGateways, networkInterfaces } from "../../store/tables/ec2.ts";
import { loadBalancers, targetGroups } from "../../store/tables/elb.ts";
import { createLoadBalancer } from "./create-load-balancer.ts";
import { createRule } from "./create-rule.ts";
import { deleteLoadBalancer } from "./delete-load-balancer.ts";
import { describeListeners } from "./describe-listeners.ts";
import { describeLoadBalancers } from "./describe-load-balancers.ts";
import { describeRules } from "./describe-rules.ts";
import { describeLoadBalancerAttributes, modifyLoadBalancerAttributes } from "./load-balancer-attributes.ts";
import { setSecurityGroups } from "./set-security-groups.ts";
import { setSubnets } from "./set-subnets.ts";
import {
  contextWithVpc,
  DEFAULT_GROUP,
  fault,
  newListenerArn,
  newLoadBalancerArn,
  newTargetGroupArn,
  putSubnet,
  SUBNET_A,
  SUBNET_C,
  VPC,
} from "./testing.ts";

test("an internet-facing load balancer is provisioning, with a node and a public address in each subnet", () => {
  const context = contextWithVpc();
  const { LoadBalancers } = createLoadBalancer({ Name: "web", Subnets: [SUBNET_C, SUBNET_A] }, context);
  const [shown] = LoadBalancers ?? [];
  assert.match(
    shown?.LoadBalancerArn ?? "",
    /^arn:aws:elasticloadbalancing:ap-northeast-1:000000000000:loadbalancer\/app\/web\/[0-9a-f]{16}$/,
  );
  assert.match(shown?.DNSName ?? "", /^web-[1-9]\d{9}\.ap-northeast-1\.elb\.amazonaws\.com$/);
  assert.equal(shown?.State?.Code, "provisioning");
  assert.equal(shown?.CanonicalHostedZoneId, "Z14GRHDCWA56QT");
  assert.deepEqual(shown?.SecurityGroups, [DEFAULT_GROUP]);
  assert.deepEqual(
    shown?.AvailabilityZones?.map((zone) => [zone.ZoneName, zone.SubnetId]),
    [
      ["ap-northeast-1a", SUBNET_A],
      ["ap-northeast-1c", SUBNET_C],
    ],
  );
  const nodes = context.store.where(networkInterfaces, "owner", shown?.LoadBalancerArn ?? "");
  assert.equal(nodes.length, 2);
  for (const node of nodes) {
    assert.match(node.description, /^ELB app\/web\/[0-9a-f]{16}$/);
    assert.match(node.attachmentId ?? "", /^ela-attach-/);
    assert.match(node.amazonPublicIp ?? "", /^198\.18\./);
    assert.deepEqual(node.groupIds, [DEFAULT_GROUP]);
    assert.equal(node.linkState, "absent");
  }
  assert.equal(new Set(nodes.map((node) => node.amazonPublicIp)).size, 2);
});

test("an internal load balancer has no public address and needs no internet gateway", () => {
  const context = contextWithVpc();
  context.store.transaction((tx) => tx.delete(internetGateways, "igw-1"));
  const input = { Name: "inner", Subnets: [SUBNET_A, SUBNET_C] };
  assert.throws(
    () => createLoadBalancer(input, context),
    fault("InvalidSubnetException", `VPC ${VPC} has no internet gateway`),
  );
  const { LoadBalancers } = createLoadBalancer({ ...input, Scheme: "internal" }, context);
  assert.match(LoadBalancers?.[0]?.DNSName ?? "", /^internal-inner-/);
  const nodes = context.store.list(networkInterfaces);
  assert.deepEqual(
    nodes.map((node) => node.amazonPublicIp),
    [undefined, undefined],
  );
});

test("the same request again answers the same load balancer, and another under its name is refused", () => {
  const context = contextWithVpc();
  const first = newLoadBalancerArn(context);
  assert.equal(newLoadBalancerArn(context), first);
  assert.equal(context.store.list(networkInterfaces).length, 2);
  assert.throws(
    () => createLoadBalancer({ Name: "web", Scheme: "internal", Subnets: [SUBNET_A, SUBNET_C] }, context),
    fault(
      "DuplicateLoadBalancerNameException",
      "A load balancer with the same name 'web' exists, but with different settings",
    ),
  );
});

test("subnets must be known, in two zones, one in each, with eight free addresses", () => {
  const context = contextWithVpc();
  const create = (...ids: string[]) => createLoadBalancer({ Name: "web", Subnets: ids }, context);
  const twoZones = fault(
    "ValidationError",
    "At least two subnets in two different Availability Zones must be specified",
  );
  assert.throws(() => create(), twoZones);
  assert.throws(() => create(SUBNET_A), twoZones);
  assert.throws(() => create(SUBNET_A, "subnet-unknown"), { name: "SubnetNotFoundException" });
  putSubnet(context, "subnet-a2", "a", "10.0.3.0/24");
  assert.throws(
    () => create(SUBNET_A, "subnet-a2"),
    fault(
      "InvalidConfigurationRequestException",
      "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
    ),
  );
  // A /29 has three usable addresses.
  putSubnet(context, "subnet-d", "d", "10.0.4.0/29");
  assert.throws(
    () => create(SUBNET_A, "subnet-d"),
    fault(
      "InvalidSubnetException",
      "Not enough IP space available in subnet-d. ELB requires at least 8 free IP addresses in each subnet.",
    ),
  );
  assert.equal(context.store.list(networkInterfaces).length, 0);
});

test("names follow the documented rules", () => {
  const context = contextWithVpc();
  const create = (Name: string) => createLoadBalancer({ Name, Subnets: [SUBNET_A, SUBNET_C] }, context);
  assert.throws(() => create("a".repeat(33)), /cannot be longer than '32' characters/);
  assert.throws(() => create("under_score"), /alphanumeric characters or hyphens/);
  assert.throws(() => create("-web"), /cannot begin or end with '-'/);
  assert.throws(() => create("internal-web"), /cannot begin with 'internal-'/);
});

test("deleting takes nodes, listeners and rules along and leaves target groups; a second time succeeds", () => {
  const context = contextWithVpc();
  const arn = newLoadBalancerArn(context);
  const group = newTargetGroupArn(context);
  const listener = newListenerArn(context, arn);
  createRule(
    {
      ListenerArn: listener,
      Priority: 1,
      Conditions: [{ Field: "path-pattern", Values: ["/x"] }],
      Actions: [{ Type: "forward", TargetGroupArn: group }],
    },
    context,
  );
  deleteLoadBalancer({ LoadBalancerArn: arn }, context);
  deleteLoadBalancer({ LoadBalancerArn: arn }, context);
  assert.deepEqual(context.store.list(networkInterfaces), []);
  assert.deepEqual(context.store.list(loadBalancers), []);
  assert.equal(context.store.list(targetGroups).length, 1);
  assert.throws(() => describeListeners({ ListenerArns: [listener] }, context), {
    name: "ListenerNotFoundException",
  });
  assert.throws(() => describeRules({ ListenerArn: listener }, context), {
    name: "ListenerNotFoundException",
  });
});

test("deletion protection holds until it is taken off", () => {
  const context = contextWithVpc();
  const LoadBalancerArn = newLoadBalancerArn(context);
  const protect = (Value: string) =>
    modifyLoadBalancerAttributes(
      { LoadBalancerArn, Attributes: [{ Key: "deletion_protection.enabled", Value }] },
      context,
    );
  protect("true");
  assert.throws(
    () => deleteLoadBalancer({ LoadBalancerArn }, context),
    fault(
      "OperationNotPermittedException",
      `Load balancer '${LoadBalancerArn}' cannot be deleted because deletion protection is enabled`,
    ),
  );
  protect("false");
  deleteLoadBalancer({ LoadBalancerArn }, context);
  assert.equal(context.store.list(loadBalancers).length, 0);
});

test("attributes: everything Terraform sets is known, unknown keys and values out of range are not", () => {
  const context = contextWithVpc();
  const LoadBalancerArn = newLoadBalancerArn(context);
  const modify = (Key: string, Value: string) =>
    modifyLoadBalancerAttributes({ LoadBalancerArn, Attributes: [{ Key, Value }] }, context);
  const fromTerraform = [
    ["access_logs.s3.enabled", "false"],
    ["connection_logs.s3.enabled", "false"],
    ["routing.http2.enabled", "true"],
    ["routing.http.xff_client_port.enabled", "false"],
    ["zonal_shift.config.enabled", "false"],
    ["routing.http.desync_mitigation_mode", "defensive"],
    ["waf.fail_open.enabled", "false"],
    ["routing.http.xff_header_processing.mode", "append"],
    ["routing.http.drop_invalid_header_fields.enabled", "false"],
    ["routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"],
    ["client_keep_alive.seconds", "3600"],
    ["deletion_protection.enabled", "false"],
    ["routing.http.preserve_host_header.enabled", "false"],
    ["idle_timeout.timeout_seconds", "120"],
  ] as const;
  for (const [key, value] of fromTerraform) modify(key, value);
  const { Attributes } = describeLoadBalancerAttributes({ LoadBalancerArn }, context);
  const values = new Map(Attributes?.map(({ Key, Value }) => [Key, Value]));
  assert.equal(values.get("idle_timeout.timeout_seconds"), "120");
  assert.equal(values.get("routing.http.xff_header_processing.mode"), "append");
  assert.equal(values.get("client_keep_alive.seconds"), "3600");
  assert.throws(
    () => modify("idle_timeout.timeout_seconds", "4001"),
    fault(
      "ValidationError",
      "'idle_timeout.timeout_seconds' value '4001' must be between '1-4000' inclusive",
    ),
  );
  assert.throws(
    () => modify("no.such", "1"),
    fault("ValidationError", "Load balancer attribute key 'no.such' is not recognized"),
  );
  assert.throws(
    () => modify("dns_record.client_routing_policy", "any_availability_zone"),
    fault(
      "InvalidConfigurationRequestException",
      "Load balancer attribute key 'dns_record.client_routing_policy' is not supported on load balancers with type 'application'",
    ),
  );
});

test("SetSubnets keeps the nodes of subnets that stay", () => {
  const context = contextWithVpc();
  const LoadBalancerArn = newLoadBalancerArn(context);
  putSubnet(context, "subnet-d", "d", "10.0.4.0/24");
  const before = context.store.where(networkInterfaces, "subnet", SUBNET_A);
  const { AvailabilityZones } = setSubnets({ LoadBalancerArn, Subnets: [SUBNET_A, "subnet-d"] }, context);
  assert.deepEqual(
    AvailabilityZones?.map((zone) => zone.SubnetId),
    [SUBNET_A, "subnet-d"],
  );
  assert.deepEqual(context.store.where(networkInterfaces, "subnet", SUBNET_A), before);
  assert.equal(context.store.count(networkInterfaces, "subnet", SUBNET_C), 0);
  assert.equal(context.store.count(networkInterfaces, "subnet", "subnet-d"), 1);
});

test("SetSecurityGroups refuses groups that are not of the VPC", () => {
  const context = contextWithVpc();
  const LoadBalancerArn = newLoadBalancerArn(context);
  assert.throws(
    () => setSecurityGroups({ LoadBalancerArn, SecurityGroups: ["sg-unknown"] }, context),
    fault("InvalidConfigurationRequestException", "One or more security groups are invalid"),
  );
});

test("load balancers that are asked for by name or ARN and are not there are an error", () => {
  const context = contextWithVpc();
  assert.deepEqual(describeLoadBalancers({}, context).LoadBalancers, []);
  assert.throws(
    () => describeLoadBalancers({ Names: ["web"] }, context),
    fault("LoadBalancerNotFoundException", "Load balancers '[web]' not found"),
  );
  const elsewhere =
    "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/0123456789abcdef";
  assert.throws(
    () => describeLoadBalancers({ LoadBalancerArns: [elsewhere] }, context),
    fault("ValidationError", `'${elsewhere}' is not a valid load balancer ARN`),
  );
});

test("pages go through all load balancers once", () => {
  const context = contextWithVpc();
  const arns = ["one", "two", "three"].map((name) => newLoadBalancerArn(context, name));
  const seen: (string | undefined)[] = [];
  let marker: string | undefined;
  do {
    const page = describeLoadBalancers({ PageSize: 2, ...(marker ? { Marker: marker } : {}) }, context);
    seen.push(...(page.LoadBalancers ?? []).map((shown) => shown.LoadBalancerArn));
    marker = page.NextMarker;
  } while (marker !== undefined);
  assert.deepEqual(seen, arns.sort());
  assert.throws(() => describeLoadBalancers({ PageSize: 401 }, context), {
    message:
      "1 validation error detected: Value '401' at 'pageSize' failed to satisfy constraint: Member must have value less than or equal to 400",
  });
});

test("a network load balancer takes elastic addresses and gives them back", () => {
  const context = contextWithVpc();
  const { store, scope } = context;
  store.transaction((tx) =>
    tx.put(addresses, { ...scope, allocationId: "eipalloc-1", publicIp: "198.18.0.99", tags: [] }),
  );
  const { LoadBalancers } = createLoadBalancer(
    { Name: "net", Type: "network", SubnetMappings: [{ SubnetId: SUBNET_A, AllocationId: "eipalloc-1" }] },
    context,
  );
  const [shown] = LoadBalancers ?? [];
  assert.match(shown?.DNSName ?? "", /^net-[0-9a-f]{16}\.elb\.ap-northeast-1\.amazonaws\.com$/);
  assert.deepEqual(shown?.AvailabilityZones?.[0]?.LoadBalancerAddresses, [
    { IpAddress: "198.18.0.99", AllocationId: "eipalloc-1" },
  ]);
  deleteLoadBalancer({ LoadBalancerArn: shown?.LoadBalancerArn }, context);
  assert.equal(store.get(addresses, "eipalloc-1")?.association, undefined);
});
