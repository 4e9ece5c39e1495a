import assert from "node:assert/strict";
import { test } from "node:test";
import { capacityChanges } from "../../model/autoscaling/activities.ts";
import { LAUNCHING, TERMINATING } from "../../model/autoscaling/hooks.ts";
import { autoScalingGroups } from "../../store/tables/autoscaling.ts";
import { instances } from "../../store/tables/ec2.ts";
import { listeners, targetGroups, targets } from "../../store/tables/elb.ts";
import { KEY, SCOPE, type ToyWorld, toyWorld } from "./testing.ts";

const T0 = Date.UTC(2026, 0, 1);
const states = (world: ToyWorld) => world.members().map(({ lifecycleState }) => lifecycleState);
const zones = (world: ToyWorld) =>
  world
    .members()
    .map(({ availabilityZone }) => availabilityZone.slice(-1))
    .sort()
    .join("");

function scaled(count: number, overrides: Parameters<typeof toyWorld>[0] = {}): ToyWorld {
  const world = toyWorld({
    desiredCapacity: count,
    capacityChange: { at: T0, text: capacityChanges.created(count) },
    ...overrides,
  });
  world.settle();
  return world;
}

test("a group launches its desired capacity over its zones, and says why", () => {
  const world = toyWorld({
    desiredCapacity: 2,
    capacityChange: { at: T0, text: capacityChanges.created(2) },
  });
  world.reconcile();
  assert.deepEqual(states(world), ["Pending", "Pending"]);
  assert.equal(zones(world), "ac");
  const [activity] = world.activities();
  assert.equal(activity?.description, `Launching a new EC2 instance: ${activity?.instanceId}`);
  assert.equal(
    activity?.cause,
    "At 2026-01-01T00:00:00Z a user request created an AutoScalingGroup changing the desired capacity from 0 to 2.  At 2026-01-01T00:00:00Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 2.",
  );
  assert.equal(activity?.statusCode, "PreInService");
  world.settle();
  assert.deepEqual(states(world), ["InService", "InService"]);
  assert.deepEqual(
    world.activities().map(({ statusCode, progress }) => [statusCode, progress]),
    [
      ["Successful", 100],
      ["Successful", 100],
    ],
  );
  assert.equal(world.group().capacityChange, undefined);
});

test("scaling in takes instances of the fullest zone, names them, and spares protected ones", () => {
  const world = scaled(3);
  const full = zones(world) === "aac" ? "a" : "c";
  const [safe] = world.members().filter(({ availabilityZone }) => availabilityZone.endsWith(full));
  world.changeMember(safe?.instanceId ?? "", { protectedFromScaleIn: true });
  world.change({
    desiredCapacity: 2,
    capacityChange: {
      at: world.clock.now(),
      text: capacityChanges.updated({ min: 0, max: 20 }, 3, 2),
    },
  });
  world.reconcile();
  const [leaving] = world.members().filter(({ lifecycleState }) => lifecycleState === "Terminating:Proceed");
  assert.ok(leaving);
  assert.ok(leaving.availabilityZone.endsWith(full));
  assert.notEqual(leaving.instanceId, safe?.instanceId);
  const instance = world.store.get(instances, leaving.instanceId);
  assert.equal(instance?.desiredState, "terminated");
  const activity = world.activities().at(-1);
  assert.equal(activity?.description, `Terminating EC2 instance: ${leaving.instanceId}`);
  assert.match(
    activity?.cause ?? "",
    /^At \S+ a user request update of AutoScalingGroup constraints to min: 0, max: 20, desired: 2 changing the desired capacity from 3 to 2\. {2}At \S+ an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 3 to 2\. {2}At \S+ instance i-\d+ was selected for termination\.$/,
  );
  world.settle();
  assert.equal(zones(world), "ac");
  assert.equal(world.activities().at(-1)?.statusCode, "Successful");
});

