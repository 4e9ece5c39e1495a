import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { exampleInstance } from "../../reconcile/task/instance-testing.ts";
import { instances } from "../../store/tables/ec2.ts";
import { createTargetGroup } from "./create-target-group.ts";
import { deleteTargetGroup } from "./delete-target-group.ts";
import { deregisterTargets } from "./deregister-targets.ts";
import { describeTargetGroups } from "./describe-target-groups.ts";
import { describeTargetHealth } from "./describe-target-health.ts";
import { modifyTargetGroup } from "./modify-target-group.ts";
import { registerTargets } from "./register-targets.ts";
import { describeTargetGroupAttributes, modifyTargetGroupAttributes } from "./target-group-attributes.ts";
import {
  contextWithVpc,
  fault,
  newListenerArn,
  newLoadBalancerArn,
  newTargetGroupArn,
  VPC,
} from "./testing.ts";

const HTTP_GROUP = { Name: "app", Protocol: "HTTP", Port: 3000, VpcId: VPC, TargetType: "ip" } as const;

test("a target group has the defaults of its protocol", () => {
  const context = contextWithVpc();
  const [http] = createTargetGroup(HTTP_GROUP, context).TargetGroups ?? [];
  assert.deepEqual(
    { ...http, TargetGroupArn: undefined },
    {
      TargetGroupArn: undefined,
      TargetGroupName: "app",
      Protocol: "HTTP",
      Port: 3000,
      VpcId: VPC,
      HealthCheckProtocol: "HTTP",
      HealthCheckPort: "traffic-port",
      HealthCheckEnabled: true,
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      HealthCheckPath: "/",
      Matcher: { HttpCode: "200" },
      LoadBalancerArns: [],
      TargetType: "ip",
      ProtocolVersion: "HTTP1",
      IpAddressType: "ipv4",
    },
  );
  const [grpc] =
    createTargetGroup({ ...HTTP_GROUP, Name: "grpc", ProtocolVersion: "GRPC" }, context).TargetGroups ?? [];
  assert.deepEqual(grpc?.Matcher, { GrpcCode: "12" });
  assert.equal(grpc?.HealthCheckPath, "/AWS.ALB/healthcheck");
  const [tcp] =
    createTargetGroup({ ...HTTP_GROUP, Name: "tcp", Protocol: "TCP" }, context).TargetGroups ?? [];
  assert.equal(tcp?.HealthCheckProtocol, "TCP");
  assert.equal(tcp?.HealthCheckTimeoutSeconds, 10);
  assert.equal(tcp?.Matcher, undefined);
  assert.equal(tcp?.ProtocolVersion, undefined);
});

test("wrong settings are refused with the service's texts", () => {
  const context = contextWithVpc();
  const cases: readonly [Partial<wire.CreateTargetGroupInput>, string][] = [
    [{ Name: "x".repeat(33) }, `Target group name '${"x".repeat(33)}' cannot be longer than '32' characters`],
    [
      { Name: "a_b" },
      "Target group name 'a_b' can only contain characters that are alphanumeric characters or hyphens(-)",
    ],
    [{ Name: "a-" }, "Target group name 'a-' cannot begin or end with '-'"],
    [{ VpcId: "vpc-nope" }, "The VPC ID 'vpc-nope' is not found"],
    [{ Protocol: undefined }, "A protocol must be specified"],
    [{ Port: undefined }, "A port must be specified"],
    [
      { Port: 70_000 },
      "1 validation error detected: Value '70000' at 'port' failed to satisfy constraint: Member must have value less than or equal to 65535",
    ],
    [
      { HealthCheckTimeoutSeconds: 30, HealthCheckIntervalSeconds: 30 },
      "Health check timeout '30' must be smaller than the interval '30'",
    ],
    [
      { Matcher: { HttpCode: "500" } },
      "Health check matcher HTTP code '500' must be within '200-499' inclusive",
    ],
    [{ HealthCheckProtocol: "TCP" }, "Health check protocol 'TCP' must be one of 'HTTPS, HTTP'"],
    [
      { HealthCheckEnabled: false },
      "Health check enabled must be true for target groups with target type 'ip'",
    ],
  ];
  for (const [change, message] of cases) {
    assert.throws(
      () => createTargetGroup({ ...HTTP_GROUP, ...change }, context),
      fault("ValidationError", message),
    );
  }
  assert.throws(() => createTargetGroup({ ...HTTP_GROUP, Protocol: "UDP" }, context), {
    name: "UnsupportedProtocolException",
  });
});

test("the same request again answers the same group, and another under its name is refused", () => {
  const context = contextWithVpc();
  const first = createTargetGroup(HTTP_GROUP, context).TargetGroups?.[0]?.TargetGroupArn;
  assert.equal(createTargetGroup(HTTP_GROUP, context).TargetGroups?.[0]?.TargetGroupArn, first);
  assert.throws(
    () => createTargetGroup({ ...HTTP_GROUP, Port: 81 }, context),
    fault(
      "DuplicateTargetGroupNameException",
      "A target group with the same name 'app' exists, but with different settings",
    ),
  );
});

