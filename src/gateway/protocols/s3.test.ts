import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { serviceCatalog } from "../service-catalog.ts";
import type { ServiceModel } from "../service-model.ts";
import { readChunks } from "./aws-chunked.ts";
import type { WireRequest } from "./protocol.ts";
import { s3Protocol } from "./s3.ts";
import { addressOf } from "./s3-address.ts";
import { unpackBody } from "./s3-body.ts";

function request(line: string, more: Partial<WireRequest> = {}): WireRequest {
  const [method = "", target = ""] = line.split(" ");
  const [path = "", query = ""] = target.split("?");
  const headers = { host: "127.0.0.1:4566", ...more.headers };
  return { method, path, query: new URLSearchParams(query), body: Buffer.alloc(0), ...more, headers };
}

describe("S3 on the wire", () => {
  let model: ServiceModel;
  before(async () => {
    const entry = serviceCatalog.find(({ id }) => id === "s3");
    assert.ok(entry);
    ({ model } = await entry.load());
  });

  const OPERATIONS = [
    ["GET /", "ListBuckets"],
    ["GET /?x-id=ListBuckets", "ListBuckets"],
    ["PUT /b", "CreateBucket"],
    ["HEAD /b/", "HeadBucket"],
    ["GET /b", "ListObjects"],
    ["GET /b?list-type=2&prefix=x", "ListObjectsV2"],
    ["GET /b?versions", "ListObjectVersions"],
    ["GET /b?uploads=", "ListMultipartUploads"],
    ["GET /b?location", "GetBucketLocation"],
    ["GET /b?policy", "GetBucketPolicy"],
    ["DELETE /b?policy", "DeleteBucketPolicy"],
    ["POST /b?delete", "DeleteObjects"],
    ["GET /b/k", "GetObject"],
    ["GET /b/k?partNumber=2", "GetObject"],
    ["GET /b/k?uploadId=u", "ListParts"],
    ["GET /b/k?tagging", "GetObjectTagging"],
    ["PUT /b/k", "PutObject"],
    ["PUT /b/k?x-id=PutObject", "PutObject"],
    ["PUT /b/k?partNumber=1&uploadId=u", "UploadPart"],
    ["POST /b/k?uploads", "CreateMultipartUpload"],
    ["POST /b/k?uploadId=u", "CompleteMultipartUpload"],
    ["DELETE /b/k?uploadId=u", "AbortMultipartUpload"],
    ["DELETE /b/k?versionId=null", "DeleteObject"],
  ] as const;
  for (const [line, name] of OPERATIONS) {
    it(`${line} is ${name}`, () => {
      assert.equal(s3Protocol.operationName(model, request(line)), name);
    });
  }

  it("a source makes a copy of what is put", () => {
    const headers = { "x-amz-copy-source": "b/k" };
    assert.equal(s3Protocol.operationName(model, request("PUT /b/k", { headers })), "CopyObject");
    const part = request("PUT /b/k?partNumber=1&uploadId=u", { headers });
    assert.equal(s3Protocol.operationName(model, part), "UploadPartCopy");
  });

  it("a sub-resource that the method does not have there is no other operation", () => {
    for (const line of [
      "DELETE /b?inventory",
      "PUT /b?uploads",
      "POST /b",
      "PATCH /b/k",
      "DELETE /b/k?acl",
    ]) {
      assert.throws(() => s3Protocol.operationName(model, request(line)), { code: "MethodNotAllowed" }, line);
    }
  });

  it("bucket and key are in the path, or the bucket in the host's name", () => {
    const at = (path: string, host: string) => addressOf(request(`GET ${path}`, { headers: { host } }));
    assert.deepEqual(at("/b/a%20b//c", "127.0.0.1:4566"), { bucket: "b", key: "a b//c" });
    assert.deepEqual(at("/b", "localhost:4566"), { bucket: "b" });
    assert.deepEqual(at("/", "[::1]:4566"), {});
    assert.deepEqual(at("/b/k", "s3.localhost:4566"), { bucket: "b", key: "k" });
    assert.deepEqual(at("/k", "my.bucket.localhost:4566"), { bucket: "my.bucket", key: "k" });
    assert.deepEqual(at("/k", "bucket.s3.localhost"), { bucket: "bucket", key: "k" });
    assert.deepEqual(at("/k", "bucket.s3.eu-west-1.localhost:1"), { bucket: "bucket", key: "k" });
    assert.throws(() => at("/b/%zz", "localhost"), { code: "InvalidURI" });
  });

  it("an error has no wrapper, and tells what it is about", () => {
    const error = { code: "NoSuchKey", message: "<none>", httpStatus: 404, fault: "client" } as const;
    const { body } = s3Protocol.encodeError(model, { ...error, members: { Key: "a&b\u0000" } }, "r");
    assert.equal(
      body,
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>&lt;none&gt;</Message><Key>a&amp;b</Key><RequestId>r</RequestId><HostId>cg==</HostId></Error>',
    );
  });

  it("metadata comes and goes in headers of its own", () => {
    const put = model.operations.get("PutObject");
    const get = model.operations.get("GetObject");
    assert.ok(put && get);
    const headers = { "x-amz-meta-who": "me", "content-type": "text/plain", "cache-control": "no-cache" };
    const input = s3Protocol.decode(model, put, request("PUT /b/k", { headers, body: Buffer.from("x") }));
    assert.deepEqual(
      [input["Bucket"], input["Key"], input["Metadata"], input["CacheControl"], String(input["Body"])],
      ["b", "k", { who: "me" }, "no-cache", "x"],
    );
    const output = { Metadata: { who: "m\ne" }, LastModified: new Date(0), Body: Buffer.from("x") };
    const answer = s3Protocol.encode(model, get, output, "r");
    assert.equal(answer.headers["x-amz-meta-who"], "m?e");
    assert.equal(answer.headers["last-modified"], "Thu, 01 Jan 1970 00:00:00 GMT");
  });
});

