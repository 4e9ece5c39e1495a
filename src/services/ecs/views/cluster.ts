import type * as wire from "@aws-sdk/client-ecs";
import { launchTypeOf } from "../../../model/ecs/capacity-strategy.ts";
import type { Cluster } from "../../../model/ecs/records.ts";
import { countTasks, liveServicesOfCluster, tasksOfCluster } from "../../../store/services.ts";
import type { StoreReader } from "../../../store/store.ts";
import { containerInstances } from "../../../store/tables/ecs.ts";

export function describeCluster(
  store: StoreReader,
  cluster: Cluster,
  include: readonly string[] = [],
): wire.Cluster {
  const counts = countTasks(tasksOfCluster(store, cluster.arn));
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: registeredInstances(store, cluster),
    runningTasksCount: counts.running,
    pendingTasksCount: counts.pending,
    activeServicesCount: liveServicesOfCluster(store, cluster.arn).length,
    statistics: include.includes("STATISTICS") ? describeStatistics(store, cluster) : [],
    tags: include.includes("TAGS") ? [...cluster.tags] : [],
    settings: include.includes("SETTINGS") ? [...cluster.settings] : [],
    ...(include.includes("CONFIGURATIONS") && cluster.configuration !== undefined
      ? { configuration: cluster.configuration }
      : {}),
    ...(cluster.serviceConnectDefaults === undefined
      ? {}
      : { serviceConnectDefaults: cluster.serviceConnectDefaults }),
    capacityProviders: [...cluster.capacityProviders],
    defaultCapacityProviderStrategy: [...cluster.defaultCapacityProviderStrategy],
  };
}

/** Those in ACTIVE and DRAINING (API reference, Cluster). */
function registeredInstances(store: StoreReader, cluster: Cluster): number {
  return store
    .where(containerInstances, "cluster", cluster.arn)
    .filter(({ status }) => status === "ACTIVE" || status === "DRAINING").length;
}

/** The texts of the names are the API's (DescribeClusters, include). */
function describeStatistics(store: StoreReader, cluster: Cluster): wire.KeyValuePair[] {
  const all = tasksOfCluster(store, cluster.arn);
  const ec2 = countTasks(all.filter(({ launchType }) => launchType === "EC2"));
  const fargate = countTasks(all.filter(({ launchType }) => launchType === "FARGATE"));
  const services = liveServicesOfCluster(store, cluster.arn);
  const count = (launchType: wire.LaunchType, status: string) =>
    services.filter((service) => service.status === status && launchTypeOf(service.spec) === launchType)
      .length;
  return Object.entries({
    runningEC2TasksCount: ec2.running,
    runningFargateTasksCount: fargate.running,
    pendingEC2TasksCount: ec2.pending,
    pendingFargateTasksCount: fargate.pending,
    activeEC2ServiceCount: count("EC2", "ACTIVE"),
    activeFargateServiceCount: count("FARGATE", "ACTIVE"),
    drainingEC2ServiceCount: count("EC2", "DRAINING"),
    drainingFargateServiceCount: count("FARGATE", "DRAINING"),
  }).map(([name, value]) => ({ name, value: String(value) }));
}