test("ModifyTargetGroup changes what is named and checks the whole", () => {
  const context = contextWithVpc();
  const TargetGroupArn = newTargetGroupArn(context);
  const [changed] =
    modifyTargetGroup({ TargetGroupArn, HealthCheckPath: "/up", HealthyThresholdCount: 3 }, context)
      .TargetGroups ?? [];
  assert.equal(changed?.HealthCheckPath, "/up");
  assert.equal(changed?.HealthyThresholdCount, 3);
  assert.equal(changed?.HealthCheckIntervalSeconds, 30);
  assert.throws(
    () => modifyTargetGroup({ TargetGroupArn, HealthCheckIntervalSeconds: 5 }, context),
    fault("ValidationError", "Health check timeout '5' must be smaller than the interval '5'"),
  );
});

test("a group in use cannot be deleted, and shows its load balancer", () => {
  const context = contextWithVpc();
  const group = newTargetGroupArn(context);
  const loadBalancer = newLoadBalancerArn(context);
  newListenerArn(context, loadBalancer, { targetGroupArn: group });
  assert.throws(
    () => deleteTargetGroup({ TargetGroupArn: group }, context),
    fault("ResourceInUseException", `Target group '${group}' is currently in use by a listener or a rule`),
  );
  const { TargetGroups } = describeTargetGroups({ LoadBalancerArn: loadBalancer }, context);
  assert.deepEqual(
    TargetGroups?.map((shown) => [shown.TargetGroupArn, shown.LoadBalancerArns]),
    [[group, [loadBalancer]]],
  );
});

test("groups that are asked for and are not there are an error; deleting one is not", () => {
  const context = contextWithVpc();
  assert.throws(
    () => describeTargetGroups({ Names: ["app"] }, context),
    fault("TargetGroupNotFoundException", "One or more target groups not found"),
  );
  const group = newTargetGroupArn(context);
  deleteTargetGroup({ TargetGroupArn: group }, context);
  deleteTargetGroup({ TargetGroupArn: group }, context);
  assert.deepEqual(describeTargetGroups({}, context).TargetGroups, []);
});

test("attributes have AWS's defaults and bounds", () => {
  const context = contextWithVpc();
  const TargetGroupArn = newTargetGroupArn(context);
  const modify = (Key: string, Value: string) =>
    modifyTargetGroupAttributes({ TargetGroupArn, Attributes: [{ Key, Value }] }, context);
  const { Attributes } = describeTargetGroupAttributes({ TargetGroupArn }, context);
  const values = new Map(Attributes?.map(({ Key, Value }) => [Key, Value]));
  assert.equal(values.get("deregistration_delay.timeout_seconds"), "300");
  assert.equal(values.get("stickiness.type"), "lb_cookie");
  assert.equal(
    values.get("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"),
    "off",
  );
  assert.throws(
    () => modify("deregistration_delay.timeout_seconds", "3601"),
    fault(
      "ValidationError",
      "'deregistration_delay.timeout_seconds' value '3601' must be between '0-3600' inclusive",
    ),
  );
  assert.throws(() => modify("slow_start.duration_seconds", "29"), /'30-900' inclusive/);
  assert.throws(
    () => modify("stickiness.type", "source_ip"),
    fault(
      "InvalidConfigurationRequestException",
      "Stickiness type 'source_ip' is not supported for target groups with the HTTP protocol",
    ),
  );
  assert.throws(
    () => modify("nope", "1"),
    fault("ValidationError", "Target group attribute key 'nope' is not recognized"),
  );
});

function healthOf(output: wire.DescribeTargetHealthOutput) {
  return output.TargetHealthDescriptions?.map(({ Target, TargetHealth }) => [
    Target?.Id,
    Target?.Port,
    TargetHealth?.State,
    TargetHealth?.Reason,
  ]);
}

test("a target is unused until something forwards to its group, then initial, then draining", () => {
  const context = contextWithVpc();
  const TargetGroupArn = newTargetGroupArn(context);
  registerTargets({ TargetGroupArn, Targets: [{ Id: "10.0.1.7", Port: 8080 }] }, context);
  const health = () => healthOf(describeTargetHealth({ TargetGroupArn }, context));
  assert.deepEqual(health(), [["10.0.1.7", 8080, "unused", "Target.NotInUse"]]);
  newListenerArn(context, newLoadBalancerArn(context), { targetGroupArn: TargetGroupArn });
  assert.deepEqual(health(), [["10.0.1.7", 8080, "initial", "Elb.RegistrationInProgress"]]);
  deregisterTargets({ TargetGroupArn, Targets: [{ Id: "10.0.1.7", Port: 8080 }] }, context);
  assert.deepEqual(health(), [["10.0.1.7", 8080, "draining", "Target.DeregistrationInProgress"]]);
  registerTargets({ TargetGroupArn, Targets: [{ Id: "10.0.1.7", Port: 8080 }] }, context);
  assert.deepEqual(health(), [["10.0.1.7", 8080, "initial", "Elb.RegistrationInProgress"]]);
});

