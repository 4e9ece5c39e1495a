/** Deleting objects; what is not there is deleted all the same. */
import type * as wire from "@aws-sdk/client-s3";
import { findObject } from "../../store/objects.ts";
import { storedObjects } from "../../store/tables/s3.ts";
import { CodedError, type HandlerContext } from "../operation.ts";
import { checkWriteConditions } from "./conditions.ts";
import { checkVersion, requireKey } from "./constraints.ts";
import { malformedXml, missingBody } from "./errors.ts";
import { requireBucket } from "./resolve.ts";

const MOST_AT_ONCE = 1000;

export async function deleteObject(
  input: wire.DeleteObjectRequest,
  context: HandlerContext,
): Promise<wire.DeleteObjectOutput> {
  const { name } = requireBucket(context, input);
  const key = requireKey(input.Key);
  checkVersion(key, input.VersionId);
  const existing = findObject(context.store, name, key);
  if (existing === undefined && input.IfMatch === undefined) return {};
  checkWriteConditions(existing, key, { IfMatch: input.IfMatch });
  await remove(context, name, [key]);
  return {};
}

export async function deleteObjects(
  input: wire.DeleteObjectsRequest,
  context: HandlerContext,
): Promise<wire.DeleteObjectsOutput> {
  const { name } = requireBucket(context, input);
  if (input.Delete === undefined) throw missingBody();
  const asked = input.Delete.Objects ?? [];
  if (asked.length < 1 || asked.length > MOST_AT_ONCE) throw malformedXml();
  const errors: wire.DeletedObject[] = [];
  const deleted: wire.DeletedObject[] = [];
  for (const { Key: key = "", VersionId, ETag } of asked) {
    try {
      checkVersion(requireKey(key), VersionId);
      const existing = findObject(context.store, name, key);
      if (ETag !== undefined) checkWriteConditions(existing, key, { IfMatch: ETag });
      deleted.push({ Key: key, ...(VersionId === undefined ? {} : { VersionId }) });
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      errors.push(Object.assign({ Key: key, VersionId }, { Code: error.code, Message: error.message }));
    }
  }
  await remove(
    context,
    name,
    deleted.map(({ Key = "" }) => Key),
  );
  return {
    ...(input.Delete.Quiet === true ? {} : { Deleted: deleted }),
    ...(errors.length === 0 ? {} : { Errors: errors }),
  };
}

async function remove({ store, objectStore }: HandlerContext, bucket: string, keys: readonly string[]) {
  const blobs = store.transaction((tx) =>
    keys.flatMap((key) => {
      const existing = findObject(store, bucket, key);
      if (existing === undefined) return [];
      tx.delete(storedObjects, `${bucket}/${key}`);
      return [existing.blob];
    }),
  );
  await objectStore.delete(blobs);
}
