/** Uploads in parts: what begins, ends and lists them. */
import type * as wire from "@aws-sdk/client-s3";
import { CHECKSUM_NAMES, type ChecksumName } from "../../lib/checksums.ts";
import type { MultipartUpload, UploadedPart } from "../../model/s3/records.ts";
import type { StoreReader, Transaction } from "../../store/store.ts";
import { multipartUploads, uploadedParts } from "../../store/tables/s3.ts";
import type { HandlerContext } from "../operation.ts";
import { checkWriteOptions, readHeaders, readTagHeader, requireKey } from "./constraints.ts";
import { invalidRequest } from "./errors.ts";
import { keyWriter, pageOf, readMaxKeys } from "./page.ts";
import { requireBucket, requireUpload } from "./resolve.ts";
import { checksumMembers, wholeSeconds } from "./views/object.ts";
import { ownerOf } from "./views/owner.ts";

export function createMultipartUpload(
  input: wire.CreateMultipartUploadRequest,
  context: HandlerContext,
): wire.CreateMultipartUploadOutput {
  const { name } = requireBucket(context, input);
  const key = requireKey(input.Key);
  checkWriteOptions(input);
  const checksum = uploadChecksum(input);
  const upload: MultipartUpload = {
    ...readHeaders(input),
    uploadId: context.random.hex(64),
    bucket: name,
    key,
    initiatedAt: context.clock.now(),
    initiatorArn: context.caller.arn,
    tags: readTagHeader(input.Tagging),
    checksum,
  };
  context.store.transaction((tx) => tx.put(multipartUploads, upload));
  return {
    Bucket: name,
    Key: key,
    UploadId: upload.uploadId,
    ServerSideEncryption: "AES256",
    ...(checksum === undefined ? {} : { ChecksumAlgorithm: checksum.name, ChecksumType: checksum.type }),
  };
}

/** One of all bytes, or one of the parts' checksums (S3 user guide, "Checking object integrity"). Throws InvalidRequest. */
function uploadChecksum(input: wire.CreateMultipartUploadRequest): MultipartUpload["checksum"] {
  const name = CHECKSUM_NAMES.find((each) => each === input.ChecksumAlgorithm?.toUpperCase());
  if (name === undefined) {
    if (input.ChecksumType === undefined) return undefined;
    throw invalidRequest(
      "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
    );
  }
  const type = input.ChecksumType ?? (name === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE");
  const possible: Readonly<Record<ChecksumName, readonly string[]>> = {
    CRC32: ["FULL_OBJECT", "COMPOSITE"],
    CRC32C: ["FULL_OBJECT", "COMPOSITE"],
    CRC64NVME: ["FULL_OBJECT"],
    SHA1: ["COMPOSITE"],
    SHA256: ["COMPOSITE"],
  };
  if (!possible[name].includes(type)) {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${name.toLowerCase()} checksum algorithm.`,
    );
  }
  return { name, type };
}

/** In the order of their numbers. */
export function partsOf(store: StoreReader, uploadId: string): UploadedPart[] {
  return store.where(uploadedParts, "upload", uploadId).sort((a, b) => a.partNumber - b.partNumber);
}

/** Returns the files that nothing names any more once the transaction has ended. */
export function deleteUploads(store: StoreReader, tx: Transaction, uploadId: string): string[] {
  const parts = partsOf(store, uploadId);
  for (const { partNumber } of parts) tx.delete(uploadedParts, `${uploadId}/${partNumber}`);
  tx.delete(multipartUploads, uploadId);
  return parts.map(({ blob }) => blob);
}

export async function abortMultipartUpload(
  input: wire.AbortMultipartUploadRequest,
  context: HandlerContext,
): Promise<wire.AbortMultipartUploadOutput> {
  const { uploadId } = requireUpload(context, input);
  const { store, objectStore } = context;
  await objectStore.delete(store.transaction((tx) => deleteUploads(store, tx, uploadId)));
  return {};
}

export function listParts(input: wire.ListPartsRequest, context: HandlerContext): wire.ListPartsOutput {
  const upload = requireUpload(context, input);
  const most = readMaxKeys(input.MaxParts, "max-parts");
  const after = Number(input.PartNumberMarker ?? 0) || 0;
  const all = partsOf(context.store, upload.uploadId).filter(({ partNumber }) => partNumber > after);
  const parts = all.slice(0, most);
  const { checksum } = upload;
  const owner = ownerOf(context.scope.account);
  return {
    Bucket: upload.bucket,
    Key: upload.key,
    UploadId: upload.uploadId,
    Initiator: { ID: upload.initiatorArn, DisplayName: upload.initiatorArn.split("/").at(-1) },
    Owner: owner,
    StorageClass: (upload.storageClass ?? "STANDARD") as wire.StorageClass,
    PartNumberMarker: String(after),
    NextPartNumberMarker: String(parts.at(-1)?.partNumber ?? 0),
    MaxParts: most,
    IsTruncated: parts.length < all.length,
    ...(checksum === undefined ? {} : { ChecksumAlgorithm: checksum.name, ChecksumType: checksum.type }),
    Parts: parts.map((part) => {
      const { ChecksumType: _type, ...value } = {
        ChecksumType: undefined,
        ...checksumMembers(part.checksum),
      };
      return {
        PartNumber: part.partNumber,
        LastModified: wholeSeconds(part.lastModified),
        ETag: part.etag,
        Size: part.size,
        ...value,
      };
    }),
  };
}

export function listMultipartUploads(
  input: wire.ListMultipartUploadsRequest,
  context: HandlerContext,
): wire.ListMultipartUploadsOutput {
  const { name, account } = requireBucket(context, input);
  const most = readMaxKeys(input.MaxUploads, "max-uploads");
  const write = keyWriter(input.EncodingType);
  const { Prefix: prefix = "", Delimiter: delimiter, KeyMarker: after = "" } = input;
  const all = context.store
    .where(multipartUploads, "bucket", name)
    .sort((a, b) => (a.key === b.key ? a.initiatedAt - b.initiatedAt : a.key < b.key ? -1 : 1));
  const page = pageOf(all, { prefix, delimiter, after, most });
  const truncated = page.last !== undefined && most > 0;
  return {
    Bucket: name,
    KeyMarker: write(after),
    UploadIdMarker: input.UploadIdMarker ?? "",
    Prefix: write(prefix),
    ...(delimiter === undefined ? {} : { Delimiter: write(delimiter) }),
    MaxUploads: most,
    IsTruncated: truncated,
    ...(truncated ? { NextKeyMarker: write(page.last ?? "") } : {}),
    ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
    Uploads: page.contents.map((upload) => ({
      Key: write(upload.key),
      UploadId: upload.uploadId,
      Initiated: wholeSeconds(upload.initiatedAt),
      StorageClass: (upload.storageClass ?? "STANDARD") as wire.StorageClass,
      Owner: ownerOf(account),
      Initiator: { ID: upload.initiatorArn, DisplayName: upload.initiatorArn.split("/").at(-1) },
      ...(upload.checksum === undefined
        ? {}
        : { ChecksumAlgorithm: upload.checksum.name, ChecksumType: upload.checksum.type }),
    })),
    CommonPrefixes: page.prefixes.map((each) => ({ Prefix: write(each) })),
  };
}
