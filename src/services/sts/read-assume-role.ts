/** The input of AssumeRole and GetFederationToken, checked against its model. All throw ValidationError unless they say otherwise. */
import type * as wire from "@aws-sdk/client-sts";
import { parsePolicy } from "../../model/iam/policy/document.ts";
import type { Tag } from "../../model/tags.ts";
import { lengthRequirement, NOT_NULL, patternRequirement, rangeRequirement } from "../constraint-messages.ts";
import { broken, malformedPolicyDocument, packedPolicyTooLarge, validationError } from "./errors.ts";

export interface AssumeRoleInput {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly policies: readonly string[];
  readonly policyArns: readonly string[];
  /** Per cent of what a session's policies and tags may take. */
  readonly packedSize?: number | undefined;
  readonly tags: readonly Tag[];
  readonly transitiveTagKeys: readonly string[];
  readonly externalId?: string | undefined;
  readonly sourceIdentity?: string | undefined;
}

const DEFAULT_SECONDS = 3600;
const MOST_POLICY_ARNS = 10;
const MOST_TAGS = 50;
/** Characters of inline policy and ARNs together (plaintext). */
const LARGEST_POLICY = 2048;
const NAME = "[\\w+=,.@-]*";
const EXTERNAL_ID = "[\\w+=,.@:\\/-]*";

export function readAssumeRole(input: wire.AssumeRoleRequest): AssumeRoleInput {
  const roleArn = text(input.RoleArn, "roleArn", 20, 2048);
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(roleArn)) {
    throw validationError(`${roleArn} is invalid`);
  }
  return {
    roleArn,
    sessionName: named(input.RoleSessionName, "roleSessionName", 2, 64, NAME),
    durationSeconds: readDuration(input.DurationSeconds, 43_200),
    ...readLimits(input),
    transitiveTagKeys: input.TransitiveTagKeys ?? [],
    externalId:
      input.ExternalId === undefined
        ? undefined
        : named(input.ExternalId, "externalId", 2, 1224, EXTERNAL_ID),
    sourceIdentity:
      input.SourceIdentity === undefined
        ? undefined
        : named(input.SourceIdentity, "sourceIdentity", 2, 64, NAME),
  };
}

export interface FederationInput extends ReadLimits {
  readonly name: string;
  readonly durationSeconds: number;
}

/** @param longest seconds, and so `standard` */
export function readFederation(
  input: wire.GetFederationTokenRequest,
  longest: number,
  standard: number,
): FederationInput {
  return {
    name: named(input.Name, "name", 2, 32, NAME),
    durationSeconds: readDuration(input.DurationSeconds, longest, standard),
    ...readLimits(input),
  };
}

type ReadLimits = Pick<AssumeRoleInput, "policies" | "policyArns" | "packedSize" | "tags">;

function readLimits(input: Pick<wire.AssumeRoleRequest, "Policy" | "PolicyArns" | "Tags">): ReadLimits {
  const policies = readPolicy(input.Policy);
  const policyArns = (input.PolicyArns ?? []).flatMap(({ arn }) => arn ?? []);
  if (policyArns.length > MOST_POLICY_ARNS) {
    throw broken(
      `[${policyArns.join(", ")}]`,
      "policyArns",
      `Member must have length less than or equal to ${MOST_POLICY_ARNS}`,
    );
  }
  return { policies, policyArns, packedSize: packedSize(policies, policyArns), tags: readTags(input.Tags) };
}

/** @param longest seconds */
export function readDuration(value: number | undefined, longest: number, standard = DEFAULT_SECONDS): number {
  if (value === undefined) return standard;
  const requirement = rangeRequirement(value, 900, longest);
  if (requirement !== undefined) throw broken(value, "durationSeconds", requirement);
  return value;
}

function text(value: string | undefined, path: string, minimum: number, maximum: number): string {
  if (value === undefined) throw broken(null, path, NOT_NULL);
  const requirement = lengthRequirement(value.length, minimum, maximum);
  if (requirement !== undefined) throw broken(value, path, requirement);
  return value;
}

function named(
  value: string | undefined,
  path: string,
  minimum: number,
  maximum: number,
  pattern: string,
): string {
  const given = text(value, path, minimum, maximum);
  if (!new RegExp(`^${pattern}$`).test(given)) throw broken(given, path, patternRequirement(pattern));
  return given;
}

/** Throws MalformedPolicyDocument, PackedPolicyTooLarge. */
function readPolicy(policy: string | undefined): string[] {
  if (policy === undefined) return [];
  if (policy.length > LARGEST_POLICY) {
    throw packedPolicyTooLarge(
      `Packed size of session policy, tags, and policy arns consumes ${Math.ceil((100 * policy.length) / LARGEST_POLICY)}% of allotted space.`,
    );
  }
  const document = parsePolicy(policy);
  if (document === undefined) throw malformedPolicyDocument("This policy contains invalid Json");
  if (document.statements.length === 0) throw malformedPolicyDocument("Syntax errors in policy.");
  return [policy];
}

function packedSize(policies: readonly string[], arns: readonly string[]): number | undefined {
  const size = [...policies, ...arns].join("").length;
  return size === 0 ? undefined : Math.max(1, Math.ceil((100 * size) / LARGEST_POLICY));
}

function readTags(tags: readonly wire.Tag[] | undefined): Tag[] {
  const read = (tags ?? []).map(({ Key, Value }, index) => ({
    key: text(Key, `tags.${index + 1}.member.key`, 1, 128),
    value: text(Value, `tags.${index + 1}.member.value`, 0, 256),
  }));
  if (read.length > MOST_TAGS) {
    throw broken(read.length, "tags", `Member must have length less than or equal to ${MOST_TAGS}`);
  }
  const keys = new Set<string>();
  for (const { key } of read) {
    if (keys.has(key.toLowerCase())) {
      throw validationError("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
    keys.add(key.toLowerCase());
  }
  return read;
}
