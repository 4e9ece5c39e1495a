/** The filters of DescribeInstances (API reference), read from what the operation itself would answer. */
import type * as wire from "@aws-sdk/client-ec2";
import type { Instance } from "../../model/ec2/records.ts";
import type { StoreReader } from "../../store/store.ts";
import type { FilterTable, FilterText } from "./filters.ts";
import { describeInstance, interfacesOf } from "./views/instance.ts";
import { describeAssociation } from "./views/network-interface.ts";

const never = () => undefined;

export function newInstanceFilters(store: StoreReader): FilterTable<Instance> {
  const shown =
    (read: (instance: wire.Instance) => FilterText | readonly FilterText[]) => (record: Instance) =>
      read(describeInstance(store, record));
  return {
    ...OWN_FILTERS,
    architecture: shown(({ Architecture }) => Architecture),
    "availability-zone-id": shown(({ Placement }) => Placement?.AvailabilityZoneId),
    "block-device-mapping.attach-time": devices(({ Ebs }) => Ebs?.AttachTime?.toISOString()),
    "block-device-mapping.delete-on-termination": devices(({ Ebs }) => Ebs?.DeleteOnTermination),
    "block-device-mapping.device-name": devices(({ DeviceName }) => DeviceName),
    "block-device-mapping.status": devices(({ Ebs }) => Ebs?.Status),
    "block-device-mapping.volume-id": devices(({ Ebs }) => Ebs?.VolumeId),
    "boot-mode": shown(({ BootMode }) => BootMode),
    "current-instance-boot-mode": shown(({ CurrentInstanceBootMode }) => CurrentInstanceBootMode),
    "dns-name": shown(({ PublicDnsName }) => PublicDnsName),
    "iam-instance-profile.id": shown(({ IamInstanceProfile }) => IamInstanceProfile?.Id),
    "instance-state-code": shown(({ State }) => State?.Code),
    "instance-state-name": shown(({ State }) => State?.Name),
    "instance.group-id": shown(({ SecurityGroups }) => SecurityGroups?.map(({ GroupId }) => GroupId)),
    "instance.group-name": shown(({ SecurityGroups }) => SecurityGroups?.map(({ GroupName }) => GroupName)),
    "ip-address": shown(({ PublicIpAddress }) => PublicIpAddress),
    "private-dns-name": shown(({ PrivateDnsName }) => PrivateDnsName),
    "private-ip-address": shown(({ PrivateIpAddress }) => PrivateIpAddress),
    reason: shown(({ StateTransitionReason }) => StateTransitionReason),
    "root-device-name": shown(({ RootDeviceName }) => RootDeviceName),
    "source-dest-check": shown(({ SourceDestCheck }) => SourceDestCheck),
    "state-reason-code": shown(({ StateReason }) => StateReason?.Code),
    "state-reason-message": shown(({ StateReason }) => StateReason?.Message),
    "subnet-id": shown(({ SubnetId }) => SubnetId),
    "vpc-id": shown(({ VpcId }) => VpcId),
    ...newInterfaceFilters(store),
  };

  function devices(read: (device: wire.InstanceBlockDeviceMapping) => FilterText) {
    return shown(({ BlockDeviceMappings }) => BlockDeviceMappings?.map(read));
  }
}

