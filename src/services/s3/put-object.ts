/** Writing objects: the bytes first, then the record that names them. */
import { createHash } from "node:crypto";
import type * as wire from "@aws-sdk/client-s3";
import { CHECKSUM_NAMES, type ChecksumName, checksumOf } from "../../lib/checksums.ts";
import type { Checksum, StoredObject } from "../../model/s3/records.ts";
import { findObject } from "../../store/objects.ts";
import { storedObjects } from "../../store/tables/s3.ts";
import type { HandlerContext } from "../operation.ts";
import { type Conditions, checkWriteConditions } from "./conditions.ts";
import { checkWriteOptions, readHeaders, readTagHeader, requireKey } from "./constraints.ts";
import { invalidRequest, notHonoured } from "./errors.ts";
import { requireBucket } from "./resolve.ts";
import { checksumMembers } from "./views/object.ts";

export async function putObject(
  input: wire.PutObjectCommandInput,
  context: HandlerContext,
): Promise<wire.PutObjectOutput> {
  const { name } = requireBucket(context, input);
  const key = requireKey(input.Key);
  checkWriteOptions(input);
  if (input.WriteOffsetBytes !== undefined) throw notHonoured("appending to objects");
  const headers = readHeaders(input);
  const tags = readTagHeader(input.Tagging);
  checkWriteConditions(findObject(context.store, name, key), key, input);
  const bytes = bytesOf(input.Body);
  const checksum = checksumFor(input, bytes);
  const object: StoredObject = {
    ...headers,
    bucket: name,
    key,
    blob: await context.objectStore.write(bytes),
    size: bytes.length,
    etag: etagOf(bytes),
    checksum,
    lastModified: context.clock.now(),
    tags,
  };
  await storeObject(context, object, input);
  return { ETag: object.etag, ServerSideEncryption: "AES256", ...checksumMembers(checksum) };
}

/** The gateway has read it to its end. */
export function bytesOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : Buffer.alloc(0);
}

export function etagOf(bytes: Uint8Array): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}

export interface GivenChecksums {
  readonly ChecksumAlgorithm?: string | undefined;
  readonly ChecksumCRC32?: string | undefined;
  readonly ChecksumCRC32C?: string | undefined;
  readonly ChecksumCRC64NVME?: string | undefined;
  readonly ChecksumSHA1?: string | undefined;
  readonly ChecksumSHA256?: string | undefined;
}

/** Those given have been held against the bytes by the gateway. Throws InvalidRequest when there are two. */
export function checksumFor(
  input: GivenChecksums,
  bytes: Uint8Array,
  otherwise: ChecksumName = "CRC64NVME",
): Checksum {
  const given = CHECKSUM_NAMES.filter((name) => input[`Checksum${name}`] !== undefined);
  if (given.length > 1) {
    throw invalidRequest(
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  }
  const asked = CHECKSUM_NAMES.find((name) => name === input.ChecksumAlgorithm?.toUpperCase());
  const name = given[0] ?? asked ?? otherwise;
  return { name, value: checksumOf(name, bytes).toString("base64"), type: "FULL_OBJECT" };
}

/**
 * Names the new bytes and forgets those that were there. Throws what the conditions say of the object as it is now, and
 * NoSuchBucket; then the new bytes are gone again.
 */
export async function storeObject(
  context: HandlerContext,
  object: StoredObject,
  conditions: Conditions,
  more: (
    tx: Parameters<Parameters<HandlerContext["store"]["transaction"]>[0]>[0],
  ) => readonly string[] = () => [],
): Promise<void> {
  const { store, objectStore } = context;
  let left: readonly string[];
  try {
    left = store.transaction((tx) => {
      requireBucket(context, { Bucket: object.bucket });
      const existing = findObject(store, object.bucket, object.key);
      checkWriteConditions(existing, object.key, conditions);
      tx.put(storedObjects, object);
      return [...(existing === undefined ? [] : [existing.blob]), ...more(tx)];
    });
  } catch (error) {
    await objectStore.delete([object.blob]);
    throw error;
  }
  await objectStore.delete(left);
}
