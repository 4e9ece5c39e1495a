/** Every error that S3 answers with (API reference, "List of error codes"): one function a code. */
import { CodedError } from "../operation.ts";

type Members = Readonly<Record<string, string>>;

function error(code: string, status: number, message: string, members: Members = {}): CodedError {
  return new CodedError(code, message, status, members);
}

export function accessDenied(): CodedError {
  return error("AccessDenied", 403, "Access Denied");
}

export function noSuchBucket(bucket: string): CodedError {
  return error("NoSuchBucket", 404, "The specified bucket does not exist", { BucketName: bucket });
}

export function noSuchKey(key: string): CodedError {
  return error("NoSuchKey", 404, "The specified key does not exist.", { Key: key });
}

export function noSuchVersion(key: string, versionId: string): CodedError {
  return error("NoSuchVersion", 404, "The specified version does not exist.", {
    Key: key,
    VersionId: versionId,
  });
}

export function invalidVersionId(versionId: string): CodedError {
  return invalidArgument("Invalid version id specified", "versionId", versionId);
}

export function invalidArgument(message: string, name: string, value: string): CodedError {
  return error("InvalidArgument", 400, message, { ArgumentName: name, ArgumentValue: value });
}

export function invalidRequest(message: string): CodedError {
  return error("InvalidRequest", 400, message);
}

export function malformedXml(): CodedError {
  return error(
    "MalformedXML",
    400,
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
}

export function missingBody(): CodedError {
  return error("MissingRequestBodyError", 400, "Request Body is empty");
}

export function invalidBucketName(bucket: string): CodedError {
  return error("InvalidBucketName", 400, "The specified bucket is not valid.", { BucketName: bucket });
}

export function bucketAlreadyExists(bucket: string): CodedError {
  return error(
    "BucketAlreadyExists",
    409,
    "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
    { BucketName: bucket },
  );
}

export function bucketAlreadyOwned(bucket: string): CodedError {
  return error(
    "BucketAlreadyOwnedByYou",
    409,
    "Your previous request to create the named bucket succeeded and you already own it.",
    { BucketName: bucket },
  );
}

export function tooManyBuckets(): CodedError {
  return error("TooManyBuckets", 400, "You have attempted to create more buckets than allowed");
}

export function bucketNotEmpty(bucket: string): CodedError {
  return error("BucketNotEmpty", 409, "The bucket you tried to delete is not empty", { BucketName: bucket });
}

/** @param given undefined: the request names none */
export function illegalLocation(given: string | undefined): CodedError {
  return error(
    "IllegalLocationConstraintException",
    400,
    `The ${given ?? "unspecified"} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}

export function invalidLocation(given: string): CodedError {
  return error("InvalidLocationConstraint", 400, "The specified location-constraint is not valid", {
    LocationConstraint: given,
  });
}

export function keyTooLong(size: number, most: number): CodedError {
  return error("KeyTooLongError", 400, "Your key is too long", {
    Size: String(size),
    MaxSizeAllowed: String(most),
  });
}

export function metadataTooLarge(size: number, most: number): CodedError {
  return error("MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size", {
    Size: String(size),
    MaxSizeAllowed: String(most),
  });
}

export function invalidStorageClass(given: string): CodedError {
  return error("InvalidStorageClass", 400, "The storage class you specified is not valid", {
    StorageClassRequested: given,
  });
}

export function aclNotSupported(): CodedError {
  return error("AccessControlListNotSupported", 400, "The bucket does not allow ACLs");
}

/** Of a bucket that is to be made with one. */
export function aclWithoutOwnership(): CodedError {
  return error(
    "InvalidBucketAclWithObjectOwnership",
    400,
    "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
  );
}

export function invalidRange(range: string, size: number): CodedError {
  return error("InvalidRange", 416, "The requested range is not satisfiable", {
    RangeRequested: range,
    ActualObjectSize: String(size),
  });
}

export function invalidPartNumber(): CodedError {
  return error("InvalidPartNumber", 416, "The requested partnumber is not satisfiable");
}

export function preconditionFailed(condition: string): CodedError {
  return error("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold", {
    Condition: condition,
  });
}

export function notModified(): CodedError {
  return error("NotModified", 304, "Not Modified");
}

export function noSuchUpload(uploadId: string): CodedError {
  return error(
    "NoSuchUpload",
    404,
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { UploadId: uploadId },
  );
}

export function invalidPart(uploadId: string, partNumber: number, etag: string): CodedError {
  return error(
    "InvalidPart",
    400,
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { UploadId: uploadId, PartNumber: String(partNumber), ETag: etag },
  );
}

export function invalidPartOrder(uploadId: string): CodedError {
  return error(
    "InvalidPartOrder",
    400,
    "The list of parts was not in ascending order. Parts must be ordered by part number.",
    { UploadId: uploadId },
  );
}

export function partTooSmall(partNumber: number, etag: string, size: number, least: number): CodedError {
  return error("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size", {
    ETag: etag.replaceAll('"', ""),
    MinSizeAllowed: String(least),
    PartNumber: String(partNumber),
    ProposedSize: String(size),
  });
}

export function badDigest(name: string): CodedError {
  return error("BadDigest", 400, `The ${name} you specified did not match the calculated checksum.`);
}

export function copyChangesNothing(): CodedError {
  return invalidRequest(
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}

export function invalidTag(message: string, members: Members = {}): CodedError {
  return error("InvalidTag", 400, message, members);
}

export function tooManyTags(what: "Object" | "Bucket", most: number): CodedError {
  return error("BadRequest", 400, `${what} tags cannot be greater than ${most}`);
}

export function malformedPolicy(message: string): CodedError {
  return error("MalformedPolicy", 400, message);
}

/** What a bucket does not have: the code is S3's for that configuration. */
export function noConfiguration(code: string, message: string, bucket: string): CodedError {
  return error(code, 404, message, { BucketName: bucket });
}

/** Berth's own: stored it would only pretend. */
export function notHonoured(what: string): CodedError {
  return error("NotImplemented", 400, `Berth does not honour ${what}; docs/behaviour.md tells what it does.`);
}
