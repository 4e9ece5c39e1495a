/** A stored object as GetObject and HeadObject tell of it. */
import type * as wire from "@aws-sdk/client-s3";
import type { Checksum, StoredObject } from "../../../model/s3/records.ts";

/** Members of the checksum's own name, as every operation that tells of it has them. */
export function checksumMembers(checksum: Checksum | undefined) {
  if (checksum === undefined) return {};
  return { [`Checksum${checksum.name}`]: checksum.value, ChecksumType: checksum.type };
}

export interface ResponseOverrides {
  readonly ResponseCacheControl?: string | undefined;
  readonly ResponseContentDisposition?: string | undefined;
  readonly ResponseContentEncoding?: string | undefined;
  readonly ResponseContentLanguage?: string | undefined;
  readonly ResponseContentType?: string | undefined;
  readonly ResponseExpires?: Date | undefined;
}

export function describeObject(
  object: StoredObject,
  input: ResponseOverrides & { readonly ChecksumMode?: string | undefined },
): Omit<wire.HeadObjectOutput, "ContentLength"> {
  const { expires } = object;
  return {
    AcceptRanges: "bytes",
    LastModified: wholeSeconds(object.lastModified),
    ETag: object.etag,
    ContentType: input.ResponseContentType ?? object.contentType ?? "binary/octet-stream",
    CacheControl: input.ResponseCacheControl ?? object.cacheControl,
    ContentDisposition: input.ResponseContentDisposition ?? object.contentDisposition,
    ContentEncoding: input.ResponseContentEncoding ?? object.contentEncoding,
    ContentLanguage: input.ResponseContentLanguage ?? object.contentLanguage,
    Expires: input.ResponseExpires ?? (expires === undefined ? undefined : new Date(expires)),
    WebsiteRedirectLocation: object.websiteRedirectLocation,
    ServerSideEncryption: "AES256",
    StorageClass: object.storageClass as wire.StorageClass | undefined,
    Metadata: { ...object.metadata },
    ...(object.tags.length === 0 ? {} : { TagCount: object.tags.length }),
    ...(input.ChecksumMode === "ENABLED" ? checksumMembers(object.checksum) : {}),
  };
}

/** As HTTP's dates have it. */
export function wholeSeconds(at: number): Date {
  return new Date(Math.floor(at / 1000) * 1000);
}
