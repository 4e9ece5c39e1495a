/** A container instance that runs, and tasks placed on it. */
import type * as wire from "@aws-sdk/client-ecs";
import type { Instance, NetworkInterface } from "../../model/ec2/records.ts";
import type { ContainerInstance, Task, TaskDefinition } from "../../model/ecs/records.ts";
import { instances, networkInterfaces } from "../../store/tables/ec2.ts";
import { containerInstances } from "../../store/tables/ecs.ts";
import { CLUSTER_ARN, createTaskWorld, ECS, SCOPE, type TaskWorld, WEB } from "./testing.ts";

export const INSTANCE_ID = "i-0123456789abcdef0";
export const CONTAINER_INSTANCE_ARN = `${ECS}:container-instance/main/${"ab".repeat(16)}`;

export function exampleInstance(changes: Partial<Instance> = {}): Instance {
  return {
    ...SCOPE,
    instanceId: INSTANCE_ID,
    reservationId: "r-1",
    launchIndex: 0,
    imageId: "ami-1",
    instanceType: "t3.medium",
    vpcId: "vpc-1",
    subnetId: "subnet-0",
    availabilityZone: "ap-northeast-1a",
    metadataOptions: {
      httpTokens: "required",
      httpEndpoint: "enabled",
      httpPutResponseHopLimit: 2,
      instanceMetadataTags: "disabled",
    },
    monitoring: false,
    ebsOptimized: false,
    disableApiTermination: false,
    disableApiStop: false,
    shutdownBehavior: "stop",
    blockDevices: [],
    launchTime: 0,
    tags: [],
    desiredState: "running",
    rebootsAsked: 0,
    state: "running",
    stateChangedAt: 0,
    rebootsDone: 0,
    userDataDone: true,
    consoleOutput: "",
    ...changes,
  };
}

export function exampleContainerInstance(changes: Partial<ContainerInstance> = {}): ContainerInstance {
  return {
    ...SCOPE,
    arn: CONTAINER_INSTANCE_ARN,
    containerInstanceId: "ab".repeat(16),
    clusterArn: CLUSTER_ARN,
    ec2InstanceId: INSTANCE_ID,
    status: "ACTIVE",
    agentConnected: true,
    versionInfo: {},
    registeredResources: [
      { name: "CPU", type: "INTEGER", integerValue: 2048 },
      { name: "MEMORY", type: "INTEGER", integerValue: 3840 },
      { name: "PORTS", type: "STRINGSET", stringSetValue: ["22", "2375", "2376", "51678", "51679"] },
      { name: "PORTS_UDP", type: "STRINGSET", stringSetValue: [] },
    ],
    attributes: [{ name: "ecs.instance-type", value: "t3.medium" }],
    registeredAt: 0,
    version: 1,
    tags: [],
    ...changes,
  };
}

export function examplePrimaryInterface(changes: Partial<NetworkInterface> = {}): NetworkInterface {
  return {
    ...SCOPE,
    networkInterfaceId: "eni-primary",
    vpcId: "vpc-1",
    subnetId: "subnet-0",
    availabilityZone: "ap-northeast-1a",
    privateIpAddress: "10.0.11.7",
    macAddress: "06:00:00:00:00:01",
    groupIds: ["sg-web"],
    sourceDestCheck: true,
    description: "",
    owner: { kind: "user" },
    attachmentId: "eni-attach-1",
    instanceAttachment: {
      instanceId: INSTANCE_ID,
      deviceIndex: 0,
      deleteOnTermination: true,
      attachTime: 0,
    },
    linkState: "ready",
    createTime: 0,
    tags: [],
    ...changes,
  };
}

/** An instance that runs and is registered; its task's definition says how it is on the network. */
export async function createInstanceTaskWorld(
  containers: readonly wire.ContainerDefinition[] = [WEB],
  definition: Partial<TaskDefinition["definition"]> = {},
  task: Partial<Task> = {},
): Promise<TaskWorld> {
  const awsvpc = definition.networkMode === "awsvpc";
  const world = createTaskWorld(containers, {
    definition: { networkMode: "bridge", cpu: undefined, memory: undefined, ...definition },
    task: {
      launchType: "EC2",
      containerInstanceArn: CONTAINER_INSTANCE_ARN,
      ...(awsvpc ? {} : { networkConfiguration: undefined, attachment: undefined }),
      ...task,
    },
  });
  world.store.transaction((tx) => {
    tx.put(instances, exampleInstance());
    tx.put(containerInstances, exampleContainerInstance());
    tx.put(networkInterfaces, examplePrimaryInterface());
  });
  await world.runtime.ensureSandbox({
    sandboxId: INSTANCE_ID,
    machine: true,
    hostname: "ip-10-0-11-7.ap-northeast-1.compute.internal",
    nameServers: [],
    searchDomains: [],
    hosts: [],
    limits: {},
  });
  return world;
}
