import type * as wire from "@aws-sdk/client-ec2";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { managedAttachment, missingParameter, notPermittedToAccess } from "./errors.ts";
import { listInScope } from "./resolve.ts";
import { ID_KINDS, notFound } from "./resource-ids.ts";

/** Only AWS's interfaces are ever attached here, and those are not the user's to detach: this always throws. */
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
  throw AttachmentId.startsWith("ela-attach-") ? managedAttachment() : notPermittedToAccess();
}
