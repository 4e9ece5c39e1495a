/** Parts of an upload, and the object that they become. */
import { createHash } from "node:crypto";
import type * as wire from "@aws-sdk/client-s3";
import { type ChecksumName, checksumOf, startChecksum } from "../../lib/checksums.ts";
import type { Checksum, MultipartUpload, StoredObject, UploadedPart } from "../../model/s3/records.ts";
import { FileGone, type Piece } from "../../store/object-store.ts";
import { findObject } from "../../store/objects.ts";
import { uploadedParts } from "../../store/tables/s3.ts";
import type { HandlerContext } from "../operation.ts";
import { readRange } from "./byte-range.ts";
import { checkWriteConditions } from "./conditions.ts";
import { refuseCustomerKey } from "./constraints.ts";
import { requireSource } from "./copy-object.ts";
import {
  badDigest,
  invalidArgument,
  invalidPart,
  invalidPartOrder,
  invalidRequest,
  malformedXml,
  noSuchKey,
  noSuchUpload,
  partTooSmall,
} from "./errors.ts";
import { bytesOf, checksumFor, etagOf, type GivenChecksums, storeObject } from "./put-object.ts";
import { requireUpload } from "./resolve.ts";
import { deleteUploads, partsOf } from "./uploads.ts";
import { checksumMembers, wholeSeconds } from "./views/object.ts";

const MOST_PARTS = 10_000;
/** Of every part but the last (S3 user guide, "Multipart upload limits"). */
const SMALLEST_PART = 5 * 1024 * 1024;

export async function uploadPart(
  input: wire.UploadPartCommandInput,
  context: HandlerContext,
): Promise<wire.UploadPartOutput> {
  const upload = requireUpload(context, input);
  refuseCustomerKey(input);
  const bytes = bytesOf(input.Body);
  const checksum = checksumFor(input, bytes, upload.checksum?.name);
  requireSameChecksum(upload, checksum);
  const { etag } = await storePart(context, upload, input.PartNumber, async () => ({
    blob: await context.objectStore.write(bytes),
    size: bytes.length,
    etag: etagOf(bytes),
    checksum,
  }));
  return { ETag: etag, ServerSideEncryption: "AES256", ...checksumValue(checksum) };
}

export async function uploadPartCopy(
  input: wire.UploadPartCopyRequest,
  context: HandlerContext,
): Promise<wire.UploadPartCopyOutput> {
  const upload = requireUpload(context, input);
  refuseCustomerKey(input);
  const source = requireSource(context, input);
  const text = input.CopySourceRange;
  if (text !== undefined && !/^bytes=\d+-\d+$/.test(text)) {
    throw invalidArgument(
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
      "x-amz-copy-source-range",
      text,
    );
  }
  const range = readRange(text, source.size);
  const part = await storePart(context, upload, input.PartNumber, () =>
    copyRange(context, upload, { name: source.blob, ...range }, source.key),
  );
  return {
    ServerSideEncryption: "AES256",
    CopyPartResult: {
      ETag: part.etag,
      LastModified: wholeSeconds(part.lastModified),
      ...checksumValue(part.checksum),
    },
  };
}

type WrittenPart = Pick<UploadedPart, "blob" | "size" | "etag" | "checksum">;

/** Throws NoSuchKey when the source went away meanwhile. */
async function copyRange(
  { objectStore }: HandlerContext,
  { checksum }: MultipartUpload,
  piece: Piece,
  key: string,
): Promise<WrittenPart> {
  const name = checksum?.name ?? "CRC64NVME";
  const [md5, running] = [createHash("md5"), startChecksum(name)];
  let size = 0;
  const copied = objectStore.join([piece], (chunk) => {
    md5.update(chunk);
    running.update(chunk);
    size += chunk.length;
  });
  const blob = await orElse(copied, () => noSuchKey(key));
  const value = running.digest().toString("base64");
  return { blob, size, etag: `"${md5.digest("hex")}"`, checksum: { name, value, type: "FULL_OBJECT" } };
}

/** Files go with the records that name them: another request has been faster. */
async function orElse<T>(work: Promise<T>, fault: () => Error): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof FileGone ? fault() : error;
  }
}

