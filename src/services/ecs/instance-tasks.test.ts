/** RunTask and StartTask under launch type EC2. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import { tasks } from "../../store/tables/ecs.ts";
import { createCapacityProvider } from "./capacity-providers.ts";
import { putClusterCapacityProviders } from "./cluster-capacity.ts";
import { describeTasks, listTasks } from "./describe-tasks.ts";
import { runTask } from "./run-task.ts";
import { startTask } from "./start-task.ts";
import {
  client,
  type EcsTestContext,
  ecsContext,
  fault,
  invalid,
  NETWORK,
  putAutoScalingGroup,
  putInstance,
  registerBox,
  SUBNET,
  unsupported,
} from "./testing.ts";

function run(context: EcsTestContext, change: Partial<wire.RunTaskRequest> = {}): wire.RunTaskResponse {
  return runTask({ cluster: "main", taskDefinition: "box", launchType: "EC2", ...change }, context);
}

function start(context: EcsTestContext, ids: string[], change: Partial<wire.StartTaskRequest> = {}) {
  return startTask({ cluster: "main", taskDefinition: "box", containerInstances: ids, ...change }, context);
}

function withBox(change: Partial<wire.RegisterTaskDefinitionRequest> = {}): EcsTestContext {
  const context = ecsContext();
  registerBox(context, change);
  return context;
}

/** The cluster `main` has the provider `mine`. */
function withProvider(context: EcsTestContext, status: wire.ManagedScalingStatus): void {
  createCapacityProvider(
    {
      name: "mine",
      autoScalingGroupProvider: {
        autoScalingGroupArn: putAutoScalingGroup(context),
        managedScaling: { status },
      },
    },
    context,
  );
  putClusterCapacityProviders(
    { cluster: "main", capacityProviders: ["mine"], defaultCapacityProviderStrategy: [] },
    context,
  );
}

const MINE: Partial<wire.RunTaskRequest> = {
  launchType: undefined,
  capacityProviderStrategy: [{ capacityProvider: "mine", weight: 1 }],
};
const app = (change: Partial<wire.ContainerDefinition>) => ({
  containerDefinitions: [{ name: "app", image: "nginx", memory: 100, ...change }],
});

test("a task is placed before the call returns", () => {
  const context = withBox();
  const { arn } = putInstance(context);
  const { tasks: made = [], failures } = run(context);
  assert.deepEqual(failures, []);
  const [task] = made;
  assert.deepEqual(
    [task?.launchType, task?.containerInstanceArn, task?.lastStatus, task?.attachments],
    ["EC2", arn, "PENDING", []],
  );
  assert.deepEqual([task?.cpu, task?.memory], ["512", "900"]);
  assert.equal(task?.platformVersion, undefined);
  assert.equal(task?.containers?.[0]?.networkBindings, undefined);
  assert.deepEqual(task?.attributes, [{ name: "ecs.cpu-architecture", value: "x86_64" }]);
  const found = (id: string) => listTasks({ cluster: "main", containerInstance: id }, context).taskArns;
  assert.deepEqual(found(arn), [task?.taskArn]);
  assert.deepEqual(found("abc"), []);
});

test("what no instance has room for is a failure for each of them", () => {
  const context = withBox();
  const small = putInstance(context);
  const nano = putInstance(context, { type: "t3.nano" });
  const first = run(context, { count: 2 });
  assert.deepEqual(
    first.tasks?.map(({ containerInstanceArn }) => containerInstanceArn),
    [small.arn],
    "the second would need the same host port, and finds too little memory on the other instance",
  );
  assert.deepEqual(
    new Map(first.failures?.map(({ arn, reason }) => [arn, reason])),
    new Map([
      [small.arn, "RESOURCE:PORTS"],
      [nano.arn, "RESOURCE:MEMORY"],
    ]),
  );
  assert.equal(context.store.list(tasks).length, 1);
});

