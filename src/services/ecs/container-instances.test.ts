import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import type { Task } from "../../model/ecs/records.ts";
import { containerInstances, tasks } from "../../store/tables/ecs.ts";
import {
  deregisterContainerInstance,
  describeContainerInstances,
  listContainerInstances,
  updateContainerAgent,
  updateContainerInstancesState,
} from "./container-instances.ts";
import { describeClusters } from "./describe-clusters.ts";
import { registerContainerInstance } from "./register-container-instance.ts";
import { runTask } from "./run-task.ts";
import {
  client,
  type EcsTestContext,
  ecsContext,
  fault,
  invalid,
  putInstance,
  registerBox,
} from "./testing.ts";
import { deleteCluster } from "./update-cluster.ts";

const IDENTITY = {
  instanceId: "i-0123456789abcdef0",
  instanceType: "t3.small",
  imageId: "ami-0123456789abcdef0",
  availabilityZone: "ap-northeast-1a",
  architecture: "x86_64",
};

function register(
  context: EcsTestContext,
  change: Partial<wire.RegisterContainerInstanceRequest> = {},
): wire.ContainerInstance {
  const { containerInstance } = registerContainerInstance(
    { cluster: "main", instanceIdentityDocument: JSON.stringify(IDENTITY), ...change },
    context,
  );
  return containerInstance ?? assert.fail("no container instance");
}

function describe(context: EcsTestContext, id: string, include: wire.ContainerInstanceField[] = []) {
  const answer = describeContainerInstances({ cluster: "main", containerInstances: [id], include }, context);
  return answer.containerInstances?.[0] ?? assert.fail(JSON.stringify(answer.failures));
}

function list(context: EcsTestContext, change: Partial<wire.ListContainerInstancesRequest> = {}) {
  return listContainerInstances({ cluster: "main", ...change }, context).containerInstanceArns ?? [];
}

function runBox(context: EcsTestContext): Task {
  registerBox(context);
  const { tasks: made } = runTask({ cluster: "main", taskDefinition: "box", launchType: "EC2" }, context);
  return context.store.get(tasks, made?.[0]?.taskArn ?? "") ?? assert.fail("no task");
}

const resource = (resources: readonly wire.Resource[] | undefined, name: string) =>
  resources?.find((candidate) => candidate.name === name);

test("what an instance has is shown, and what its tasks leave of it", () => {
  const context = ecsContext();
  const { arn, containerInstanceId } = putInstance(context);
  const empty = describe(context, containerInstanceId, ["TAGS", "CONTAINER_INSTANCE_HEALTH"]);
  assert.deepEqual([empty.status, empty.agentConnected, empty.version], ["ACTIVE", true, 1]);
  assert.deepEqual(empty.remainingResources, empty.registeredResources);
  assert.equal(empty.healthStatus?.overallStatus, "OK");
  runBox(context);
  const used = describe(context, arn);
  assert.equal(used.healthStatus, undefined, "only when it is asked for");
  assert.deepEqual([used.runningTasksCount, used.pendingTasksCount], [0, 1]);
  assert.equal(resource(used.registeredResources, "CPU")?.integerValue, 2048);
  assert.equal(resource(used.remainingResources, "CPU")?.integerValue, 1536);
  assert.equal(resource(used.remainingResources, "MEMORY")?.integerValue, 1060);
  assert.deepEqual(resource(used.remainingResources, "PORTS")?.stringSetValue, [
    "22",
    "2375",
    "2376",
    "51678",
    "51679",
    "8080",
  ]);
});

test("an instance that is not there is a failure, none asked for an error", () => {
  const context = ecsContext();
  const { failures } = describeContainerInstances({ cluster: "main", containerInstances: ["abc"] }, context);
  assert.deepEqual(failures, [
    { arn: "arn:aws:ecs:ap-northeast-1:000000000000:container-instance/main/abc", reason: "MISSING" },
  ]);
  assert.throws(
    () => describeContainerInstances({ cluster: "main", containerInstances: [] }, context),
    client("Container Instances cannot be empty."),
  );
});

test("instances are listed by status and by query, in pages", () => {
  const context = ecsContext();
  const small = putInstance(context);
  const micro = putInstance(context, { type: "t3.micro", status: "DRAINING" });
  putInstance(context, { status: "INACTIVE" });
  assert.deepEqual(list(context), [small.arn, micro.arn].sort());
  assert.deepEqual(list(context, { status: "DRAINING" }), [micro.arn]);
  assert.deepEqual(list(context, { filter: "attribute:ecs.instance-type == t3.small" }), [small.arn]);
  assert.throws(
    () => list(context, { filter: "no such thing" }),
    invalid("filter 'no such thing' is invalid."),
  );
  const first = listContainerInstances({ cluster: "main", maxResults: 1 }, context);
  const second = listContainerInstances(
    { cluster: "main", maxResults: 1, nextToken: first.nextToken },
    context,
  );
  assert.equal(second.nextToken, undefined);
  assert.notDeepEqual(first.containerInstanceArns, second.containerInstanceArns);
});

