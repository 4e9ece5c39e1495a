/** RunInstances: the request over its launch template, launched by the plan that Auto Scaling uses too. */
import type * as wire from "@aws-sdk/client-ec2";
import { failure, type Result } from "../../lib/result.ts";
import { type LaunchData, mergeLaunchData } from "../../model/ec2/launch-data.ts";
import type { Instance } from "../../model/ec2/records.ts";
import {
  type LaunchRefusal,
  type LaunchRequest,
  type PlannedLaunch,
  planLaunch,
} from "../../store/instance-launch.ts";
import { instances, networkInterfaces } from "../../store/tables/ec2.ts";
import { CodedError, type HandlerContext } from "../operation.ts";
import {
  idempotentParameterMismatch,
  invalidParameterCombination,
  invalidParameterValue,
  unsupportedOperation,
} from "./errors.ts";
import { requireVersion } from "./launch-template-versions.ts";
import { requireLaunchTemplate } from "./launch-templates.ts";
import { checkedTags } from "./tagging.ts";
import { describeReservations } from "./views/instance.ts";

const MAX_CLIENT_TOKEN = 64;
const TAGGABLE = ["instance", "volume", "network-interface", "spot-instances-request", "elastic-gpu"];

export function runInstances(input: wire.RunInstancesRequest, context: HandlerContext): wire.Reservation {
  const { store, scope } = context;
  const [minimum, maximum] = requireCounts(input);
  checkSupported(input);
  const earlier = findEarlier(input, context);
  if (earlier.length > 0) return reservationOf(context, earlier);
  const { data, launchTemplate } = mergedData(input, context);
  checkNetwork(input, data);
  const result = planMost(context, minimum, maximum, {
    scope,
    data,
    subnetId: input.SubnetId,
    privateIpAddress: input.PrivateIpAddress,
    clientToken: input.ClientToken || undefined,
    launchTemplate,
  });
  if (!result.ok) throw new CodedError(result.failure.code, result.failure.message);
  const planned = result.value;
  store.transaction((tx) => {
    for (const instance of planned.instances) tx.put(instances, instance);
    for (const networkInterface of planned.interfaces) tx.put(networkInterfaces, networkInterface);
  });
  return reservationOf(context, planned.instances);
}

function reservationOf(context: HandlerContext, records: readonly Instance[]): wire.Reservation {
  const [reservation] = describeReservations(context.store, records);
  return reservation ?? {};
}

function requireCounts({ MinCount, MaxCount }: wire.RunInstancesRequest): [number, number] {
  const minimum = MinCount ?? 0;
  const maximum = MaxCount ?? 0;
  for (const [name, value] of [
    ["minCount", minimum],
    ["maxCount", maximum],
  ] as const) {
    if (value < 1) {
      throw invalidParameterValue(
        `Value (${value}) for parameter ${name} is invalid. Expecting a value greater than 0.`,
      );
    }
  }
  if (minimum > maximum) {
    throw invalidParameterCombination(
      `The value for minCount (${minimum}) must not be greater than that for maxCount (${maximum}).`,
    );
  }
  return [minimum, maximum];
}

function checkSupported(input: wire.RunInstancesRequest): void {
  if ((input.ClientToken?.length ?? 0) > MAX_CLIENT_TOKEN) {
    throw invalidParameterValue("Client token cannot be longer than 64 ASCII characters.");
  }
  if (input.Ipv6AddressCount || input.Ipv6Addresses?.length) {
    throw unsupportedOperation("IPv6 addresses are not supported.");
  }
  for (const spec of input.NetworkInterfaces ?? []) {
    if (spec.SecondaryPrivateIpAddressCount || spec.PrivateIpAddresses?.some(({ Primary }) => !Primary)) {
      throw unsupportedOperation("Secondary private IP addresses are not supported.");
    }
    if (spec.Ipv6AddressCount || spec.Ipv6Addresses?.length) {
      throw unsupportedOperation("IPv6 addresses are not supported.");
    }
  }
}

function findEarlier(input: wire.RunInstancesRequest, { store, scope }: HandlerContext): Instance[] {
  if (!input.ClientToken) return [];
  const key = `${scope.account}/${scope.region}|${input.ClientToken}`;
  const earlier = store.where(instances, "clientToken", key);
  for (const instance of earlier) {
    const same =
      (input.ImageId === undefined || input.ImageId === instance.imageId) &&
      (input.InstanceType === undefined || String(input.InstanceType) === instance.instanceType) &&
      earlier.length <= (input.MaxCount ?? 0);
    if (!same) throw idempotentParameterMismatch();
  }
  return earlier;
}

