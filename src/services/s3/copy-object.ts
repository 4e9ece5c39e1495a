/** Copies within Berth: bytes never change, so that a copy is another name for them. */
import type * as wire from "@aws-sdk/client-s3";
import { startChecksum } from "../../lib/checksums.ts";
import { isBucketName, parseCopySource } from "../../model/s3/names.ts";
import type { Checksum, StoredObject } from "../../model/s3/records.ts";
import { FileGone } from "../../store/object-store.ts";
import { findObject } from "../../store/objects.ts";
import type { HandlerContext } from "../operation.ts";
import { checkCopyConditions, checkWriteConditions } from "./conditions.ts";
import {
  checkWriteOptions,
  readHeaders,
  readTagHeader,
  refuseCustomerKey,
  requireKey,
} from "./constraints.ts";
import { copyChangesNothing, invalidArgument, noSuchKey, notHonoured } from "./errors.ts";
import { storeObject } from "./put-object.ts";
import { requireBucket, requireObject } from "./resolve.ts";
import { checksumMembers, wholeSeconds } from "./views/object.ts";

export async function copyObject(
  input: wire.CopyObjectRequest,
  context: HandlerContext,
): Promise<wire.CopyObjectOutput> {
  const { name } = requireBucket(context, input);
  const key = requireKey(input.Key);
  checkWriteOptions(input);
  const source = requireSource(context, input);
  const replaces = isReplacing(input.MetadataDirective, "x-amz-metadata-directive");
  const retags = isReplacing(input.TaggingDirective, "x-amz-tagging-directive");
  const itself = source.bucket === name && source.key === key;
  if (
    itself &&
    !replaces &&
    input.StorageClass === undefined &&
    input.WebsiteRedirectLocation === undefined
  ) {
    throw copyChangesNothing();
  }
  const given = readHeaders(input);
  const tags = retags ? readTagHeader(input.Tagging) : source.tags;
  checkWriteConditions(findObject(context.store, name, key), key, input);
  const { partSizes: _parts, ...whole } = source;
  const blob = await copyOf(context, source);
  const object: StoredObject = {
    ...whole,
    ...(replaces ? given : {}),
    // Neither goes with the copy unless it is asked for.
    storageClass: given.storageClass,
    websiteRedirectLocation: given.websiteRedirectLocation,
    bucket: name,
    key,
    blob,
    // Of the copy: the source may be gone by now.
    checksum: await checksumOfCopy(input, { ...source, blob }, context),
    lastModified: context.clock.now(),
    tags,
  };
  await storeObject(context, object, input);
  return {
    ServerSideEncryption: "AES256",
    CopyObjectResult: {
      ETag: object.etag,
      LastModified: wholeSeconds(object.lastModified),
      ...checksumMembers(object.checksum),
    },
  };
}

/** Throws NoSuchKey when the source went away meanwhile. */
async function copyOf({ objectStore }: HandlerContext, { blob, key }: StoredObject): Promise<string> {
  try {
    return await objectStore.copy(blob);
  } catch (error) {
    throw error instanceof FileGone ? noSuchKey(key) : error;
  }
}

/** The source's own, or what is asked for; of what came in parts one of the whole. */
async function checksumOfCopy(
  { ChecksumAlgorithm }: wire.CopyObjectRequest,
  { checksum, blob, size }: StoredObject,
  { objectStore }: HandlerContext,
): Promise<Checksum | undefined> {
  const name = ChecksumAlgorithm ?? checksum?.name;
  if (name === undefined || (checksum?.name === name && checksum.type === "FULL_OBJECT")) return checksum;
  const known = (["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const).find((each) => each === name);
  if (known === undefined) return checksum;
  const running = startChecksum(known);
  const bytes = size === 0 ? undefined : await objectStore.read(blob, 0, size - 1);
  for await (const chunk of bytes ?? []) running.update(chunk);
  return { name: known, value: running.digest().toString("base64"), type: "FULL_OBJECT" };
}

function isReplacing(directive: string | undefined, header: string): boolean {
  if (directive === undefined || directive === "COPY") return false;
  if (directive === "REPLACE") return true;
  throw invalidArgument("Unknown directive.", header, directive);
}

export interface CopySource {
  readonly CopySource: string | undefined;
  readonly CopySourceIfMatch?: string | undefined;
  readonly CopySourceIfNoneMatch?: string | undefined;
  readonly CopySourceIfModifiedSince?: Date | undefined;
  readonly CopySourceIfUnmodifiedSince?: Date | undefined;
  readonly CopySourceSSECustomerAlgorithm?: string | undefined;
  readonly CopySourceSSECustomerKey?: string | undefined;
  readonly ExpectedSourceBucketOwner?: string | undefined;
}

/** Throws NoSuchBucket, NoSuchKey, PreconditionFailed, InvalidArgument. */
export function requireSource(context: HandlerContext, input: CopySource): StoredObject {
  const text = input.CopySource ?? "";
  if (text.startsWith("arn:")) throw notHonoured("access points");
  const parsed = parseCopySource(text);
  if (parsed === undefined || !isBucketName(parsed.bucket)) {
    throw invalidArgument("Invalid copy source bucket name", "x-amz-copy-source", text);
  }
  refuseCustomerKey({
    SSECustomerAlgorithm: input.CopySourceSSECustomerAlgorithm,
    SSECustomerKey: input.CopySourceSSECustomerKey,
  });
  const source = requireObject(context, {
    Bucket: parsed.bucket,
    Key: parsed.key,
    VersionId: parsed.versionId,
    ExpectedBucketOwner: input.ExpectedSourceBucketOwner,
  });
  checkCopyConditions(source, {
    IfMatch: input.CopySourceIfMatch,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  });
  return source;
}
