/** What an Auto Scaling group launches, in the words of a launch template. Pure. */
import type * as wire from "@aws-sdk/client-auto-scaling";
import type * as ec2 from "@aws-sdk/client-ec2";
import type { LaunchData } from "../ec2/launch-data.ts";
import type { AutoScalingGroup, AutoScalingInstance } from "./records.ts";

/** Of a mixed instances policy, the first override: on-demand instances are launched by priority. */
export function templateOf(
  group: AutoScalingGroup,
):
  | { readonly spec: wire.LaunchTemplateSpecification; readonly instanceType?: string | undefined }
  | undefined {
  if (group.launchTemplate !== undefined) return { spec: group.launchTemplate };
  const policy = group.mixedInstancesPolicy?.LaunchTemplate;
  const [override] = policy?.Overrides ?? [];
  const spec = override?.LaunchTemplateSpecification ?? policy?.LaunchTemplateSpecification;
  return spec === undefined ? undefined : { spec, instanceType: override?.InstanceType };
}

/** Whether there is such a type is planLaunch's to say. */
export function asInstanceType(name: string): ec2._InstanceType {
  return name as ec2._InstanceType;
}

/** The subnet is the group's to choose, whatever an interface of the template names. */
export function inSubnetOfGroup(data: LaunchData): LaunchData {
  if (data.NetworkInterfaces === undefined) return data;
  return { ...data, NetworkInterfaces: data.NetworkInterfaces.map(({ SubnetId: _, ...rest }) => rest) };
}

/** The group's tags that are propagated, and those that EC2 and Auto Scaling add. */
export function instanceTags(
  group: AutoScalingGroup,
  launchTemplate: AutoScalingInstance["launchTemplate"],
): ec2.Tag[] {
  return [
    ...group.tags
      .filter(({ PropagateAtLaunch }) => PropagateAtLaunch === true)
      .map(({ Key, Value }) => ({ Key, Value })),
    ...(launchTemplate === undefined
      ? []
      : [
          { Key: "aws:ec2launchtemplate:id", Value: launchTemplate.LaunchTemplateId },
          { Key: "aws:ec2launchtemplate:version", Value: launchTemplate.Version },
        ]),
    { Key: "aws:autoscaling:groupName", Value: group.name },
  ];
}

/** A launch configuration in the words of a launch template. */
export function dataOf(definition: wire.CreateLaunchConfigurationType): LaunchData {
  const { AssociatePublicIpAddress, IamInstanceProfile: profile, SecurityGroups = [] } = definition;
  const SecurityGroupIds = SecurityGroups.filter((group) => group.startsWith("sg-"));
  const names = SecurityGroups.filter((group) => !group.startsWith("sg-"));
  return {
    ...(definition.ImageId === undefined ? {} : { ImageId: definition.ImageId }),
    ...(definition.InstanceType === undefined
      ? {}
      : { InstanceType: asInstanceType(definition.InstanceType) }),
    ...(definition.KeyName ? { KeyName: definition.KeyName } : {}),
    ...(definition.UserData ? { UserData: definition.UserData } : {}),
    ...(profile === undefined
      ? {}
      : { IamInstanceProfile: profile.startsWith("arn:") ? { Arn: profile } : { Name: profile } }),
    SecurityGroupIds,
    SecurityGroups: names,
    ...(AssociatePublicIpAddress === undefined
      ? {}
      : { NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress, DeleteOnTermination: true }] }),
    // Basic monitoring has to be asked for (API reference, CreateLaunchConfiguration).
    Monitoring: { Enabled: definition.InstanceMonitoring?.Enabled ?? true },
    EbsOptimized: definition.EbsOptimized ?? false,
    ...(definition.MetadataOptions === undefined
      ? {}
      : { MetadataOptions: metadataOf(definition.MetadataOptions) }),
    BlockDeviceMappings: (definition.BlockDeviceMappings ?? []).map(blockDeviceOf),
  };
}

function metadataOf(options: wire.InstanceMetadataOptions): ec2.LaunchTemplateInstanceMetadataOptionsRequest {
  return {
    ...(options.HttpTokens === undefined ? {} : { HttpTokens: options.HttpTokens }),
    ...(options.HttpEndpoint === undefined ? {} : { HttpEndpoint: options.HttpEndpoint }),
    ...(options.HttpPutResponseHopLimit === undefined
      ? {}
      : { HttpPutResponseHopLimit: options.HttpPutResponseHopLimit }),
  };
}

function blockDeviceOf(mapping: wire.BlockDeviceMapping): ec2.LaunchTemplateBlockDeviceMappingRequest {
  const { Ebs } = mapping;
  return {
    DeviceName: mapping.DeviceName,
    VirtualName: mapping.VirtualName,
    ...(mapping.NoDevice === true ? { NoDevice: "" } : {}),
    ...(Ebs === undefined
      ? {}
      : { Ebs: { ...Ebs, VolumeType: Ebs.VolumeType as ec2.VolumeType | undefined } }),
  };
}