/** Throws InvalidRequest. */
function requireSameChecksum({ checksum: wanted }: MultipartUpload, { name }: Checksum): void {
  if (wanted === undefined || wanted.name === name) return;
  throw invalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${wanted.name.toLowerCase()}, actual checksum Type: ${name.toLowerCase()}`,
  );
}

async function storePart(
  context: HandlerContext,
  upload: MultipartUpload,
  partNumber: number | undefined,
  write: () => Promise<WrittenPart>,
): Promise<UploadedPart> {
  const { store, objectStore } = context;
  if (
    partNumber === undefined ||
    !Number.isInteger(partNumber) ||
    partNumber < 1 ||
    partNumber > MOST_PARTS
  ) {
    throw invalidArgument(
      `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`,
      "partNumber",
      String(partNumber),
    );
  }
  const part: UploadedPart = {
    uploadId: upload.uploadId,
    partNumber,
    ...(await write()),
    lastModified: context.clock.now(),
  };
  let former: UploadedPart | undefined;
  try {
    former = store.transaction((tx) => {
      requireUpload(context, { Bucket: upload.bucket, Key: upload.key, UploadId: upload.uploadId });
      const existing = store.get(uploadedParts, `${upload.uploadId}/${partNumber}`);
      tx.put(uploadedParts, part);
      return existing;
    });
  } catch (error) {
    await objectStore.delete([part.blob]);
    throw error;
  }
  if (former !== undefined) await objectStore.delete([former.blob]);
  return part;
}

function checksumValue(checksum: Checksum | undefined) {
  return checksum === undefined ? {} : { [`Checksum${checksum.name}`]: checksum.value };
}

export async function completeMultipartUpload(
  input: wire.CompleteMultipartUploadRequest,
  context: HandlerContext,
): Promise<wire.CompleteMultipartUploadOutput> {
  const { store, objectStore } = context;
  const upload = requireUpload(context, input);
  const parts = chosenParts(upload, partsOf(store, upload.uploadId), input.MultipartUpload?.Parts ?? []);
  checkWriteConditions(findObject(store, upload.bucket, upload.key), upload.key, input);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size) {
    throw invalidRequest(
      "The provided 'x-amz-mp-object-size' header value does not match what was computed.",
    );
  }
  const wanted = upload.checksum ?? { name: "CRC64NVME", type: "FULL_OBJECT" };
  const whole = wanted.type === "FULL_OBJECT" ? startChecksum(wanted.name) : undefined;
  const joined = objectStore.join(
    parts.map((part) => ({ name: part.blob })),
    (chunk) => whole?.update(chunk),
  );
  const blob = await orElse(joined, () => noSuchUpload(upload.uploadId));
  const { uploadId, initiatedAt: _at, initiatorArn: _by, checksum: _wanted, ...headers } = upload;
  const object: StoredObject = {
    ...headers,
    blob,
    size,
    etag: etagOfParts(parts),
    checksum: { ...wanted, value: whole?.digest().toString("base64") ?? compositeOf(wanted.name, parts) },
    lastModified: context.clock.now(),
    partSizes: parts.map((part) => part.size),
  };
  const mismatch = mismatchOf(input, object.checksum);
  if (mismatch !== undefined) {
    await objectStore.delete([blob]);
    throw badDigest(mismatch);
  }
  await storeObject(context, object, input, (tx) => {
    // Another may have completed or aborted it while the parts were joined.
    requireUpload(context, { Bucket: upload.bucket, Key: upload.key, UploadId: uploadId });
    return deleteUploads(store, tx, uploadId);
  });
  return {
    Location: `http://${context.settings.endpoint}/${upload.bucket}/${encodeURIComponent(upload.key.toWellFormed())}`,
    Bucket: upload.bucket,
    Key: upload.key,
    ETag: object.etag,
    ServerSideEncryption: "AES256",
    ...checksumMembers(object.checksum),
  };
}

/** Throws MalformedXML, InvalidPartOrder, InvalidPart, EntityTooSmall. */
function chosenParts(
  { uploadId }: MultipartUpload,
  uploaded: readonly UploadedPart[],
  listed: readonly wire.CompletedPart[],
): UploadedPart[] {
  if (listed.length < 1 || listed.length > MOST_PARTS) throw malformedXml();
  const byNumber = new Map(uploaded.map((part) => [part.partNumber, part]));
  const bare = (etag: string | undefined) => (etag ?? "").replaceAll('"', "");
  const numbers = listed.map(({ PartNumber: number = 0 }) => number);
  if (numbers.some((number, index) => index > 0 && number <= (numbers[index - 1] ?? 0))) {
    throw invalidPartOrder(uploadId);
  }
  return listed.map(({ PartNumber: number = 0, ETag: etag }, index) => {
    const part = byNumber.get(number);
    if (part === undefined || bare(part.etag) !== bare(etag)) throw invalidPart(uploadId, number, bare(etag));
    if (part.size < SMALLEST_PART && index < listed.length - 1) {
      throw partTooSmall(number, part.etag, part.size, SMALLEST_PART);
    }
    return part;
  });
}

function etagOfParts(parts: readonly UploadedPart[]): string {
  const hash = createHash("md5");
  for (const { etag } of parts) hash.update(Buffer.from(etag.replaceAll('"', ""), "hex"));
  return `"${hash.digest("hex")}-${parts.length}"`;
}

/** The checksum of the parts' checksums. */
function compositeOf(name: ChecksumName, parts: readonly UploadedPart[]): string {
  const digests = parts.map(({ checksum }) => Buffer.from(checksum?.value ?? "", "base64"));
  return `${checksumOf(name, Buffer.concat(digests)).toString("base64")}-${parts.length}`;
}

/** The name of the checksum that the client has computed otherwise. */
function mismatchOf(input: GivenChecksums, checksum: Checksum | undefined): string | undefined {
  if (checksum === undefined) return undefined;
  const given = input[`Checksum${checksum.name}`];
  const bare = (value: string) => value.replace(/-\d+$/, "");
  return given === undefined || bare(given) === bare(checksum.value) ? undefined : checksum.name;
}
