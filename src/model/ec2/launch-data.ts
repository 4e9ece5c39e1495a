/** A launch template's data under a request's own words (EC2 API reference, RunInstances, `LaunchTemplate`). */
import type * as wire from "@aws-sdk/client-ec2";
import type { Tag } from "../tags.ts";

/** What both a request and a template can say about an instance. */
export type LaunchData = wire.RequestLaunchTemplateData;

/** One network interface of them. */
export type LaunchInterface = wire.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest;

/**
 * What the request says wins, member by member; within `MetadataOptions` likewise. Network interfaces and block devices
 * of the template go by their device index and name. Tags of both are kept, the request's win.
 */
export function mergeLaunchData(template: LaunchData, request: LaunchData): LaunchData {
  const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
  const merged: LaunchData = { ...template, ...given };
  if (template.MetadataOptions !== undefined && request.MetadataOptions !== undefined) {
    merged.MetadataOptions = { ...template.MetadataOptions, ...request.MetadataOptions };
  }
  merged.BlockDeviceMappings = mergeBy(
    template.BlockDeviceMappings,
    request.BlockDeviceMappings,
    ({ DeviceName }) => DeviceName ?? "",
  );
  merged.NetworkInterfaces = mergeBy(
    template.NetworkInterfaces,
    request.NetworkInterfaces,
    ({ DeviceIndex }) => String(DeviceIndex ?? 0),
  );
  merged.TagSpecifications = mergeTags(template.TagSpecifications, request.TagSpecifications);
  return merged;
}

/** `$Latest`, `$Default`, nothing (the default) or a number; undefined when it is none of these. */
export function versionNumber(
  version: string | undefined,
  template: { readonly defaultVersion: number; readonly latestVersion: number },
): number | undefined {
  if (version === undefined || version === "" || version === "$Default") return template.defaultVersion;
  if (version === "$Latest") return template.latestVersion;
  return /^\d+$/.test(version) ? Number(version) : undefined;
}

function mergeBy<T>(
  template: T[] | undefined,
  request: T[] | undefined,
  key: (item: T) => string,
): T[] | undefined {
  if (template === undefined || request === undefined) return request ?? template;
  const own = new Set(request.map(key));
  return [...template.filter((item) => !own.has(key(item))), ...request];
}

function mergeTags(
  template: wire.LaunchTemplateTagSpecificationRequest[] | undefined,
  request: wire.LaunchTemplateTagSpecificationRequest[] | undefined,
): wire.LaunchTemplateTagSpecificationRequest[] | undefined {
  if (template === undefined || request === undefined) return request ?? template;
  const types = new Set([...template, ...request].map(({ ResourceType }) => ResourceType));
  return [...types].map((ResourceType) => {
    const tagsOf = (list: wire.LaunchTemplateTagSpecificationRequest[]) =>
      list.filter((one) => one.ResourceType === ResourceType).flatMap(({ Tags }) => Tags ?? []);
    const own = tagsOf(request);
    const names = new Set(own.map(({ Key }) => Key));
    const Tags = [...tagsOf(template).filter(({ Key }) => !names.has(Key)), ...own];
    return ResourceType === undefined ? { Tags } : { ResourceType, Tags };
  });
}

/** Why nothing is launched: EC2's code and text. */
export class LaunchRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const LARGEST_USER_DATA_BYTES = 16_384;

/** Throws LaunchRefused. */
export function checkUserData(userData: string | undefined): void {
  if (userData === undefined || userData === "") return;
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(userData)) {
    throw new LaunchRefused("InvalidParameterValue", "Invalid BASE64 encoding of user data.");
  }
  if (Buffer.from(userData, "base64").length > LARGEST_USER_DATA_BYTES) {
    throw new LaunchRefused("InvalidParameterValue", "User data is limited to 16384 bytes");
  }
}

export function launchTags(resourceType: string, { TagSpecifications }: LaunchData): Tag[] {
  return (TagSpecifications ?? [])
    .filter((specification) => specification.ResourceType === resourceType)
    .flatMap(({ Tags }) => Tags ?? [])
    .map(({ Key, Value }) => ({ key: Key ?? "", value: Value ?? "" }));
}
