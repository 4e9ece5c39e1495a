/**
 * DAEMON services and the container instances that each of their tasks belongs on (Amazon ECS developer guide,
 * "Amazon ECS services", daemon scheduling strategy).
 */
import type { PlacementRequest } from "../model/ecs/placement/outcome.ts";
import type { ContainerInstance, Service } from "../model/ecs/records.ts";
import { canTake, instancesAllowedBy } from "./placement.ts";
import { primaryDeploymentOf } from "./services.ts";
import type { StoreReader } from "./store.ts";
import { services, taskDefinitions, tasks } from "./tables/ecs.ts";

/** The ACTIVE instances that its placement constraints, and its capacity providers, allow. */
export function instancesFor(store: StoreReader, service: Service): ContainerInstance[] {
  const request = requestOf(store, service);
  return request === undefined ? [] : instancesAllowedBy(store, request);
}

/** Tasks of others than DAEMON services that are not STOPPED there: a daemon leaves after them. */
export function otherTasksOn(store: StoreReader, instance: ContainerInstance): number {
  return store.where(tasks, "containerInstance", instance.arn).filter(({ serviceArn }) => {
    const owner = serviceArn === undefined ? undefined : store.get(services, serviceArn);
    return owner?.schedulingStrategy !== "DAEMON";
  }).length;
}

/**
 * The ACTIVE instances on which a DAEMON service is about to place the first task that it ever had there: others come
 * after it.
 */
export function instancesAwaitingDaemons(store: StoreReader, clusterArn: string): ReadonlySet<string> {
  const awaiting = new Set<string>();
  for (const service of store.where(services, "cluster", clusterArn)) {
    if (service.schedulingStrategy !== "DAEMON" || service.status !== "ACTIVE") continue;
    const request = requestOf(store, service);
    if (request === undefined) continue;
    const served = new Set(
      store.where(tasks, "service", service.arn).map(({ containerInstanceArn }) => containerInstanceArn),
    );
    for (const instance of instancesAllowedBy(store, request)) {
      if (!served.has(instance.arn) && canTake(store, request, instance)) awaiting.add(instance.arn);
    }
  }
  return awaiting;
}

function requestOf(store: StoreReader, service: Service): PlacementRequest | undefined {
  const spec = primaryDeploymentOf(store, service)?.spec;
  const definition = spec === undefined ? undefined : store.get(taskDefinitions, spec.taskDefinitionArn);
  if (spec === undefined || definition === undefined || spec.launchType === "FARGATE") return undefined;
  const providers = spec.capacityProviderStrategy.map(({ capacityProvider }) => capacityProvider);
  return {
    clusterArn: service.clusterArn,
    definition,
    group: `service:${service.name}`,
    serviceArn: service.arn,
    placementConstraints: service.placementConstraints,
    placementStrategy: [],
    networkConfiguration: spec.networkConfiguration,
    ...(providers.length === 0
      ? {}
      : { among: ({ capacityProviderName }) => providers.includes(capacityProviderName) }),
  };
}