function mergedData(
  input: wire.RunInstancesRequest,
  context: HandlerContext,
): { readonly data: LaunchData; readonly launchTemplate: LaunchRequest["launchTemplate"] } {
  const own = dataOfRequest(input);
  if (input.LaunchTemplate === undefined) return { data: own, launchTemplate: undefined };
  const template = requireLaunchTemplate(context, input.LaunchTemplate);
  const version = requireVersion(context, template, input.LaunchTemplate.Version);
  const launchTemplate = {
    launchTemplateId: template.launchTemplateId,
    version: String(version.version),
  };
  const marks: LaunchData = {
    TagSpecifications: [
      {
        ResourceType: "instance",
        Tags: [
          { Key: "aws:ec2launchtemplate:id", Value: launchTemplate.launchTemplateId },
          { Key: "aws:ec2launchtemplate:version", Value: launchTemplate.version },
        ],
      },
    ],
  };
  return { data: mergeLaunchData(mergeLaunchData(version.data, own), marks), launchTemplate };
}

/** The request in the words of a launch template. Throws on tags that do not do. */
function dataOfRequest(input: wire.RunInstancesRequest): LaunchData {
  for (const { ResourceType, Tags } of input.TagSpecifications ?? []) {
    if (ResourceType === undefined || !TAGGABLE.includes(ResourceType)) {
      throw invalidParameterValue(
        `'${ResourceType ?? ""}' is not a valid taggable resource type for this operation.`,
      );
    }
    checkedTags(Tags ?? []);
  }
  return {
    ImageId: input.ImageId,
    InstanceType: input.InstanceType,
    KeyName: input.KeyName,
    UserData: input.UserData,
    IamInstanceProfile: input.IamInstanceProfile,
    SecurityGroupIds: input.SecurityGroupIds?.length ? input.SecurityGroupIds : undefined,
    SecurityGroups: input.SecurityGroups?.length ? input.SecurityGroups : undefined,
    Placement: input.Placement,
    Monitoring: input.Monitoring,
    EbsOptimized: input.EbsOptimized,
    DisableApiTermination: input.DisableApiTermination,
    DisableApiStop: input.DisableApiStop,
    InstanceInitiatedShutdownBehavior: input.InstanceInitiatedShutdownBehavior,
    CreditSpecification: input.CreditSpecification,
    MetadataOptions: input.MetadataOptions,
    BlockDeviceMappings: input.BlockDeviceMappings?.length ? input.BlockDeviceMappings : undefined,
    NetworkInterfaces: input.NetworkInterfaces?.length ? input.NetworkInterfaces : undefined,
    TagSpecifications: input.TagSpecifications,
  };
}

/** What an instance and its interfaces say of the same thing must be said in one place. */
function checkNetwork(input: wire.RunInstancesRequest, data: LaunchData): void {
  const interfaces = data.NetworkInterfaces ?? [];
  if (interfaces.length === 0) return;
  const clash = (noun: string) =>
    invalidParameterCombination(
      `Network interfaces and an instance-level ${noun} may not be specified on the same request`,
    );
  if (input.SubnetId) throw clash("subnet ID");
  if (data.SecurityGroupIds?.length || data.SecurityGroups?.length) throw clash("security groups");
  if (input.PrivateIpAddress) throw clash("private address");
  if (interfaces.length > 1 && interfaces.some((one) => one.AssociatePublicIpAddress === true)) {
    throw invalidParameterCombination(
      "The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.",
    );
  }
  const indexes = interfaces.map((one) => one.DeviceIndex ?? 0);
  if (new Set(indexes).size < indexes.length) {
    throw invalidParameterCombination("Each network interface requires a unique device index.");
  }
}

/** As many as the subnet has addresses for, if that is not less than the minimum. */
function planMost(
  context: HandlerContext,
  minimum: number,
  maximum: number,
  request: Omit<LaunchRequest, "count">,
): Result<PlannedLaunch, LaunchRefusal> {
  const options = {
    random: context.random,
    now: context.clock.now(),
    publicPool: context.settings.publicPool,
  };
  let result: Result<PlannedLaunch, LaunchRefusal> = failure({ code: "InternalError", message: "" });
  for (let count = maximum; count >= minimum; count--) {
    result = planLaunch(context.store, { ...request, count }, options);
    if (result.ok || result.failure.code !== "InsufficientFreeAddressesInSubnet") break;
  }
  return result;
}
