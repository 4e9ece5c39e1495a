/** Tags of buckets and objects. */
import type * as wire from "@aws-sdk/client-s3";
import type { Tag } from "../../model/tags.ts";
import { buckets, storedObjects } from "../../store/tables/s3.ts";
import type { HandlerContext } from "../operation.ts";
import { readTagSet } from "./constraints.ts";
import { missingBody, noConfiguration } from "./errors.ts";
import { requireBucket, requireObject } from "./resolve.ts";

function tagSet(tags: readonly Tag[]): wire.Tag[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}

export function getBucketTagging(
  input: wire.GetBucketTaggingRequest,
  context: HandlerContext,
): wire.GetBucketTaggingOutput {
  const { name, tags } = requireBucket(context, input);
  if (tags.length === 0) throw noConfiguration("NoSuchTagSet", "The TagSet does not exist", name);
  return { TagSet: tagSet(tags) };
}

export function putBucketTagging(input: wire.PutBucketTaggingRequest, context: HandlerContext) {
  const bucket = requireBucket(context, input);
  if (input.Tagging === undefined) throw missingBody();
  const tags = readTagSet(input.Tagging.TagSet, "Bucket");
  context.store.transaction((tx) => tx.put(buckets, { ...bucket, tags }));
  return {};
}

export function deleteBucketTagging(input: wire.DeleteBucketTaggingRequest, context: HandlerContext) {
  const bucket = requireBucket(context, input);
  context.store.transaction((tx) => tx.put(buckets, { ...bucket, tags: [] }));
  return {};
}

export function getObjectTagging(
  input: wire.GetObjectTaggingRequest,
  context: HandlerContext,
): wire.GetObjectTaggingOutput {
  return { TagSet: tagSet(requireObject(context, input).tags) };
}

export function putObjectTagging(
  input: wire.PutObjectTaggingRequest,
  context: HandlerContext,
): wire.PutObjectTaggingOutput {
  const object = requireObject(context, input);
  if (input.Tagging === undefined) throw missingBody();
  const tags = readTagSet(input.Tagging.TagSet, "Object");
  context.store.transaction((tx) => tx.put(storedObjects, { ...object, tags }));
  return {};
}

export function deleteObjectTagging(
  input: wire.DeleteObjectTaggingRequest,
  context: HandlerContext,
): wire.DeleteObjectTaggingOutput {
  const object = requireObject(context, input);
  context.store.transaction((tx) => tx.put(storedObjects, { ...object, tags: [] }));
  return {};
}