describe("bodies of S3", () => {
  const chunked = (body: string, headers: Record<string, string> = {}) =>
    request("PUT /b/k", {
      body: Buffer.from(body),
      headers: { "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", ...headers },
    });

  it("come out of their pieces, with what follows them", () => {
    const unpacked = unpackBody(
      chunked("6\r\nhello!\r\n0\r\nx-amz-checksum-crc32:mobJYA==\r\nx-amz-acl:a\r\n\r\n", {
        "content-encoding": "gzip,aws-chunked",
        "x-amz-decoded-content-length": "6",
        "x-amz-trailer": "x-amz-checksum-crc32",
      }),
    );
    assert.equal(String(unpacked.body), "hello!");
    assert.equal(unpacked.headers["content-encoding"], "gzip");
    assert.equal(unpacked.headers["x-amz-checksum-crc32"], "mobJYA==");
    assert.equal(unpacked.headers["x-amz-acl"], undefined);
  });

  it("are refused in millions of pieces: only the last one may be small", () => {
    const body = (...sizes: number[]) =>
      sizes.map((size) => `${size.toString(16)}\r\n${"x".repeat(size)}\r\n`).join("");
    const tooSmall = { code: "InvalidChunkSizeError", httpStatus: 403 };
    assert.throws(() => unpackBody(chunked(`${body(8191, 1)}0\r\n\r\n`)), tooSmall);
    assert.equal(unpackBody(chunked(`${body(8192, 1)}0\r\n\r\n`)).body.length, 8193);
  });

  it("that end too early, or are no pieces, are refused", () => {
    for (const body of [
      "",
      "5\r\nhel",
      "zz\r\nhello\r\n0\r\n\r\n",
      "5\r\nhelloo\r\n0\r\n\r\n",
      "5\r\nhello\r\n",
    ]) {
      assert.throws(() => unpackBody(chunked(body)), { code: "IncompleteBody" }, body);
    }
    const short = { "x-amz-decoded-content-length": "9" };
    assert.throws(() => unpackBody(chunked("0\r\n\r\n", short)), { code: "IncompleteBody" });
    assert.equal(readChunks(Buffer.from("0\r\n"))?.body.length, 0);
  });

  it("are held against every digest that came with them", () => {
    const put = (headers: Record<string, string>) => () =>
      unpackBody(request("PUT /b/k", { body: Buffer.from("hello!"), headers }));
    put({ "x-amz-checksum-crc32": "mobJYA==", "content-md5": "Wo3TrQdWqT3tcrgjsZ3Ydw==" })();
    assert.throws(put({ "x-amz-checksum-crc32": "AAAAAA==" }), {
      code: "BadDigest",
      message: "The CRC32 you specified did not match the calculated checksum.",
    });
    assert.throws(put({ "x-amz-checksum-sha256": "AAAA" }), { code: "InvalidRequest" });
    assert.throws(put({ "content-md5": "x" }), { code: "InvalidDigest" });
    assert.throws(put({ "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" }), { code: "BadDigest" });
    assert.throws(put({ "x-amz-content-sha256": "0".repeat(64) }), { code: "XAmzContentSHA256Mismatch" });
  });
});
