import type { Bucket, MultipartUpload, StoredObject, UploadedPart } from "../../model/s3/records.ts";
import { defineTable } from "../table.ts";

export const buckets = defineTable<Bucket>()({
  name: "s3_buckets",
  key: (record) => record.name,
  indexes: { account: (record) => record.account },
});

/** Bucket names have no slash. */
export const storedObjects = defineTable<StoredObject>()({
  name: "s3_objects",
  key: (record) => `${record.bucket}/${record.key}`,
  indexes: { bucket: (record) => record.bucket },
});

export const multipartUploads = defineTable<MultipartUpload>()({
  name: "s3_multipart_uploads",
  key: (record) => record.uploadId,
  indexes: { bucket: (record) => record.bucket },
});

export const uploadedParts = defineTable<UploadedPart>()({
  name: "s3_uploaded_parts",
  key: (record) => `${record.uploadId}/${record.partNumber}`,
  indexes: { upload: (record) => record.uploadId },
});
