/** An EC2 instance as its container agent registers it with a cluster. */
import type * as wire from "@aws-sdk/client-ecs";
import type { Random } from "../../lib/random.ts";
import { arn } from "../arn.ts";
import type { InstanceType } from "../ec2/instance-types.ts";
import type { Instance } from "../ec2/records.ts";
import type { Scope } from "../scope.ts";
import type { Tag } from "../tags.ts";
import type { AgentConfiguration } from "./agent-configuration.ts";
import { agentCapabilities, type NamedAttribute } from "./container-instance-attributes.ts";
import type { ContainerInstance } from "./records.ts";

/** The agent whose behaviour Berth follows, and the Docker that it comes with. */
export const AGENT_VERSION = {
  agentVersion: "1.105.1",
  agentHash: "a8b3e7d3",
  dockerVersion: "DockerVersion: 25.0.8",
} as const;

export interface NewContainerInstance {
  readonly scope: Scope;
  readonly cluster: { readonly arn: string; readonly name: string };
  readonly instance: Pick<
    Instance,
    "instanceId" | "imageId" | "availabilityZone" | "vpcId" | "subnetId" | "tags"
  >;
  readonly instanceType: InstanceType;
  readonly agent: AgentConfiguration;
  /** The account setting `awsvpcTrunking`, as it is for the instance's role. */
  readonly trunking: boolean;
  readonly capacityProviderName?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** REGISTERING when a trunk has to be attached first (`wantsTrunk`), else ACTIVE. */
export function newContainerInstance(request: NewContainerInstance, random: Random): ContainerInstance {
  const { scope, cluster, instance, instanceType, agent } = request;
  const containerInstanceId = random.hex(32);
  return {
    account: scope.account,
    region: scope.region,
    arn: arn("ecs", scope, `container-instance/${cluster.name}/${containerInstanceId}`),
    containerInstanceId,
    clusterArn: cluster.arn,
    ec2InstanceId: instance.instanceId,
    status: wantsTrunk(request) ? "REGISTERING" : "ACTIVE",
    agentConnected: true,
    versionInfo: AGENT_VERSION,
    registeredResources: resourcesOf(instanceType, agent),
    attributes: [
      ...Object.entries(agent.instanceAttributes).map(([name, value]) =>
        value === "" ? { name } : { name, value },
      ),
      ...instanceAttributes(instance, instanceType),
      ...agentCapabilities(agent, instanceType.architecture),
    ],
    capacityProviderName: request.capacityProviderName,
    registeredAt: request.now,
    version: 1,
    tags: tagsOf(agent, instance.tags),
  };
}

/**
 * Trunking needs the account's consent, an agent that can do it and an instance type that ECS supports it on
 * (developer guide, "Increasing Amazon ECS Linux container instance network interfaces").
 */
export function wantsTrunk(
  request: Pick<NewContainerInstance, "trunking" | "instanceType" | "agent">,
): boolean {
  return (
    request.trunking &&
    request.agent.taskEni &&
    request.agent.highDensityEni &&
    request.instanceType.trunkedTasks !== undefined
  );
}

/**
 * What `RegisterContainerInstance` is told in `totalResources`. GPUs are told of by an agent with GPU support on an image
 * with NVIDIA's driver (ECS_ENABLE_GPU_SUPPORT), and Berth has no such image.
 */
export function resourcesOf(instanceType: InstanceType, agent: AgentConfiguration): wire.Resource[] {
  const memory = memoryForTasks(instanceType) - agent.reservedMemoryMiB;
  return [
    integerResource("CPU", instanceType.vcpus * 1024),
    integerResource("MEMORY", Math.max(0, memory)),
    setResource("PORTS", agent.reservedPorts.map(String)),
    setResource("PORTS_UDP", agent.reservedPortsUdp.map(String)),
  ];
}

/** Families before the Nitro System (Amazon EC2 instance types guide, "Amazon EC2 Nitro System"). */
const XEN = /^(?:t[12]|m[1-4]|c[134]|r[34]|i[23]|d2|f1|g[23]|h1|p[23]|x1e?)\./;

/**
 * MiB that the operating system has to give: the kernel's page structures (one 64th) and its fixed parts are gone,
 * and on Nitro what the hypervisor keeps. For types on Xen the formula gives exactly what they register (t2.micro 993,
 * m4.large 7984); for Nitro it is the line through t3.nano (459) and t3a.medium (3896).
 */
export function memoryForTasks({ name, memoryMiB, vcpus }: InstanceType): number {
  const fixed = (memoryMiB < 4096 ? 15 : 80) + (vcpus >= 16 ? 15 : 0);
  const hypervisor = XEN.test(name) ? 0 : 26 + Math.ceil(memoryMiB / 137);
  return memoryMiB - Math.floor(memoryMiB / 64) - fixed - hypervisor;
}

function instanceAttributes(
  instance: NewContainerInstance["instance"],
  { name, architecture }: InstanceType,
): NamedAttribute[] {
  return [
    { name: "ecs.ami-id", value: instance.imageId },
    { name: "ecs.availability-zone", value: instance.availabilityZone },
    { name: "ecs.cpu-architecture", value: architecture },
    { name: "ecs.instance-type", value: name },
    { name: "ecs.os-type", value: "linux" },
    { name: "ecs.os-family", value: "LINUX" },
    { name: "ecs.vpc-id", value: instance.vpcId },
    { name: "ecs.subnet-id", value: instance.subnetId },
  ];
}

function tagsOf(agent: AgentConfiguration, instanceTags: readonly Tag[]): Tag[] {
  const own = Object.entries(agent.instanceTags).map(([key, value]) => ({ key, value }));
  const keys = new Set(own.map(({ key }) => key));
  const inherited = agent.propagateTagsFrom === "ec2_instance" ? instanceTags : [];
  return [...own, ...inherited.filter(({ key }) => !keys.has(key) && !/^aws:/i.test(key))];
}

function integerResource(name: string, value: number): wire.Resource {
  return { name, type: "INTEGER", doubleValue: 0, longValue: 0, integerValue: value };
}

function setResource(name: string, values: readonly string[]): wire.Resource {
  return {
    name,
    type: "STRINGSET",
    doubleValue: 0,
    longValue: 0,
    integerValue: 0,
    stringSetValue: [...values],
  };
}
