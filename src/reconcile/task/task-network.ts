/** The task's place in the network: its ENI, and what its sandbox says about names and sizes. */
import type { Random } from "../../lib/random.ts";
import { failure, type Result, success } from "../../lib/result.ts";
import { arn } from "../../model/arn.ts";
import { formatAddress, parseCidr } from "../../model/cidr.ts";
import { newMacAddress, privateDnsDomain, privateDnsName } from "../../model/ec2/addresses.ts";
import { findInstanceType } from "../../model/ec2/instance-types.ts";
import type { InstanceAttachment, NetworkInterface, Subnet, Vpc } from "../../model/ec2/records.ts";
import type { Task, TaskAttachment, TaskDefinition } from "../../model/ecs/records.ts";
import type { SandboxSpec } from "../../runtime/container-runtime.ts";
import {
  availableAddressCount,
  freePrivateAddress,
  freePublicAddress,
} from "../../store/network-interfaces.ts";
import type { StoreReader } from "../../store/store.ts";
import { networkInterfaces, securityGroups, subnets } from "../../store/tables/ec2.ts";
import { sandboxControls } from "./container-settings.ts";
import { cannotCreateInterface, NO_DEVICE_INDEX } from "./reasons.ts";
import type { TaskHost } from "./task-host.ts";

export interface NewInterface {
  readonly networkInterface: NetworkInterface;
  readonly attachment: TaskAttachment;
}

/** The ENI for an attachment that has only its subnet yet; the failure is the task's stopped reason. */
export function newTaskInterface(
  store: StoreReader,
  task: Task,
  attachment: TaskAttachment,
  options: {
    readonly random: Random;
    readonly now: number;
    readonly publicPool: string;
    /** Under launch type EC2: the ENI takes a slot of that instance. */
    readonly host?: TaskHost | undefined;
  },
): Result<NewInterface, string> {
  const { random, now, publicPool, host } = options;
  const configuration = task.networkConfiguration?.awsvpcConfiguration;
  const assignPublicIp = configuration?.assignPublicIp === "ENABLED";
  const refuse = (code: string) => failure(cannotCreateInterface(attachment.subnetId, assignPublicIp, code));
  const subnet = subnetFor(store, task, attachment, host);
  if (subnet === undefined) return refuse("InvalidSubnetID.NotFound");
  const instanceAttachment = host === undefined ? undefined : attachTo(store, host, now);
  if (instanceAttachment === "full") return failure(NO_DEVICE_INDEX);
  const address = freePrivateAddress(store, subnet, random);
  if (address === undefined) return refuse("InsufficientFreeAddressesInSubnet");
  const groupIds = groupsFor(store, subnet, configuration?.securityGroups ?? []);
  if (groupIds === undefined) return refuse("InvalidGroup.NotFound");
  const publicIp = assignPublicIp ? freePublicAddress(store, publicPool, random) : undefined;
  if (assignPublicIp && publicIp === undefined) return refuse("InsufficientAddressCapacity");
  const attachmentArn = arn("ecs", task, `attachment/${attachment.id}`);
  const networkInterface: NetworkInterface = {
    account: task.account,
    region: task.region,
    networkInterfaceId: `eni-${random.hex(17)}`,
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    availabilityZone: subnet.availabilityZone,
    privateIpAddress: address,
    macAddress: newMacAddress(random),
    groupIds,
    sourceDestCheck: true,
    description: attachmentArn,
    owner: { kind: "ecs-task", taskArn: task.arn, attachmentArn },
    attachmentId: `eni-attach-${random.hex(17)}`,
    ...(instanceAttachment === undefined ? {} : { instanceAttachment }),
    amazonPublicIp: publicIp,
    linkState: "absent",
    createTime: now,
    tags: [],
  };
  return success({
    networkInterface,
    attachment: {
      ...attachment,
      status: "ATTACHING",
      subnetId: subnet.subnetId,
      networkInterfaceId: networkInterface.networkInterfaceId,
      macAddress: networkInterface.macAddress,
      privateDnsName: privateDnsName(address, task.region),
      privateIpv4Address: address,
    },
  });
}

/** Where the task was placed on an instance: one of its subnets in that instance's Availability Zone. */
function subnetFor(
  store: StoreReader,
  task: Task,
  attachment: TaskAttachment,
  host: TaskHost | undefined,
): Subnet | undefined {
  const zone = host?.instance?.availabilityZone;
  const chosen = store.get(subnets, attachment.subnetId);
  if (zone === undefined || chosen?.availabilityZone === zone) return chosen;
  const possible = (task.networkConfiguration?.awsvpcConfiguration?.subnets ?? [])
    .flatMap((subnetId) => store.get(subnets, subnetId) ?? [])
    .filter(({ availabilityZone }) => availabilityZone === zone);
  return possible.find((subnet) => availableAddressCount(store, subnet) > 0) ?? possible[0];
}

