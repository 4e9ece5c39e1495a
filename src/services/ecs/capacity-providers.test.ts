import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import { autoScalingGroups } from "../../store/tables/autoscaling.ts";
import {
  createCapacityProvider,
  deleteCapacityProvider,
  describeCapacityProviders,
  updateCapacityProvider,
} from "./capacity-providers.ts";
import { putClusterCapacityProviders } from "./cluster-capacity.ts";
import { createCluster } from "./create-cluster.ts";
import { runTask } from "./run-task.ts";
import { listTagsForResource, tagResource } from "./tags.ts";
import {
  client,
  type EcsTestContext,
  ecsContext,
  fault,
  invalid,
  putAutoScalingGroup,
  registerBox,
} from "./testing.ts";

const ARN = "arn:aws:ecs:ap-northeast-1:000000000000:capacity-provider/mine";

function create(
  context: EcsTestContext,
  change: Partial<wire.CreateCapacityProviderRequest> = {},
  group: Partial<wire.AutoScalingGroupProvider> = {},
): wire.CapacityProvider {
  const { capacityProvider } = createCapacityProvider(
    {
      name: "mine",
      autoScalingGroupProvider: { autoScalingGroupArn: putAutoScalingGroup(context), ...group },
      ...change,
    },
    context,
  );
  return capacityProvider ?? assert.fail("no capacity provider");
}

const associate = (context: EcsTestContext, ...capacityProviders: string[]) =>
  putClusterCapacityProviders(
    { cluster: "main", capacityProviders, defaultCapacityProviderStrategy: [] },
    context,
  );

function find(context: EcsTestContext, name: string): wire.CapacityProvider | undefined {
  return describeCapacityProviders({ capacityProviders: [name] }, context).capacityProviders?.[0];
}

test("a provider is made with the service's defaults, and its group marked", () => {
  const context = ecsContext();
  const provider = create(context, { tags: [{ key: "team", value: "a" }] });
  assert.deepEqual(
    [provider.capacityProviderArn, provider.name, provider.status, provider.type],
    [ARN, "mine", "ACTIVE", "EC2_AUTOSCALING"],
  );
  assert.deepEqual(provider.autoScalingGroupProvider, {
    autoScalingGroupArn: putAutoScalingGroup(ecsContext()),
    managedScaling: {
      status: "DISABLED",
      targetCapacity: 100,
      minimumScalingStepSize: 1,
      maximumScalingStepSize: 10_000,
      instanceWarmupPeriod: 300,
    },
    managedTerminationProtection: "DISABLED",
    managedDraining: "ENABLED",
  });
  const group = context.store.get(autoScalingGroups, "000000000000/ap-northeast-1|fleet");
  assert.deepEqual(
    group?.tags.map(({ Key, Value, PropagateAtLaunch }) => [Key, Value, PropagateAtLaunch]),
    [["AmazonECSManaged", "", true]],
  );
  assert.deepEqual(listTagsForResource({ resourceArn: ARN }, context).tags, [{ key: "team", value: "a" }]);
  tagResource({ resourceArn: ARN, tags: [{ key: "env", value: "x" }] }, context);
  const [shown] =
    describeCapacityProviders({ capacityProviders: [ARN], include: ["TAGS"] }, context).capacityProviders ??
    [];
  assert.equal(shown?.tags?.length, 2);
});

test("managed scaling that is asked for is on, down to a warm-up of nothing", () => {
  const provider = create(
    ecsContext(),
    {},
    { managedScaling: { instanceWarmupPeriod: 0, targetCapacity: 90 } },
  );
  assert.deepEqual(provider.autoScalingGroupProvider?.managedScaling, {
    status: "ENABLED",
    targetCapacity: 90,
    minimumScalingStepSize: 1,
    maximumScalingStepSize: 10_000,
    instanceWarmupPeriod: 0,
  });
});

test("what cannot be a provider is refused in ECS's words", () => {
  const context = ecsContext();
  for (const name of ["aws-mine", "ecsmine", "Fargate-mine", "a b", ""]) {
    assert.throws(
      () => create(context, { name }),
      client(
        'The specified capacity provider name is invalid. Up to 255 characters are allowed, including letters (upper and lowercase), numbers, underscores, and hyphens. The name cannot be prefixed with "aws", "ecs", or "fargate".',
      ),
    );
  }
  assert.throws(
    () => create(context, {}, { managedTerminationProtection: "ENABLED" }),
    client(
      "The managed termination protection setting for the capacity provider is invalid. To enable managed termination protection for a capacity provider, the Auto Scaling group must have instance protection from scale in enabled.",
    ),
  );
  assert.throws(
    () => create(context, {}, { managedScaling: { minimumScalingStepSize: 3, maximumScalingStepSize: 2 } }),
    client("The minimum or maximum scaling step size value is invalid"),
  );
  assert.throws(
    () => create(context, {}, { autoScalingGroupArn: "nowhere" }),
    client(/Auto Scaling group ARN is invalid/),
  );
  create(context);
  assert.throws(
    () => create(context),
    client(
      "The specified capacity provider already exists. To change the configuration of an existing capacity provider, update the capacity provider.",
    ),
  );
  assert.throws(
    () => create(context, { name: "other" }),
    client(
      "The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a unique Auto Scaling group ARN and try again.",
    ),
  );
});

