/** Listings of a bucket's objects. */
import type * as wire from "@aws-sdk/client-s3";
import type { StoredObject } from "../../model/s3/records.ts";
import { objectsOf } from "../../store/objects.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidArgument } from "./errors.ts";
import { keyWriter, pageOf, readMaxKeys } from "./page.ts";
import { requireBucket } from "./resolve.ts";
import { wholeSeconds } from "./views/object.ts";
import { ownerOf } from "./views/owner.ts";

export function listObjectsV2(
  input: wire.ListObjectsV2Request,
  context: HandlerContext,
): wire.ListObjectsV2Output {
  const { name, account } = requireBucket(context, input);
  const most = readMaxKeys(input.MaxKeys);
  const write = keyWriter(input.EncodingType);
  const { Prefix: prefix = "", Delimiter: delimiter, ContinuationToken: token } = input;
  const after = token === undefined ? (input.StartAfter ?? "") : readToken(token);
  const page = pageOf(objectsOf(context.store, name), { prefix, delimiter, after, most });
  const truncated = page.last !== undefined && most > 0;
  const owner = input.FetchOwner === true ? { Owner: ownerOf(account) } : {};
  return {
    Name: name,
    Prefix: write(prefix),
    ...(delimiter === undefined ? {} : { Delimiter: write(delimiter) }),
    MaxKeys: most,
    KeyCount: page.contents.length + page.prefixes.length,
    IsTruncated: truncated,
    ...(token === undefined ? {} : { ContinuationToken: token }),
    ...(input.StartAfter === undefined ? {} : { StartAfter: write(input.StartAfter) }),
    ...(truncated ? { NextContinuationToken: Buffer.from(page.last ?? "").toString("base64") } : {}),
    ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
    Contents: page.contents.map((object) => ({ ...describeListed(object, write), ...owner })),
    CommonPrefixes: page.prefixes.map((each) => ({ Prefix: write(each) })),
  };
}

/** Throws InvalidArgument. */
function readToken(token: string): string {
  const text = Buffer.from(token, "base64").toString();
  if (Buffer.from(text).toString("base64") === token) return text;
  throw invalidArgument("The continuation token provided is incorrect", "continuation-token", token);
}

function describeListed(object: StoredObject, write: (text: string) => string): wire._Object {
  return {
    Key: write(object.key),
    LastModified: wholeSeconds(object.lastModified),
    ETag: object.etag,
    Size: object.size,
    StorageClass: (object.storageClass ?? "STANDARD") as wire.ObjectStorageClass,
    ...(object.checksum === undefined
      ? {}
      : { ChecksumAlgorithm: [object.checksum.name], ChecksumType: object.checksum.type }),
  };
}

export function listObjects(input: wire.ListObjectsRequest, context: HandlerContext): wire.ListObjectsOutput {
  const { name, account } = requireBucket(context, input);
  const most = readMaxKeys(input.MaxKeys);
  const write = keyWriter(input.EncodingType);
  const { Prefix: prefix = "", Delimiter: delimiter, Marker: after = "" } = input;
  const page = pageOf(objectsOf(context.store, name), { prefix, delimiter, after, most });
  const truncated = page.last !== undefined && most > 0;
  return {
    Name: name,
    Prefix: write(prefix),
    Marker: write(after),
    ...(delimiter === undefined ? {} : { Delimiter: write(delimiter) }),
    MaxKeys: most,
    IsTruncated: truncated,
    // Without a delimiter the client takes the last key itself.
    ...(truncated && delimiter !== undefined ? { NextMarker: write(page.last ?? "") } : {}),
    ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
    Contents: page.contents.map((object) => ({ ...describeListed(object, write), Owner: ownerOf(account) })),
    CommonPrefixes: page.prefixes.map((each) => ({ Prefix: write(each) })),
  };
}

/** Of a bucket that never had versions: each object is the only one of its key. */
export function listObjectVersions(
  input: wire.ListObjectVersionsRequest,
  context: HandlerContext,
): wire.ListObjectVersionsOutput {
  const { name, account } = requireBucket(context, input);
  const most = readMaxKeys(input.MaxKeys);
  const write = keyWriter(input.EncodingType);
  const { Prefix: prefix = "", Delimiter: delimiter, KeyMarker: after = "" } = input;
  if (input.VersionIdMarker !== undefined && input.KeyMarker === undefined) {
    throw invalidArgument(
      "A version-id marker cannot be specified without a key marker.",
      "version-id-marker",
      input.VersionIdMarker,
    );
  }
  const page = pageOf(objectsOf(context.store, name), { prefix, delimiter, after, most });
  const truncated = page.last !== undefined && most > 0;
  return {
    Name: name,
    Prefix: write(prefix),
    KeyMarker: write(after),
    VersionIdMarker: input.VersionIdMarker ?? "",
    ...(delimiter === undefined ? {} : { Delimiter: write(delimiter) }),
    MaxKeys: most,
    IsTruncated: truncated,
    ...(truncated ? { NextKeyMarker: write(page.last ?? ""), NextVersionIdMarker: "null" } : {}),
    ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
    Versions: page.contents.map((object) => ({
      ...describeListed(object, write),
      StorageClass: "STANDARD" as const,
      VersionId: "null",
      IsLatest: true,
      Owner: ownerOf(account),
    })),
    CommonPrefixes: page.prefixes.map((each) => ({ Prefix: write(each) })),
  };
}