test("instances without what the definition needs are told by reason", () => {
  const context = withBox({ networkMode: "awsvpc", ...app({}) });
  const reasons = () => run(context, { networkConfiguration: NETWORK }).failures?.map(({ reason }) => reason);
  putInstance(context, { config: "ECS_ENABLE_TASK_ENI=false" });
  assert.deepEqual(reasons(), ["ATTRIBUTE"]);
  const other = ecsContext();
  registerBox(other, { networkMode: "awsvpc", ...app({}) });
  putInstance(other);
  for (let i = 0; i < 2; i++) assert.equal(run(other, { networkConfiguration: NETWORK }).tasks?.length, 1);
  assert.deepEqual(
    run(other, { networkConfiguration: NETWORK }).failures?.map(({ reason }) => reason),
    ["RESOURCE:ENI"],
    "t3.small has three interfaces, one of them its own",
  );
  const [task] =
    describeTasks({ cluster: "main", tasks: [other.store.list(tasks)[0]?.arn ?? ""] }, other).tasks ?? [];
  assert.deepEqual(task?.attachments?.[0]?.details, [{ name: "subnetId", value: SUBNET }]);
});

test("constraints choose the instance, in requests and in definitions", () => {
  const context = withBox();
  const small = putInstance(context);
  const large = putInstance(context, { type: "t3.large" });
  const memberOf = (expression: string): wire.PlacementConstraint => ({ type: "memberOf", expression });
  const on = (type: string) => [memberOf(`attribute:ecs.instance-type == ${type}`)];
  assert.equal(
    run(context, { placementConstraints: on("t3.large") }).tasks?.[0]?.containerInstanceArn,
    large.arn,
  );
  registerBox(context, {
    placementConstraints: [{ type: "memberOf", expression: "attribute:ecs.instance-type == t3.small" }],
  });
  assert.equal(run(context).tasks?.[0]?.containerInstanceArn, small.arn);
  registerBox(context, app({}));
  assert.deepEqual(
    run(context, { placementConstraints: on("t3.nano") }).failures?.map(({ reason }) => reason),
    Array(2).fill("MemberOf placement constraint unsatisfied"),
  );
});

test("no instance at all is an error", () => {
  const context = withBox();
  const none = invalid("No Container Instances were found in your cluster.");
  assert.throws(() => run(context), none);
  assert.throws(() => run(context, { launchType: undefined }), none, "EC2 is what no launch type means");
  withProvider(context, "DISABLED");
  assert.throws(
    () => run(context, MINE),
    invalid("No Container Instances were found in your capacity provider."),
  );
});

test("with managed scaling a task waits for its instance", () => {
  const context = withBox();
  withProvider(context, "ENABLED");
  const { tasks: made = [], failures } = run(context, {
    ...MINE,
    count: 2,
    placementConstraints: [{ type: "distinctInstance" }],
    placementStrategy: [{ type: "binpack", field: "memory" }],
  });
  assert.deepEqual(failures, []);
  assert.deepEqual(
    made.map(({ lastStatus, containerInstanceArn, capacityProviderName, containers, attachments }) => [
      lastStatus,
      containerInstanceArn,
      capacityProviderName,
      containers,
      attachments,
    ]),
    Array(2).fill(["PROVISIONING", undefined, "mine", [], []]),
  );
  const [task] = context.store.list(tasks);
  assert.deepEqual(task?.placementConstraints, [{ type: "distinctInstance" }]);
  assert.deepEqual(task?.placementStrategy, [{ type: "binpack", field: "MEMORY" }]);
  const other = withBox();
  withProvider(other, "ENABLED");
  const { arn } = putInstance(other, { capacityProviderName: "mine" });
  assert.equal(run(other, MINE).tasks?.[0]?.containerInstanceArn, arn, "one that is there is used");
});