test("an instance that was terminated by hand, or is unhealthy, is taken out and replaced", () => {
  const world = scaled(2);
  const [first, second] = world.members();
  world.changeInstance(first?.instanceId ?? "", { desiredState: "terminated", state: "shutting-down" });
  world.settle();
  assert.equal(world.members().length, 2);
  const causes = world.activities().map(({ cause }) => cause.replace(/^At \S+ /, ""));
  assert.ok(
    causes.includes(
      "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.",
    ),
  );
  assert.ok(
    causes.includes("an instance was launched in response to an unhealthy instance needing to be replaced."),
  );
  world.changeMember(second?.instanceId ?? "", { healthStatus: "Unhealthy" });
  world.settle();
  assert.ok(
    world
      .activities()
      .some(({ cause }) =>
        cause.endsWith("an instance was taken out of service in response to a user health-check."),
      ),
  );
  assert.equal(
    world.members().some(({ instanceId }) => instanceId === second?.instanceId),
    false,
  );
  assert.deepEqual(states(world), ["InService", "InService"]);
});

test("a launch that EC2 refuses is a failed activity with its message, and the next waits longer and longer", () => {
  const world = toyWorld({ desiredCapacity: 1 });
  world.refusal = "The image id '[ami-1]' does not exist";
  const first = world.reconcile()?.againAfterMs ?? 0;
  const [activity] = world.activities();
  assert.equal(activity?.statusCode, "Failed");
  assert.equal(activity?.progress, 100);
  assert.equal(
    activity?.description,
    "Launching a new EC2 instance.  Status Reason: The image id '[ami-1]' does not exist. Launching EC2 instance failed.",
  );
  world.reconcile();
  assert.equal(world.activities().length, 1);
  world.clock.advance(first);
  assert.ok((world.reconcile()?.againAfterMs ?? 0) > first);
  assert.equal(world.activities().length, 2);
  world.refusal = undefined;
  world.clock.advance(300_000);
  world.settle();
  assert.deepEqual(states(world), ["InService"]);
  assert.equal(world.group().launchFailures, undefined);
});

test("a launching hook holds an instance until it is answered; ABANDON ends the launch", () => {
  const hook = {
    LifecycleHookName: "boot",
    LifecycleTransition: LAUNCHING,
    HeartbeatTimeout: 60,
    DefaultResult: "ABANDON",
  };
  const world = toyWorld({ desiredCapacity: 1, lifecycleHooks: [hook] });
  world.reconcile();
  world.stepEc2();
  const again = world.reconcile();
  assert.deepEqual(states(world), ["Pending:Wait"]);
  assert.equal(again?.againAfterMs, 60_000);
  assert.equal(world.activities()[0]?.statusCode, "MidLifecycleAction");
  const [member] = world.members();
  const waiting = member?.waiting?.map((wait) => ({ ...wait, result: "CONTINUE" as const }));
  world.changeMember(member?.instanceId ?? "", { waiting });
  world.reconcile();
  assert.deepEqual(states(world), ["InService"]);
  world.change({ desiredCapacity: 2 });
  world.reconcile();
  world.stepEc2();
  world.reconcile();
  world.clock.advance(60_000);
  world.reconcile();
  const cancelled = world.activities().find(({ statusCode }) => statusCode === "Cancelled");
  assert.match(
    cancelled?.description ?? "",
    /^Launching a new EC2 instance: i-002\. {2}Status Reason: Instance failed to complete user's Lifecycle Action: Lifecycle Action with token \S+ was abandoned: Heartbeat Timeout$/,
  );
});

test("a terminating hook holds the instance; when it is answered, the instance goes", () => {
  const world = scaled(1, {
    lifecycleHooks: [
      {
        LifecycleHookName: "bye",
        LifecycleTransition: TERMINATING,
        HeartbeatTimeout: 30,
        DefaultResult: "CONTINUE",
      },
    ],
  });
  world.change({ desiredCapacity: 0 });
  world.reconcile();
  assert.deepEqual(states(world), ["Terminating:Wait"]);
  const [member] = world.members();
  assert.equal(world.store.get(instances, member?.instanceId ?? "")?.desiredState, "running");
  world.clock.advance(30_000);
  world.settle();
  assert.deepEqual(states(world), []);
});

