/** A network interface of the user's on an instance beside its primary one. */
import type * as wire from "@aws-sdk/client-ec2";
import { shownState } from "../../model/ec2/instance-state.ts";
import { findInstanceType } from "../../model/ec2/instance-types.ts";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { interfaceInUse, missingParameter } from "./errors.ts";
import { attachmentLimitExceeded, differentZones, indexTaken, instanceNotUsable } from "./instance-errors.ts";
import { requireInstance, requireNetworkInterface } from "./resolve.ts";
import { interfacesOf } from "./views/instance.ts";

export function attachNetworkInterface(
  input: wire.AttachNetworkInterfaceRequest,
  context: HandlerContext,
): wire.AttachNetworkInterfaceResult {
  const { store, random, clock } = context;
  const { DeviceIndex } = input;
  if (DeviceIndex === undefined) throw missingParameter("deviceIndex");
  const networkInterface = requireNetworkInterface(context, input.NetworkInterfaceId);
  const instance = requireInstance(context, input.InstanceId);
  const { instanceId, instanceType } = instance;
  if (networkInterface.attachmentId !== undefined) throw interfaceInUse(networkInterface.networkInterfaceId);
  const state = shownState(instance);
  if (state !== "running" && state !== "stopped") {
    throw instanceNotUsable(instanceId, "running, stopped");
  }
  if (networkInterface.availabilityZone !== instance.availabilityZone) {
    throw differentZones();
  }
  const attached = interfacesOf(store, instance);
  if (attached.some((one) => one.instanceAttachment?.deviceIndex === DeviceIndex)) {
    throw indexTaken(instanceId, DeviceIndex);
  }
  const type = findInstanceType(instanceType);
  if (type !== undefined && attached.length >= type.maximumInterfaces) {
    throw attachmentLimitExceeded(attached.length + 1, type);
  }
  const attachmentId = `eni-attach-${random.hex(17)}`;
  store.transaction((tx) =>
    tx.put(networkInterfaces, {
      ...networkInterface,
      attachmentId,
      instanceAttachment: {
        instanceId,
        deviceIndex: DeviceIndex,
        deleteOnTermination: false,
        attachTime: clock.now(),
      },
      linkState: "absent",
      ...(instance.sandbox === undefined ? {} : { sandbox: { kind: "container", ...instance.sandbox } }),
    }),
  );
  return { AttachmentId: attachmentId, NetworkCardIndex: 0 };
}
