import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { blobsInUse } from "../../store/objects.ts";
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

describe("buckets", () => {
  it("have names that S3 allows, and a location where one is needed", async () => {
    const create = (Bucket: string, LocationConstraint?: string, region = "ap-northeast-1") =>
      operations.CreateBucket(
        { Bucket, CreateBucketConfiguration: { LocationConstraint: LocationConstraint as "eu-west-1" } },
        { ...context, scope: { ...context.scope, region } },
      );
    for (const name of ["ab", "Upper", "a..b", "1.2.3.4", "-a-", "xn--abc", "name-s3alias", "a".repeat(64)]) {
      await refused(() => create(name), "InvalidBucketName", "The specified bucket is not valid.");
    }
    await refused(
      () => create("two"),
      "IllegalLocationConstraintException",
      "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.",
    );
    await refused(
      () => create("two", "eu-west-1"),
      "IllegalLocationConstraintException",
      "The eu-west-1 location constraint is incompatible for the region specific endpoint this request was sent to.",
    );
    await refused(
      () => create("two", "us-east-1", "us-east-1"),
      "InvalidLocationConstraint",
      "The specified location-constraint is not valid",
    );
    assert.deepEqual(create("two", undefined, "us-east-1"), {
      Location: "/two",
      BucketArn: "arn:aws:s3:::two",
    });
    assert.deepEqual(operations.GetBucketLocation({ Bucket: "two" }, context), {});
    assert.deepEqual(operations.GetBucketLocation({ Bucket: "one" }, context), {
      LocationConstraint: "ap-northeast-1",
    });
  });

  it("have one owner, and are nobody else's", async () => {
    const other = { ...context, scope: { account: "111122223333", region: "us-east-1" } };
    await refused(
      () => operations.CreateBucket({ Bucket: "one" }, other),
      "BucketAlreadyExists",
      /^The requested bucket name is not available\./,
    );
    const again = {
      Bucket: "one",
      CreateBucketConfiguration: { LocationConstraint: "ap-northeast-1" },
    } as const;
    await refused(
      () => operations.CreateBucket(again, context),
      "BucketAlreadyOwnedByYou",
      "Your previous request to create the named bucket succeeded and you already own it.",
    );
    await refused(() => operations.ListObjectsV2({ Bucket: "one" }, other), "AccessDenied", "Access Denied");
    assert.deepEqual(operations.ListBuckets({}, other).Buckets, []);
    const stranger = { Bucket: "one", ExpectedBucketOwner: "111122223333" };
    await refused(() => operations.HeadBucket(stranger, context), "AccessDenied", "Access Denied");
  });

  it("have no access control lists", async () => {
    const acl = { Bucket: "open", ACL: "public-read" } as const;
    await refused(
      () => operations.CreateBucket(acl, { ...context, scope: { ...context.scope, region: "us-east-1" } }),
      "InvalidBucketAclWithObjectOwnership",
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    );
    await refused(
      () => operations.PutBucketAcl({ Bucket: "one" }, context),
      "AccessControlListNotSupported",
      "The bucket does not allow ACLs",
    );
  });

  it("go only when they are empty, and take uploads with them", async () => {
    await put("a");
    await refused(
      () => operations.DeleteBucket({ Bucket: "one" }, context),
      "BucketNotEmpty",
      "The bucket you tried to delete is not empty",
    );
    await operations.DeleteObject({ Bucket: "one", Key: "a" }, context);
    const { UploadId } = operations.CreateMultipartUpload({ Bucket: "one", Key: "b" }, context);
    await operations.UploadPart(
      { Bucket: "one", Key: "b", UploadId, PartNumber: 1, Body: Buffer.from("x") },
      context,
    );
    await operations.DeleteBucket({ Bucket: "one" }, context);
    assert.deepEqual(listFiles(), []);
    const gone = () => operations.HeadBucket({ Bucket: "one" }, context);
    await refused(gone, "NoSuchBucket", "The specified bucket does not exist");
  });

  it("answer for what they do not have as S3 does", async () => {
    const absent = [
      [operations.GetBucketPolicy, "NoSuchBucketPolicy", "The bucket policy does not exist"],
      [operations.GetBucketCors, "NoSuchCORSConfiguration", "The CORS configuration does not exist"],
      [operations.GetBucketTagging, "NoSuchTagSet", "The TagSet does not exist"],
    ] as const;
    for (const [operation, code, message] of absent) {
      await refused(() => operation({ Bucket: "one" }, context), code, message);
    }
    assert.deepEqual(operations.GetBucketVersioning({ Bucket: "one" }, context), {});
  });

  it("take policies of their own objects only, and no public ones while those are blocked", async () => {
    const policy = (statement: object) =>
      operations.PutBucketPolicy(
        {
          Bucket: "one",
          Policy: JSON.stringify({
            Statement: {
              Effect: "Allow",
              Principal: "*",
              Action: "s3:*",
              Resource: "arn:aws:s3:::one/*",
              ...statement,
            },
          }),
        },
        context,
      );
    const faults = [
      [{ Principal: undefined }, "Missing required field Principal"],
      [{ Resource: "arn:aws:s3:::other/*" }, "Policy has invalid resource"],
      [{ Action: "ec2:*" }, "Policy has invalid action"],
    ] as const;
    for (const [statement, message] of faults) {
      await refused(() => policy(statement), "MalformedPolicy", message);
    }
    await refused(() => policy({}), "AccessDenied", /public policies are blocked by the BlockPublicPolicy/);
    policy({ Principal: { AWS: "000000000000" } });
    operations.DeletePublicAccessBlock({ Bucket: "one" }, context);
    policy({});
    assert.deepEqual(operations.GetBucketPolicyStatus({ Bucket: "one" }, context), {
      PolicyStatus: { IsPublic: true },
    });
  });
});

