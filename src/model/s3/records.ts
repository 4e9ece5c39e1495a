/** S3's nouns as Berth keeps them. */
import type { ChecksumName } from "../../lib/checksums.ts";
import type { Scope } from "../scope.ts";
import type { Tag } from "../tags.ts";

/** Names are unique among all accounts. */
export interface Bucket extends Scope {
  readonly name: string;
  readonly createdAt: number;
  readonly tags: readonly Tag[];
  /** As given; evaluated for callers with keys that Berth issued. */
  readonly policyText?: string | undefined;
  readonly publicAccessBlock?: PublicAccessBlock | undefined;
  /** Absent: as every new bucket has it, BucketOwnerEnforced. */
  readonly ownershipControls?: "BucketOwnerEnforced" | "none" | undefined;
  /** Whether its default encryption names bucket keys. */
  readonly bucketKeyEnabled?: boolean | undefined;
}

export interface PublicAccessBlock {
  readonly blockPublicAcls: boolean;
  readonly ignorePublicAcls: boolean;
  readonly blockPublicPolicy: boolean;
  readonly restrictPublicBuckets: boolean;
}

/** What a client says about an object beside its bytes; all as given. */
export interface ObjectHeaders {
  readonly contentType?: string | undefined;
  readonly cacheControl?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentLanguage?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expires?: number | undefined;
  readonly websiteRedirectLocation?: string | undefined;
  readonly storageClass?: string | undefined;
  /** `x-amz-meta-…`, without that. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Checksum {
  readonly name: ChecksumName;
  /** Base64; of a composite one with `-<number of parts>`. */
  readonly value: string;
  readonly type: "FULL_OBJECT" | "COMPOSITE";
}

export interface StoredObject extends ObjectHeaders {
  readonly bucket: string;
  readonly key: string;
  /** The file that holds its bytes; never changed once it is there. */
  readonly blob: string;
  readonly size: number;
  /** With its quotation marks. */
  readonly etag: string;
  readonly checksum?: Checksum | undefined;
  readonly lastModified: number;
  readonly tags: readonly Tag[];
  /** Of a multipart upload: bytes of each part. */
  readonly partSizes?: readonly number[] | undefined;
}

export interface MultipartUpload extends ObjectHeaders {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedAt: number;
  readonly initiatorArn: string;
  readonly tags: readonly Tag[];
  readonly checksum?: Pick<Checksum, "name" | "type"> | undefined;
}

export interface UploadedPart {
  readonly uploadId: string;
  /** 1 to 10,000. */
  readonly partNumber: number;
  readonly blob: string;
  readonly size: number;
  readonly etag: string;
  readonly checksum?: Checksum | undefined;
  readonly lastModified: number;
}
