/** Checks of what requests to S3 say, whatever there is. */
import { LONGEST_KEY } from "../../model/s3/names.ts";
import type { ObjectHeaders } from "../../model/s3/records.ts";
import type { Tag } from "../../model/tags.ts";
import {
  aclNotSupported,
  invalidArgument,
  invalidRequest,
  invalidStorageClass,
  invalidTag,
  invalidVersionId,
  keyTooLong,
  metadataTooLarge,
  noSuchVersion,
  notHonoured,
  tooManyTags,
} from "./errors.ts";

const MOST_METADATA_BYTES = 2048;
const MOST_OBJECT_TAGS = 10;
const MOST_BUCKET_TAGS = 50;
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
/** Those whose objects can be read at once; an archive would have to be restored first. */
const STORAGE_CLASSES = [
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER_IR",
];
const OTHER_STORAGE_CLASSES = ["GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "SNOW", "EXPRESS_ONEZONE"];

export function requireKey(key: string | undefined): string {
  const size = Buffer.byteLength(key ?? "");
  if (size > LONGEST_KEY) throw keyTooLong(size, LONGEST_KEY);
  return key ?? "";
}

/** Buckets have no versions: every object is the version `null`. */
export function checkVersion(key: string, versionId: string | undefined): void {
  if (versionId === undefined || versionId === "null") return;
  if (/^[A-Za-z0-9._]{32}$/.test(versionId)) throw noSuchVersion(key, versionId);
  throw invalidVersionId(versionId);
}

export interface WriteOptions {
  readonly ACL?: string | undefined;
  readonly GrantFullControl?: string | undefined;
  readonly GrantRead?: string | undefined;
  readonly GrantReadACP?: string | undefined;
  readonly GrantWriteACP?: string | undefined;
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly SSECustomerAlgorithm?: string | undefined;
  readonly SSECustomerKey?: string | undefined;
  readonly ObjectLockMode?: string | undefined;
  readonly ObjectLockLegalHoldStatus?: string | undefined;
  readonly ObjectLockRetainUntilDate?: Date | undefined;
  readonly StorageClass?: string | undefined;
}

export function checkWriteOptions(input: WriteOptions): void {
  const grants = [input.GrantFullControl, input.GrantRead, input.GrantReadACP, input.GrantWriteACP];
  if ((input.ACL ?? "bucket-owner-full-control") !== "bucket-owner-full-control") throw aclNotSupported();
  if (grants.some((grant) => grant !== undefined)) throw aclNotSupported();
  refuseCustomerKey(input);
  if ((input.ServerSideEncryption ?? "AES256") !== "AES256" || input.SSEKMSKeyId !== undefined) {
    if (!/^(AES256|aws:kms|aws:kms:dsse|aws:fsx)$/.test(input.ServerSideEncryption ?? "AES256")) {
      throw invalidArgument(
        "The encryption method specified is not supported",
        "x-amz-server-side-encryption",
        input.ServerSideEncryption ?? "",
      );
    }
    throw notHonoured("encryption with keys of AWS KMS");
  }
  const locked = [input.ObjectLockMode, input.ObjectLockLegalHoldStatus, input.ObjectLockRetainUntilDate];
  if (locked.some((lock) => lock !== undefined)) {
    throw invalidRequest("Bucket is missing Object Lock Configuration");
  }
  const storageClass = input.StorageClass ?? "STANDARD";
  if (OTHER_STORAGE_CLASSES.includes(storageClass)) throw notHonoured(`the storage class ${storageClass}`);
  if (!STORAGE_CLASSES.includes(storageClass)) throw invalidStorageClass(storageClass);
}

export function refuseCustomerKey(
  input: Pick<WriteOptions, "SSECustomerAlgorithm" | "SSECustomerKey">,
): void {
  if (input.SSECustomerAlgorithm !== undefined || input.SSECustomerKey !== undefined) {
    throw notHonoured("encryption with keys of the client's own (SSE-C)");
  }
}

export interface HeaderInput {
  readonly ContentType?: string | undefined;
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly Expires?: Date | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
  readonly StorageClass?: string | undefined;
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
}

/** Throws MetadataTooLarge. */
export function readHeaders(input: HeaderInput): ObjectHeaders {
  const metadata = input.Metadata ?? {};
  const size = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (size > MOST_METADATA_BYTES) throw metadataTooLarge(size, MOST_METADATA_BYTES);
  const redirect = input.WebsiteRedirectLocation;
  if (redirect !== undefined && !/^(\/|https?:\/\/)/.test(redirect)) {
    throw invalidArgument(
      'The website redirect location must have a prefix of "http://" or "https://" or "/".',
      "x-amz-website-redirect-location",
      redirect,
    );
  }
  return {
    contentType: input.ContentType,
    cacheControl: input.CacheControl,
    contentDisposition: input.ContentDisposition,
    contentEncoding: input.ContentEncoding,
    contentLanguage: input.ContentLanguage,
    expires: input.Expires?.getTime(),
    websiteRedirectLocation: redirect,
    storageClass: input.StorageClass === "STANDARD" ? undefined : input.StorageClass,
    metadata,
  };
}

/** Of the header `x-amz-tagging`: `key=value&…`. */
export function readTagHeader(text: string | undefined): Tag[] {
  if (text === undefined) return [];
  const tags = [...new URLSearchParams(text)].map(([key, value]) => ({ key, value }));
  if (new Set(tags.map(({ key }) => key)).size < tags.length) {
    throw invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      "x-amz-tagging",
      text,
    );
  }
  return checkTags(tags, "Object");
}

interface WireTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

export function readTagSet(set: readonly WireTag[] | undefined, what: "Object" | "Bucket"): Tag[] {
  return checkTags(
    (set ?? []).map(({ Key = "", Value = "" }) => ({ key: Key, value: Value })),
    what,
  );
}

function checkTags(tags: Tag[], what: "Object" | "Bucket"): Tag[] {
  const most = what === "Object" ? MOST_OBJECT_TAGS : MOST_BUCKET_TAGS;
  if (tags.length > most) throw tooManyTags(what, most);
  for (const { key, value } of tags) {
    if (key.length < 1 || key.length > 128 || !TAG_TEXT.test(key)) {
      throw invalidTag("The TagKey you have provided is invalid", { TagKey: key });
    }
    if (value.length > 256 || !TAG_TEXT.test(value)) {
      throw invalidTag("The TagValue you have provided is invalid", { TagKey: key, TagValue: value });
    }
    if (key.toLowerCase().startsWith("aws:")) {
      throw invalidTag("System tags cannot be added/updated by requester");
    }
  }
  if (new Set(tags.map(({ key }) => key)).size < tags.length) {
    throw invalidTag("Cannot provide multiple Tags with the same key");
  }
  return tags;
}
