/** Finding what requests to S3 name. Bucket names are one list for all accounts. */
import { isBucketName } from "../../model/s3/names.ts";
import type { Bucket, MultipartUpload, StoredObject } from "../../model/s3/records.ts";
import { findObject } from "../../store/objects.ts";
import { buckets, multipartUploads } from "../../store/tables/s3.ts";
import type { HandlerContext } from "../operation.ts";
import { checkVersion, requireKey } from "./constraints.ts";
import { accessDenied, invalidBucketName, noSuchBucket, noSuchKey, noSuchUpload } from "./errors.ts";

export interface OfBucket {
  readonly Bucket: string | undefined;
  readonly ExpectedBucketOwner?: string | undefined;
}

export interface OfObject extends OfBucket {
  readonly Key: string | undefined;
  readonly VersionId?: string | undefined;
}

/** Throws NoSuchBucket, AccessDenied for another account's, InvalidBucketName for what can be no bucket's name. */
export function requireBucket(context: HandlerContext, input: OfBucket): Bucket {
  const name = input.Bucket ?? "";
  const found = context.store.get(buckets, name);
  if (found === undefined) throw isBucketName(name) ? noSuchBucket(name) : invalidBucketName(name);
  const { account } = found;
  if (account !== context.scope.account || (input.ExpectedBucketOwner ?? account) !== account) {
    throw accessDenied();
  }
  return found;
}

/** Throws NoSuchKey, and what `requireBucket` throws. */
export function requireObject(context: HandlerContext, input: OfObject): StoredObject {
  const { name } = requireBucket(context, input);
  const key = requireKey(input.Key);
  checkVersion(key, input.VersionId);
  const found = findObject(context.store, name, key);
  if (found === undefined) throw noSuchKey(key);
  return found;
}

/** Throws NoSuchUpload. */
export function requireUpload(
  context: HandlerContext,
  input: OfObject & { readonly UploadId: string | undefined },
): MultipartUpload {
  const { name } = requireBucket(context, input);
  const uploadId = input.UploadId ?? "";
  const found = context.store.get(multipartUploads, uploadId);
  if (found === undefined || found.bucket !== name || found.key !== input.Key) throw noSuchUpload(uploadId);
  return found;
}
