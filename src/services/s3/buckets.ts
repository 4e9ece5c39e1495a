/** Making, finding and deleting buckets. */
import type * as wire from "@aws-sdk/client-s3";
import { bucketArn, isBucketName } from "../../model/s3/names.ts";
import type { Bucket } from "../../model/s3/records.ts";
import { objectsOf } from "../../store/objects.ts";
import { buckets, multipartUploads } from "../../store/tables/s3.ts";
import type { HandlerContext } from "../operation.ts";
import { readTagSet } from "./constraints.ts";
import {
  aclWithoutOwnership,
  bucketAlreadyExists,
  bucketAlreadyOwned,
  bucketNotEmpty,
  illegalLocation,
  invalidArgument,
  invalidBucketName,
  invalidLocation,
  notHonoured,
  tooManyBuckets,
} from "./errors.ts";
import { requireBucket } from "./resolve.ts";
import { deleteUploads } from "./uploads.ts";
import { ownerOf } from "./views/owner.ts";

/** The default quota of an account (S3 user guide, "Bucket quotas"). */
const MOST_BUCKETS = 10_000;
const MOST_LISTED = 10_000;
/** The one whose buckets have no location. */
const FIRST_REGION = "us-east-1";

export function createBucket(
  input: wire.CreateBucketRequest,
  context: HandlerContext,
): Omit<wire.CreateBucketCommandOutput, "$metadata"> {
  const name = input.Bucket ?? "";
  if (!isBucketName(name)) throw invalidBucketName(name);
  checkLocation(input.CreateBucketConfiguration, context.scope.region);
  checkOptions(input);
  const tags = readTagSet(input.CreateBucketConfiguration?.Tags, "Bucket");
  const existing = context.store.get(buckets, name);
  if (existing !== undefined) {
    if (existing.account !== context.scope.account) throw bucketAlreadyExists(name);
    // The first region answers as if it had made it.
    if (existing.region !== FIRST_REGION || context.scope.region !== FIRST_REGION)
      throw bucketAlreadyOwned(name);
    return { Location: `/${name}`, BucketArn: bucketArn(name) };
  }
  if (context.store.count(buckets, "account", context.scope.account) >= MOST_BUCKETS) throw tooManyBuckets();
  const bucket: Bucket = {
    ...context.scope,
    name,
    createdAt: context.clock.now(),
    tags,
    publicAccessBlock: {
      blockPublicAcls: true,
      ignorePublicAcls: true,
      blockPublicPolicy: true,
      restrictPublicBuckets: true,
    },
  };
  context.store.transaction((tx) => tx.put(buckets, bucket));
  return { Location: `/${name}`, BucketArn: bucketArn(name) };
}

/** Throws IllegalLocationConstraintException or InvalidLocationConstraint. */
function checkLocation(given: wire.CreateBucketConfiguration | undefined, region: string): void {
  if (given?.Location !== undefined || given?.Bucket !== undefined) throw notHonoured("directory buckets");
  const location: string | undefined = given?.LocationConstraint;
  if (location === undefined || location === "") {
    if (region !== FIRST_REGION) throw illegalLocation(undefined);
    return;
  }
  if (location === FIRST_REGION || !/^(EU|[a-z]{2}(-[a-z]+)+-\d)$/.test(location))
    throw invalidLocation(location);
  const meant = location === "EU" ? "eu-west-1" : location;
  if (meant !== region) throw illegalLocation(location);
}

/** Every bucket is its owner's alone: without access control lists, as AWS makes new ones. */
function checkOptions(input: wire.CreateBucketRequest): void {
  const grants = [
    input.GrantFullControl,
    input.GrantRead,
    input.GrantReadACP,
    input.GrantWrite,
    input.GrantWriteACP,
  ];
  if ((input.ACL ?? "private") !== "private" || grants.some((grant) => grant !== undefined)) {
    throw aclWithoutOwnership();
  }
  const ownership = input.ObjectOwnership ?? "BucketOwnerEnforced";
  if (!["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"].includes(ownership)) {
    throw invalidArgument("Invalid x-amz-object-ownership header", "x-amz-object-ownership", ownership);
  }
  if (ownership !== "BucketOwnerEnforced")
    throw notHonoured(`access control lists (object ownership ${ownership})`);
  if (input.ObjectLockEnabledForBucket === true) throw notHonoured("Object Lock");
}

export function headBucket(
  input: wire.HeadBucketRequest,
  context: HandlerContext,
): Omit<wire.HeadBucketCommandOutput, "$metadata"> {
  const { name, region } = requireBucket(context, input);
  return { BucketArn: bucketArn(name), BucketRegion: region, AccessPointAlias: false };
}

export function getBucketLocation(
  input: wire.GetBucketLocationRequest,
  context: HandlerContext,
): wire.GetBucketLocationOutput {
  const { region } = requireBucket(context, input);
  if (region === FIRST_REGION) return {};
  // The SDK's type lists the regions that it knew when it was made.
  return { LocationConstraint: region as wire.BucketLocationConstraint };
}

export async function deleteBucket(input: wire.DeleteBucketRequest, context: HandlerContext) {
  const { store, objectStore } = context;
  const { name } = requireBucket(context, input);
  if (objectsOf(store, name).length > 0) throw bucketNotEmpty(name);
  const blobs = store.transaction((tx) => {
    tx.delete(buckets, name);
    return store
      .where(multipartUploads, "bucket", name)
      .flatMap((upload) => deleteUploads(store, tx, upload.uploadId));
  });
  await objectStore.delete(blobs);
  return {};
}

export function listBuckets(input: wire.ListBucketsRequest, context: HandlerContext): wire.ListBucketsOutput {
  const most = input.MaxBuckets ?? MOST_LISTED;
  if (!Number.isInteger(most) || most < 1 || most > MOST_LISTED) {
    throw invalidArgument(
      `Argument max-buckets must be an integer between 1 and ${MOST_LISTED}`,
      "max-buckets",
      String(most),
    );
  }
  const { Prefix: prefix = "", BucketRegion: region, ContinuationToken: token } = input;
  const after = token === undefined ? "" : Buffer.from(token, "base64").toString();
  const matching = context.store
    .where(buckets, "account", context.scope.account)
    .filter((bucket) => bucket.name.startsWith(prefix) && (region ?? bucket.region) === bucket.region)
    .filter((bucket) => bucket.name > after)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = matching.slice(0, most);
  const last = page.at(-1);
  // Without paging AWS sends neither regions nor prefix.
  const paged = input.MaxBuckets !== undefined || region !== undefined || input.Prefix !== undefined;
  return {
    Buckets: page.map((bucket) => ({
      Name: bucket.name,
      CreationDate: new Date(bucket.createdAt),
      BucketArn: bucketArn(bucket.name),
      ...(paged ? { BucketRegion: bucket.region } : {}),
    })),
    Owner: ownerOf(context.scope.account),
    ...(input.Prefix === undefined ? {} : { Prefix: prefix }),
    ...(matching.length > page.length && last !== undefined
      ? { ContinuationToken: Buffer.from(last.name).toString("base64") }
      : {}),
  };
}