const OWN_FILTERS: FilterTable<Instance> = {
  affinity: never,
  "availability-zone": (record) => record.availabilityZone,
  "capacity-reservation-id": never,
  "client-token": (record) => record.clientToken ?? "",
  "ebs-optimized": (record) => record.ebsOptimized,
  "ena-support": () => true,
  "enclave-options.enabled": () => false,
  "hibernation-options.configured": () => false,
  "host-id": never,
  hypervisor: () => "xen",
  "iam-instance-profile.arn": (record) => record.iamInstanceProfileArn,
  "image-id": (record) => record.imageId,
  "instance-id": (record) => record.instanceId,
  "instance-lifecycle": never,
  "instance-type": (record) => record.instanceType,
  "ipv6-address": never,
  "kernel-id": never,
  "key-name": (record) => record.keyName,
  "launch-index": (record) => record.launchIndex,
  "launch-time": (record) => new Date(record.launchTime).toISOString(),
  "maintenance-options.auto-recovery": () => "default",
  "metadata-options.http-endpoint": (record) => record.metadataOptions.httpEndpoint,
  "metadata-options.http-put-response-hop-limit": (record) => record.metadataOptions.httpPutResponseHopLimit,
  "metadata-options.http-tokens": (record) => record.metadataOptions.httpTokens,
  "metadata-options.instance-metadata-tags": (record) => record.metadataOptions.instanceMetadataTags,
  "monitoring-state": (record) => (record.monitoring ? "enabled" : "disabled"),
  "operator.managed": () => false,
  "operator.principal": never,
  "outpost-arn": never,
  "owner-id": (record) => record.account,
  "placement-group-name": never,
  "placement-partition-number": never,
  platform: never,
  "platform-details": () => "Linux/UNIX",
  "product-code": never,
  "product-code.type": never,
  "ramdisk-id": never,
  "requester-id": never,
  "reservation-id": (record) => record.reservationId,
  "root-device-type": () => "ebs",
  "spot-instance-request-id": never,
  tenancy: () => "default",
  "tpm-support": never,
  "usage-operation": () => "RunInstances",
  "virtualization-type": () => "hvm",
};

function newInterfaceFilters(store: StoreReader): FilterTable<Instance> {
  const each =
    (read: (networkInterface: wire.InstanceNetworkInterface) => FilterText | readonly FilterText[]) =>
    (record: Instance) =>
      (describeInstance(store, record).NetworkInterfaces ?? []).flatMap(read);
  const publicIps = (record: Instance) =>
    interfacesOf(store, record).map((one) => describeAssociation(store, one)?.PublicIp);
  return {
    "network-interface.addresses.association.public-ip": publicIps,
    "network-interface.association.public-ip": publicIps,
    "network-interface.association.allocation-id": (record) =>
      interfacesOf(store, record).map((one) => describeAssociation(store, one)?.AllocationId),
    "network-interface.addresses.primary": () => true,
    "network-interface.addresses.private-ip-address": each(({ PrivateIpAddress }) => PrivateIpAddress),
    "network-interface.attachment.attachment-id": each(({ Attachment }) => Attachment?.AttachmentId),
    "network-interface.attachment.delete-on-termination": each(
      ({ Attachment }) => Attachment?.DeleteOnTermination,
    ),
    "network-interface.attachment.device-index": each(({ Attachment }) => Attachment?.DeviceIndex),
    "network-interface.attachment.instance-id": (record) => record.instanceId,
    "network-interface.attachment.instance-owner-id": (record) => record.account,
    "network-interface.attachment.status": each(({ Attachment }) => Attachment?.Status),
    "network-interface.availability-zone": (record) => record.availabilityZone,
    "network-interface.description": each(({ Description }) => Description),
    "network-interface.group-id": each(({ Groups }) => Groups?.map(({ GroupId }) => GroupId)),
    "network-interface.group-name": each(({ Groups }) => Groups?.map(({ GroupName }) => GroupName)),
    "network-interface.mac-address": each(({ MacAddress }) => MacAddress),
    "network-interface.network-interface-id": each(({ NetworkInterfaceId }) => NetworkInterfaceId),
    "network-interface.owner-id": each(({ OwnerId }) => OwnerId),
    "network-interface.private-dns-name": each(({ PrivateDnsName }) => PrivateDnsName),
    "network-interface.private-ip-address": each(({ PrivateIpAddress }) => PrivateIpAddress),
    "network-interface.source-dest-check": each(({ SourceDestCheck }) => SourceDestCheck),
    "network-interface.status": each(({ Status }) => Status),
    "network-interface.subnet-id": each(({ SubnetId }) => SubnetId),
    "network-interface.vpc-id": each(({ VpcId }) => VpcId),
  };
}
