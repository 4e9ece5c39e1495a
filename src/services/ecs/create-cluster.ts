import type * as wire from "@aws-sdk/client-ecs";
import type { Cluster } from "../../model/ecs/records.ts";
import { clusters } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { effectiveContainerInsights } from "./account-settings.ts";
import { readCapacityProviders } from "./cluster-capacity.ts";
import { checkClusterName, checkStrategy, readTags } from "./constraints.ts";
import { invalidParameter } from "./errors.ts";
import { clusterArn } from "./resolve.ts";
import { describeCluster } from "./views/cluster.ts";

const SHOW_ALL = ["TAGS", "SETTINGS", "CONFIGURATIONS"];

/** Creating a cluster that exists returns it (API reference, CreateCluster). */
export function createCluster(
  input: wire.CreateClusterRequest,
  context: HandlerContext,
): wire.CreateClusterResponse {
  const { store, scope } = context;
  const name = input.clusterName ?? "default";
  checkClusterName(name);
  const arn = clusterArn(context, name);
  const existing = store.get(clusters, arn);
  if (existing?.status === "ACTIVE") return { cluster: describeCluster(store, existing, SHOW_ALL) };
  const cluster: Cluster = {
    ...scope,
    arn,
    name,
    status: "ACTIVE",
    settings: withContainerInsights(input.settings ?? [], effectiveContainerInsights(context)),
    configuration: readConfiguration(input.configuration),
    capacityProviders: readCapacityProviders(context, input.capacityProviders),
    defaultCapacityProviderStrategy: input.defaultCapacityProviderStrategy ?? [],
    serviceConnectDefaults: refuseServiceConnect(input.serviceConnectDefaults),
    tags: readTags(input.tags),
  };
  checkStrategy(cluster, cluster.defaultCapacityProviderStrategy, "cluster");
  store.transaction((tx) => tx.put(clusters, cluster));
  return { cluster: describeCluster(store, cluster, SHOW_ALL) };
}

/** Every cluster has the setting; `fallback` unless asked otherwise. Throws InvalidParameterException. */
export function withContainerInsights(
  settings: readonly wire.ClusterSetting[],
  fallback: string,
): wire.ClusterSetting[] {
  for (const { name, value } of settings) {
    if (name !== "containerInsights") throw invalidParameter(`Invalid cluster setting name: ${String(name)}`);
    if (!["enabled", "disabled", "enhanced"].includes(value ?? "")) {
      throw invalidParameter(`Invalid value for cluster setting containerInsights: ${String(value)}`);
    }
  }
  return settings.length > 0 ? [...settings] : [{ name: "containerInsights", value: fallback }];
}

/** Where ECS Exec is to log. Throws InvalidParameterException. */
export function readConfiguration(
  configuration: wire.ClusterConfiguration | undefined,
): wire.ClusterConfiguration | undefined {
  const { logging, logConfiguration } = configuration?.executeCommandConfiguration ?? {};
  if (logConfiguration !== undefined && logging !== "OVERRIDE") {
    throw invalidParameter("You must set logging to 'OVERRIDE' when you supply a log configuration");
  }
  if (
    logging === "OVERRIDE" &&
    !logConfiguration?.cloudWatchLogGroupName &&
    !logConfiguration?.s3BucketName
  ) {
    throw invalidParameter(
      "A CloudWatch log group name or S3 bucket name must be specified when overriding the default log configuration",
    );
  }
  return configuration;
}

/** A default namespace would make services join Service Connect, which Berth cannot run yet. */
export function refuseServiceConnect(
  defaults: wire.ClusterServiceConnectDefaultsRequest | undefined,
): undefined {
  if (defaults?.namespace) {
    throw invalidParameter("Berth does not implement Service Connect yet: remove serviceConnectDefaults.");
  }
  return undefined;
}
