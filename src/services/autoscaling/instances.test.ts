import assert from "node:assert/strict";
import { test } from "node:test";
import { describeScalingActivities } from "./describe-activities.ts";
import {
  setInstanceHealth,
  setInstanceProtection,
  terminateInstanceInAutoScalingGroup,
} from "./instances.ts";
import {
  completeLifecycleAction,
  deleteLifecycleHook,
  describeLifecycleHooks,
  putLifecycleHook,
  recordLifecycleActionHeartbeat,
} from "./lifecycle-hooks.ts";
import { detachInstances, enterStandby, exitStandby } from "./membership.ts";
import { deletePolicy, describePolicies, putScalingPolicy } from "./policies.ts";
import { resumeProcesses, suspendProcesses } from "./processes.ts";
import { contextWithTemplate, fault, groupOf, memberOf, newGroup, putMember } from "./testing.ts";

function fixture() {
  const context = contextWithTemplate();
  newGroup(context);
  putMember(context, "i-1");
  return context;
}

test("an instance is terminated by request, with and without its place", () => {
  const context = fixture();
  const { Activity } = terminateInstanceInAutoScalingGroup(
    { InstanceId: "i-1", ShouldDecrementDesiredCapacity: true },
    context,
  );
  assert.equal(Activity?.Description, "Terminating EC2 instance: i-1");
  assert.equal(
    Activity?.Cause,
    "At 2026-01-01T00:00:00Z instance i-1 was taken out of service in response to a user request, shrinking the capacity from 1 to 0.",
  );
  assert.equal(Activity?.StatusCode, "InProgress");
  assert.equal(groupOf(context)?.desiredCapacity, 0);
  assert.equal(memberOf(context, "i-1")?.lifecycleState, "Terminating");
  putMember(context, "i-2");
  assert.throws(
    () =>
      terminateInstanceInAutoScalingGroup(
        { InstanceId: "i-2", ShouldDecrementDesiredCapacity: true },
        context,
      ),
    fault(
      "ValidationError",
      "Currently, desiredSize equals minSize (0). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
    ),
  );
  assert.throws(
    () =>
      terminateInstanceInAutoScalingGroup(
        { InstanceId: "i-9", ShouldDecrementDesiredCapacity: true },
        context,
      ),
    fault("ValidationError", "Instance Id not found - No managed instance found for instance ID: i-9"),
  );
  const listed = describeScalingActivities({ AutoScalingGroupName: "asg" }, context).Activities ?? [];
  assert.deepEqual(
    listed.map(({ ActivityId }) => ActivityId),
    [Activity?.ActivityId],
  );
});

test("protection and health are set on instances of the group alone", () => {
  const context = fixture();
  const input = { AutoScalingGroupName: "asg", ProtectedFromScaleIn: true };
  setInstanceProtection({ ...input, InstanceIds: ["i-1"] }, context);
  assert.equal(memberOf(context, "i-1")?.protectedFromScaleIn, true);
  assert.throws(
    () => setInstanceProtection({ ...input, InstanceIds: ["i-9"] }, context),
    fault("ValidationError", "The instance i-9 is not part of Auto Scaling group asg."),
  );
  setInstanceHealth({ InstanceId: "i-1", HealthStatus: "Unhealthy" }, context);
  assert.equal(memberOf(context, "i-1")?.healthStatus, "Unhealthy");
});

test("hooks have AWS's defaults; an action is answered by token or instance, once", () => {
  const context = fixture();
  const hook = { AutoScalingGroupName: "asg", LifecycleHookName: "boot" };
  putLifecycleHook({ ...hook, LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING" }, context);
  assert.deepEqual(describeLifecycleHooks(hook, context).LifecycleHooks, [
    {
      LifecycleHookName: "boot",
      AutoScalingGroupName: "asg",
      LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
      RoleARN: undefined,
      NotificationMetadata: undefined,
      HeartbeatTimeout: 3600,
      GlobalTimeout: 172_800,
      DefaultResult: "ABANDON",
    },
  ]);
  const now = context.clock.now();
  putMember(context, "i-1", {
    lifecycleState: "Pending:Wait",
    waiting: [{ hookName: "boot", token: "t", until: now + 1, latest: now + 10_000 }],
  });
  recordLifecycleActionHeartbeat({ ...hook, InstanceId: "i-1" }, context);
  assert.equal(memberOf(context, "i-1")?.waiting?.[0]?.until, now + 10_000);
  completeLifecycleAction({ ...hook, LifecycleActionToken: "t", LifecycleActionResult: "CONTINUE" }, context);
  assert.equal(memberOf(context, "i-1")?.waiting?.[0]?.result, "CONTINUE");
  assert.throws(
    () => completeLifecycleAction({ ...hook, InstanceId: "i-1", LifecycleActionResult: "CONTINUE" }, context),
    fault("ValidationError", "No active Lifecycle Action found with instance ID i-1"),
  );
  deleteLifecycleHook(hook, context);
  assert.throws(
    () => deleteLifecycleHook(hook, context),
    fault("ValidationError", /^No Lifecycle Hook found/),
  );
});

test("an instance goes into standby and comes back, and is detached", () => {
  const context = fixture();
  const input = { AutoScalingGroupName: "asg", InstanceIds: ["i-1"] };
  const { Activities } = enterStandby({ ...input, ShouldDecrementDesiredCapacity: true }, context);
  assert.equal(
    Activities?.[0]?.Cause,
    "At 2026-01-01T00:00:00Z instance i-1 was moved to standby in response to a user request, shrinking the capacity from 1 to 0.",
  );
  putMember(context, "i-1", { lifecycleState: "Standby" });
  exitStandby(input, context);
  assert.equal(groupOf(context)?.desiredCapacity, 1);
  assert.equal(memberOf(context, "i-1")?.lifecycleState, "Pending");
  putMember(context, "i-1");
  detachInstances({ ...input, ShouldDecrementDesiredCapacity: false }, context);
  assert.equal(memberOf(context, "i-1")?.lifecycleState, "Detaching");
  assert.equal(groupOf(context)?.desiredCapacity, 1);
});

test("processes are suspended all at once or by name", () => {
  const context = fixture();
  suspendProcesses({ AutoScalingGroupName: "asg" }, context);
  assert.equal(groupOf(context)?.suspendedProcesses.length, 9);
  resumeProcesses({ AutoScalingGroupName: "asg", ScalingProcesses: ["Launch"] }, context);
  assert.equal(groupOf(context)?.suspendedProcesses.length, 8);
  resumeProcesses({ AutoScalingGroupName: "asg" }, context);
  assert.deepEqual(groupOf(context)?.suspendedProcesses, []);
});

test("policies are kept and shown; predictive ones are refused by name", () => {
  const context = fixture();
  const input = { AutoScalingGroupName: "asg", PolicyName: "p" };
  const { PolicyARN } = putScalingPolicy(
    { ...input, AdjustmentType: "ChangeInCapacity", ScalingAdjustment: 1 },
    context,
  );
  const [policy] = describePolicies(input, context).ScalingPolicies ?? [];
  assert.deepEqual(
    [policy?.PolicyARN, policy?.PolicyType, policy?.Enabled],
    [PolicyARN, "SimpleScaling", true],
  );
  assert.throws(
    () => putScalingPolicy({ ...input, PolicyType: "PredictiveScaling" }, context),
    fault("ValidationError", "Berth does not support predictive scaling policies"),
  );
  deletePolicy(input, context);
  assert.deepEqual(describePolicies(input, context).ScalingPolicies, []);
});
