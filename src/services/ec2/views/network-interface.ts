import type * as wire from "@aws-sdk/client-ec2";
import { privateDnsName, publicDnsName } from "../../../model/ec2/addresses.ts";
import type { NetworkInterface } from "../../../model/ec2/records.ts";
import type { StoreReader } from "../../../store/store.ts";
import { addresses, securityGroups, subnets, vpcs } from "../../../store/tables/ec2.ts";
import { describeTagList } from "../tagging.ts";

/** How EC2 shows an interface that AWS made for the caller; a user's own has none of it. */
interface Requester {
  readonly requesterId: string;
  readonly interfaceType: wire.NetworkInterfaceType;
  readonly instanceOwnerId: string;
  readonly ipOwnerId: string;
}

/** The account that ECS asks from; any AWS-owned account would do. */
const ECS_ACCOUNT = "578734482556";
/** The account of Fargate's own that interfaces of tasks are attached in; any AWS-owned account would do. */
const FARGATE_ACCOUNT = "628676013162";

export function describeNetworkInterface(
  store: StoreReader,
  networkInterface: NetworkInterface,
): wire.NetworkInterface {
  const association = describeAssociation(store, networkInterface);
  const dnsName = findPrivateDnsName(store, networkInterface);
  const requester = findRequester(networkInterface);
  return {
    NetworkInterfaceId: networkInterface.networkInterfaceId,
    VpcId: networkInterface.vpcId,
    SubnetId: networkInterface.subnetId,
    AvailabilityZone: networkInterface.availabilityZone,
    AvailabilityZoneId: store.get(subnets, networkInterface.subnetId)?.availabilityZoneId,
    Description: networkInterfaceDescription(networkInterface),
    InterfaceType: requester?.interfaceType ?? "interface",
    OwnerId: networkInterface.account,
    RequesterId: requester?.requesterId,
    RequesterManaged: requester !== undefined,
    Status: networkInterfaceStatus(networkInterface),
    MacAddress: networkInterface.macAddress,
    PrivateIpAddress: networkInterface.privateIpAddress,
    PrivateDnsName: dnsName,
    PrivateIpAddresses: [
      {
        Primary: true,
        PrivateIpAddress: networkInterface.privateIpAddress,
        PrivateDnsName: dnsName,
        Association: association,
      },
    ],
    Ipv6Addresses: [],
    SourceDestCheck: networkInterface.sourceDestCheck,
    Groups: describeGroups(store, networkInterface),
    Association: association,
    Attachment: describeAttachment(networkInterface),
    TagSet: describeTagList(networkInterface.tags),
  };
}

export function describeGroups(
  store: StoreReader,
  networkInterface: NetworkInterface,
): wire.GroupIdentifier[] {
  return networkInterface.groupIds.map((groupId) => ({
    GroupId: groupId,
    GroupName: store.get(securityGroups, groupId)?.groupName,
  }));
}

export function networkInterfaceDescription({ owner, description }: NetworkInterface): string {
  switch (owner.kind) {
    case "user":
      return description;
    case "ecs-task":
      return owner.attachmentArn;
    case "ecs-trunk":
      return description;
    case "nat-gateway":
      return `Interface for NAT Gateway ${owner.natGatewayId}`;
    case "load-balancer":
      return owner.description;
  }
}

export function networkInterfaceStatus({ attachmentId }: NetworkInterface): "available" | "in-use" {
  return attachmentId === undefined ? "available" : "in-use";
}

export function findRequester({
  owner,
  account,
  instanceAttachment,
}: NetworkInterface): Requester | undefined {
  switch (owner.kind) {
    case "user":
      return undefined;
    case "ecs-task":
      if (instanceAttachment !== undefined) {
        return {
          requesterId: ECS_ACCOUNT,
          interfaceType: instanceAttachment.deviceIndex === undefined ? "branch" : "interface",
          instanceOwnerId: account,
          ipOwnerId: "amazon",
        };
      }
      return {
        requesterId: FARGATE_ACCOUNT,
        interfaceType: "interface",
        instanceOwnerId: instanceAttachment === undefined ? FARGATE_ACCOUNT : account,
        ipOwnerId: "amazon",
      };
    case "ecs-trunk":
      return {
        requesterId: ECS_ACCOUNT,
        interfaceType: "trunk",
        instanceOwnerId: account,
        ipOwnerId: "amazon",
      };
    case "nat-gateway":
      return {
        requesterId: account,
        // The SDK's enum says "natGateway"; the service says this.
        interfaceType: "nat_gateway" as wire.NetworkInterfaceType,
        instanceOwnerId: "amazon-aws",
        ipOwnerId: "amazon",
      };
    case "load-balancer": {
      const isNetwork = owner.description.startsWith("ELB net/");
      return {
        requesterId: "amazon-elb",
        interfaceType: isNetwork ? "network_load_balancer" : "interface",
        instanceOwnerId: isNetwork ? "amazon-aws" : "amazon-elb",
        ipOwnerId: "amazon-elb",
      };
    }
  }
}

/** A branch interface hangs on its trunk, and shows none. */
export function describeAttachment(
  networkInterface: NetworkInterface,
): wire.NetworkInterfaceAttachment | undefined {
  const { attachmentId, instanceAttachment } = networkInterface;
  if (attachmentId === undefined) return undefined;
  if (instanceAttachment !== undefined) {
    const { instanceId, deviceIndex, deleteOnTermination, attachTime } = instanceAttachment;
    if (deviceIndex === undefined) return undefined;
    return {
      AttachmentId: attachmentId,
      AttachTime: new Date(attachTime),
      DeleteOnTermination: deleteOnTermination,
      DeviceIndex: deviceIndex,
      NetworkCardIndex: 0,
      InstanceId: instanceId,
      InstanceOwnerId: networkInterface.account,
      Status: "attached",
    };
  }
  return {
    AttachmentId: attachmentId,
    AttachTime: new Date(networkInterface.createTime),
    DeleteOnTermination: false,
    DeviceIndex: 1,
    InstanceOwnerId: findRequester(networkInterface)?.instanceOwnerId ?? networkInterface.account,
    Status: "attached",
  };
}

/** Names are given while the VPC has DNS host names on. */
export function findPrivateDnsName(
  store: StoreReader,
  networkInterface: NetworkInterface,
): string | undefined {
  if (!hasDnsHostnames(store, networkInterface)) return undefined;
  return privateDnsName(networkInterface.privateIpAddress, networkInterface.region);
}

function hasDnsHostnames(store: StoreReader, { vpcId }: NetworkInterface): boolean {
  return store.get(vpcs, vpcId)?.enableDnsHostnames === true;
}

export function describeAssociation(
  store: StoreReader,
  networkInterface: NetworkInterface,
): wire.NetworkInterfaceAssociation | undefined {
  const [elastic] = store.where(addresses, "networkInterface", networkInterface.networkInterfaceId);
  const publicIp = elastic?.publicIp ?? networkInterface.amazonPublicIp;
  if (publicIp === undefined) return undefined;
  const PublicDnsName = hasDnsHostnames(store, networkInterface)
    ? publicDnsName(publicIp, networkInterface.region)
    : undefined;
  if (elastic === undefined) {
    const IpOwnerId = findRequester(networkInterface)?.ipOwnerId ?? "amazon";
    return { PublicIp: publicIp, PublicDnsName, IpOwnerId };
  }
  return {
    PublicIp: publicIp,
    PublicDnsName,
    IpOwnerId: elastic.account,
    AllocationId: elastic.allocationId,
    AssociationId: elastic.association?.associationId,
  };
}