/** The lowest device index that is free; on a trunk an ENI is a branch, and takes none. */
function attachTo(store: StoreReader, host: TaskHost, now: number): InstanceAttachment | undefined | "full" {
  const { instance, containerInstance } = host;
  if (instance === undefined) return undefined;
  const { instanceId, instanceType } = instance;
  const attached = { instanceId, deleteOnTermination: false, attachTime: now };
  if (containerInstance.trunkInterfaceId !== undefined) return attached;
  const used = new Set(
    store
      .where(networkInterfaces, "instance", instanceId)
      .map(({ instanceAttachment }) => instanceAttachment?.deviceIndex),
  );
  const most = findInstanceType(instanceType)?.maximumInterfaces ?? Number.POSITIVE_INFINITY;
  for (let deviceIndex = 1; deviceIndex < most; deviceIndex++) {
    if (!used.has(deviceIndex)) return { ...attached, deviceIndex };
  }
  return "full";
}

/** The groups that the user named, else the VPC's default one; undefined when one does not exist. */
function groupsFor(store: StoreReader, subnet: Subnet, named: readonly string[]): string[] | undefined {
  if (named.length > 0) {
    return named.every((groupId) => store.get(securityGroups, groupId)?.vpcId === subnet.vpcId)
      ? [...named]
      : undefined;
  }
  const standard = store
    .where(securityGroups, "vpc", subnet.vpcId)
    .find(({ groupName }) => groupName === "default");
  return standard === undefined ? undefined : [standard.groupId];
}

/**
 * Names inside the task (developer guide, "Amazon ECS task networking options for Fargate": the host name is the
 * ENI's private DNS name when the VPC has DNS host names and DNS support, else a random one).
 */
export function sandboxSpec(
  task: Task,
  definition: TaskDefinition,
  networkInterface: NetworkInterface,
  vpc: Vpc,
): SandboxSpec {
  const dnsName = privateDnsName(networkInterface.privateIpAddress, task.region);
  return {
    sandboxId: task.taskId,
    hostname: vpc.enableDnsHostnames && vpc.enableDnsSupport ? dnsName : hostNameWithoutDns(task),
    nameServers: nameServersOf(vpc),
    searchDomains: searchDomainsOf(task),
    hosts: [{ name: dnsName, address: networkInterface.privateIpAddress }],
    limits: taskLimits(task, definition),
    ...sandboxControls(definition),
  };
}

/** On Fargate `<task id>-<number>`, as its runtime names a container (seen there); on an instance Docker's own choice. */
function hostNameWithoutDns({ launchType, taskId, containers }: Task): string {
  const endpoint = containers[0]?.endpointId;
  return launchType === "FARGATE" && endpoint !== undefined ? endpoint : taskId.slice(0, 12);
}

/** For what containers share besides their network: that of the pause container is joined by none. */
export function namespaceSpec(task: Task, definition: TaskDefinition): SandboxSpec {
  return {
    sandboxId: task.taskId,
    hostname: task.taskId.slice(0, 12),
    nameServers: [],
    searchDomains: [],
    hosts: [],
    limits: taskLimits(task, definition),
    ...sandboxControls(definition),
  };
}

/** The size of the task, where it has one. */
export function taskLimits(task: Task, { definition }: TaskDefinition): SandboxSpec["limits"] {
  return {
    nanoCpus: cpuLimit(task.overrides.cpu ?? definition.cpu),
    memoryBytes: memoryLimit(task.overrides.memory ?? definition.memory),
  };
}

/** The base of the VPC's range plus two (VPC user guide, "DNS attributes for your VPC"). */
export function nameServersOf(vpc: Vpc): string[] {
  return [formatAddress((parseCidr(vpc.cidrBlock)?.base ?? 0) + 2)];
}

export function searchDomainsOf({ region }: Pick<Task, "region">): string[] {
  return [privateDnsDomain(region)];
}

/** CPU units as text (`256`), or vCPUs (`.25 vCPU`); 1024 units are one vCPU. */
export function cpuLimit(cpu: string | undefined): number | undefined {
  const [, number, unit] = /^\s*([\d.]+)\s*(vcpu)?\s*$/i.exec(cpu ?? "") ?? [];
  const value = Number(number);
  if (!(value > 0)) return undefined;
  return Math.round((unit === undefined ? value / 1024 : value) * 1_000_000_000);
}

/** MiB as text (`512`), or GB (`1 GB`). */
export function memoryLimit(memory: string | undefined): number | undefined {
  const [, number, unit] = /^\s*([\d.]+)\s*(gb|mb)?\s*$/i.exec(memory ?? "") ?? [];
  const value = Number(number);
  if (!(value > 0)) return undefined;
  return Math.round(value * (unit?.toLowerCase() === "gb" ? 1024 : 1) * 1024 * 1024);
}