test("a provider is updated in what is given", () => {
  const context = ecsContext();
  create(context, {}, { managedScaling: { targetCapacity: 50 } });
  const update = (autoScalingGroupProvider: wire.AutoScalingGroupProviderUpdate, name = "mine") =>
    updateCapacityProvider({ name, autoScalingGroupProvider }, context).capacityProvider;
  const updated = update({ managedScaling: { maximumScalingStepSize: 5 }, managedDraining: "DISABLED" });
  assert.equal(updated?.updateStatus, "UPDATE_COMPLETE");
  assert.deepEqual(
    [
      updated?.autoScalingGroupProvider?.managedScaling?.status,
      updated?.autoScalingGroupProvider?.managedScaling?.targetCapacity,
      updated?.autoScalingGroupProvider?.managedScaling?.maximumScalingStepSize,
      updated?.autoScalingGroupProvider?.managedDraining,
    ],
    ["ENABLED", 50, 5, "DISABLED"],
  );
  assert.throws(
    () => update({}, "none"),
    client("The specified capacity provider does not exist. Specify a valid name or ARN and try again."),
  );
});

test("a provider that a cluster has is not deleted; a deleted one may be made again", () => {
  const context = ecsContext();
  create(context);
  associate(context, "mine");
  const failed = deleteCapacityProvider({ capacityProvider: "mine" }, context).capacityProvider;
  assert.deepEqual(
    [failed?.status, failed?.updateStatus, failed?.updateStatusReason],
    [
      "ACTIVE",
      "DELETE_FAILED",
      "The capacity provider cannot be deleted because it is associated with cluster: main. Remove the capacity provider from the cluster and try again.",
    ],
  );
  associate(context);
  const deleted = deleteCapacityProvider({ capacityProvider: ARN }, context).capacityProvider;
  assert.equal(deleted?.updateStatus, "DELETE_IN_PROGRESS");
  assert.equal(find(context, "mine")?.status, "INACTIVE");
  assert.throws(
    () => deleteCapacityProvider({ capacityProvider: "mine" }, context),
    client("The specified capacity provider does not exist. Specify a valid name or ARN and try again."),
  );
  assert.equal(create(context).status, "ACTIVE");
});

test("providers are described by name, all of them in pages, a cluster's alone", () => {
  const context = ecsContext();
  create(context);
  const all = describeCapacityProviders({ maxResults: 2 }, context);
  assert.deepEqual(
    all.capacityProviders?.map(({ name }) => name),
    ["FARGATE", "FARGATE_SPOT"],
  );
  const rest = describeCapacityProviders({ nextToken: all.nextToken }, context);
  assert.deepEqual(
    rest.capacityProviders?.map(({ name }) => name),
    ["mine"],
  );
  assert.deepEqual(describeCapacityProviders({ capacityProviders: ["none"] }, context).failures, [
    { arn: ARN.replace("mine", "none"), reason: "MISSING" },
  ]);
  associate(context, "mine");
  assert.deepEqual(
    describeCapacityProviders({ cluster: "main" }, context).capacityProviders?.map(({ name }) => name),
    ["mine"],
  );
});

test("clusters take providers that exist, and strategies of one kind", () => {
  const context = ecsContext();
  create(context);
  const { cluster } = createCluster(
    {
      clusterName: "other",
      capacityProviders: ["mine", "FARGATE"],
      defaultCapacityProviderStrategy: [{ capacityProvider: "mine", weight: 1 }],
    },
    context,
  );
  assert.deepEqual(cluster?.capacityProviders, ["mine", "FARGATE"]);
  assert.throws(
    () => associate(context, "none"),
    invalid("The specified capacity provider was not found. Specify a valid capacity provider and try again"),
  );
  assert.throws(
    () =>
      putClusterCapacityProviders(
        {
          cluster: "main",
          capacityProviders: ["mine", "FARGATE"],
          defaultCapacityProviderStrategy: [
            { capacityProvider: "mine", weight: 1 },
            { capacityProvider: "FARGATE", weight: 1 },
          ],
        },
        context,
      ),
    invalid(
      "A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and Fargate providers. Specify one or the other and try again.",
    ),
  );
});

test("a provider with tasks cannot be taken from its cluster", () => {
  const context = ecsContext();
  create(context, {}, { managedScaling: { status: "ENABLED" } });
  associate(context, "mine");
  registerBox(context);
  runTask(
    {
      cluster: "main",
      taskDefinition: "box",
      capacityProviderStrategy: [{ capacityProvider: "mine", weight: 1 }],
    },
    context,
  );
  assert.throws(
    () => associate(context),
    fault("ResourceInUseException", "The specified capacity provider is in use and cannot be removed."),
  );
});
