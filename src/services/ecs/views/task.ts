import type * as wire from "@aws-sdk/client-ecs";
import type { Task, TaskAttachment, TaskContainer, TaskDefinition } from "../../../model/ecs/records.ts";
import type { StoreReader } from "../../../store/store.ts";
import { containerInstances, taskDefinitions } from "../../../store/tables/ecs.ts";
import { dateMember } from "./dates.ts";

/** What Fargate gives a task unless its definition asks for more (GiB). */
const FARGATE_EPHEMERAL_STORAGE_GIB = 20;

export function describeTask(store: StoreReader, task: Task, include: readonly string[] = []): wire.Task {
  const definition = store.get(taskDefinitions, task.taskDefinitionArn);
  const fargate = task.launchType === "FARGATE";
  // While ECS looks for an instance, it shows nothing of the containers.
  const placed = task.launchType !== "EC2" || task.containerInstanceArn !== undefined;
  return {
    taskArn: task.arn,
    clusterArn: task.clusterArn,
    taskDefinitionArn: task.taskDefinitionArn,
    group: task.group,
    launchType: task.launchType,
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    healthStatus: task.healthStatus,
    version: task.version,
    overrides: placed ? task.overrides : { ...task.overrides, containerOverrides: [] },
    attributes: placed ? [{ name: "ecs.cpu-architecture", value: architectureOf(store, task) }] : [],
    attachments: task.attachment === undefined ? [] : [describeAttachment(task.attachment)],
    containers: placed
      ? task.containers.map((container) => describeContainer(task, container, definition))
      : [],
    ...(task.containerInstanceArn === undefined ? {} : { containerInstanceArn: task.containerInstanceArn }),
    enableExecuteCommand: task.enableExecuteCommand,
    tags: include.includes("TAGS") ? [...task.tags] : [],
    createdAt: new Date(task.createdAt),
    ...dateMember("startedAt", task.startedAt),
    ...dateMember("stoppingAt", task.stoppingAt),
    ...dateMember("executionStoppedAt", task.executionStoppedAt),
    ...dateMember("stoppedAt", task.stoppedAt),
    ...dateMember("connectivityAt", task.connectivityAt),
    ...dateMember("pullStartedAt", task.pullStartedAt),
    ...dateMember("pullStoppedAt", task.pullStoppedAt),
    ...(task.connectivityAt === undefined ? {} : { connectivity: "CONNECTED" }),
    ...(task.cpu === undefined ? {} : { cpu: task.cpu }),
    ...(task.memory === undefined ? {} : { memory: task.memory }),
    ...(task.startedBy === undefined ? {} : { startedBy: task.startedBy }),
    ...(task.stopCode === undefined ? {} : { stopCode: task.stopCode }),
    ...(task.stoppedReason === undefined ? {} : { stoppedReason: task.stoppedReason }),
    ...(task.availabilityZone === undefined ? {} : { availabilityZone: task.availabilityZone }),
    ...(task.capacityProviderName === undefined ? {} : { capacityProviderName: task.capacityProviderName }),
    ...(task.platformVersion === undefined ? {} : { platformVersion: task.platformVersion }),
    ...(fargate
      ? {
          platformFamily: "Linux",
          ephemeralStorage: { sizeInGiB: ephemeralStorageOf(task, definition) },
          fargateEphemeralStorage: { sizeInGiB: ephemeralStorageOf(task, definition) },
        }
      : {}),
  };
}

function ephemeralStorageOf({ overrides }: Task, definition: TaskDefinition | undefined): number {
  const asked = overrides.ephemeralStorage ?? definition?.definition.ephemeralStorage;
  return asked?.sizeInGiB ?? FARGATE_EPHEMERAL_STORAGE_GIB;
}

function architectureOf(store: StoreReader, task: Task): string {
  const instance = store.get(containerInstances, task.containerInstanceArn ?? "");
  const named = instance?.attributes.find(({ name }) => name === "ecs.cpu-architecture")?.value;
  return named ?? (process.arch === "arm64" ? "arm64" : "x86_64");
}

function describeAttachment(attachment: TaskAttachment): wire.Attachment {
  const details = [
    { name: "subnetId", value: attachment.subnetId },
    { name: "networkInterfaceId", value: attachment.networkInterfaceId },
    { name: "macAddress", value: attachment.macAddress },
    { name: "privateDnsName", value: attachment.privateDnsName },
    { name: "privateIPv4Address", value: attachment.privateIpv4Address },
  ];
  return {
    id: attachment.id,
    type: "ElasticNetworkInterface",
    status: attachment.status,
    details: details.filter(({ value }) => value !== undefined),
  };
}

function describeContainer(
  task: Task,
  container: TaskContainer,
  definition: TaskDefinition | undefined,
): wire.Container {
  const given = definition?.definition.containerDefinitions?.find(({ name }) => name === container.name);
  const { attachment } = task;
  return {
    containerArn: container.arn,
    taskArn: task.arn,
    name: container.name,
    image: container.image,
    lastStatus: container.lastStatus,
    healthStatus: container.healthStatus,
    cpu: String(given?.cpu ?? 0),
    networkInterfaces:
      attachment?.privateIpv4Address === undefined
        ? []
        : [{ attachmentId: attachment.id, privateIpv4Address: attachment.privateIpv4Address }],
    // PENDING containers have none yet; only those of network mode bridge ever have any.
    ...(container.lastStatus === "PENDING"
      ? {}
      : { networkBindings: [...(container.networkBindings ?? [])] }),
    ...(given?.memory === undefined ? {} : { memory: String(given.memory) }),
    ...(given?.memoryReservation === undefined ? {} : { memoryReservation: String(given.memoryReservation) }),
    ...(container.imageDigest === undefined ? {} : { imageDigest: container.imageDigest }),
    ...(container.runtimeId === undefined ? {} : { runtimeId: container.runtimeId }),
    ...(container.exitCode === undefined ? {} : { exitCode: container.exitCode }),
    ...(container.reason === undefined ? {} : { reason: container.reason }),
    ...(task.enableExecuteCommand ? { managedAgents: [describeExecuteCommandAgent(container)] } : {}),
  };
}

/** It comes and goes with its container. */
function describeExecuteCommandAgent(container: TaskContainer): wire.ManagedAgent {
  return {
    name: "ExecuteCommandAgent",
    lastStatus: container.lastStatus,
    ...dateMember("lastStartedAt", container.startedAt),
  };
}
