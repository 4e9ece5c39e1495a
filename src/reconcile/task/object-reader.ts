/**
 * Objects of S3 that a task's containers are made from, read as its execution role. Problems are worded as the AWS SDK
 * for Go has them, which the Amazon ECS agent reads with.
 */
import type { Random } from "../../lib/random.ts";
import { failure, type Result, success } from "../../lib/result.ts";
import { bucketArn, objectArn } from "../../model/s3/names.ts";
import { deniedAction, executionRoleOf, type TaskRoles } from "./execution-role.ts";

export type ObjectReader = (bucket: string, key: string) => Result<Buffer, "no-bucket" | "no-key">;

export interface ObjectAccess {
  readonly roles: TaskRoles;
  readonly readObject: ObjectReader;
  readonly random: Random;
}

/** Undefined where there is no execution role to read it with. */
export function readTaskObject(
  { roles, readObject, random }: ObjectAccess,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): Result<Buffer, string> | undefined {
  if (executionRoleOf(roles) === undefined) return undefined;
  const problem = (statusCode: 403 | 404, error: string) => {
    const hostId = Buffer.from(random.hex(112), "hex").toString("base64");
    return failure(
      `operation error S3: GetObject, https response error StatusCode: ${statusCode}, RequestID: ${random.hex(16).toUpperCase()}, HostID: ${hostId}, ${error}`,
    );
  };
  const denied = refusalOf(roles, "s3:GetObject", objectArn(bucket, key));
  if (denied !== undefined) return problem(403, denied);
  const found = readObject(bucket, key);
  if (found.ok) return success(found.value);
  if (found.failure === "no-bucket") {
    return problem(404, "api error NoSuchBucket: The specified bucket does not exist");
  }
  // Who may not list a bucket is not told what is missing in it.
  const unlisted = refusalOf(roles, "s3:ListBucket", bucketArn(bucket));
  return unlisted === undefined
    ? problem(404, "NoSuchKey: The specified key does not exist.")
    : problem(403, unlisted);
}

/** S3 puts the resource in quotation marks. */
function refusalOf(roles: TaskRoles, action: string, resource: string): string | undefined {
  const denied = deniedAction(roles, action, resource);
  return denied === undefined
    ? undefined
    : `api error AccessDenied: ${denied.replace(` on resource: ${resource} `, ` on resource: "${resource}" `)}`;
}
