/**
 * Environment files of a container (developer guide, "Pass environment variables to an Amazon ECS container"): objects of
 * S3, read as the execution role when the container is made. Format, precedence and reasons are the Amazon ECS agent's
 * (its taskresource/envFiles); Fargate asks for the object's head first, and tells that problem.
 */
import type * as wire from "@aws-sdk/client-ecs";
import { failure, type Result, success } from "../../lib/result.ts";
import { bucketArn, parseObjectArn } from "../../model/s3/names.ts";
import { deniedAction, executionRoleOf, type TaskRoles } from "./execution-role.ts";
import { type ObjectAccess, readTaskObject } from "./object-reader.ts";
import { resourceInitialization, shortened } from "./reasons.ts";

/** Bytes: the agent reads lines with Go's bufio.Scanner. */
const LONGEST_LINE = 64 * 1024;

/** An override's files take the place of the definition's (API reference, ContainerOverride). */
export function environmentFilesOf(
  { task }: Pick<TaskRoles, "task">,
  container: wire.ContainerDefinition,
): readonly wire.EnvironmentFile[] {
  const override = task.overrides.containerOverrides?.find(({ name }) => name === container.name);
  return override?.environmentFiles ?? container.environmentFiles ?? [];
}

/** The variables of all files, of which the first that has one wins. The failure is the task's stopped reason. */
export function environmentFromFiles(
  access: ObjectAccess,
  container: wire.ContainerDefinition,
): Result<Readonly<Record<string, string>>, string> {
  const files = environmentFilesOf(access.roles, container);
  if (files.length === 0) return success({});
  const onInstance = access.roles.task.launchType === "EC2";
  if (executionRoleOf(access.roles) === undefined) {
    return refuse(onInstance, ["environment file resource: unable to find execution role credentials"]);
  }
  const variables: Record<string, string> = {};
  const problems: string[] = [];
  for (const { value = "" } of files) {
    const read = readFile(access, value, onInstance);
    if (!read.ok) {
      problems.push(read.failure);
      continue;
    }
    for (const [name, text] of readVariables(read.value, onInstance)) variables[name] ??= text;
  }
  return problems.length === 0 ? success(variables) : refuse(onInstance, problems);
}

function refuse(onInstance: boolean, problems: readonly string[]): Result<never, string> {
  // The agent reads all files at once and tells of each; Fargate tells of the first.
  return failure(
    onInstance
      ? shortened(problems.join(";"))
      : resourceInitialization(`failed to download env files: ${problems[0] ?? ""}`),
  );
}

function readFile(access: ObjectAccess, value: string, onInstance: boolean): Result<string, string> {
  const object = parseObjectArn(value);
  if (object === undefined) {
    return failure(
      `unable to parse bucket and key from s3 ARN specified in environmentFile ${value}, error: invalid s3 arn: ${value}`,
    );
  }
  const located = onInstance ? undefined : deniedLocation(access, object.bucket);
  const read = located === undefined ? readTaskObject(access, object) : failure(located);
  if (read === undefined) return failure("unable to find execution role credentials");
  if (!read.ok)
    return failure(onInstance ? agentProblem(object, read.failure) : fargateProblem(read.failure));
  const text = read.value.toString();
  const tooLong = text.split("\n").some((line) => Buffer.byteLength(line) >= LONGEST_LINE);
  return tooLong ? failure("bufio.Scanner: token too long") : success(text);
}

/** Where the bucket is has to be known first (developer guide, "Required IAM permissions" of environment files). */
function deniedLocation({ roles, random }: ObjectAccess, bucket: string): string | undefined {
  const denied = deniedAction(roles, "s3:GetBucketLocation", bucketArn(bucket));
  if (denied === undefined) return undefined;
  const hostId = Buffer.from(random.hex(112), "hex").toString("base64");
  return `operation error S3: GetBucketLocation, https response error StatusCode: 403, RequestID: ${random.hex(16).toUpperCase()}, HostID: ${hostId}, api error AccessDenied: ${denied}`;
}

function agentProblem(
  { bucket, key }: { readonly bucket: string; readonly key: string },
  problem: string,
): string {
  // It looks for the bucket's region before it makes a client.
  return problem.includes("NoSuchBucket")
    ? `unable to initialize s3 client for bucket ${bucket}, error: bucket not found`
    : `unable to download env file with key ${key} from bucket ${bucket}, error: ${problem}`;
}

/** The answer to HEAD has no body: there is nothing but the status to tell of. */
function fargateProblem(problem: string): string {
  const head = problem
    .replace("operation error S3: GetObject,", "operation error S3: HeadObject,")
    .replace(/(HeadObject.* StatusCode: 403, .*?HostID: [^,]+), .*$/s, "$1, api error Forbidden: Forbidden")
    .replace(/(HeadObject.* StatusCode: 404, .*?HostID: [^,]+), .*$/s, "$1, api error NotFound: Not Found");
  return `service call has been retried 1 time(s): ${head}`;
}

/**
 * `NAME=value` by line; comments and lines without `=` or name do not count; quotation marks and spaces are part of
 * values. Fargate's are those of Docker's `--env-file`, which leaves out space before a line.
 */
export function readVariables(text: string, onInstance: boolean): (readonly [string, string])[] {
  const variables = new Map<string, string>();
  for (const raw of text.replace(/^\ufeff/, "").split("\n")) {
    const ended = raw.replace(/\r$/, "");
    const line = onInstance ? ended : ended.trimStart();
    const at = line.indexOf("=");
    if (line.startsWith("#") || at < 1) continue;
    variables.set(line.slice(0, at), line.slice(at + 1));
  }
  return [...variables];
}
