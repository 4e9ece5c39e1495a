/** What a task of a service is registered as: its targets, and its instance in Cloud Map. Pure. */
import type * as wire from "@aws-sdk/client-ecs";
import type { DiscoveryService } from "../../model/cloudmap/records.ts";
import type { ContainerHealth } from "../../model/ecs/container-health.ts";
import type { Task } from "../../model/ecs/records.ts";

/** `srv-…`, from the registry's ARN. */
export function discoveryServiceId(registry: wire.ServiceRegistry): string | undefined {
  return /:service\/(srv-[^/]+)$/.exec(registry.registryArn ?? "")?.[1];
}

export interface InstanceSource {
  readonly task: Task;
  readonly address: string;
  /** Of the SRV record: the container's own, or under `bridge` and `host` that of the instance. */
  readonly port: number | undefined;
  /** Under launch type EC2. */
  readonly instanceId: string | undefined;
  readonly serviceName: string;
  readonly clusterName: string;
  readonly family: string;
  /** Whether containers have health checks, so that the instance is not healthy before they pass. */
  readonly hasHealthCheck: boolean;
}

/** The attributes that ECS gives an instance (Amazon ECS developer guide, "Service discovery"). */
export function planInstanceAttributes(
  discovery: DiscoveryService,
  source: InstanceSource,
): Record<string, string> {
  const { task, address, port, instanceId } = source;
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
    ...(instanceId === undefined ? {} : { EC2_INSTANCE_ID: instanceId }),
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
