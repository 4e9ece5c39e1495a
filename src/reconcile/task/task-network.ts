/** The task's place in the network: its ENI, and what its sandbox says about names and sizes. */
import type { Random } from "../../lib/random.ts";
import { failure, type Result, success } from "../../lib/result.ts";
import { arn } from "../../model/arn.ts";
import { formatAddress, parseCidr } from "../../model/cidr.ts";
import { newMacAddress, privateDnsDomain, privateDnsName } from "../../model/ec2/addresses.ts";
import type { NetworkInterface, Subnet, Vpc } from "../../model/ec2/records.ts";
import type { Task, TaskAttachment, TaskDefinition } from "../../model/ecs/records.ts";
import type { SandboxSpec } from "../../runtime/container-runtime.ts";
import { freePrivateAddress, freePublicAddress } from "../../store/network-interfaces.ts";
import type { StoreReader } from "../../store/store.ts";
import { securityGroups, subnets } from "../../store/tables/ec2.ts";
import { cannotCreateInterface } from "./reasons.ts";

export interface NewInterface {
  readonly networkInterface: NetworkInterface;
  readonly attachment: TaskAttachment;
}

/** The ENI for an attachment that has only its subnet yet; the failure is the task's stopped reason. */
export function newTaskInterface(
  store: StoreReader,
  task: Task,
  attachment: TaskAttachment,
  options: { readonly random: Random; readonly now: number; readonly publicPool: string },
): Result<NewInterface, string> {
  const { random, now, publicPool } = options;
  const configuration = task.networkConfiguration?.awsvpcConfiguration;
  const assignPublicIp = configuration?.assignPublicIp === "ENABLED";
  const refuse = (code: string) => failure(cannotCreateInterface(attachment.subnetId, assignPublicIp, code));
  const subnet = store.get(subnets, attachment.subnetId);
  if (subnet === undefined) return refuse("InvalidSubnetID.NotFound");
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
      networkInterfaceId: networkInterface.networkInterfaceId,
      macAddress: networkInterface.macAddress,
      privateDnsName: privateDnsName(address, task.region),
      privateIpv4Address: address,
    },
  });
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
    hostname: vpc.enableDnsHostnames && vpc.enableDnsSupport ? dnsName : task.taskId.slice(0, 12),
    nameServers: [resolverAddress(vpc)],
    searchDomains: [privateDnsDomain(task.region)],
    hosts: [{ name: dnsName, address: networkInterface.privateIpAddress }],
    limits: {
      nanoCpus: cpuLimit(task.overrides.cpu ?? definition.definition.cpu),
      memoryBytes: memoryLimit(task.overrides.memory ?? definition.definition.memory),
    },
  };
}

/** The base of the VPC's range plus two (VPC user guide, "DNS attributes for your VPC"). */
function resolverAddress(vpc: Vpc): string {
  return formatAddress((parseCidr(vpc.cidrBlock)?.base ?? 0) + 2);
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
