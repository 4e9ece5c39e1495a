/** A bucket's own policy (S3 user guide, "Bucket policies"): src/access asks it for callers with keys that Berth issued. */
import type * as wire from "@aws-sdk/client-s3";
import { parsePolicy } from "../../model/iam/policy/document.ts";
import { bucketArn } from "../../model/s3/names.ts";
import type { Bucket } from "../../model/s3/records.ts";
import { buckets } from "../../store/tables/s3.ts";
import { CodedError, type HandlerContext } from "../operation.ts";
import { malformedPolicy, missingBody, noConfiguration } from "./errors.ts";
import { type OfBucket, requireBucket } from "./resolve.ts";

/** S3 user guide, "Bucket policies": 20 KB. */
const LARGEST = 20 * 1024;

export function getBucketPolicy(input: wire.GetBucketPolicyRequest, context: HandlerContext) {
  return { Policy: requirePolicy(context, input) };
}

function requirePolicy(context: HandlerContext, input: OfBucket): string {
  const { name, policyText } = requireBucket(context, input);
  if (policyText === undefined) {
    throw noConfiguration("NoSuchBucketPolicy", "The bucket policy does not exist", name);
  }
  return policyText;
}

export function getBucketPolicyStatus(
  input: OfBucket,
  context: HandlerContext,
): wire.GetBucketPolicyStatusOutput {
  return { PolicyStatus: { IsPublic: isPublic(requirePolicy(context, input)) } };
}

export function deleteBucketPolicy(input: OfBucket, context: HandlerContext) {
  const { policyText: _gone, ...bucket } = requireBucket(context, input);
  context.store.transaction((tx) => tx.put(buckets, bucket));
  return {};
}

export function putBucketPolicy(input: wire.PutBucketPolicyRequest, context: HandlerContext) {
  const bucket = requireBucket(context, input);
  const policyText = input.Policy;
  if (policyText === undefined || policyText === "") throw missingBody();
  const fault = faultOf(policyText, bucket);
  if (fault !== undefined) throw malformedPolicy(fault);
  if (bucket.publicAccessBlock?.blockPublicPolicy === true && isPublic(policyText)) {
    throw new CodedError(
      "AccessDenied",
      `User: ${context.caller.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "${bucketArn(bucket.name)}" because public policies are blocked by the BlockPublicPolicy block public access setting.`,
      403,
    );
  }
  context.store.transaction((tx) => tx.put(buckets, { ...bucket, policyText }));
  return {};
}

/** In S3's words; the first thing that is wrong. */
function faultOf(text: string, { name }: Bucket): string | undefined {
  if (!text.startsWith("{")) return "Policies must be valid JSON and the first byte must be '{'";
  if (Buffer.byteLength(text) > LARGEST) return "Policy exceeds the maximum allowed document size.";
  const statements = parsePolicy(text)?.statements;
  if (statements === undefined) return "This policy contains invalid Json";
  if (statements.length === 0) return "Missing required field Statement";
  const own = bucketArn(name);
  for (const { principals, notPrincipals, actions, notActions, resources, notResources } of statements) {
    if (principals === undefined && notPrincipals === undefined) return "Missing required field Principal";
    if (actions === undefined && notActions === undefined) return "Missing required field Action";
    if (resources === undefined && notResources === undefined) return "Missing required field Resource";
    if (principals instanceof Map && principals.size === 0) return "Invalid principal in policy";
    if ([...(actions ?? []), ...(notActions ?? [])].some((action) => !/^(s3:.+|\*)$/i.test(action))) {
      return "Policy has invalid action";
    }
    if (
      [...(resources ?? []), ...(notResources ?? [])].some(
        (each) => each !== own && !each.startsWith(`${own}/`),
      )
    ) {
      return "Policy has invalid resource";
    }
  }
  return undefined;
}

/** Whether it lets everyone in, with no condition on who that is. */
function isPublic(text: string): boolean {
  return (parsePolicy(text)?.statements ?? []).some(
    ({ effect, principals, notPrincipals, conditions }) =>
      effect === "Allow" &&
      conditions.length === 0 &&
      (notPrincipals !== undefined ||
        principals === "*" ||
        (principals instanceof Map && (principals.get("AWS") ?? []).includes("*"))),
  );
}
