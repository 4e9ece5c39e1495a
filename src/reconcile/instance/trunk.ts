/** The trunk of a container instance: ECS makes and attaches it between registration and ACTIVE. */
import { failure, type Result, success } from "../../lib/result.ts";
import { newMacAddress } from "../../model/ec2/addresses.ts";
import { findInstanceType } from "../../model/ec2/instance-types.ts";
import type { Instance, NetworkInterface } from "../../model/ec2/records.ts";
import type { ContainerInstance } from "../../model/ecs/records.ts";
import { freePrivateAddress } from "../../store/network-interfaces.ts";
import { networkInterfaces, subnets } from "../../store/tables/ec2.ts";
import { containerInstances } from "../../store/tables/ecs.ts";
import { interfacesOf } from "./machine.ts";
import type { InstanceDeps } from "./write-instance.ts";

const TRUNK_ATTRIBUTE = "ecs.awsvpc-trunk-id";

/** ACTIVE with a trunk, or REGISTRATION_FAILED with ECS's reason. */
export function attachTrunk(
  deps: InstanceDeps,
  instance: Instance,
  containerInstance: ContainerInstance,
): void {
  const { store } = deps;
  const made = newTrunk(deps, instance, containerInstance.arn);
  const version = containerInstance.version + 1;
  store.transaction((tx) => {
    if (!made.ok) {
      tx.put(containerInstances, {
        ...containerInstance,
        status: "REGISTRATION_FAILED",
        statusReason: `Unexpected EC2 error while attempting to ${made.failure}`,
        version,
      });
      return;
    }
    const { networkInterfaceId } = made.value;
    tx.put(networkInterfaces, made.value);
    tx.put(containerInstances, {
      ...containerInstance,
      status: "ACTIVE",
      trunkInterfaceId: networkInterfaceId,
      attributes: [
        ...containerInstance.attributes.filter(({ name }) => name !== TRUNK_ATTRIBUTE),
        { name: TRUNK_ATTRIBUTE, value: networkInterfaceId },
      ],
      version,
    });
  });
}

/** In the subnet and the groups of the primary interface. The failure is what was attempted, with EC2's error code. */
function newTrunk(
  { store, clock, random }: InstanceDeps,
  instance: Instance,
  containerInstanceArn: string,
): Result<NetworkInterface, string> {
  const { instanceId, subnetId } = instance;
  const subnet = store.get(subnets, subnetId);
  const create = `Create Network Interface in subnet '${subnetId}'`;
  if (subnet === undefined) return failure(`${create}: InvalidSubnetID.NotFound`);
  const deviceIndex = freeDeviceIndex(store.where(networkInterfaces, "instance", instanceId));
  if (deviceIndex >= (findInstanceType(instance.instanceType)?.maximumInterfaces ?? 0)) {
    return failure(`Attach Network Interface to instance '${instanceId}': AttachmentLimitExceeded`);
  }
  const address = freePrivateAddress(store, subnet, random);
  if (address === undefined) return failure(`${create}: InsufficientFreeAddressesInSubnet`);
  return success({
    account: instance.account,
    region: instance.region,
    networkInterfaceId: `eni-${random.hex(17)}`,
    vpcId: subnet.vpcId,
    subnetId,
    availabilityZone: subnet.availabilityZone,
    privateIpAddress: address,
    macAddress: newMacAddress(random),
    groupIds: interfacesOf(store, instanceId)[0]?.groupIds ?? [],
    sourceDestCheck: true,
    description: "",
    owner: { kind: "ecs-trunk", containerInstanceArn },
    attachmentId: `eni-attach-${random.hex(17)}`,
    instanceAttachment: { instanceId, deviceIndex, deleteOnTermination: true, attachTime: clock.now() },
    linkState: "absent",
    createTime: clock.now(),
    tags: [],
  });
}

function freeDeviceIndex(attached: readonly NetworkInterface[]): number {
  const taken = new Set(attached.map(({ instanceAttachment }) => instanceAttachment?.deviceIndex));
  let index = 1;
  while (taken.has(index)) index++;
  return index;
}
