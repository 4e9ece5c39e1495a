/** What a launch template may hold. Most of it is looked at only when something is launched, as at EC2. */
import type * as wire from "@aws-sdk/client-ec2";
import { checkUserData, LaunchRefused } from "../../model/ec2/launch-data.ts";
import { CodedError } from "../operation.ts";
import { invalidParameterCombination, invalidParameterValue } from "./errors.ts";
import { checkedTags } from "./tagging.ts";

/** Returns `data`. Throws on user data and tags that do not do, and on parameters that exclude each other. */
export function checkedLaunchData(data: wire.RequestLaunchTemplateData): wire.RequestLaunchTemplateData {
  try {
    checkUserData(data.UserData);
  } catch (error) {
    if (error instanceof LaunchRefused) throw new CodedError(error.code, error.message);
    throw error;
  }
  for (const { ResourceType, Tags } of data.TagSpecifications ?? []) {
    if (ResourceType === undefined)
      throw invalidParameterValue("Tag specification resource type must have a value");
    checkedTags(Tags ?? []);
  }
  if (data.InstanceType !== undefined && data.InstanceRequirements !== undefined) {
    throw invalidParameterCombination(
      "The 'InstanceType' and 'InstanceRequirements' cannot be specified together.",
    );
  }
  const hasGroups = data.SecurityGroupIds?.length || data.SecurityGroups?.length;
  if (hasGroups && data.NetworkInterfaces?.length) {
    throw invalidParameterCombination(
      "A network interface may not specify security groups when they are specified for the instance",
    );
  }
  return data;
}
