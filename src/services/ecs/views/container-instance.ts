import type * as wire from "@aws-sdk/client-ecs";
import type { ContainerInstance } from "../../../model/ecs/records.ts";
import { type InstanceUsage, remainingOf } from "../../../store/instance-usage.ts";
import type { StoreReader } from "../../../store/store.ts";

export function describeContainerInstance(
  store: StoreReader,
  instance: ContainerInstance,
  include: readonly string[] = [],
): wire.ContainerInstance {
  const usage = remainingOf(store, instance);
  return {
    containerInstanceArn: instance.arn,
    ...(instance.ec2InstanceId === undefined ? {} : { ec2InstanceId: instance.ec2InstanceId }),
    ...(instance.capacityProviderName === undefined
      ? {}
      : { capacityProviderName: instance.capacityProviderName }),
    version: instance.version,
    versionInfo: instance.versionInfo,
    remainingResources: instance.registeredResources.map((resource) => remaining(resource, usage)),
    registeredResources: [...instance.registeredResources],
    status: instance.status,
    ...(instance.statusReason === undefined ? {} : { statusReason: instance.statusReason }),
    agentConnected: instance.agentConnected,
    runningTasksCount: usage.runningTasks,
    pendingTasksCount: usage.pendingTasks,
    ...(instance.agentUpdateStatus === undefined ? {} : { agentUpdateStatus: instance.agentUpdateStatus }),
    attributes: [...instance.attributes],
    registeredAt: new Date(instance.registeredAt),
    attachments: [],
    tags: include.includes("TAGS") ? [...instance.tags] : [],
    ...(include.includes("CONTAINER_INSTANCE_HEALTH") ? { healthStatus: describeHealth(instance) } : {}),
  };
}

/** The agent looks at Docker every so often; while it is connected, Docker answered. */
function describeHealth(instance: ContainerInstance): wire.ContainerInstanceHealthStatus {
  const status = instance.agentConnected ? "OK" : "INSUFFICIENT_DATA";
  const since = new Date(instance.registeredAt);
  return {
    overallStatus: status,
    details: [{ type: "CONTAINER_RUNTIME", status, lastUpdated: since, lastStatusChange: since }],
  };
}

/** A set of ports names those that are taken, one of GPUs those that are free (API reference, Resource). */
function remaining(resource: wire.Resource, usage: InstanceUsage): wire.Resource {
  switch (resource.name) {
    case "CPU":
      return { ...resource, integerValue: usage.cpu };
    case "MEMORY":
      return { ...resource, integerValue: usage.memory };
    case "PORTS":
      return { ...resource, stringSetValue: usage.portsTcp.map(String) };
    case "PORTS_UDP":
      return { ...resource, stringSetValue: usage.portsUdp.map(String) };
    case "GPU":
      return { ...resource, stringSetValue: [...usage.gpus] };
    default:
      return resource;
  }
}
