import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, it } from "node:test";
import { operations } from "./operations.ts";
import { type TestBucket, testBucket } from "./testing.ts";

let bucket: TestBucket;
let context: TestBucket["context"];
let put: TestBucket["put"];
let read: TestBucket["read"];
let refused: TestBucket["refused"];
let listFiles: TestBucket["listFiles"];

beforeEach(() => {
  bucket = testBucket();
  ({ context, put, read, refused, listFiles } = bucket);
});
afterEach(() => bucket.close());

describe("uploads in parts", () => {
  const begin = (more: object = {}) =>
    operations.CreateMultipartUpload({ Bucket: "one", Key: "a", ...more }, context).UploadId ?? "";
  const part = (UploadId: string, PartNumber: number, bytes: Uint8Array) =>
    operations.UploadPart({ Bucket: "one", Key: "a", UploadId, PartNumber, Body: bytes }, context);
  const complete = (
    UploadId: string,
    ...Parts: readonly { PartNumber: number; ETag?: string | undefined }[]
  ) =>
    operations.CompleteMultipartUpload(
      { Bucket: "one", Key: "a", UploadId, MultipartUpload: { Parts: [...Parts] } },
      context,
    );

  it("become one object, and leave nothing else", async () => {
    const large = randomBytes(5 * 1024 * 1024);
    const UploadId = begin({ ContentType: "text/plain", ChecksumAlgorithm: "CRC32" });
    const two = await part(UploadId, 2, Buffer.from("end"));
    const one = await part(UploadId, 1, large);
    const made = await complete(
      UploadId,
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.ETag },
    );
    assert.match(made.ETag ?? "", /^"[0-9a-f]{32}-2"$/);
    assert.match(made.ChecksumCRC32 ?? "", /==-2$/);
    const head = operations.HeadObject({ Bucket: "one", Key: "a", PartNumber: 2 }, context);
    assert.deepEqual([head.ContentLength, head.PartsCount, head.ContentType], [3, 2, "text/plain"]);
    assert.equal(await read({ PartNumber: 2 }), "end");
    assert.equal(listFiles().length, 1);
  });

  it("may be copied out of other objects", async () => {
    await put("source", "0123456789");
    const UploadId = begin();
    const copy = (more: object) =>
      operations.UploadPartCopy(
        { Bucket: "one", Key: "a", UploadId, PartNumber: 1, CopySource: "/one/source", ...more },
        context,
      );
    const { CopyPartResult } = await copy({ CopySourceRange: "bytes=2-4" });
    await complete(UploadId, { PartNumber: 1, ETag: CopyPartResult?.ETag });
    assert.equal(await read({}), "234");
    await refused(() => copy({}), "NoSuchUpload", /^The specified upload does not exist\./);
  });

  it("need their parts, in order, and none but the last small", async () => {
    const UploadId = begin();
    const one = await part(UploadId, 1, Buffer.from("1"));
    const two = await part(UploadId, 2, Buffer.from("2"));
    const [first, second] = [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.ETag },
    ];
    await refused(() => complete(UploadId, second, first), "InvalidPartOrder", /ascending order/);
    await refused(() => complete(UploadId, { ...first, ETag: "x" }), "InvalidPart", /could not be found/);
    await refused(
      () => complete(UploadId, first, second),
      "EntityTooSmall",
      "Your proposed upload is smaller than the minimum allowed size",
    );
    await refused(() => complete("none", first), "NoSuchUpload", /^The specified upload does not exist\./);
    await operations.AbortMultipartUpload({ Bucket: "one", Key: "a", UploadId }, context);
    assert.deepEqual(listFiles(), []);
  });
});
