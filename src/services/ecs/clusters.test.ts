import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../testing.ts";
import { putAccountSettingDefault } from "./account-settings.ts";
import { describeCapacityProviders } from "./capacity-providers.ts";
import { putClusterCapacityProviders } from "./cluster-capacity.ts";
import { createCluster } from "./create-cluster.ts";
import { describeClusters, listClusters } from "./describe-clusters.ts";
import { runTask, stopTask } from "./run-task.ts";
import { createWeb, ecsContext, fault, invalid, NETWORK } from "./testing.ts";
import { deleteCluster, updateCluster, updateClusterSettings } from "./update-cluster.ts";

const DISABLED = [{ name: "containerInsights", value: "disabled" }];

test("a cluster is ACTIVE at once, and its name is `default` unless given", () => {
  const { cluster } = createCluster({}, testContext());
  assert.deepEqual(cluster, {
    clusterArn: "arn:aws:ecs:ap-northeast-1:000000000000:cluster/default",
    clusterName: "default",
    status: "ACTIVE",
    registeredContainerInstancesCount: 0,
    runningTasksCount: 0,
    pendingTasksCount: 0,
    activeServicesCount: 0,
    statistics: [],
    tags: [],
    settings: DISABLED,
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
  });
});

test("creating a cluster that is there returns it as it is", () => {
  const context = testContext();
  createCluster({ tags: [{ key: "a", value: "1" }] }, context);
  const { cluster } = createCluster({ tags: [{ key: "a", value: "2" }] }, context);
  assert.deepEqual(cluster?.tags, [{ key: "a", value: "1" }]);
});

test("a name of other characters is refused", () => {
  assert.throws(
    () => createCluster({ clusterName: "a b" }, testContext()),
    invalid("ClusterName must match ^[a-zA-Z0-9\\-_]{1,255}$, but was a b"),
  );
});

test("settings and tags are shown when asked for, and unknown clusters are failures", () => {
  const context = ecsContext();
  const plain = describeClusters({ clusters: ["main", "nope"] }, context);
  assert.deepEqual(plain.clusters?.[0]?.settings, []);
  assert.deepEqual(plain.failures, [
    { arn: "arn:aws:ecs:ap-northeast-1:000000000000:cluster/nope", reason: "MISSING" },
  ]);
  const full = describeClusters({ clusters: ["main"], include: ["SETTINGS"] }, context);
  assert.deepEqual(full.clusters?.[0]?.settings, DISABLED);
});

test("statistics count services and tasks by launch type", () => {
  const context = ecsContext();
  createWeb(context);
  const { clusters = [] } = describeClusters({ clusters: ["main"], include: ["STATISTICS"] }, context);
  const found = clusters[0]?.statistics?.find(({ name }) => name === "activeFargateServiceCount");
  assert.equal(found?.value, "1");
  assert.equal(clusters[0]?.activeServicesCount, 1);
});

test("other accounts and regions see none of it", () => {
  const context = ecsContext();
  const elsewhere = { ...context, scope: { account: "000000000000", region: "us-east-1" } };
  assert.deepEqual(listClusters({}, elsewhere).clusterArns, []);
  const { clusterArns = [] } = listClusters({}, context);
  assert.equal(describeClusters({ clusters: clusterArns }, elsewhere).failures?.[0]?.reason, "MISSING");
});

test("container insights follow the account's default unless the cluster says otherwise", () => {
  const context = testContext();
  putAccountSettingDefault({ name: "containerInsights", value: "enhanced" }, context);
  assert.equal(createCluster({ clusterName: "a" }, context).cluster?.settings?.[0]?.value, "enhanced");
  const { cluster } = createCluster(
    { clusterName: "b", settings: [{ name: "containerInsights", value: "enabled" }] },
    context,
  );
  assert.equal(cluster?.settings?.[0]?.value, "enabled");
  assert.deepEqual(
    updateClusterSettings(
      { cluster: "b", settings: [{ name: "containerInsights", value: "disabled" }] },
      context,
    ).cluster?.settings,
    DISABLED,
  );
});

