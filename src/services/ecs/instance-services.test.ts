/** Services of launch type EC2. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import { createCapacityProvider } from "./capacity-providers.ts";
import { putClusterCapacityProviders } from "./cluster-capacity.ts";
import { createService } from "./create-service.ts";
import { describeClusters } from "./describe-clusters.ts";
import {
  type EcsTestContext,
  ecsContext,
  invalid,
  NETWORK,
  putAutoScalingGroup,
  putInstance,
  putRegistries,
  putTargetGroup,
  REGISTRY,
  registerBox,
  SRV_REGISTRY,
  TARGET_GROUP,
} from "./testing.ts";
import { updateService } from "./update-service.ts";

function create(context: EcsTestContext, change: Partial<wire.CreateServiceRequest> = {}): wire.Service {
  const { service } = createService(
    {
      cluster: "main",
      serviceName: "box",
      taskDefinition: "box",
      desiredCount: 1,
      launchType: "EC2",
      ...change,
    },
    context,
  );
  return service ?? assert.fail("no service");
}

function refuses(change: Partial<wire.CreateServiceRequest>, error: object, context = withBox()): void {
  assert.throws(() => create(context, change), error);
}

function withBox(): EcsTestContext {
  const context = ecsContext();
  registerBox(context);
  return context;
}

const DAEMON = { schedulingStrategy: "DAEMON", desiredCount: undefined } as const;
const LOAD_BALANCER = { targetGroupArn: TARGET_GROUP, containerName: "app", containerPort: 80 };

test("a service on instances is shown without what is Fargate's", () => {
  const context = withBox();
  const service = create(context, {
    placementStrategy: [
      { type: "spread", field: "attribute:ecs.availability-zone" },
      { type: "spread", field: "host" },
      { type: "binpack", field: "cpu" },
    ],
    placementConstraints: [{ type: "distinctInstance" }],
  });
  assert.deepEqual(
    [service.launchType, service.platformVersion, service.platformFamily, service.networkConfiguration],
    ["EC2", undefined, undefined, undefined],
  );
  assert.deepEqual(service.placementStrategy, [
    { type: "spread", field: "attribute:ecs.availability-zone" },
    { type: "spread", field: "instanceId" },
    { type: "binpack", field: "CPU" },
  ]);
  assert.deepEqual(service.placementConstraints, [{ type: "distinctInstance" }]);
  assert.equal(service.availabilityZoneRebalancing, "ENABLED");
  const [cluster] = describeClusters({ clusters: ["main"], include: ["STATISTICS"] }, context).clusters ?? [];
  assert.deepEqual(
    cluster?.statistics?.filter(({ name }) => name?.startsWith("active")),
    [
      { name: "activeEC2ServiceCount", value: "1" },
      { name: "activeFargateServiceCount", value: "0" },
    ],
  );
});

test("a strategy of Auto Scaling groups is launch type EC2", () => {
  const context = withBox();
  createCapacityProvider(
    { name: "mine", autoScalingGroupProvider: { autoScalingGroupArn: putAutoScalingGroup(context) } },
    context,
  );
  putClusterCapacityProviders(
    { cluster: "main", capacityProviders: ["mine"], defaultCapacityProviderStrategy: [] },
    context,
  );
  const strategy = [{ capacityProvider: "mine", weight: 1 }];
  const service = create(context, { launchType: undefined, capacityProviderStrategy: strategy });
  assert.deepEqual(
    [service.launchType, service.capacityProviderStrategy, service.platformVersion],
    [undefined, strategy, undefined],
  );
  const update = (change: Partial<wire.UpdateServiceRequest>) =>
    updateService({ cluster: "main", service: "box", ...change }, context).service;
  assert.throws(
    () => update({ platformVersion: "LATEST" }),
    invalid("The platform version must be null when specifying an EC2 launch type"),
  );
  const back = update({ capacityProviderStrategy: [], forceNewDeployment: true });
  assert.deepEqual([back?.launchType, back?.capacityProviderStrategy], ["EC2", undefined]);
  refuses(
    { ...DAEMON, launchType: undefined, capacityProviderStrategy: strategy, serviceName: "daemon" },
    invalid(
      "Specifying a capacity provider strategy is not supported when you create a service using the DAEMON scheduling strategy.",
    ),
    context,
  );
});

test("a daemon runs on every instance, and can be told neither how many nor how spread", () => {
  const service = create(withBox(), DAEMON);
  assert.deepEqual([service.schedulingStrategy, service.availabilityZoneRebalancing], ["DAEMON", "DISABLED"]);
  assert.deepEqual(
    [service.deploymentConfiguration?.maximumPercent, service.deploymentConfiguration?.minimumHealthyPercent],
    [100, 0],
  );
  refuses(
    { ...DAEMON, desiredCount: 0 },
    invalid(
      "The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and try again",
    ),
  );
  refuses(
    { ...DAEMON, placementStrategy: [{ type: "random" }] },
    invalid(
      "The daemon scheduling strategy does not support placement strategies. Remove the placement strategy and try again",
    ),
  );
  refuses(
    { ...DAEMON, deploymentConfiguration: { maximumPercent: 200 } },
    invalid("The daemon scheduling strategy does not support values above 100 for maximumPercent"),
  );
  refuses(
    { ...DAEMON, launchType: "FARGATE", taskDefinition: "web", networkConfiguration: NETWORK },
    invalid(
      "The daemon scheduling strategy does not support the FARGATE launch type. Change the launch type and try again",
    ),
  );
  refuses(
    { ...DAEMON, availabilityZoneRebalancing: "ENABLED" },
    invalid(
      "The service couldn't be created because Availability Zone Rebalancing does not support DAEMON as scheduling strategy. Update scheduling strategy and try again.",
    ),
  );
});

test("a daemon is to run on as many instances as it may", () => {
  const context = withBox();
  putInstance(context);
  putInstance(context, { type: "t3.micro" });
  putInstance(context, { status: "DRAINING" });
  const service = create(context, {
    ...DAEMON,
    placementConstraints: [{ type: "memberOf", expression: "attribute:ecs.instance-type == t3.small" }],
  });
  assert.deepEqual([service.desiredCount, service.deployments?.[0]?.desiredCount], [1, 1]);
});

test("a daemon is not scaled by an update", () => {
  const context = withBox();
  create(context, DAEMON);
  const update = (change: Partial<wire.UpdateServiceRequest>) =>
    updateService({ cluster: "main", service: "box", ...change }, context).service;
  assert.throws(() => update({ desiredCount: 2 }), invalid(/does not support a desired count/));
  assert.throws(() => update({ placementStrategy: [{ type: "random" }] }), invalid(/placement strategies/));
  const updated = update({ placementConstraints: [{ type: "memberOf", expression: "attribute:a exists" }] });
  assert.equal(updated?.placementConstraints?.length, 1);
});

test("zones are balanced only where that is possible", () => {
  const binpack: Partial<wire.CreateServiceRequest> = {
    placementStrategy: [{ type: "binpack", field: "memory" }],
  };
  assert.equal(create(withBox(), binpack).availabilityZoneRebalancing, "DISABLED");
  refuses(
    { ...binpack, availabilityZoneRebalancing: "ENABLED" },
    invalid(/binpack as first placement strategy/),
  );
  const tight = { deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 0 } };
  assert.equal(create(withBox(), tight).availabilityZoneRebalancing, "DISABLED");
  refuses(
    { ...tight, availabilityZoneRebalancing: "ENABLED" },
    invalid(/does not support maximumPercent <= 100 % as deployment configuration\./),
  );
});

test("a target group's type has to fit the network mode", () => {
  const context = withBox();
  putTargetGroup(context, { inUse: true });
  refuses(
    { loadBalancers: [LOAD_BALANCER] },
    invalid(
      `The provided target group ${TARGET_GROUP} has target type ip, which is incompatible with the bridge network mode specified in the task definition.`,
    ),
    context,
  );
  putTargetGroup(context, { inUse: true, targetType: "instance" });
  const service = create(context, { loadBalancers: [LOAD_BALANCER] });
  assert.match(service.roleArn ?? "", /AWSServiceRoleForECS$/);
});

test("under bridge a service registry needs a container and its port", () => {
  const context = withBox();
  putRegistries(context);
  const needs = invalid(
    "When specifying 'host' or 'bridge' for networkMode, values for 'containerName' and 'containerPort' must be specified from the task definition.",
  );
  refuses({ serviceRegistries: [{ registryArn: SRV_REGISTRY }] }, needs, context);
  refuses({ serviceRegistries: [{ registryArn: SRV_REGISTRY, port: 80 }] }, needs, context);
  refuses(
    { serviceRegistries: [{ registryArn: SRV_REGISTRY, containerName: "app", containerPort: 81 }] },
    invalid("The container app did not have a container port 81 defined."),
    context,
  );
  refuses({ serviceRegistries: [{ registryArn: REGISTRY }] }, needs, context);
  const registry = { registryArn: SRV_REGISTRY, containerName: "app", containerPort: 80 };
  assert.deepEqual(create(context, { serviceRegistries: [registry] }).serviceRegistries, [registry]);
});