test("one address with two ports is two targets; a target without a port has the group's", () => {
  const context = contextWithVpc();
  const TargetGroupArn = newTargetGroupArn(context);
  registerTargets({ TargetGroupArn, Targets: [{ Id: "10.0.1.7" }, { Id: "10.0.1.7", Port: 81 }] }, context);
  const shown = describeTargetHealth({ TargetGroupArn }, context).TargetHealthDescriptions ?? [];
  assert.deepEqual(shown.map((description) => description.Target?.Port).sort(), [80, 81]);
  assert.deepEqual(new Set(shown.map((d) => d.Target?.AvailabilityZone)), new Set(["ap-northeast-1a"]));
});

test("a target that is not registered is shown as unused, and deregistering it succeeds", () => {
  const context = contextWithVpc();
  const TargetGroupArn = newTargetGroupArn(context);
  deregisterTargets({ TargetGroupArn, Targets: [{ Id: "10.0.1.9" }] }, context);
  const output = describeTargetHealth({ TargetGroupArn, Targets: [{ Id: "10.0.1.9" }] }, context);
  assert.deepEqual(healthOf(output), [["10.0.1.9", 80, "unused", "Target.NotRegistered"]]);
});

test("addresses outside the VPC need the zone 'all' and a private range", () => {
  const context = contextWithVpc();
  const TargetGroupArn = newTargetGroupArn(context);
  const register = (Id: string, AvailabilityZone?: string) =>
    registerTargets(
      { TargetGroupArn, Targets: [{ Id, ...(AvailabilityZone && { AvailabilityZone }) }] },
      context,
    );
  assert.throws(
    () => register("192.168.1.1"),
    fault(
      "ValidationError",
      "The Availability Zone is required for IP address '192.168.1.1' because it is not in the VPC",
    ),
  );
  assert.throws(
    () => register("10.0.1.7", "all"),
    fault(
      "ValidationError",
      "The IP address '10.0.1.7' is within the VPC, and cannot have its Availability Zone overridden to 'all' from 'ap-northeast-1a'",
    ),
  );
  assert.throws(() => register("8.8.8.8", "all"), { name: "InvalidTargetException" });
  assert.throws(() => register("i-0123456789abcdef0"), /is not a valid IPv4 address/);
  register("192.168.1.1", "all");
  const [shown] = describeTargetHealth({ TargetGroupArn }, context).TargetHealthDescriptions ?? [];
  assert.equal(shown?.Target?.AvailabilityZone, "all");
});

test("an instance may be a target while it runs, in the group's VPC; messages name all that may not", () => {
  const context = contextWithVpc();
  const { store, scope } = context;
  const { TargetGroups } = createTargetGroup(
    { Name: "hosts", Protocol: "HTTP", Port: 80, VpcId: VPC, TargetType: "instance" },
    context,
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? assert.fail("no group");
  const [RUNNING, STOPPED, ELSEWHERE] = ["i-0aaaaaaaaaaaaaaaa", "i-0bbbbbbbbbbbbbbbb", "i-0cccccccccccccccc"];
  const launched = { ...exampleInstance(), ...scope, vpcId: VPC };
  store.transaction((tx) => {
    tx.put(instances, { ...launched, instanceId: RUNNING });
    tx.put(instances, { ...launched, instanceId: STOPPED, state: "stopped" });
    tx.put(instances, { ...launched, instanceId: ELSEWHERE, vpcId: "vpc-9" });
  });
  const register = (...ids: string[]) =>
    registerTargets({ TargetGroupArn, Targets: ids.map((Id) => ({ Id })) }, context);
  const cases: readonly [string[], string][] = [
    [["web-1"], "Instance ID 'web-1' is not valid"],
    [
      ["i-0dddddddddddddddd", RUNNING, "i-0eeeeeeeeeeeeeeee"],
      "The following instances do not exist: 'i-0dddddddddddddddd', 'i-0eeeeeeeeeeeeeeee'",
    ],
    [[RUNNING, ELSEWHERE], `The following targets are not in the target group VPC '${VPC}': '${ELSEWHERE}'`],
    [
      [RUNNING, STOPPED],
      `The following targets are not in a running state and cannot be registered: '${STOPPED}'`,
    ],
  ];
  for (const [ids, message] of cases) {
    assert.throws(() => register(...ids), fault("InvalidTargetException", message));
  }
  assert.deepEqual(describeTargetHealth({ TargetGroupArn }, context).TargetHealthDescriptions, []);
  register(RUNNING);
  registerTargets({ TargetGroupArn, Targets: [{ Id: RUNNING, Port: 8080 }] }, context);
  const shown = describeTargetHealth({ TargetGroupArn }, context).TargetHealthDescriptions ?? [];
  assert.deepEqual(
    shown.map(({ Target }) => Target),
    [
      { Id: RUNNING, Port: 80, AvailabilityZone: "ap-northeast-1a" },
      { Id: RUNNING, Port: 8080, AvailabilityZone: "ap-northeast-1a" },
    ],
  );
});
