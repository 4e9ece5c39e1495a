/** Cloud Map instances, for all who register: the servicediscovery handlers and the registration of ECS tasks. */
import type { DiscoveryInstance, DiscoveryService } from "../model/cloudmap/records.ts";
import type { StoreReader, Transaction } from "./store.ts";
import { discoveryInstances, discoveryServices } from "./tables/cloudmap.ts";

export function instanceKey(serviceId: string, instanceId: string): string {
  return `${serviceId}|${instanceId}`;
}

/** Registers an instance, or replaces the one of the same id; a custom health starts with AWS_INIT_HEALTH_STATUS. */
export function registerInstance(
  tx: Transaction,
  service: DiscoveryService,
  instance: {
    readonly instanceId: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly creatorRequestId?: string | undefined;
  },
): void {
  const initial = instance.attributes["AWS_INIT_HEALTH_STATUS"] === "UNHEALTHY" ? "UNHEALTHY" : "HEALTHY";
  tx.put(discoveryInstances, {
    account: service.account,
    region: service.region,
    serviceId: service.id,
    instanceId: instance.instanceId,
    attributes: instance.attributes,
    creatorRequestId: instance.creatorRequestId,
    health: service.healthCheckCustomConfig === undefined ? "UNKNOWN" : initial,
  });
  tx.put(discoveryServices, { ...service, instancesRevision: service.instancesRevision + 1 });
}

/** Removes an instance; one that is gone already is left at that. */
export function deregisterInstance(
  tx: Transaction,
  store: StoreReader,
  serviceId: string,
  instanceId: string,
): void {
  if (store.get(discoveryInstances, instanceKey(serviceId, instanceId)) === undefined) return;
  tx.delete(discoveryInstances, instanceKey(serviceId, instanceId));
  const service = store.get(discoveryServices, serviceId);
  if (service === undefined) return;
  tx.put(discoveryServices, { ...service, instancesRevision: service.instancesRevision + 1 });
}

/** The custom health of an instance, as UpdateInstanceCustomHealthStatus sets it. */
export function setInstanceHealth(
  tx: Transaction,
  store: StoreReader,
  serviceId: string,
  instanceId: string,
  health: DiscoveryInstance["health"],
): void {
  const instance = store.get(discoveryInstances, instanceKey(serviceId, instanceId));
  if (instance === undefined || instance.health === health) return;
  tx.put(discoveryInstances, { ...instance, health });
}
