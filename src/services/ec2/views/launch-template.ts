import type * as wire from "@aws-sdk/client-ec2";
import type { LaunchTemplate, LaunchTemplateVersion } from "../../../model/ec2/records.ts";
import { describeTagList } from "../tagging.ts";

export function describeLaunchTemplate(template: LaunchTemplate): wire.LaunchTemplate {
  return {
    LaunchTemplateId: template.launchTemplateId,
    LaunchTemplateName: template.launchTemplateName,
    CreateTime: new Date(template.createTime),
    CreatedBy: template.createdBy,
    DefaultVersionNumber: template.defaultVersion,
    LatestVersionNumber: template.latestVersion,
    Tags: describeTagList(template.tags),
    Operator: { Managed: false },
  };
}

export function describeLaunchTemplateVersion(
  template: LaunchTemplate,
  version: LaunchTemplateVersion,
): wire.LaunchTemplateVersion {
  return {
    LaunchTemplateId: template.launchTemplateId,
    LaunchTemplateName: template.launchTemplateName,
    VersionNumber: version.version,
    VersionDescription: version.description,
    CreateTime: new Date(version.createTime),
    CreatedBy: version.createdBy,
    DefaultVersion: version.version === template.defaultVersion,
    LaunchTemplateData: describeLaunchTemplateData(version.data),
    Operator: { Managed: false },
  };
}

/** As it was given, but for the few members that the answer spells differently. */
function describeLaunchTemplateData(data: wire.RequestLaunchTemplateData): wire.ResponseLaunchTemplateData {
  const {
    ElasticGpuSpecifications,
    ElasticInferenceAccelerators,
    CapacityReservationSpecification,
    InstanceMarketOptions,
    NetworkInterfaces,
    MetadataOptions,
    ...same
  } = data;
  return {
    ...same,
    MetadataOptions: MetadataOptions && { State: "applied", ...MetadataOptions },
    CapacityReservationSpecification,
    InstanceMarketOptions,
    NetworkInterfaces: NetworkInterfaces?.map((one) => ({ ...one })),
    ElasticGpuSpecifications,
    ElasticInferenceAccelerators,
  };
}
