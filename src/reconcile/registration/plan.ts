/** What a task of a service is registered as: its targets, and its instance in Cloud Map. Pure. */
import type * as wire from "@aws-sdk/client-ecs";
import type { DiscoveryService } from "../../model/cloudmap/records.ts";
import type { ContainerHealth } from "../../model/ecs/container-health.ts";
import type { DeploymentSpec, Task } from "../../model/ecs/records.ts";

export interface PlannedTarget {
  readonly targetGroupArn: string;
  readonly targetId: string;
  readonly port: number;
}

/** Targets of type `ip`: the task's address and the container's port; the port of the target group plays no part. */
export function planTargets(spec: DeploymentSpec, address: string): PlannedTarget[] {
  return spec.loadBalancers.flatMap(({ targetGroupArn, containerPort }) =>
    targetGroupArn === undefined || containerPort === undefined
      ? []
      : [{ targetGroupArn, targetId: address, port: containerPort }],
  );
}

/** `srv-…`, from the registry's ARN. */
export function discoveryServiceId(registry: wire.ServiceRegistry): string | undefined {
  return /:service\/(srv-[^/]+)$/.exec(registry.registryArn ?? "")?.[1];
}

export interface InstanceSource {
  readonly task: Task;
  readonly address: string;
  readonly serviceName: string;
  readonly clusterName: string;
  readonly family: string;
  /** Whether containers have health checks, so that the instance is not healthy before they pass. */
  readonly hasHealthCheck: boolean;
}

/** The attributes that ECS gives an instance (Amazon ECS developer guide, "Service discovery"). */
export function planInstanceAttributes(
  discovery: DiscoveryService,
  registry: wire.ServiceRegistry,
  source: InstanceSource,
): Record<string, string> {
  const { task, address } = source;
  const port = registry.port ?? registry.containerPort;
  const hasPort =
    port !== undefined && (discovery.dnsConfig?.dnsRecords ?? []).some(({ type }) => type === "SRV");
  const status = source.hasHealthCheck ? "UNHEALTHY" : "HEALTHY";
  return {
    AWS_INSTANCE_IPV4: address,
    ...(hasPort ? { AWS_INSTANCE_PORT: String(port) } : {}),
    ...(task.availabilityZone === undefined ? {} : { AVAILABILITY_ZONE: task.availabilityZone }),
    REGION: task.region,
    ECS_SERVICE_NAME: source.serviceName,
    ECS_CLUSTER_NAME: source.clusterName,
    ECS_TASK_DEFINITION_FAMILY: source.family,
    ...(discovery.healthCheckCustomConfig === undefined ? {} : { AWS_INIT_HEALTH_STATUS: status }),
  };
}

/** The custom health that ECS reports for a task; undefined when there is nothing new to say. */
export function planInstanceHealth(
  task: Task,
  containerHealth: ContainerHealth,
): "HEALTHY" | "UNHEALTHY" | undefined {
  if (containerHealth === "unhealthy") return "UNHEALTHY";
  if (task.lastStatus !== "RUNNING" || containerHealth === "waiting") return undefined;
  return "HEALTHY";
}
