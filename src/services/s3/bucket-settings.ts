/** Settings of a bucket that say what is so here anyway: nothing is public, nobody else owns an object. */
import type * as wire from "@aws-sdk/client-s3";
import type { Bucket } from "../../model/s3/records.ts";
import { buckets } from "../../store/tables/s3.ts";
import type { HandlerContext } from "../operation.ts";
import { malformedXml, missingBody, noConfiguration, notHonoured } from "./errors.ts";
import { type OfBucket, requireBucket } from "./resolve.ts";

function change(context: HandlerContext, bucket: Bucket, changes: Partial<Bucket>): Record<string, never> {
  context.store.transaction((tx) => tx.put(buckets, { ...bucket, ...changes }));
  return {};
}

export function getPublicAccessBlock(
  input: wire.GetPublicAccessBlockRequest,
  context: HandlerContext,
): wire.GetPublicAccessBlockOutput {
  const { name, publicAccessBlock: block } = requireBucket(context, input);
  if (block === undefined) {
    throw noConfiguration(
      "NoSuchPublicAccessBlockConfiguration",
      "The public access block configuration was not found",
      name,
    );
  }
  return {
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: block.blockPublicAcls,
      IgnorePublicAcls: block.ignorePublicAcls,
      BlockPublicPolicy: block.blockPublicPolicy,
      RestrictPublicBuckets: block.restrictPublicBuckets,
    },
  };
}

export function putPublicAccessBlock(input: wire.PutPublicAccessBlockRequest, context: HandlerContext) {
  const bucket = requireBucket(context, input);
  const given = input.PublicAccessBlockConfiguration;
  if (given === undefined) throw missingBody();
  return change(context, bucket, {
    publicAccessBlock: {
      blockPublicAcls: given.BlockPublicAcls ?? false,
      ignorePublicAcls: given.IgnorePublicAcls ?? false,
      blockPublicPolicy: given.BlockPublicPolicy ?? false,
      restrictPublicBuckets: given.RestrictPublicBuckets ?? false,
    },
  });
}

export function deletePublicAccessBlock(input: OfBucket, context: HandlerContext) {
  return change(context, requireBucket(context, input), { publicAccessBlock: undefined });
}

export function getBucketOwnershipControls(
  input: wire.GetBucketOwnershipControlsRequest,
  context: HandlerContext,
): wire.GetBucketOwnershipControlsOutput {
  const { name, ownershipControls } = requireBucket(context, input);
  if (ownershipControls === "none") {
    throw noConfiguration(
      "OwnershipControlsNotFoundError",
      "The bucket ownership controls were not found",
      name,
    );
  }
  return { OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] } };
}

export function putBucketOwnershipControls(
  input: wire.PutBucketOwnershipControlsRequest,
  context: HandlerContext,
) {
  const bucket = requireBucket(context, input);
  const rules = input.OwnershipControls?.Rules ?? [];
  const ownership: string | undefined = rules[0]?.ObjectOwnership;
  if (rules.length !== 1 || ownership === undefined) throw malformedXml();
  if (!["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"].includes(ownership))
    throw malformedXml();
  if (ownership !== "BucketOwnerEnforced") {
    throw notHonoured(`access control lists (object ownership ${ownership})`);
  }
  return change(context, bucket, { ownershipControls: "BucketOwnerEnforced" });
}

export function deleteBucketOwnershipControls(input: OfBucket, context: HandlerContext) {
  return change(context, requireBucket(context, input), { ownershipControls: "none" });
}

export function getBucketEncryption(
  input: wire.GetBucketEncryptionRequest,
  context: HandlerContext,
): wire.GetBucketEncryptionOutput {
  const { bucketKeyEnabled } = requireBucket(context, input);
  return {
    ServerSideEncryptionConfiguration: {
      Rules: [
        {
          ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" },
          BucketKeyEnabled: bucketKeyEnabled ?? false,
        },
      ],
    },
  };
}

export function putBucketEncryption(input: wire.PutBucketEncryptionRequest, context: HandlerContext) {
  const bucket = requireBucket(context, input);
  const rules = input.ServerSideEncryptionConfiguration?.Rules ?? [];
  const algorithm: string | undefined = rules[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm;
  if (rules.length !== 1 || algorithm === undefined) throw malformedXml();
  if (!/^(AES256|aws:kms|aws:kms:dsse)$/.test(algorithm)) throw malformedXml();
  if (algorithm !== "AES256") throw notHonoured("encryption with keys of AWS KMS");
  return change(context, bucket, { bucketKeyEnabled: rules[0]?.BucketKeyEnabled ?? false });
}

/** Back to what every bucket has. */
export function deleteBucketEncryption(input: OfBucket, context: HandlerContext) {
  return change(context, requireBucket(context, input), { bucketKeyEnabled: undefined });
}
