import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-auto-scaling";
import { createAutoScalingGroup } from "./create-group.ts";
import { deleteAutoScalingGroup } from "./delete-group.ts";
import { describeAutoScalingGroups, describeAutoScalingInstances } from "./describe-groups.ts";
import { createLaunchConfiguration, deleteLaunchConfiguration } from "./launch-configurations.ts";
import { createOrUpdateTags, deleteTags, describeTags } from "./tags.ts";
import {
  attachLoadBalancerTargetGroups,
  describeLoadBalancerTargetGroups,
  detachLoadBalancerTargetGroups,
} from "./target-groups.ts";
import {
  contextWithTemplate,
  fault,
  GROUP_INPUT,
  groupOf,
  newGroup,
  putMember,
  putTargetGroup,
  SUBNET_A,
  SUBNET_C,
  TEMPLATE,
} from "./testing.ts";
import { setDesiredCapacity, updateAutoScalingGroup } from "./update-group.ts";

const described = (context: Parameters<typeof newGroup>[0]): wire.AutoScalingGroup =>
  describeAutoScalingGroups({ AutoScalingGroupNames: ["asg"] }, context).AutoScalingGroups?.[0] ??
  assert.fail("no group");

test("a group is shown with the defaults of the API, and its template by id and name", () => {
  const context = contextWithTemplate();
  newGroup(context, { Tags: [{ Key: "Name", Value: "web", PropagateAtLaunch: true }] });
  const group = described(context);
  assert.match(
    group.AutoScalingGroupARN ?? "",
    /^arn:aws:autoscaling:ap-northeast-1:000000000000:autoScalingGroup:[0-9a-f-]{36}:autoScalingGroupName\/asg$/,
  );
  assert.deepEqual(group.LaunchTemplate, {
    LaunchTemplateId: TEMPLATE,
    LaunchTemplateName: "web",
    Version: "$Default",
  });
  assert.deepEqual(
    [group.MinSize, group.MaxSize, group.DesiredCapacity, group.DefaultCooldown],
    [0, 4, 1, 300],
  );
  assert.deepEqual([group.HealthCheckType, group.HealthCheckGracePeriod], ["EC2", 0]);
  assert.deepEqual(group.TerminationPolicies, ["Default"]);
  assert.deepEqual(group.AvailabilityZones, ["ap-northeast-1a", "ap-northeast-1c"]);
  assert.equal(group.VPCZoneIdentifier, `${SUBNET_A},${SUBNET_C}`);
  assert.equal(group.NewInstancesProtectedFromScaleIn, false);
  assert.deepEqual(group.Tags, [
    {
      ResourceId: "asg",
      ResourceType: "auto-scaling-group",
      Key: "Name",
      Value: "web",
      PropagateAtLaunch: true,
    },
  ]);
  assert.equal(
    groupOf(context)?.capacityChange?.text.endsWith("changing the desired capacity from 0 to 1"),
    true,
  );
});

test("wrong groups are refused with Auto Scaling's texts, and change nothing", () => {
  const context = contextWithTemplate();
  const cases: readonly [Partial<wire.CreateAutoScalingGroupType>, string][] = [
    [{ MinSize: 5 }, "Max bound, 4, must be greater than or equal to min bound, 5"],
    [{ DesiredCapacity: 9 }, "Desired capacity:9 must be between the specified min size:0 and max size:4"],
    [
      { LaunchTemplate: undefined },
      "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.",
    ],
    [
      { LaunchTemplate: { LaunchTemplateName: "web", Version: "2" } },
      "You must use a valid fully-formed launch template. The image id '[ami-0123456789abcdef0]' does not exist",
    ],
    [
      { LaunchTemplate: { LaunchTemplateName: "web", LaunchTemplateId: TEMPLATE } },
      "Valid requests must contain either launchTemplateId or LaunchTemplateName",
    ],
    [{ VPCZoneIdentifier: undefined }, "At least one Availability Zone or VPC Subnet is required."],
    [{ VPCZoneIdentifier: "subnet-nope" }, "The subnet ID 'subnet-nope' does not exist"],
    [
      { AvailabilityZones: ["ap-northeast-1a"] },
      "The availability zones of the specified subnets and the Auto Scaling group do not match",
    ],
    [
      { LoadBalancerNames: ["classic"] },
      "Provided Load Balancers may not be valid. Please ensure they exist and try again.",
    ],
    [
      { TargetGroupARNs: [putTargetGroup(context, "ip")] },
      "Provided Target Groups may not be valid. Please ensure they exist and try again.",
    ],
    [
      { LaunchTemplate: undefined, LaunchConfigurationName: "nope" },
      "Launch configuration name not found - A launch configuration with the name: nope does not exist",
    ],
  ];
  for (const [change, message] of cases) {
    assert.throws(
      () => createAutoScalingGroup({ ...GROUP_INPUT, ...change }, context),
      fault("ValidationError", message),
    );
  }
  assert.equal(groupOf(context), undefined);
  newGroup(context);
  assert.throws(
    () => newGroup(context),
    fault(
      "AlreadyExistsFault",
      "AutoScalingGroup by this name already exists - A group with the name asg already exists",
    ),
  );
});

test("another account sees no group", () => {
  const context = contextWithTemplate();
  newGroup(context);
  const other = { ...context, scope: { ...context.scope, account: "111111111111" } };
  assert.deepEqual(describeAutoScalingGroups({}, other).AutoScalingGroups, []);
  assert.throws(
    () => updateAutoScalingGroup({ AutoScalingGroupName: "asg" }, other),
    fault("ValidationError", "AutoScalingGroup name not found - AutoScalingGroup asg not found"),
  );
});

