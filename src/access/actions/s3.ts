import type * as sdk from "@aws-sdk/client-s3";
import { bucketArn, objectArn, parseCopySource } from "../../model/s3/names.ts";
import { storedObjects } from "../../store/tables/s3.ts";
import { type ActionRules, type Asking, type CallFacts, type Keys, tagList } from "./action.ts";

interface OfBucket {
  readonly Bucket: string | undefined;
}

interface OfObject extends OfBucket {
  readonly Key: string | undefined;
}

const bucketOf = ({ Bucket = "" }: OfBucket) => [bucketArn(Bucket)];
const objectOf = ({ Bucket = "", Key = "" }: OfObject) => [objectArn(Bucket, Key)];

/** Operations have other names than what they ask for: `s3:ListBucket` of ListObjectsV2. */
function onBucket(action: string) {
  return { action, on: bucketOf };
}

function onObject(action: string) {
  return { action, on: objectOf };
}

interface Named {
  readonly Bucket?: string | undefined;
  readonly Key?: string | undefined;
}

function existingTags({ Bucket, Key }: Named, { store }: Pick<CallFacts, "store">): Keys {
  const tags = store.get(storedObjects, `${Bucket}/${Key}`)?.tags ?? [];
  return Object.fromEntries(tags.map(({ key, value }) => [`s3:ExistingObjectTag/${key}`, value]));
}

/** Of the header `x-amz-tagging`. */
function requestTags({ Tagging }: { readonly Tagging?: string | undefined }): Keys {
  const tags = [...new URLSearchParams(Tagging ?? "")];
  return {
    "s3:RequestObjectTagKeys": tags.map(([key]) => key),
    ...Object.fromEntries(tags.map(([key, value]) => [`s3:RequestObjectTag/${key}`, value])),
  };
}

/** Who may not list a bucket does not learn what is not in it (API reference, GetObject). */
function listingOfAbsent(input: OfObject, { store }: CallFacts): Asking[] {
  const { Bucket = "", Key = "" } = input;
  return store.get(storedObjects, `${Bucket}/${Key}`) === undefined
    ? [{ action: "s3:ListBucket", resource: bucketArn(Bucket) }]
    : [];
}

const reading = { ...onObject("GetObject"), keys: existingTags, also: listingOfAbsent };

const writing = {
  ...onObject("PutObject"),
  keys: (input: Parameters<typeof headerKeys>[0] & Parameters<typeof requestTags>[0]): Keys => ({
    ...requestTags(input),
    ...headerKeys(input),
  }),
  also: (input: OfObject & { readonly Tagging?: string | undefined }): Asking[] =>
    (input.Tagging ?? "") === ""
      ? []
      : objectOf(input).map((resource) => ({
          action: "s3:PutObjectTagging",
          resource,
          keys: requestTags(input),
        })),
};

function copying(
  { CopySource }: { readonly CopySource: string | undefined },
  { store }: CallFacts,
): Asking[] {
  const source = parseCopySource(CopySource ?? "");
  if (source === undefined) return [];
  const { bucket: Bucket, key: Key } = source;
  const keys = existingTags({ Bucket, Key }, { store });
  return [{ action: "s3:GetObject", resource: objectArn(Bucket, Key), keys }];
}

/** Of PutObjectTagging: the tags that are there, and those to come. */
function changingTags(
  input: OfObject & { readonly Tagging: { readonly TagSet: readonly WireTag[] | undefined } | undefined },
  call: CallFacts,
): Keys {
  const tags = tagList(input.Tagging?.TagSet);
  return {
    ...existingTags(input, call),
    "s3:RequestObjectTagKeys": tags.map(({ key }) => key),
    ...Object.fromEntries(tags.map(({ key, value }) => [`s3:RequestObjectTag/${key}`, value])),
  };
}

interface WireTag {
  readonly Key: string | undefined;
  readonly Value: string | undefined;
}

/** What the headers of a write say, by the names of the headers (Service Authorization Reference, Amazon S3). */
function headerKeys(input: {
  readonly ACL?: string | undefined;
  readonly ServerSideEncryption?: string | undefined;
  readonly StorageClass?: string | undefined;
  readonly CopySource?: string | undefined;
  readonly MetadataDirective?: string | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
}): Keys {
  return {
    "s3:x-amz-acl": input.ACL,
    "s3:x-amz-server-side-encryption": input.ServerSideEncryption,
    "s3:x-amz-storage-class": input.StorageClass,
    "s3:x-amz-copy-source": input.CopySource,
    "s3:x-amz-metadata-directive": input.MetadataDirective,
    "s3:x-amz-website-redirect-location": input.WebsiteRedirectLocation,
  };
}

interface Listing {
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
  readonly MaxKeys?: number | undefined;
}

