import type * as wire from "@aws-sdk/client-ecs";
import type { Cluster } from "../../../model/ecs/records.ts";
import { countTasks, liveServicesOfCluster, tasksOfCluster } from "../../../store/services.ts";
import type { StoreReader } from "../../../store/store.ts";

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
    registeredContainerInstancesCount: 0,
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

/** Everything that runs is on Fargate so far; the texts of the names are the API's (DescribeClusters, include). */
function describeStatistics(store: StoreReader, cluster: Cluster): wire.KeyValuePair[] {
  const counts = countTasks(tasksOfCluster(store, cluster.arn));
  const services = liveServicesOfCluster(store, cluster.arn);
  const inStatus = (status: string) => services.filter((service) => service.status === status).length;
  return Object.entries({
    runningEC2TasksCount: 0,
    runningFargateTasksCount: counts.running,
    pendingEC2TasksCount: 0,
    pendingFargateTasksCount: counts.pending,
    activeEC2ServiceCount: 0,
    activeFargateServiceCount: inStatus("ACTIVE"),
    drainingEC2ServiceCount: 0,
    drainingFargateServiceCount: inStatus("DRAINING"),
  }).map(([name, value]) => ({ name, value: String(value) }));
}
