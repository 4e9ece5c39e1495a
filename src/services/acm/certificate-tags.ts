import type * as wire from "@aws-sdk/client-acm";
import { mergeTags } from "../../model/tags.ts";
import { certificates } from "../../store/tables/acm.ts";
import type { HandlerContext } from "../operation.ts";
import { requireMember } from "./constraints.ts";
import { requireCertificate } from "./resolve.ts";
import { checkTagCount, readTags } from "./tags.ts";

export function addTagsToCertificate(
  input: wire.AddTagsToCertificateRequest,
  context: HandlerContext,
): object {
  const certificate = requireCertificate(context, input.CertificateArn);
  const added = readTags(requireMember(input.Tags, "tags"));
  const tags = checkTagCount(mergeTags(certificate.tags, added));
  context.store.transaction((tx) => tx.put(certificates, { ...certificate, tags }));
  return {};
}

export function listTagsForCertificate(
  input: wire.ListTagsForCertificateRequest,
  context: HandlerContext,
): wire.ListTagsForCertificateResponse {
  const { tags } = requireCertificate(context, input.CertificateArn);
  return { Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) };
}

/** A tag named with a value goes only if it has that value. */
export function removeTagsFromCertificate(
  input: wire.RemoveTagsFromCertificateRequest,
  context: HandlerContext,
): object {
  const certificate = requireCertificate(context, input.CertificateArn);
  const removed = requireMember(input.Tags, "tags");
  const tags = certificate.tags.filter(
    (tag) =>
      !removed.some(({ Key, Value }) => Key === tag.key && (Value === undefined || Value === tag.value)),
  );
  context.store.transaction((tx) => tx.put(certificates, { ...certificate, tags }));
  return {};
}