function listing(action: string) {
  return {
    ...onBucket(action),
    keys: ({ Prefix, Delimiter, MaxKeys }: Listing): Keys => ({
      "s3:prefix": Prefix ?? "",
      "s3:delimiter": Delimiter,
      "s3:max-keys": MaxKeys,
    }),
  };
}

export const s3Actions = {
  ListBuckets: { action: "ListAllMyBuckets", on: () => ["arn:aws:s3:::*"] },
  CreateBucket: {
    ...onBucket("CreateBucket"),
    tags: (input) => tagList(input.CreateBucketConfiguration?.Tags),
  },
  DeleteBucket: onBucket("DeleteBucket"),
  HeadBucket: onBucket("ListBucket"),
  ListObjects: listing("ListBucket"),
  ListObjectsV2: listing("ListBucket"),
  ListObjectVersions: listing("ListBucketVersions"),
  ListMultipartUploads: onBucket("ListBucketMultipartUploads"),
  GetBucketLocation: onBucket("GetBucketLocation"),
  GetBucketAcl: onBucket("GetBucketAcl"),
  PutBucketAcl: onBucket("PutBucketAcl"),
  GetBucketVersioning: onBucket("GetBucketVersioning"),
  GetBucketCors: onBucket("GetBucketCORS"),
  DeleteBucketCors: onBucket("PutBucketCORS"),
  GetBucketWebsite: onBucket("GetBucketWebsite"),
  DeleteBucketWebsite: onBucket("DeleteBucketWebsite"),
  GetBucketLogging: onBucket("GetBucketLogging"),
  GetBucketNotificationConfiguration: onBucket("GetBucketNotification"),
  GetBucketRequestPayment: onBucket("GetBucketRequestPayment"),
  GetBucketAccelerateConfiguration: onBucket("GetAccelerateConfiguration"),
  GetBucketLifecycleConfiguration: onBucket("GetLifecycleConfiguration"),
  DeleteBucketLifecycle: onBucket("PutLifecycleConfiguration"),
  GetBucketReplication: onBucket("GetReplicationConfiguration"),
  DeleteBucketReplication: onBucket("PutReplicationConfiguration"),
  GetBucketEncryption: onBucket("GetEncryptionConfiguration"),
  PutBucketEncryption: onBucket("PutEncryptionConfiguration"),
  DeleteBucketEncryption: onBucket("PutEncryptionConfiguration"),
  GetObjectLockConfiguration: onBucket("GetBucketObjectLockConfiguration"),
  GetPublicAccessBlock: onBucket("GetBucketPublicAccessBlock"),
  PutPublicAccessBlock: onBucket("PutBucketPublicAccessBlock"),
  DeletePublicAccessBlock: onBucket("PutBucketPublicAccessBlock"),
  GetBucketOwnershipControls: onBucket("GetBucketOwnershipControls"),
  PutBucketOwnershipControls: onBucket("PutBucketOwnershipControls"),
  DeleteBucketOwnershipControls: onBucket("PutBucketOwnershipControls"),
  GetBucketPolicy: onBucket("GetBucketPolicy"),
  GetBucketPolicyStatus: onBucket("GetBucketPolicyStatus"),
  PutBucketPolicy: onBucket("PutBucketPolicy"),
  DeleteBucketPolicy: onBucket("DeleteBucketPolicy"),
  GetBucketTagging: onBucket("GetBucketTagging"),
  PutBucketTagging: { ...onBucket("PutBucketTagging"), tags: (input) => tagList(input.Tagging?.TagSet) },
  DeleteBucketTagging: onBucket("PutBucketTagging"),
  GetObject: reading,
  HeadObject: reading,
  GetObjectAcl: { ...onObject("GetObjectAcl"), keys: existingTags },
  PutObjectAcl: { ...onObject("PutObjectAcl"), keys: existingTags },
  GetObjectTagging: { ...onObject("GetObjectTagging"), keys: existingTags },
  PutObjectTagging: { ...onObject("PutObjectTagging"), keys: changingTags },
  DeleteObjectTagging: { ...onObject("DeleteObjectTagging"), keys: existingTags },
  PutObject: writing,
  CopyObject: { ...writing, also: (input, call) => [...copying(input, call), ...writing.also(input)] },
  CreateMultipartUpload: writing,
  UploadPart: onObject("PutObject"),
  UploadPartCopy: { ...onObject("PutObject"), also: copying },
  CompleteMultipartUpload: onObject("PutObject"),
  AbortMultipartUpload: onObject("AbortMultipartUpload"),
  ListParts: onObject("ListMultipartUploadParts"),
  DeleteObject: { ...onObject("DeleteObject"), keys: existingTags },
  DeleteObjects: {
    action: "DeleteObject",
    on: ({ Bucket = "", Delete }) => (Delete?.Objects ?? []).map(({ Key = "" }) => objectArn(Bucket, Key)),
  },
} satisfies ActionRules<typeof sdk>;
