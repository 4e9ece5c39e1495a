/** DescribeInstanceAttribute and ModifyInstanceAttribute. */
import type * as wire from "@aws-sdk/client-ec2";
import { findMachineImage } from "../../model/ec2/images.ts";
import { isGoing, shownState } from "../../model/ec2/instance-state.ts";
import { findInstanceType } from "../../model/ec2/instance-types.ts";
import { checkUserData, LaunchRefused } from "../../model/ec2/launch-data.ts";
import type { Instance, NetworkInterface } from "../../model/ec2/records.ts";
import { instances, networkInterfaces } from "../../store/tables/ec2.ts";
import { CodedError, type HandlerContext } from "../operation.ts";
import { givenAttributes } from "./constraints.ts";
import {
  invalidParameterValue,
  missingParameter,
  multipleAttributes,
  noAttributes,
  unknownAttribute,
  unsupportedOperation,
} from "./errors.ts";
import { instanceNotStopped, instanceNotUsable, severalInterfaces } from "./instance-errors.ts";
import { requireInterfaceGroups } from "./interface-groups.ts";
import { findPrimaryInterface, requireInstance } from "./resolve.ts";
import { describeBlockDevices, interfacesOf } from "./views/instance.ts";
import { describeGroups } from "./views/network-interface.ts";

export function describeInstanceAttribute(
  input: wire.DescribeInstanceAttributeRequest,
  context: HandlerContext,
): wire.InstanceAttribute {
  if (input.Attribute === undefined) throw missingParameter("attribute");
  const instance = requireInstance(context, input.InstanceId);
  const primary = findPrimaryInterface(context, instance.instanceId);
  const InstanceId = instance.instanceId;
  switch (input.Attribute) {
    case "instanceType":
      return { InstanceId, InstanceType: { Value: instance.instanceType } };
    case "userData":
      return { InstanceId, UserData: instance.userData === undefined ? {} : { Value: instance.userData } };
    case "disableApiTermination":
      return { InstanceId, DisableApiTermination: { Value: instance.disableApiTermination } };
    case "disableApiStop":
      return { InstanceId, DisableApiStop: { Value: instance.disableApiStop } };
    case "instanceInitiatedShutdownBehavior":
      return { InstanceId, InstanceInitiatedShutdownBehavior: { Value: instance.shutdownBehavior } };
    case "rootDeviceName": {
      const name = findMachineImage(instance.region, instance.imageId)?.rootDeviceName;
      return { InstanceId, RootDeviceName: name === undefined ? {} : { Value: name } };
    }
    case "blockDeviceMapping":
      return { InstanceId, BlockDeviceMappings: describeBlockDevices(instance) };
    case "sourceDestCheck":
      return { InstanceId, SourceDestCheck: { Value: primary?.sourceDestCheck ?? true } };
    case "groupSet":
      return { InstanceId, Groups: primary === undefined ? [] : describeGroups(context.store, primary) };
    case "ebsOptimized":
      return { InstanceId, EbsOptimized: { Value: instance.ebsOptimized } };
    case "enaSupport":
      return { InstanceId, EnaSupport: { Value: true } };
    case "enclaveOptions":
      return { InstanceId, EnclaveOptions: { Enabled: false } };
    case "kernel":
      return { InstanceId, KernelId: {} };
    case "ramdisk":
      return { InstanceId, RamdiskId: {} };
    case "sriovNetSupport":
      return { InstanceId, SriovNetSupport: {} };
    case "productCodes":
      return { InstanceId, ProductCodes: [] };
    default:
      throw unknownAttribute(input.Attribute);
  }
}

/** One attribute a call, in a member of its own or as `Attribute` and `Value`. */
export function modifyInstanceAttribute(
  input: wire.ModifyInstanceAttributeRequest,
  context: HandlerContext,
): object {
  const instance = requireInstance(context, input.InstanceId);
  const given: Readonly<Record<string, unknown>> = {
    blockDeviceMapping: input.BlockDeviceMappings?.length ? input.BlockDeviceMappings : undefined,
    disableApiStop: input.DisableApiStop?.Value,
    disableApiTermination: input.DisableApiTermination?.Value,
    ebsOptimized: input.EbsOptimized?.Value,
    enaSupport: input.EnaSupport?.Value,
    groupSet: input.Groups?.length ? input.Groups : undefined,
    instanceInitiatedShutdownBehavior: input.InstanceInitiatedShutdownBehavior?.Value,
    instanceType: input.InstanceType?.Value,
    kernel: input.Kernel?.Value,
    ramdisk: input.Ramdisk?.Value,
    sourceDestCheck: input.SourceDestCheck?.Value,
    sriovNetSupport: input.SriovNetSupport?.Value,
    userData: input.UserData?.Value && Buffer.from(input.UserData.Value).toString("base64"),
    ...(input.Attribute === undefined ? {} : { [input.Attribute]: input.Value ?? "" }),
  };
  const names = givenAttributes(given);
  const [name] = names;
  if (name === undefined) throw noAttributes();
  if (names.length > 1) throw multipleAttributes(names);
  if (isGoing(instance)) throw instanceNotUsable(instance.instanceId, "pending, running, stopping, stopped");
  if (name === "sourceDestCheck" || name === "groupSet") {
    changePrimaryInterface(input, context, instance, name, given[name]);
    return {};
  }
  const changed =
    name === "blockDeviceMapping"
      ? withDevices(instance, input.BlockDeviceMappings ?? [])
      : withAttribute(instance, name, String(given[name]));
  context.store.transaction((tx) => tx.put(instances, changed));
  return {};
}

