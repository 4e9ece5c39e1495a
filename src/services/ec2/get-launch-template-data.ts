import type * as wire from "@aws-sdk/client-ec2";
import type { HandlerContext } from "../operation.ts";
import { requireInstance } from "./resolve.ts";
import { describeTagList } from "./tagging.ts";
import { describeInstanceProfile, describeMetadataOptions, interfacesOf } from "./views/instance.ts";
import { networkInterfaceDescription } from "./views/network-interface.ts";

/** What a launch template would have to hold to launch such an instance. */
export function getLaunchTemplateData(
  input: wire.GetLaunchTemplateDataRequest,
  context: HandlerContext,
): wire.GetLaunchTemplateDataResult {
  const instance = requireInstance(context, input.InstanceId);
  const { HttpProtocolIpv6: _, ...metadata } = describeMetadataOptions(instance);
  const tags = describeTagList(instance.tags.filter(({ key }) => !key.startsWith("aws:")));
  return {
    LaunchTemplateData: {
      ImageId: instance.imageId,
      InstanceType: instance.instanceType as wire._InstanceType,
      KeyName: instance.keyName,
      UserData: instance.userData,
      EbsOptimized: instance.ebsOptimized,
      DisableApiTermination: instance.disableApiTermination,
      DisableApiStop: instance.disableApiStop,
      InstanceInitiatedShutdownBehavior: instance.shutdownBehavior,
      Monitoring: { Enabled: instance.monitoring },
      Placement: { AvailabilityZone: instance.availabilityZone, GroupName: "", Tenancy: "default" },
      IamInstanceProfile: describeInstanceProfile(context.store, instance) && {
        Arn: instance.iamInstanceProfileArn,
      },
      CreditSpecification: instance.creditSpecification && { CpuCredits: instance.creditSpecification },
      MetadataOptions: metadata,
      BlockDeviceMappings: instance.blockDevices.map((device) => ({
        DeviceName: device.deviceName,
        Ebs: {
          Encrypted: device.encrypted,
          DeleteOnTermination: device.deleteOnTermination,
          Iops: device.iops,
          Throughput: device.throughput,
          SnapshotId: device.snapshotId,
          VolumeSize: device.sizeGiB,
          VolumeType: device.volumeType as wire.VolumeType,
        },
      })),
      NetworkInterfaces: interfacesOf(context.store, instance)
        .filter(({ owner }) => owner.kind === "user")
        .map((one) => ({
          AssociatePublicIpAddress: one.amazonPublicIp !== undefined,
          DeleteOnTermination: one.instanceAttachment?.deleteOnTermination,
          Description: networkInterfaceDescription(one),
          DeviceIndex: one.instanceAttachment?.deviceIndex,
          Groups: [...one.groupIds],
          InterfaceType: "interface",
          SubnetId: one.subnetId,
          PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: one.privateIpAddress }],
        })),
      TagSpecifications: tags.length === 0 ? [] : [{ ResourceType: "instance", Tags: tags }],
    },
  };
}