test("a client registers an instance with its document, and again under its ARN", () => {
  const context = ecsContext();
  const instance = register(context, {
    versionInfo: { agentVersion: "1.0.0" },
    totalResources: [{ name: "CPU", type: "INTEGER", integerValue: 1024 }],
    attributes: [{ name: "stack", value: "prod" }, { name: "ecs.capability.task-eni" }],
    tags: [{ key: "team", value: "a" }],
  });
  assert.deepEqual(
    [instance.ec2InstanceId, instance.status, instance.agentConnected],
    ["i-0123456789abcdef0", "ACTIVE", false],
  );
  assert.deepEqual(instance.attributes, [
    { name: "ecs.ami-id", value: "ami-0123456789abcdef0" },
    { name: "ecs.availability-zone", value: "ap-northeast-1a" },
    { name: "ecs.cpu-architecture", value: "x86_64" },
    { name: "ecs.instance-type", value: "t3.small" },
    { name: "stack", value: "prod" },
    { name: "ecs.capability.task-eni" },
  ]);
  assert.deepEqual(instance.tags, [{ key: "team", value: "a" }]);
  const again = register(context, {
    containerInstanceArn: instance.containerInstanceArn,
    attributes: [{ name: "stack", value: "other" }],
  });
  assert.equal(again.containerInstanceArn, instance.containerInstanceArn);
  assert.equal(again.version, 2);
  assert.deepEqual(
    again.attributes?.filter(({ name }) => name === "stack"),
    [{ name: "stack", value: "prod" }],
    "own attributes are taken the first time only",
  );
});

test("an instance that became another is not registered again", () => {
  const context = ecsContext();
  const { containerInstanceArn = "" } = register(context);
  const id = containerInstanceArn.split("/").at(-1);
  const larger = JSON.stringify({ ...IDENTITY, instanceType: "t3.large" });
  assert.throws(
    () => register(context, { containerInstanceArn, instanceIdentityDocument: larger }),
    client(
      `Container instance type changes are not supported. Container instance ${id} was previously registered as t3.small.`,
    ),
  );
  assert.throws(
    () => register(context, { containerInstanceArn: `${containerInstanceArn}x` }),
    client(`Referenced container instance ${id}x not registered.`),
  );
  assert.throws(
    () => register(context, { cluster: "none" }),
    fault("ClusterNotFoundException", "Cluster not found."),
  );
});

test("an instance with tasks is deregistered by force only, and its tasks are stopped", () => {
  const context = ecsContext();
  const { arn, containerInstanceId } = putInstance(context);
  const task = runBox(context);
  const deregister = (force?: boolean) =>
    deregisterContainerInstance(
      { cluster: "main", containerInstance: containerInstanceId, ...(force ? { force } : {}) },
      context,
    );
  assert.throws(() => deregister(), invalid("Found running tasks on the instance."));
  assert.equal(deregister(true).containerInstance?.status, "INACTIVE");
  const stopping = context.store.get(tasks, task.arn);
  assert.deepEqual(
    [stopping?.desiredStatus, stopping?.stopCode, stopping?.stoppedReason],
    ["STOPPED", "UserInitiated", "Container instance deregistration forced by user"],
  );
  assert.equal(describe(context, arn).status, "INACTIVE", "it can be described for a while");
  assert.deepEqual(list(context), []);
  assert.throws(
    () => deregister(),
    client(`Referenced container instance ${containerInstanceId} not found.`),
  );
});

test("draining is set and taken back; other statuses are not a client's", () => {
  const context = ecsContext();
  const { arn } = putInstance(context);
  const gone = putInstance(context, { status: "INACTIVE" });
  const update = (status: string, ids: string[]) =>
    updateContainerInstancesState(
      { cluster: "main", containerInstances: ids, status: status as wire.ContainerInstanceStatus },
      context,
    );
  const answer = update("DRAINING", [arn, gone.arn, "abc"]);
  assert.deepEqual(
    answer.containerInstances?.map(({ status, version }) => [status, version]),
    [["DRAINING", 2]],
  );
  assert.deepEqual(
    answer.failures?.map(({ reason }) => reason),
    ["INACTIVE", "MISSING"],
  );
  update("ACTIVE", [arn]);
  assert.equal(context.store.get(containerInstances, arn)?.status, "ACTIVE");
  assert.throws(
    () => update("INACTIVE", [arn]),
    invalid("Container instance status should be one of [ACTIVE, DRAINING]"),
  );
  assert.throws(
    () => update("DRAINING", Array(11).fill(arn)),
    invalid("containerInstances can have at most 10 items."),
  );
});

test("there is no newer agent", () => {
  const context = ecsContext();
  const { arn } = putInstance(context);
  assert.throws(
    () => updateContainerAgent({ cluster: "main", containerInstance: arn }, context),
    fault("NoUpdateAvailableException", "There is no update available for your container agent."),
  );
});

test("a cluster counts its instances, and is not deleted while it has any", () => {
  const context = ecsContext();
  const { arn } = putInstance(context);
  putInstance(context, { status: "DRAINING" });
  putInstance(context, { status: "INACTIVE" });
  runBox(context);
  const [cluster] = describeClusters({ clusters: ["main"], include: ["STATISTICS"] }, context).clusters ?? [];
  assert.equal(cluster?.registeredContainerInstancesCount, 2);
  assert.deepEqual(
    cluster?.statistics?.find(({ name }) => name === "pendingEC2TasksCount"),
    { name: "pendingEC2TasksCount", value: "1" },
  );
  assert.throws(
    () => deleteCluster({ cluster: "main" }, context),
    fault(
      "ClusterContainsContainerInstancesException",
      "The Cluster cannot be deleted while Container Instances are active or draining.",
    ),
  );
  assert.ok(arn);
});
