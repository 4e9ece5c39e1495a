import type * as wire from "@aws-sdk/client-ec2";
import { findMachineImage } from "../../../model/ec2/images.ts";
import { coresOf } from "../../../model/ec2/instance-details.ts";
import { STATE_CODES, shownState } from "../../../model/ec2/instance-state.ts";
import { findInstanceType } from "../../../model/ec2/instance-types.ts";
import type { Instance, InstanceState, NetworkInterface } from "../../../model/ec2/records.ts";
import type { StoreReader } from "../../../store/store.ts";
import { networkInterfaces, subnets } from "../../../store/tables/ec2.ts";
import { instanceProfiles } from "../../../store/tables/iam.ts";
import { describeTagList } from "../tagging.ts";
import {
  describeAssociation,
  describeAttachment,
  describeGroups,
  describeNetworkInterface,
} from "./network-interface.ts";

/** Those that hold an index of the instance, the primary one first; none once it is terminated. */
export function interfacesOf(store: StoreReader, instance: Instance): NetworkInterface[] {
  if (instance.state === "terminated") return [];
  const indexOf = ({ instanceAttachment }: NetworkInterface) => instanceAttachment?.deviceIndex ?? 0;
  return store
    .where(networkInterfaces, "instance", instance.instanceId)
    .filter(({ instanceAttachment }) => instanceAttachment?.deviceIndex !== undefined)
    .sort((a, b) => indexOf(a) - indexOf(b));
}

export function describeReservations(store: StoreReader, instances: readonly Instance[]): wire.Reservation[] {
  const byReservation = new Map<string, Instance[]>();
  for (const instance of instances) {
    const found = byReservation.get(instance.reservationId);
    if (found === undefined) byReservation.set(instance.reservationId, [instance]);
    else found.push(instance);
  }
  return [...byReservation].map(([ReservationId, members]) => ({
    ReservationId,
    OwnerId: members[0]?.account,
    Groups: [],
    Instances: members
      .sort((a, b) => a.launchIndex - b.launchIndex)
      .map((instance) => describeInstance(store, instance)),
  }));
}

