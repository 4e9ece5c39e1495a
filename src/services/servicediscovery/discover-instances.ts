/** Discovery over the API, by the names of namespace and service instead of their ids. */
import type * as wire from "@aws-sdk/client-servicediscovery";
import { shuffled } from "../../lib/random.ts";
import type { DiscoveryInstance, DiscoveryService, Namespace } from "../../model/cloudmap/records.ts";
import { discoveryInstances, discoveryServices, namespaces } from "../../store/tables/cloudmap.ts";
import type { HandlerContext } from "../operation.ts";
import { checkEnum, checkLength, checkPattern, checkRange, SERVICE_NAME } from "./constraints.ts";
import { namespaceNotFound, serviceNotFound } from "./errors.ts";
import { scopeKey } from "./resolve.ts";

const DEFAULT_RESULTS = 100;
const MOST_RESULTS = 1000;

/** More instances than asked for: some of them, at random; there is no second page. */
export function discoverInstances(
  input: wire.DiscoverInstancesRequest,
  context: HandlerContext,
): wire.DiscoverInstancesResponse {
  const limit = input.MaxResults ?? DEFAULT_RESULTS;
  checkRange(limit, "maxResults", 1, MOST_RESULTS);
  const health = checkEnum(input.HealthStatus ?? "ALL", "healthStatus", [
    "HEALTHY",
    "UNHEALTHY",
    "ALL",
    "HEALTHY_OR_ELSE_ALL",
  ]);
  const { namespace, service } = findByNames(input, context);
  const asked = context.store
    .where(discoveryInstances, "service", service.id)
    .filter((instance) => hasAttributes(instance, input.QueryParameters));
  const preferred = asked.filter((instance) => hasAttributes(instance, input.OptionalParameters));
  const found = filterByHealth(preferred.length > 0 ? preferred : asked, health);
  return {
    Instances: shuffled(context.random, found)
      .slice(0, limit)
      .map((instance) => ({
        InstanceId: instance.instanceId,
        NamespaceName: namespace.name,
        ServiceName: service.name,
        HealthStatus: instance.health,
        Attributes: { ...instance.attributes },
      })),
    InstancesRevision: service.instancesRevision,
  };
}

export function discoverInstancesRevision(
  input: wire.DiscoverInstancesRevisionRequest,
  context: HandlerContext,
): wire.DiscoverInstancesRevisionResponse {
  return { InstancesRevision: findByNames(input, context).service.instancesRevision };
}

function findByNames(
  input: { readonly NamespaceName?: string | undefined; readonly ServiceName?: string | undefined },
  context: HandlerContext,
): { readonly namespace: Namespace; readonly service: DiscoveryService } {
  const namespaceName = input.NamespaceName ?? "";
  const serviceName = input.ServiceName ?? "";
  checkLength(namespaceName, "namespaceName", 1, 1024);
  checkPattern(serviceName, "serviceName", SERVICE_NAME);
  const candidates = context.store
    .where(namespaces, "scope", scopeKey(context))
    .filter((namespace) => namespace.name.toLowerCase() === namespaceName.toLowerCase());
  if (candidates.length === 0) throw namespaceNotFound(namespaceName);
  // Private namespaces of different VPCs may share a name.
  for (const namespace of candidates) {
    const service = context.store
      .where(discoveryServices, "namespace", namespace.id)
      .find((each) => each.name.toLowerCase() === serviceName.toLowerCase());
    if (service !== undefined) return { namespace, service };
  }
  throw serviceNotFound(serviceName);
}

function hasAttributes(
  instance: DiscoveryInstance,
  wanted: Readonly<Record<string, string>> | undefined,
): boolean {
  return Object.entries(wanted ?? {}).every(([key, value]) => instance.attributes[key] === value);
}

/** Without a health check an instance counts as healthy. */
function filterByHealth(
  instances: readonly DiscoveryInstance[],
  filter: wire.HealthStatusFilter,
): readonly DiscoveryInstance[] {
  const healthy = instances.filter((instance) => instance.health !== "UNHEALTHY");
  switch (filter) {
    case "ALL":
      return instances;
    case "HEALTHY":
      return healthy;
    case "UNHEALTHY":
      return instances.filter((instance) => instance.health === "UNHEALTHY");
    case "HEALTHY_OR_ELSE_ALL":
      return healthy.length > 0 ? healthy : instances;
  }
}
