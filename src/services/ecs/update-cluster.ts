import type * as wire from "@aws-sdk/client-ecs";
import type { Cluster } from "../../model/ecs/records.ts";
import { isBefore } from "../../model/ecs/task-status.ts";
import { liveServicesOfCluster, tasksOfCluster } from "../../store/services.ts";
import { clusters, containerInstances } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { readConfiguration, refuseServiceConnect, withContainerInsights } from "./create-cluster.ts";
import {
  clusterContainsContainerInstances,
  clusterContainsServices,
  clusterContainsTasks,
  clusterNotFound,
} from "./errors.ts";
import { findCluster, requireCluster } from "./resolve.ts";
import { describeCluster } from "./views/cluster.ts";

const SHOW_ALL = ["TAGS", "SETTINGS", "CONFIGURATIONS"];

export function updateCluster(
  input: wire.UpdateClusterRequest,
  context: HandlerContext,
): wire.UpdateClusterResponse {
  const cluster = requireCluster(context, input.cluster);
  refuseServiceConnect(input.serviceConnectDefaults);
  return change(context, {
    ...cluster,
    ...(input.settings === undefined ? {} : { settings: withContainerInsights(input.settings, "disabled") }),
    ...(input.configuration === undefined ? {} : { configuration: readConfiguration(input.configuration) }),
  });
}

export function updateClusterSettings(
  input: wire.UpdateClusterSettingsRequest,
  context: HandlerContext,
): wire.UpdateClusterSettingsResponse {
  const cluster = requireCluster(context, input.cluster);
  return change(context, { ...cluster, settings: withContainerInsights(input.settings ?? [], "disabled") });
}

function change(context: HandlerContext, cluster: Cluster): { cluster: wire.Cluster } {
  context.store.transaction((tx) => tx.put(clusters, cluster));
  return { cluster: describeCluster(context.store, cluster, SHOW_ALL) };
}

/** The record stays as INACTIVE: DescribeClusters goes on showing it for a while. */
export function deleteCluster(
  input: wire.DeleteClusterRequest,
  context: HandlerContext,
): wire.DeleteClusterResponse {
  const { store } = context;
  const cluster = findCluster(context, input.cluster);
  if (cluster === undefined) throw clusterNotFound();
  const instances = store.where(containerInstances, "cluster", cluster.arn);
  if (instances.some(({ status }) => status !== "INACTIVE")) throw clusterContainsContainerInstances();
  if (liveServicesOfCluster(store, cluster.arn).length > 0) throw clusterContainsServices();
  if (tasksOfCluster(store, cluster.arn).some((task) => isBefore(task.lastStatus, "STOPPED"))) {
    throw clusterContainsTasks();
  }
  const inactive: Cluster = { ...cluster, status: "INACTIVE" };
  store.transaction((tx) => tx.put(clusters, inactive));
  return { cluster: describeCluster(store, inactive, SHOW_ALL) };
}