test("sizes move the desired capacity where they must, and the cause says who asked", () => {
  const context = contextWithTemplate();
  newGroup(context);
  updateAutoScalingGroup({ AutoScalingGroupName: "asg", MinSize: 2 }, context);
  assert.equal(described(context).DesiredCapacity, 2);
  assert.equal(
    groupOf(context)?.capacityChange?.text,
    "a user request update of AutoScalingGroup constraints to min: 2, max: 4, desired: 2 changing the desired capacity from 1 to 2",
  );
  setDesiredCapacity({ AutoScalingGroupName: "asg", DesiredCapacity: 4 }, context);
  assert.equal(
    groupOf(context)?.capacityChange?.text,
    "a user request explicitly set group desired capacity changing the desired capacity from 2 to 4",
  );
  assert.throws(
    () => setDesiredCapacity({ AutoScalingGroupName: "asg", DesiredCapacity: 5 }, context),
    fault("ValidationError", "New SetDesiredCapacity value 5 is above max value 4 for the AutoScalingGroup."),
  );
  assert.throws(
    () => setDesiredCapacity({ AutoScalingGroupName: "asg", DesiredCapacity: 1 }, context),
    fault("ValidationError", "New SetDesiredCapacity value 1 is below min value 2 for the AutoScalingGroup."),
  );
});

test("a launch configuration is used instead of a template, and cannot go while it is", () => {
  const context = contextWithTemplate();
  createLaunchConfiguration(
    { LaunchConfigurationName: "lc", ImageId: "ami-0123456789abcdef0", InstanceType: "t3.micro" },
    context,
  );
  newGroup(context);
  updateAutoScalingGroup({ AutoScalingGroupName: "asg", LaunchConfigurationName: "lc" }, context);
  assert.equal(described(context).LaunchTemplate, undefined);
  assert.equal(described(context).LaunchConfigurationName, "lc");
  assert.throws(
    () => deleteLaunchConfiguration({ LaunchConfigurationName: "lc" }, context),
    fault(
      "ResourceInUseFault",
      "Cannot delete launch configuration lc because it is attached to AutoScalingGroup asg",
    ),
  );
  assert.throws(
    () =>
      createLaunchConfiguration(
        { LaunchConfigurationName: "lc", ImageId: "ami-1", InstanceType: "t3.micro" },
        context,
      ),
    fault(
      "AlreadyExistsFault",
      "Launch Configuration by this name already exists - A launch configuration already exists with the name lc",
    ),
  );
});

test("a group with instances is deleted only by force; an empty one is gone at once", () => {
  const context = contextWithTemplate();
  newGroup(context);
  putMember(context, "i-1");
  assert.throws(
    () => deleteAutoScalingGroup({ AutoScalingGroupName: "asg" }, context),
    fault(
      "ResourceInUseFault",
      "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
    ),
  );
  putMember(context, "i-1", { lifecycleState: "Terminating:Proceed" });
  assert.throws(
    () => deleteAutoScalingGroup({ AutoScalingGroupName: "asg" }, context),
    fault(
      "ScalingActivityInProgressFault",
      "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
    ),
  );
  deleteAutoScalingGroup({ AutoScalingGroupName: "asg", ForceDelete: true }, context);
  assert.equal(described(context).Status, "Delete in progress");
  newGroup(context, { AutoScalingGroupName: "empty" });
  deleteAutoScalingGroup({ AutoScalingGroupName: "empty" }, context);
  assert.equal(groupOf(context, "empty"), undefined);
});

test("tags are put, replaced and taken away by key", () => {
  const context = contextWithTemplate();
  newGroup(context);
  const tag = { ResourceId: "asg", ResourceType: "auto-scaling-group", Key: "k" };
  createOrUpdateTags({ Tags: [{ ...tag, Value: "1", PropagateAtLaunch: true }] }, context);
  createOrUpdateTags({ Tags: [{ ...tag, Value: "2", PropagateAtLaunch: false }] }, context);
  const filter = { Filters: [{ Name: "auto-scaling-group", Values: ["asg"] }] };
  assert.deepEqual(describeTags(filter, context).Tags, [{ ...tag, Value: "2", PropagateAtLaunch: false }]);
  deleteTags({ Tags: [tag] }, context);
  assert.deepEqual(describeTags(filter, context).Tags, []);
});

test("target groups of type instance are attached, described and detached", () => {
  const context = contextWithTemplate();
  newGroup(context);
  const arn = putTargetGroup(context, "instance");
  const input = { AutoScalingGroupName: "asg", TargetGroupARNs: [arn] };
  attachLoadBalancerTargetGroups(input, context);
  putMember(context, "i-1");
  assert.deepEqual(described(context).TrafficSources, [{ Identifier: arn, Type: "elbv2" }]);
  assert.deepEqual(describeLoadBalancerTargetGroups(input, context).LoadBalancerTargetGroups, [
    { LoadBalancerTargetGroupARN: arn, State: "Adding" },
  ]);
  detachLoadBalancerTargetGroups(input, context);
  assert.deepEqual(described(context).TargetGroupARNs, []);
});

test("instances are described one by one, their health in capitals", () => {
  const context = contextWithTemplate();
  newGroup(context);
  putMember(context, "i-1");
  const [instance] = describeAutoScalingInstances({}, context).AutoScalingInstances ?? [];
  assert.equal(instance?.HealthStatus, "HEALTHY");
  assert.equal(instance?.AutoScalingGroupName, "asg");
  assert.equal(described(context).Instances?.[0]?.HealthStatus, "Healthy");
});
