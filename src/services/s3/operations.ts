import type * as sdk from "@aws-sdk/client-s3";
import type { OperationsOf, ServiceFaults } from "../operation.ts";
import {
  deleteBucketCors,
  deleteBucketLifecycle,
  deleteBucketReplication,
  deleteBucketWebsite,
  getBucketAccelerateConfiguration,
  getBucketAcl,
  getBucketCors,
  getBucketLifecycleConfiguration,
  getBucketLogging,
  getBucketNotificationConfiguration,
  getBucketReplication,
  getBucketRequestPayment,
  getBucketVersioning,
  getBucketWebsite,
  getObjectAcl,
  getObjectLockConfiguration,
  putBucketAcl,
  putObjectAcl,
} from "./absent-configuration.ts";
import {
  deleteBucketPolicy,
  getBucketPolicy,
  getBucketPolicyStatus,
  putBucketPolicy,
} from "./bucket-policy.ts";
import {
  deleteBucketEncryption,
  deleteBucketOwnershipControls,
  deletePublicAccessBlock,
  getBucketEncryption,
  getBucketOwnershipControls,
  getPublicAccessBlock,
  putBucketEncryption,
  putBucketOwnershipControls,
  putPublicAccessBlock,
} from "./bucket-settings.ts";
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from "./buckets.ts";
import { copyObject } from "./copy-object.ts";
import { deleteObject, deleteObjects } from "./delete-objects.ts";
import { invalidArgument, invalidRequest, malformedXml, missingBody } from "./errors.ts";
import { getObject, headObject } from "./get-object.ts";
import { listObjects, listObjectsV2, listObjectVersions } from "./list-objects.ts";
import { putObject } from "./put-object.ts";
import {
  deleteBucketTagging,
  deleteObjectTagging,
  getBucketTagging,
  getObjectTagging,
  putBucketTagging,
  putObjectTagging,
} from "./tags.ts";
import { completeMultipartUpload, uploadPart, uploadPartCopy } from "./upload-parts.ts";
import { abortMultipartUpload, createMultipartUpload, listMultipartUploads, listParts } from "./uploads.ts";

export const operations = {
  AbortMultipartUpload: abortMultipartUpload,
  CompleteMultipartUpload: completeMultipartUpload,
  CopyObject: copyObject,
  CreateBucket: createBucket,
  CreateMultipartUpload: createMultipartUpload,
  DeleteBucket: deleteBucket,
  DeleteBucketCors: deleteBucketCors,
  DeleteBucketEncryption: deleteBucketEncryption,
  DeleteBucketLifecycle: deleteBucketLifecycle,
  DeleteBucketOwnershipControls: deleteBucketOwnershipControls,
  DeleteBucketPolicy: deleteBucketPolicy,
  DeleteBucketReplication: deleteBucketReplication,
  DeleteBucketTagging: deleteBucketTagging,
  DeleteBucketWebsite: deleteBucketWebsite,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  DeleteObjectTagging: deleteObjectTagging,
  DeletePublicAccessBlock: deletePublicAccessBlock,
  GetBucketAccelerateConfiguration: getBucketAccelerateConfiguration,
  GetBucketAcl: getBucketAcl,
  GetBucketCors: getBucketCors,
  GetBucketEncryption: getBucketEncryption,
  GetBucketLifecycleConfiguration: getBucketLifecycleConfiguration,
  GetBucketLocation: getBucketLocation,
  GetBucketLogging: getBucketLogging,
  GetBucketNotificationConfiguration: getBucketNotificationConfiguration,
  GetBucketOwnershipControls: getBucketOwnershipControls,
  GetBucketPolicy: getBucketPolicy,
  GetBucketPolicyStatus: getBucketPolicyStatus,
  GetBucketReplication: getBucketReplication,
  GetBucketRequestPayment: getBucketRequestPayment,
  GetBucketTagging: getBucketTagging,
  GetBucketVersioning: getBucketVersioning,
  GetBucketWebsite: getBucketWebsite,
  GetObject: getObject,
  GetObjectAcl: getObjectAcl,
  GetObjectLockConfiguration: getObjectLockConfiguration,
  GetObjectTagging: getObjectTagging,
  GetPublicAccessBlock: getPublicAccessBlock,
  HeadBucket: headBucket,
  HeadObject: headObject,
  ListBuckets: listBuckets,
  ListMultipartUploads: listMultipartUploads,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListObjectVersions: listObjectVersions,
  ListParts: listParts,
  PutBucketAcl: putBucketAcl,
  PutBucketEncryption: putBucketEncryption,
  PutBucketOwnershipControls: putBucketOwnershipControls,
  PutBucketPolicy: putBucketPolicy,
  PutBucketTagging: putBucketTagging,
  PutObject: putObject,
  PutObjectAcl: putObjectAcl,
  PutObjectTagging: putObjectTagging,
  PutPublicAccessBlock: putPublicAccessBlock,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
} satisfies Partial<OperationsOf<typeof sdk>>;

export const faults: ServiceFaults = {
  invalidInput(fault) {
    if (fault.kind === "missing") return fault.member.includes(".") ? malformedXml() : missingBody();
    const name = / at ([A-Za-z0-9-]+)$/.exec(fault.message)?.[1];
    if (name === undefined || /XML|type declarations/.test(fault.message)) return malformedXml();
    return fault.message.startsWith("Expected a number")
      ? invalidArgument(`Provided ${name} not an integer or within integer range`, name, "")
      : invalidRequest(fault.message);
  },
};