test("the configuration of ECS Exec must say where to log when it overrides", () => {
  const context = ecsContext();
  const update = (executeCommandConfiguration: object) =>
    updateCluster({ cluster: "main", configuration: { executeCommandConfiguration } }, context);
  assert.throws(
    () => update({ logConfiguration: { s3BucketName: "b" } }),
    invalid("You must set logging to 'OVERRIDE' when you supply a log configuration"),
  );
  assert.throws(
    () => update({ logging: "OVERRIDE" }),
    invalid(
      "A CloudWatch log group name or S3 bucket name must be specified when overriding the default log configuration",
    ),
  );
  update({ logging: "OVERRIDE", logConfiguration: { s3BucketName: "b" } });
});

test("a cluster with services or tasks cannot be deleted", () => {
  const context = ecsContext();
  runTask(
    { cluster: "main", taskDefinition: "web", launchType: "FARGATE", networkConfiguration: NETWORK },
    context,
  );
  assert.throws(
    () => deleteCluster({ cluster: "main" }, context),
    fault("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active."),
  );
  createWeb(context);
  assert.throws(
    () => deleteCluster({ cluster: "main" }, context),
    fault("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active."),
  );
  assert.throws(
    () => deleteCluster({ cluster: "nope" }, context),
    fault("ClusterNotFoundException", "Cluster not found."),
  );
});

test("a deleted cluster is INACTIVE: it can be described and made anew, not used", () => {
  const context = ecsContext();
  assert.equal(deleteCluster({ cluster: "main" }, context).cluster?.status, "INACTIVE");
  assert.equal(describeClusters({ clusters: ["main"] }, context).clusters?.[0]?.status, "INACTIVE");
  assert.deepEqual(listClusters({}, context).clusterArns, []);
  assert.throws(
    () => createWeb(context),
    fault("ClusterNotFoundException", "The referenced cluster was inactive."),
  );
  assert.throws(
    () => stopTask({ cluster: "main", task: "0".repeat(32) }, context),
    invalid("The referenced task was not found."),
  );
  assert.equal(createCluster({ clusterName: "main" }, context).cluster?.status, "ACTIVE");
});

test("a default strategy consists of providers of the cluster", () => {
  const context = ecsContext();
  const put = (
    defaultCapacityProviderStrategy: { capacityProvider: string; weight?: number; base?: number }[],
  ) =>
    putClusterCapacityProviders(
      { cluster: "main", capacityProviders: ["FARGATE", "FARGATE_SPOT"], defaultCapacityProviderStrategy },
      context,
    );
  assert.throws(
    () => put([{ capacityProvider: "other", weight: 1 }]),
    invalid(
      "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster and try again.",
    ),
  );
  assert.throws(
    () =>
      put([
        { capacityProvider: "FARGATE", base: 1, weight: 1 },
        { capacityProvider: "FARGATE_SPOT", base: 1, weight: 1 },
      ]),
    invalid(
      "The specified capacity provider strategy contains multiple capacity providers with a base value defined",
    ),
  );
  assert.throws(
    () => put([{ capacityProvider: "FARGATE", weight: 0 }]),
    invalid(
      "There are no capacity providers in the capacity provider strategy with a weight value greater than zero",
    ),
  );
  const { cluster } = put([{ capacityProvider: "FARGATE", weight: 1 }]);
  assert.deepEqual(cluster?.capacityProviders, ["FARGATE", "FARGATE_SPOT"]);
  const service = createWeb(context, { launchType: undefined });
  assert.deepEqual(service.capacityProviderStrategy, [{ capacityProvider: "FARGATE", weight: 1 }]);
  assert.equal(service.launchType, undefined);
});

test("only AWS's own capacity providers exist", () => {
  const context = ecsContext();
  const { capacityProviders = [] } = describeCapacityProviders({}, context);
  assert.deepEqual(
    capacityProviders.map(({ name, status }) => [name, status]),
    [
      ["FARGATE", "ACTIVE"],
      ["FARGATE_SPOT", "ACTIVE"],
    ],
  );
  assert.throws(
    () =>
      putClusterCapacityProviders(
        { cluster: "main", capacityProviders: ["mine"], defaultCapacityProviderStrategy: [] },
        context,
      ),
    invalid("The specified capacity provider was not found. Specify a valid capacity provider and try again"),
  );
});