describe("objects", () => {
  it("are read as a whole, in ranges, and under conditions", async () => {
    const { ETag } = await put("a", "0123456789");
    assert.equal(await read({}), "0123456789");
    assert.equal(await read({ Range: "bytes=2-4" }), "234");
    assert.equal(await read({ Range: "bytes=-3" }), "789");
    assert.equal(await read({ Range: "bytes=8-99" }), "89");
    assert.equal(await read({ Range: "lines=1-2" }), "0123456789");
    await refused(
      () => read({ Range: "bytes=10-" }),
      "InvalidRange",
      "The requested range is not satisfiable",
    );
    await refused(() => read({ IfNoneMatch: ETag }), "NotModified", "Not Modified");
    await refused(
      () => read({ IfMatch: '"other"' }),
      "PreconditionFailed",
      "At least one of the pre-conditions you specified did not hold",
    );
    await refused(
      () => read({ IfModifiedSince: new Date(bucket.clock.now()) }),
      "NotModified",
      "Not Modified",
    );
    assert.equal(await read({ IfModifiedSince: new Date(bucket.clock.now() - 1000) }), "0123456789");
    await refused(() => read({ Key: "none" }), "NoSuchKey", "The specified key does not exist.");
    await refused(() => read({ VersionId: "x" }), "InvalidArgument", "Invalid version id specified");
  });

  it("that are replaced or deleted leave no file", async () => {
    await put("a", "old");
    await put("a", "new");
    assert.equal(await read({}), "new");
    assert.equal(listFiles().length, 1);
    await operations.DeleteObject({ Bucket: "one", Key: "a" }, context);
    await operations.DeleteObject({ Bucket: "one", Key: "a" }, context);
    assert.deepEqual(listFiles(), []);
  });

  it("are written under conditions, the last of two at once wins or is refused", async () => {
    await refused(() => put("a", "x", { IfMatch: '"e"' }), "NoSuchKey", "The specified key does not exist.");
    const both = await Promise.allSettled([
      put("a", "x", { IfNoneMatch: "*" }),
      put("a", "y", { IfNoneMatch: "*" }),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.equal(listFiles().length, 1);
  });

  it("cannot have what Berth does not honour", async () => {
    await refused(
      () => put("a", "x", { ACL: "public-read" }),
      "AccessControlListNotSupported",
      "The bucket does not allow ACLs",
    );
    await refused(() => put("a", "x", { ServerSideEncryption: "aws:kms" }), "NotImplemented", /KMS/);
    await refused(() => put("a", "x", { StorageClass: "GLACIER" }), "NotImplemented", /GLACIER/);
    await refused(
      () => put("a", "x", { StorageClass: "FAST" }),
      "InvalidStorageClass",
      "The storage class you specified is not valid",
    );
    await refused(() => put("k".repeat(1025)), "KeyTooLongError", "Your key is too long");
    await refused(
      () => put("a", "x", { Metadata: { a: "m".repeat(2048) } }),
      "MetadataTooLarge",
      "Your metadata headers exceed the maximum allowed metadata size",
    );
  });

  it("are copied with what they say, or with something else", async () => {
    await put("a", "text", { ContentType: "text/plain", Metadata: { who: "me" }, Tagging: "k=v" });
    const copy = (more: object) =>
      operations.CopyObject({ Bucket: "one", Key: "b c", CopySource: "one/a", ...more }, context);
    await copy({});
    const kept = operations.HeadObject({ Bucket: "one", Key: "b c" }, context);
    assert.equal(kept.ContentType, "text/plain");
    assert.deepEqual([kept.Metadata, kept.TagCount], [{ who: "me" }, 1]);
    await copy({ MetadataDirective: "REPLACE", Metadata: { who: "you" }, TaggingDirective: "REPLACE" });
    const replaced = operations.HeadObject({ Bucket: "one", Key: "b c" }, context);
    assert.deepEqual([replaced.Metadata, replaced.TagCount], [{ who: "you" }, undefined]);
    assert.equal(await read({ Key: "b c" }), "text");
    await operations.DeleteObject({ Bucket: "one", Key: "a" }, context);
    assert.equal(await read({ Key: "b c" }), "text");
    await refused(() => copy({ CopySource: "one/b%20c" }), "InvalidRequest", /^This copy request is illegal/);
    await refused(() => copy({}), "NoSuchKey", "The specified key does not exist.");
  });

  it("are deleted together, each with an answer of its own", async () => {
    await put("a");
    const { Deleted, Errors } = await operations.DeleteObjects(
      { Bucket: "one", Delete: { Objects: [{ Key: "a" }, { Key: "none" }, { Key: "v", VersionId: "x" }] } },
      context,
    );
    assert.deepEqual(Deleted, [{ Key: "a" }, { Key: "none" }]);
    assert.equal(Errors?.[0]?.Code, "InvalidArgument");
  });
});

describe("listings", () => {
  it("are in the order of UTF-8, by prefix, delimiter and page", async () => {
    for (const key of ["b/1", "b/2", "a", "\u{1f600}", "\uff5e", "c/1"]) await put(key);
    const list = (more: object) => operations.ListObjectsV2({ Bucket: "one", ...more }, context);
    const keys = (page: ReturnType<typeof list>) => page.Contents?.map(({ Key }) => Key);
    assert.deepEqual(keys(list({})), ["a", "b/1", "b/2", "c/1", "\uff5e", "\u{1f600}"]);
    assert.deepEqual(keys(list({ Prefix: "b/" })), ["b/1", "b/2"]);
    const first = list({ Delimiter: "/", MaxKeys: 2 });
    assert.deepEqual([keys(first), first.CommonPrefixes], [["a"], [{ Prefix: "b/" }]]);
    const ContinuationToken = first.NextContinuationToken;
    const second = list({ Delimiter: "/", ContinuationToken });
    assert.deepEqual(keys(second), ["\uff5e", "\u{1f600}"]);
    assert.deepEqual([second.CommonPrefixes, second.IsTruncated], [[{ Prefix: "c/" }], false]);
    assert.deepEqual(keys(list({ EncodingType: "url", StartAfter: "c" })), [
      "c/1",
      "%EF%BD%9E",
      "%F0%9F%98%80",
    ]);
    assert.equal(list({ MaxKeys: 0 }).IsTruncated, false);
    const wrong = () => list({ ContinuationToken: "?" });
    await refused(wrong, "InvalidArgument", "The continuation token provided is incorrect");
  });
});

describe("the files of objects", () => {
  it("that no record names are swept at start", async () => {
    await put("a");
    const [named] = listFiles();
    await context.objectStore.write(Buffer.from("never acknowledged"));
    context.objectStore.sweep(blobsInUse(context.store));
    assert.deepEqual(listFiles(), [named]);
  });
});
