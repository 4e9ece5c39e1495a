/** What no bucket of Berth's has: reading it is answered as for a bucket on which it was never configured. */
import type * as wire from "@aws-sdk/client-s3";
import type { Bucket } from "../../model/s3/records.ts";
import type { HandlerContext } from "../operation.ts";
import { aclNotSupported, noConfiguration } from "./errors.ts";
import { type OfBucket, type OfObject, requireBucket, requireObject } from "./resolve.ts";
import { canonicalUserId, ownerOf } from "./views/owner.ts";

/** Code and text of S3's own error. */
function absent(code: string, message: string) {
  return (input: OfBucket, context: HandlerContext): never => {
    throw noConfiguration(code, message, requireBucket(context, input).name);
  };
}

export const getBucketCors = absent("NoSuchCORSConfiguration", "The CORS configuration does not exist");
export const getBucketWebsite = absent(
  "NoSuchWebsiteConfiguration",
  "The specified bucket does not have a website configuration",
);
export const getBucketLifecycleConfiguration = absent(
  "NoSuchLifecycleConfiguration",
  "The lifecycle configuration does not exist",
);
export const getBucketReplication = absent(
  "ReplicationConfigurationNotFoundError",
  "The replication configuration was not found",
);
export const getObjectLockConfiguration = absent(
  "ObjectLockConfigurationNotFoundError",
  "Object Lock configuration does not exist for this bucket",
);

/** An answer without anything in it. */
function empty(input: OfBucket, context: HandlerContext): Record<string, never> {
  requireBucket(context, input);
  return {};
}

export const getBucketVersioning = empty;
export const getBucketLogging = empty;
export const getBucketAccelerateConfiguration = empty;
export const getBucketNotificationConfiguration = empty;

/** Deleting what is not there succeeds. */
export const deleteBucketCors = empty;
export const deleteBucketWebsite = empty;
export const deleteBucketLifecycle = empty;
export const deleteBucketReplication = empty;

export function getBucketRequestPayment(
  input: wire.GetBucketRequestPaymentRequest,
  context: HandlerContext,
): wire.GetBucketRequestPaymentOutput {
  requireBucket(context, input);
  return { Payer: "BucketOwner" };
}

function ownersGrant({ account }: Pick<Bucket, "account">): wire.GetBucketAclOutput {
  return {
    Owner: ownerOf(account),
    Grants: [
      { Grantee: { Type: "CanonicalUser", ID: canonicalUserId(account) }, Permission: "FULL_CONTROL" },
    ],
  };
}

export function getBucketAcl(
  input: wire.GetBucketAclRequest,
  context: HandlerContext,
): wire.GetBucketAclOutput {
  return ownersGrant(requireBucket(context, input));
}

/** No ACL can be set where the bucket's owner owns everything. */
export function putBucketAcl(input: OfBucket, context: HandlerContext): never {
  requireBucket(context, input);
  throw aclNotSupported();
}

export function putObjectAcl(input: OfObject, context: HandlerContext): never {
  requireObject(context, input);
  throw aclNotSupported();
}

export function getObjectAcl(input: OfObject, context: HandlerContext): wire.GetObjectAclOutput {
  requireObject(context, input);
  return ownersGrant(requireBucket(context, input));
}
