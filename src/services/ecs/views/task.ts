import type * as wire from "@aws-sdk/client-ecs";
import type { Task, TaskAttachment, TaskContainer, TaskDefinition } from "../../../model/ecs/records.ts";
import type { StoreReader } from "../../../store/store.ts";
import { taskDefinitions } from "../../../store/tables/ecs.ts";
import { dateMember } from "./dates.ts";

/** What Fargate gives a task unless its definition asks for more (GiB). */
const FARGATE_EPHEMERAL_STORAGE_GIB = 20;

export function describeTask(store: StoreReader, task: Task, include: readonly string[] = []): wire.Task {
  const definition = store.get(taskDefinitions, task.taskDefinitionArn);
  const fargate = task.launchType === "FARGATE";
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
    overrides: task.overrides,
    attributes: [{ name: "ecs.cpu-architecture", value: process.arch === "arm64" ? "arm64" : "x86_64" }],
    attachments: task.attachment === undefined ? [] : [describeAttachment(task.attachment)],
    containers: task.containers.map((container) => describeContainer(task, container, definition)),
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
          ephemeralStorage: { sizeInGiB: FARGATE_EPHEMERAL_STORAGE_GIB },
          fargateEphemeralStorage: { sizeInGiB: FARGATE_EPHEMERAL_STORAGE_GIB },
        }
      : {}),
  };
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
    // PENDING containers have none yet; awsvpc tasks never have any.
    ...(container.lastStatus === "PENDING" ? {} : { networkBindings: [] }),
    ...(given?.memory === undefined ? {} : { memory: String(given.memory) }),
    ...(given?.memoryReservation === undefined ? {} : { memoryReservation: String(given.memoryReservation) }),
    ...(container.imageDigest === undefined ? {} : { imageDigest: container.imageDigest }),
    ...(container.runtimeId === undefined ? {} : { runtimeId: container.runtimeId }),
    ...(container.exitCode === undefined ? {} : { exitCode: container.exitCode }),
    ...(container.reason === undefined ? {} : { reason: container.reason }),
  };
}
