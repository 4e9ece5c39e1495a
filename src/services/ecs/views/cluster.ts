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
    statistics: [],
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
