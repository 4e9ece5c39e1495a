/** ModifyNetworkInterfaceAttribute and DescribeNetworkInterfaceAttribute. */
import type * as wire from "@aws-sdk/client-ec2";
import type { NetworkInterface } from "../../model/ec2/records.ts";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { givenAttributes } from "./constraints.ts";
import {
  missingParameter,
  multipleAttributes,
  noAttributes,
  notPermittedToAccess,
  unknownAttribute,
  unsupportedOperation,
} from "./errors.ts";
import { requireInterfaceGroups } from "./interface-groups.ts";
import { requireNetworkInterface } from "./resolve.ts";
import { ID_KINDS, notFound } from "./resource-ids.ts";
import {
  describeAttachment,
  describeGroups,
  networkInterfaceDescription,
} from "./views/network-interface.ts";

/** Description, groups, source/destination check, or deletion at termination, of interfaces that the user made. */
export function modifyNetworkInterfaceAttribute(
  input: wire.ModifyNetworkInterfaceAttributeRequest,
  context: HandlerContext,
): object {
  const networkInterface = requireNetworkInterface(context, input.NetworkInterfaceId);
  const given = {
    description: input.Description,
    groupSet: input.Groups?.length ? input.Groups : undefined,
    sourceDestCheck: input.SourceDestCheck?.Value,
    attachment: input.Attachment,
    associatePublicIpAddress: input.AssociatePublicIpAddress,
    enablePrimaryIpv6: input.EnablePrimaryIpv6,
    enaSrdSpecification: input.EnaSrdSpecification,
    connectionTrackingSpecification: input.ConnectionTrackingSpecification,
    associatedSubnetIds: input.AssociatedSubnetIds,
  };
  const names = givenAttributes(given);
  const [name] = names;
  if (name === undefined) throw noAttributes();
  if (names.length > 1) throw multipleAttributes(names);
  if (networkInterface.owner.kind !== "user") throw notPermittedToAccess();
  if (!["description", "groupSet", "sourceDestCheck", "attachment"].includes(name)) {
    throw unsupportedOperation(`${name} cannot be changed.`);
  }
  context.store.transaction((tx) =>
    tx.put(networkInterfaces, {
      ...networkInterface,
      description:
        given.description === undefined ? networkInterface.description : (given.description.Value ?? ""),
      groupIds: given.groupSet
        ? requireInterfaceGroups(context, networkInterface, given.groupSet)
        : networkInterface.groupIds,
      sourceDestCheck: given.sourceDestCheck ?? networkInterface.sourceDestCheck,
      instanceAttachment: given.attachment
        ? changedAttachment(networkInterface, given.attachment)
        : networkInterface.instanceAttachment,
    }),
  );
  return {};
}

function changedAttachment(
  { attachmentId, instanceAttachment }: NetworkInterface,
  changes: wire.NetworkInterfaceAttachmentChanges,
): NetworkInterface["instanceAttachment"] {
  if (!changes.AttachmentId) throw missingParameter("attachment.attachmentId");
  if (instanceAttachment === undefined || changes.AttachmentId !== attachmentId) {
    throw notFound(ID_KINDS.attachment, [changes.AttachmentId]);
  }
  if (changes.DeleteOnTermination === undefined) {
    throw missingParameter("attachment.deleteOnTermination");
  }
  return { ...instanceAttachment, deleteOnTermination: changes.DeleteOnTermination };
}

export function describeNetworkInterfaceAttribute(
  input: wire.DescribeNetworkInterfaceAttributeRequest,
  context: HandlerContext,
): wire.DescribeNetworkInterfaceAttributeResult {
  if (input.Attribute === undefined) throw missingParameter("attribute");
  const networkInterface = requireNetworkInterface(context, input.NetworkInterfaceId);
  const NetworkInterfaceId = networkInterface.networkInterfaceId;
  switch (input.Attribute) {
    case "description":
      return { NetworkInterfaceId, Description: { Value: networkInterfaceDescription(networkInterface) } };
    case "groupSet":
      return { NetworkInterfaceId, Groups: describeGroups(context.store, networkInterface) };
    case "sourceDestCheck":
      return { NetworkInterfaceId, SourceDestCheck: { Value: networkInterface.sourceDestCheck } };
    case "attachment":
      return { NetworkInterfaceId, Attachment: describeAttachment(networkInterface) };
    case "associatePublicIpAddress":
      return { NetworkInterfaceId, AssociatePublicIpAddress: networkInterface.amazonPublicIp !== undefined };
    default:
      throw unknownAttribute(input.Attribute);
  }
}