export function describeInstance(store: StoreReader, instance: Instance): wire.Instance {
  const image = findMachineImage(instance.region, instance.imageId);
  const type = findInstanceType(instance.instanceType);
  const nitro = type?.hypervisor !== "xen";
  return {
    InstanceId: instance.instanceId,
    ImageId: instance.imageId,
    // The record's type was checked against the table of types at launch.
    InstanceType: instance.instanceType as wire._InstanceType,
    State: describeState(shownState(instance)),
    StateTransitionReason: stateTransitionReason(instance),
    StateReason: describeStateReason(instance),
    AmiLaunchIndex: instance.launchIndex,
    ClientToken: instance.clientToken ?? "",
    LaunchTime: new Date(instance.launchTime),
    KeyName: instance.keyName,
    Architecture: type?.architecture ?? image?.architecture,
    Hypervisor: "xen",
    VirtualizationType: "hvm",
    RootDeviceName: image?.rootDeviceName,
    RootDeviceType: "ebs",
    EbsOptimized: instance.ebsOptimized,
    EnaSupport: true,
    BootMode: image?.architecture === "arm64" ? "uefi" : "uefi-preferred",
    CurrentInstanceBootMode: nitro ? "uefi" : "legacy-bios",
    PlatformDetails: "Linux/UNIX",
    UsageOperation: "RunInstances",
    UsageOperationUpdateTime: new Date(instance.launchTime),
    ProductCodes: [],
    Monitoring: { State: instance.monitoring ? "enabled" : "disabled" },
    IamInstanceProfile: describeInstanceProfile(store, instance),
    Placement: {
      AvailabilityZone: instance.availabilityZone,
      AvailabilityZoneId: store.get(subnets, instance.subnetId)?.availabilityZoneId,
      GroupName: "",
      Tenancy: "default",
    },
    CpuOptions: type && { CoreCount: coresOf(type).cores, ThreadsPerCore: coresOf(type).threadsPerCore },
    CapacityReservationSpecification: { CapacityReservationPreference: "open" },
    HibernationOptions: { Configured: false },
    EnclaveOptions: { Enabled: false },
    MaintenanceOptions: { AutoRecovery: "default", RebootMigration: "default" },
    PrivateDnsNameOptions: {
      HostnameType: "ip-name",
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    NetworkPerformanceOptions: { BandwidthWeighting: "default" },
    Operator: { Managed: false },
    MetadataOptions: describeMetadataOptions(instance),
    BlockDeviceMappings: describeBlockDevices(instance),
    Tags: describeTagList(instance.tags),
    ...describeNetwork(store, instance),
  };
}

/** A terminated instance has lost its network, and says so by leaving it out. */
function describeNetwork(store: StoreReader, instance: Instance): Partial<wire.Instance> {
  const interfaces = interfacesOf(store, instance);
  const [primary] = interfaces;
  if (primary === undefined) {
    return { PrivateDnsName: "", PublicDnsName: "", NetworkInterfaces: [], SecurityGroups: [] };
  }
  const shown = describeNetworkInterface(store, primary);
  return {
    VpcId: instance.vpcId,
    SubnetId: instance.subnetId,
    PrivateIpAddress: primary.privateIpAddress,
    PrivateDnsName: shown.PrivateDnsName ?? "",
    PublicIpAddress: shown.Association?.PublicIp,
    PublicDnsName: shown.Association?.PublicDnsName ?? "",
    SourceDestCheck: primary.sourceDestCheck,
    SecurityGroups: describeGroups(store, primary),
    NetworkInterfaces: interfaces.map((record) => describeInterface(store, record)),
  };
}

function describeInterface(store: StoreReader, record: NetworkInterface): wire.InstanceNetworkInterface {
  const shown = describeNetworkInterface(store, record);
  const attachment = describeAttachment(record);
  const association = describeAssociation(store, record);
  const Association = association && {
    IpOwnerId: association.IpOwnerId,
    PublicDnsName: association.PublicDnsName ?? "",
    PublicIp: association.PublicIp,
  };
  return {
    NetworkInterfaceId: record.networkInterfaceId,
    SubnetId: record.subnetId,
    VpcId: record.vpcId,
    Description: shown.Description,
    OwnerId: record.account,
    Status: shown.Status,
    MacAddress: record.macAddress,
    PrivateIpAddress: record.privateIpAddress,
    PrivateDnsName: shown.PrivateDnsName,
    SourceDestCheck: record.sourceDestCheck,
    Groups: shown.Groups,
    InterfaceType: shown.InterfaceType,
    Ipv6Addresses: [],
    Association,
    Attachment: attachment && {
      AttachmentId: attachment.AttachmentId,
      AttachTime: attachment.AttachTime,
      DeleteOnTermination: attachment.DeleteOnTermination,
      DeviceIndex: attachment.DeviceIndex,
      NetworkCardIndex: attachment.NetworkCardIndex,
      Status: attachment.Status,
    },
    PrivateIpAddresses: [
      {
        Primary: true,
        PrivateIpAddress: record.privateIpAddress,
        PrivateDnsName: shown.PrivateDnsName,
        Association,
      },
    ],
  };
}

export function describeState(state: InstanceState): wire.InstanceState {
  return { Code: STATE_CODES[state], Name: state };
}

/** `User initiated (2026-01-31 12:00:00 GMT)`: with the time once the instance has come to rest. */
export function stateTransitionReason(instance: Instance): string {
  if (instance.stateReason === undefined || instance.desiredState === "running") return "";
  if (!instance.stateReason.code.startsWith("Client.User")) return instance.stateReason.message;
  const rests = instance.state === "stopped" || instance.state === "terminated";
  if (!rests) return "User initiated";
  const time = new Date(instance.stateChangedAt).toISOString().slice(0, 19).replace("T", " ");
  return `User initiated (${time} GMT)`;
}

function describeStateReason(instance: Instance): wire.StateReason | undefined {
  if (shownState(instance) === "pending") return { Code: "pending", Message: "pending" };
  if (instance.stateReason === undefined || instance.desiredState === "running") return undefined;
  return { Code: instance.stateReason.code, Message: instance.stateReason.message };
}

export function describeInstanceProfile(
  store: StoreReader,
  { account, iamInstanceProfileArn }: Instance,
): wire.IamInstanceProfile | undefined {
  if (iamInstanceProfileArn === undefined) return undefined;
  const name = iamInstanceProfileArn.slice(iamInstanceProfileArn.lastIndexOf("/") + 1);
  const Id = store.get(instanceProfiles, `${account}/${name}`)?.instanceProfileId;
  return { Arn: iamInstanceProfileArn, Id };
}

/** `pending` exists for moments only at AWS: what was asked for applies. */
export function describeMetadataOptions({ metadataOptions }: Instance): wire.InstanceMetadataOptionsResponse {
  return {
    State: "applied",
    HttpTokens: metadataOptions.httpTokens,
    HttpPutResponseHopLimit: metadataOptions.httpPutResponseHopLimit,
    HttpEndpoint: metadataOptions.httpEndpoint,
    HttpProtocolIpv6: "disabled",
    InstanceMetadataTags: metadataOptions.instanceMetadataTags,
  };
}

export function describeBlockDevices(instance: Instance): wire.InstanceBlockDeviceMapping[] {
  if (instance.state === "terminated") return [];
  return instance.blockDevices.map((device) => ({
    DeviceName: device.deviceName,
    Ebs: {
      VolumeId: device.volumeId,
      Status: "attached",
      AttachTime: new Date(instance.launchTime),
      DeleteOnTermination: device.deleteOnTermination,
    },
  }));
}