test("suspended processes do nothing: no launch, no termination, no replacement", () => {
  const world = scaled(1);
  world.change({
    desiredCapacity: 2,
    suspendedProcesses: [{ ProcessName: "Launch" }, { ProcessName: "ReplaceUnhealthy" }],
  });
  const [member] = world.members();
  world.changeMember(member?.instanceId ?? "", { healthStatus: "Unhealthy" });
  world.settle();
  assert.deepEqual(states(world), ["InService"]);
  world.change({
    desiredCapacity: 0,
    suspendedProcesses: [{ ProcessName: "Terminate" }, { ProcessName: "HealthCheck" }],
  });
  world.settle();
  assert.deepEqual(states(world), ["InService"]);
});

test("a force-deleted group terminates all, whatever protects them, and is gone with the last", () => {
  const world = scaled(2, {
    lifecycleHooks: [{ LifecycleHookName: "bye", LifecycleTransition: TERMINATING, HeartbeatTimeout: 3600 }],
  });
  for (const { instanceId } of world.members())
    world.changeMember(instanceId, { protectedFromScaleIn: true });
  world.change({ status: "Delete in progress", desiredCapacity: 0 });
  world.settle();
  assert.equal(world.store.get(autoScalingGroups, KEY), undefined);
  assert.deepEqual(states(world), []);
});

const TARGET_GROUP = "arn:aws:elasticloadbalancing:ap-northeast-1:000000000000:targetgroup/web/1";

function withTargetGroup(world: ToyWorld): void {
  world.store.transaction((tx) =>
    tx.put(targetGroups, {
      ...SCOPE,
      arn: TARGET_GROUP,
      name: "web",
      protocol: "HTTP",
      port: 80,
      vpcId: "vpc-1",
      targetType: "instance",
      healthCheck: {
        enabled: true,
        protocol: "HTTP",
        port: "traffic-port",
        intervalSeconds: 30,
        timeoutSeconds: 5,
        healthyThresholdCount: 5,
        unhealthyThresholdCount: 2,
      },
      attributes: {},
      createdTime: 0,
      tags: [],
    }),
  );
  world.change({ targetGroupArns: [TARGET_GROUP] });
}

test("instances in service are targets; one that fails the load balancer's check past its grace is replaced", () => {
  const world = scaled(1, { healthCheckType: "ELB", healthCheckGracePeriod: 60 });
  withTargetGroup(world);
  world.reconcile();
  const [member] = world.members();
  const [target] = world.store.list(targets);
  assert.deepEqual([target?.targetId, target?.port], [member?.instanceId, 80]);
  assert.ok(target);
  world.store.transaction((tx) =>
    tx.put(targets, { ...target, health: { state: "unhealthy", reason: "Target.Timeout" } }),
  );
  const again = world.reconcile();
  assert.deepEqual(states(world), ["InService"]);
  world.clock.advance(again?.againAfterMs ?? 0);
  world.settle();
  assert.ok(
    world
      .activities()
      .some(({ cause }) =>
        cause.endsWith(
          "an instance was taken out of service in response to an ELB system health check failure.",
        ),
      ),
  );
  assert.deepEqual(
    world.store.list(targets).map(({ targetId }) => targetId),
    world.members().map(({ instanceId }) => instanceId),
  );
});

test("an instance that leaves waits for its connections to drain", () => {
  const world = scaled(1);
  withTargetGroup(world);
  world.store.transaction((tx) =>
    tx.put(listeners, {
      ...SCOPE,
      arn: "listener",
      loadBalancerArn: "lb",
      port: 80,
      protocol: "HTTP",
      certificateArns: [],
      defaultActions: [{ kind: "forward", targetGroups: [{ targetGroupArn: TARGET_GROUP }] }],
      attributes: {},
      tags: [],
    }),
  );
  world.reconcile();
  world.change({ desiredCapacity: 0 });
  const again = world.reconcile();
  assert.deepEqual(states(world), ["Terminating"]);
  const activity = world.activities().at(-1);
  assert.equal(activity?.statusCode, "WaitingForELBConnectionDraining");
  assert.match(activity?.description ?? "", / - Waiting For ELB Connection Draining\.$/);
  world.clock.advance(again?.againAfterMs ?? 0);
  world.settle();
  assert.deepEqual(states(world), []);
  assert.equal(world.store.list(targets).length, 0);
});