function withAttribute(instance: Instance, name: string, value: string): Instance {
  switch (name) {
    case "disableApiTermination":
      return { ...instance, disableApiTermination: requireBoolean(name, value) };
    case "disableApiStop":
      return { ...instance, disableApiStop: requireBoolean(name, value) };
    case "instanceInitiatedShutdownBehavior":
      if (value !== "stop" && value !== "terminate") {
        throw invalidParameterValue(
          `Value (${value}) for parameter instanceInitiatedShutdownBehavior is invalid. Valid values are: stop, terminate.`,
        );
      }
      return { ...instance, shutdownBehavior: value };
    case "instanceType":
      checkStopped(instance);
      checkType(instance, value);
      return { ...instance, instanceType: value };
    case "ebsOptimized":
      checkStopped(instance);
      return { ...instance, ebsOptimized: requireBoolean(name, value) };
    case "userData":
      checkStopped(instance);
      checkData(value);
      return { ...instance, userData: value === "" ? undefined : value };
    default:
      throw unsupportedOperation(`${name} cannot be changed.`);
  }
}

function checkStopped(instance: Instance): void {
  if (shownState(instance) !== "stopped") throw instanceNotStopped(instance.instanceId);
}

function checkType(instance: Instance, name: string): void {
  const type = findInstanceType(name);
  if (type === undefined) throw invalidParameterValue(`Invalid value '${name}' for InstanceType.`);
  if (type.architecture !== findInstanceType(instance.instanceType)?.architecture) {
    throw invalidParameterValue(
      `The architecture '${type.architecture}' of the specified instance type does not match the architecture of the instance.`,
    );
  }
}

function checkData(value: string): void {
  try {
    checkUserData(value);
  } catch (error) {
    if (error instanceof LaunchRefused) throw new CodedError(error.code, error.message);
    throw error;
  }
}

function requireBoolean(name: string, value: string): boolean {
  if (value === "true" || value === "false") return value === "true";
  throw invalidParameterValue(`Value (${value}) for parameter ${name} is invalid. Must be a boolean value.`);
}

function withDevices(
  instance: Instance,
  changes: readonly wire.InstanceBlockDeviceMappingSpecification[],
): Instance {
  let { blockDevices } = instance;
  for (const { DeviceName, Ebs } of changes) {
    if (!blockDevices.some(({ deviceName }) => deviceName === DeviceName)) {
      throw new CodedError(
        "InvalidInstanceAttributeValue",
        `No device is currently mapped at ${DeviceName ?? ""}`,
      );
    }
    blockDevices = blockDevices.map((device) =>
      device.deviceName === DeviceName
        ? { ...device, deleteOnTermination: Ebs?.DeleteOnTermination ?? device.deleteOnTermination }
        : device,
    );
  }
  return { ...instance, blockDevices };
}

function changePrimaryInterface(
  input: wire.ModifyInstanceAttributeRequest,
  context: HandlerContext,
  instance: Instance,
  name: "sourceDestCheck" | "groupSet",
  value: unknown,
): void {
  const own = interfacesOf(context.store, instance);
  const [primary] = own;
  if (primary === undefined) throw instanceNotUsable(instance.instanceId, "running");
  if (own.filter(({ owner }) => owner.kind === "user").length > 1) {
    throw severalInterfaces(instance.instanceId);
  }
  const changed: NetworkInterface =
    name === "groupSet"
      ? { ...primary, groupIds: requireInterfaceGroups(context, primary, input.Groups ?? []) }
      : { ...primary, sourceDestCheck: requireBoolean(name, String(value)) };
  context.store.transaction((tx) => tx.put(networkInterfaces, changed));
}
