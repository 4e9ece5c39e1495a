/** Buckets and objects as several parts look for them. */
import { failure, type Result, success } from "../lib/result.ts";
import { parsePolicy } from "../model/iam/policy/document.ts";
import type { PolicySet } from "../model/iam/policy/evaluate.ts";
import { compareKeys } from "../model/s3/names.ts";
import type { StoredObject } from "../model/s3/records.ts";
import type { ObjectStore } from "./object-store.ts";
import type { StoreReader } from "./store.ts";
import type { ViewDefinition } from "./table.ts";
import { buckets, storedObjects, uploadedParts } from "./tables/s3.ts";

export function findObject(store: StoreReader, bucket: string, key: string): StoredObject | undefined {
  return store.get(storedObjects, `${bucket}/${key}`);
}

/** By bucket, its objects in the order of their keys; a bucket whose objects changed is left out. */
const sortedObjects: ViewDefinition<StoredObject, Map<string, readonly StoredObject[]>> = {
  name: "sorted-s3-objects",
  table: storedObjects,
  create: () => new Map(),
  follow: (view, before, after) => {
    const bucket = (after ?? before)?.bucket;
    if (bucket !== undefined) view.delete(bucket);
  },
};

/** In the order of their keys' UTF-8 bytes. */
export function objectsOf(store: StoreReader, bucket: string): readonly StoredObject[] {
  const view = store.view(sortedObjects);
  const known =
    view.get(bucket) ??
    store.where(storedObjects, "bucket", bucket).sort((a, b) => compareKeys(a.key, b.key));
  view.set(bucket, known);
  return known;
}

/** The policy that is attached to the bucket itself, and whose the bucket is: of `arn:aws:s3:::bucket` and `…/key`. */
export function bucketPolicyOf(
  store: StoreReader,
  arn: string,
): Pick<PolicySet, "resource" | "resourceAccount"> | undefined {
  const [, name = ""] = /^arn:[^:]+:s3:::([^/]+)/.exec(arn) ?? [];
  const bucket = name === "" ? undefined : store.get(buckets, name);
  if (bucket === undefined) return undefined;
  const document = bucket.policyText === undefined ? undefined : parsePolicy(bucket.policyText);
  return {
    resourceAccount: bucket.account,
    ...(document === undefined ? {} : { resource: { name: `bucket policy of ${name}`, document } }),
  };
}

/** Files that records name: all others are left over from what was never acknowledged. */
export function blobsInUse(store: StoreReader): Set<string> {
  return new Set([
    ...store.list(storedObjects).map(({ blob }) => blob),
    ...store.list(uploadedParts).map(({ blob }) => blob),
  ]);
}

/** What keeps a reader from an object, whatever it may do. */
export type ObjectProblem = "no-bucket" | "no-key";

/** Of a small object: all of it is read at once. */
export function readObject(
  store: StoreReader,
  objectStore: ObjectStore,
  bucket: string,
  key: string,
): Result<Buffer, ObjectProblem> {
  const found = findObject(store, bucket, key);
  if (found !== undefined) return success(objectStore.readWhole(found.blob));
  return failure(store.get(buckets, bucket) === undefined ? "no-bucket" : "no-key");
}