test("what launch type EC2 does not know is refused in ECS's words", () => {
  const context = withBox();
  putInstance(context);
  const refuses = (change: Partial<wire.RunTaskRequest>, error: object) =>
    assert.throws(() => run(context, change), error);
  refuses(
    { networkConfiguration: NETWORK },
    invalid("Network Configuration is not valid for the given networkMode of this task definition."),
  );
  refuses(
    { taskDefinition: "web" },
    invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified."),
  );
  const open: wire.AwsVpcConfiguration = { subnets: [SUBNET], assignPublicIp: "ENABLED" };
  refuses(
    { taskDefinition: "web", networkConfiguration: { awsvpcConfiguration: open } },
    invalid("Assign public IP is not supported for this launch type."),
  );
  refuses(
    { platformVersion: "LATEST" },
    invalid("The platform version must be null when specifying an EC2 launch type"),
  );
  refuses({ launchType: "FARGATE" }, invalid("Task definition does not support launch_type FARGATE."));
  refuses({ launchType: "EXTERNAL" }, unsupported(/EXTERNAL/));
});

test("constraints and strategies that are not well formed are refused", () => {
  const context = withBox();
  putInstance(context);
  const constraints = (...placementConstraints: wire.PlacementConstraint[]) =>
    assert.throws.bind(undefined, () => run(context, { placementConstraints }));
  const strategies = (...placementStrategy: wire.PlacementStrategy[]) =>
    assert.throws.bind(undefined, () => run(context, { placementStrategy }));
  constraints({ type: "distinctInstance", expression: "" })(
    invalid("distinctInstance expression should not be specified."),
  );
  constraints({ type: "memberOf", expression: "nonsense" })(
    invalid("memberOf expression 'nonsense' is invalid."),
  );
  constraints(...Array(11).fill({ type: "distinctInstance" }))(
    invalid("Maximum number of constraints is 10."),
  );
  strategies({ type: "random", field: "a" })(invalid("random field should not be specified."));
  strategies({ type: "binpack", field: "x" })(invalid("binpack field 'x' is invalid."));
  strategies({ type: "spread", field: "x" })(invalid("spread field 'x' is invalid."));
  strategies(...Array(6).fill({ type: "random" }))(invalid("Maximum number of strategies is 5."));
});

test("StartTask puts a task on each instance that is named", () => {
  const context = withBox();
  const { arn } = putInstance(context);
  const { containerInstanceId } = putInstance(context);
  const drained = putInstance(context, { status: "DRAINING" });
  const { tasks: made = [], failures = [] } = start(context, [arn, containerInstanceId, drained.arn, "abc"], {
    startedBy: "me",
    enableECSManagedTags: true,
  });
  assert.deepEqual(
    made.map(({ containerInstanceArn, startedBy, group }) => [containerInstanceArn, startedBy, group]),
    [
      [arn, "me", "family:box"],
      [arn.replace(/[^/]*$/, containerInstanceId), "me", "family:box"],
    ],
  );
  assert.deepEqual(made[0]?.tags, [{ key: "aws:ecs:clusterName", value: "main" }]);
  assert.deepEqual(
    failures.map(({ reason }) => reason),
    ["INACTIVE", "MISSING"],
  );
  assert.deepEqual(start(context, [arn]).failures, [{ arn, reason: "RESOURCE:PORTS" }]);
  assert.throws(() => start(context, []), client("Container Instances cannot be empty."));
  assert.throws(
    () => start(context, Array(11).fill(arn)),
    invalid("containerInstances can have at most 10 items."),
  );
  assert.throws(
    () => start(context, [arn], { cluster: "none" }),
    fault("ClusterNotFoundException", "Cluster not found."),
  );
});

test("bindings of a bridge container are shown once it runs", () => {
  const context = withBox();
  putInstance(context);
  const taskArn = run(context).tasks?.[0]?.taskArn ?? "";
  const task = context.store.get(tasks, taskArn) ?? assert.fail("no task");
  const networkBindings = [
    { bindIP: "0.0.0.0", containerPort: 80, hostPort: 8080, protocol: "tcp" as const },
  ];
  context.store.transaction((tx) =>
    tx.put(tasks, {
      ...task,
      containers: task.containers.map((container) => ({
        ...container,
        lastStatus: "RUNNING" as const,
        networkBindings,
      })),
    }),
  );
  const [shown] = describeTasks({ cluster: "main", tasks: [taskArn] }, context).tasks ?? [];
  assert.deepEqual(shown?.containers?.[0]?.networkBindings, networkBindings);
});
