/** What the event history leaves out, what only reads, and where events are shown. */
import type { Scope } from "../model/scope.ts";

/** `ecs.amazonaws.com`. */
export function eventSourceOf(service: string): string {
  return `${service}.amazonaws.com`;
}

/**
 * Data events, which the event history does not have: "CloudTrail doesn't capture calls to the DiscoverInstances API"
 * (Cloud Map), PutEvents (EventBridge) and PutLogEvents (CloudWatch Logs) as data events only, all of S3's objects.
 */
const DATA_EVENTS: Readonly<Record<string, ReadonlySet<string>>> = {
  events: new Set(["PutEvents"]),
  logs: new Set(["PutLogEvents"]),
  s3: new Set([
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateMultipartUpload",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjects",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectTagging",
    "HeadBucket",
    "HeadObject",
    "ListMultipartUploads",
    "ListObjectVersions",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
    "PutObject",
    "PutObjectAcl",
    "PutObjectTagging",
    "UploadPart",
    "UploadPartCopy",
  ]),
  servicediscovery: new Set(["DiscoverInstances", "DiscoverInstancesRevision"]),
};

export function isManagementEvent(service: string, operation: string): boolean {
  return DATA_EVENTS[service]?.has(operation) !== true;
}

const READING =
  /^(BatchCheck|BatchGet|Describe|Discover|Filter|Get|Head|List|Lookup|Search|Simulate|Test|Validate)/;

/** STS calls it reading to give out credentials, but for federation (published events). */
export function isReadOnly(service: string, operation: string): boolean {
  if (service === "sts") return operation !== "GetFederationToken";
  return READING.test(operation);
}

/** Reading calls have no response elements; STS's tell whose the credentials are. */
export function showsResponse(service: string, operation: string): boolean {
  return !isReadOnly(service, operation) || (service === "sts" && /^Assume|SessionToken$/.test(operation));
}

/** "Global service events": their home is US East (N. Virginia). */
const GLOBAL_SERVICES = new Set(["iam", "route53"]);

export function eventRegionOf(service: string, { region }: Scope): string {
  return GLOBAL_SERVICES.has(service) ? "us-east-1" : region;
}

/** As events name it: EC2 says whose fault it was, and a refusal of IAM has one name in the others. */
export function errorCodeOf(
  service: string,
  {
    code,
    fault,
    denied,
  }: { readonly code: string; readonly fault: "client" | "server"; readonly denied: boolean },
): string {
  if (service === "ec2") return `${fault === "client" ? "Client" : "Server"}.${code}`;
  return denied ? "AccessDenied" : code;
}
