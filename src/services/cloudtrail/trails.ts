import type * as wire from "@aws-sdk/client-cloudtrail";
import { parseArn } from "../../model/arn.ts";
import { invalidTrailArn, invalidTrailName } from "./errors.ts";

/** There are none: a trail delivers to S3, and CreateTrail is not built. Names that are not there are left out. */
export function describeTrails(input: wire.DescribeTrailsRequest): wire.DescribeTrailsResponse {
  for (const name of input.trailNameList ?? []) checkTrailName(name);
  return { trailList: [] };
}

export function listTrails(): wire.ListTrailsResponse {
  return { Trails: [] };
}

/** A name or an ARN. Throws InvalidTrailNameException or CloudTrailARNInvalidException. */
function checkTrailName(given: string): void {
  const isArn = given.startsWith("arn:");
  const arn = parseArn(given);
  if (isArn && (arn?.service !== "cloudtrail" || !arn.resource.startsWith("trail/")))
    throw invalidTrailArn(given);
  const name = isArn ? (arn?.resource.slice("trail/".length) ?? "") : given;
  if (name.length < 3) {
    throw invalidTrailName(
      `Trail name too short. Minimum allowed length: 3 characters. Specified name length: ${name.length} characters.`,
    );
  }
  if (name.length > 128) {
    throw invalidTrailName(
      `Trail name too long. Maximum allowed length: 128 characters. Specified name length: ${name.length} characters.`,
    );
  }
  if (!/^[a-zA-Z0-9]/.test(name)) throw invalidTrailName("Trail name must starts with a letter or number.");
  if (!/[a-zA-Z0-9]$/.test(name)) throw invalidTrailName("Trail name must ends with a letter or number.");
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    throw invalidTrailName(
      "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).",
    );
  }
}
