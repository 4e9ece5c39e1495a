import type * as wire from "@aws-sdk/client-ec2";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { managedAttachment, missingParameter, notPermittedToAccess } from "./errors.ts";
import { primaryInterfaceStays } from "./instance-errors.ts";
import { listInScope } from "./resolve.ts";
import { ID_KINDS, notFound } from "./resource-ids.ts";

/** The user's own interfaces only: those of tasks, gateways and load balancers are not theirs to detach. */
export function detachNetworkInterface(
  input: wire.DetachNetworkInterfaceRequest,
  context: HandlerContext,
): object {
  const { AttachmentId } = input;
  if (!AttachmentId) throw missingParameter("attachmentId");
  const networkInterface = listInScope(context, networkInterfaces).find(
    (candidate) => candidate.attachmentId === AttachmentId,
  );
  if (networkInterface === undefined) throw notFound(ID_KINDS.attachment, [AttachmentId]);
  if (AttachmentId.startsWith("ela-attach-")) throw managedAttachment();
  if (networkInterface.owner.kind !== "user") throw notPermittedToAccess();
  if (networkInterface.instanceAttachment?.deviceIndex === 0) {
    throw primaryInterfaceStays();
  }
  context.store.transaction((tx) =>
    tx.put(networkInterfaces, {
      ...networkInterface,
      attachmentId: undefined,
      instanceAttachment: undefined,
      sandbox: undefined,
      linkState: "absent",
    }),
  );
  return {};
}
