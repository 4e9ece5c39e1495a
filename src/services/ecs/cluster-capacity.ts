/** Which capacity providers a cluster has. */
import type * as wire from "@aws-sdk/client-ecs";
import { isFargateProvider } from "../../model/ecs/capacity-strategy.ts";
import type { Cluster } from "../../model/ecs/records.ts";
import { liveServicesOfCluster, tasksOfCluster } from "../../store/services.ts";
import { clusters } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { checkStrategy } from "./constraints.ts";
import { capacityProviderInUse, capacityProviderNotFound, invalidParameter } from "./errors.ts";
import { capacityProviderName, findCapacityProvider, requireCluster } from "./resolve.ts";
import { describeCluster } from "./views/cluster.ts";

/** Service quotas, "Capacity providers per cluster". */
const MOST_PROVIDERS = 20;

/** Names of ACTIVE providers, each once. Throws InvalidParameterException. */
export function readCapacityProviders(
  context: HandlerContext,
  given: readonly string[] | undefined,
): string[] {
  const names = [...new Set((given ?? []).map(capacityProviderName))];
  for (const name of names) {
    if (isFargateProvider(name)) continue;
    if (findCapacityProvider(context, name)?.status !== "ACTIVE") throw capacityProviderNotFound();
  }
  if (names.length > MOST_PROVIDERS) {
    throw invalidParameter("The maximum number of capacity providers per cluster has been exceeded.");
  }
  return names;
}

export function putClusterCapacityProviders(
  input: wire.PutClusterCapacityProvidersRequest,
  context: HandlerContext,
): wire.PutClusterCapacityProvidersResponse {
  const cluster = requireCluster(context, input.cluster);
  const changed = {
    ...cluster,
    capacityProviders: readCapacityProviders(context, input.capacityProviders),
    defaultCapacityProviderStrategy: input.defaultCapacityProviderStrategy ?? [],
  };
  checkStrategy(changed, changed.defaultCapacityProviderStrategy, "cluster");
  const removed = cluster.capacityProviders.filter((name) => !changed.capacityProviders.includes(name));
  if (removed.some((name) => isUsed(context, cluster, name))) throw capacityProviderInUse();
  context.store.transaction((tx) => tx.put(clusters, changed));
  return { cluster: describeCluster(context.store, changed, ["SETTINGS", "TAGS"]) };
}

/** By a task that has not stopped, or by a service's strategy. */
function isUsed({ store }: HandlerContext, cluster: Cluster, name: string): boolean {
  return (
    tasksOfCluster(store, cluster.arn).some(
      (task) => task.capacityProviderName === name && task.lastStatus !== "STOPPED",
    ) ||
    liveServicesOfCluster(store, cluster.arn).some(({ spec }) =>
      spec.capacityProviderStrategy.some(({ capacityProvider }) => capacityProvider === name),
    )
  );
}
