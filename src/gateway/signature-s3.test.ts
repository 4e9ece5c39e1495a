/** The examples of S3's API reference ("Authenticating Requests (AWS Signature Version 4)"), and what the SDK signs. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import type { WireRequest } from "./protocols/protocol.ts";
import { readSignature, verifySignature } from "./signature.ts";
import { isPresignedV2, verifyV2 } from "./signature-v2.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const NOW = Date.UTC(2013, 4, 24, 0, 1);
const HOST = "examplebucket.s3.amazonaws.com";
const CREDENTIAL = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

function verdict(request: WireRequest, now = NOW): string {
  const signature = readSignature(request);
  assert.ok(signature);
  return verifySignature(request, signature, SECRET, now);
}

function signed(
  signature: string,
  { headers, ...more }: Partial<WireRequest> & Pick<WireRequest, "headers">,
): WireRequest {
  const all: Record<string, string | undefined> = {
    host: HOST,
    "x-amz-date": "20130524T000000Z",
    ...headers,
  };
  const SignedHeaders = Object.keys(all).sort().join(";");
  return {
    method: "GET",
    path: "/",
    query: new URLSearchParams(),
    body: Buffer.alloc(0),
    ...more,
    headers: {
      ...all,
      authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIAL},SignedHeaders=${SignedHeaders},Signature=${signature}`,
    },
  };
}

const getObject = signed("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", {
  path: "/test.txt",
  headers: { range: "bytes=0-9", "x-amz-content-sha256": EMPTY },
});

const putObject = signed("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd", {
  method: "PUT",
  path: "/test%24file.text",
  headers: {
    date: "Fri, 24 May 2013 00:00:00 GMT",
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
    "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
  },
  body: Buffer.from("Welcome to Amazon S3."),
});

const getLifecycle = signed("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543", {
  query: new URLSearchParams("lifecycle"),
  headers: { "x-amz-content-sha256": EMPTY },
});

const CHUNKS: readonly (readonly [data: string, signature: string])[] = [
  ["a".repeat(65536), "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"],
  ["a".repeat(1024), "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"],
  ["", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"],
];

function putChunks(chunks: typeof CHUNKS): WireRequest {
  const pieces = chunks.map(
    ([data, signature]) => `${data.length.toString(16)};chunk-signature=${signature}\r\n${data}\r\n`,
  );
  return signed("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", {
    method: "PUT",
    path: "/examplebucket/chunkObject.txt",
    headers: {
      host: "s3.amazonaws.com",
      "content-encoding": "aws-chunked",
      "content-length": "66824",
      "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
      "x-amz-decoded-content-length": "66560",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
    },
    body: Buffer.from(pieces.join("")),
  });
}

function presigned(change: Readonly<Record<string, string>> = {}): WireRequest {
  return {
    method: "GET",
    path: "/test.txt",
    query: new URLSearchParams({
      "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
      "X-Amz-Credential": CREDENTIAL,
      "X-Amz-Date": "20130524T000000Z",
      "X-Amz-Expires": "86400",
      "X-Amz-SignedHeaders": "host",
      "X-Amz-Signature": "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
      ...change,
    }),
    headers: { host: HOST },
    body: Buffer.alloc(0),
  };
}

describe("signatures of S3", () => {
  for (const [title, request] of [
    ["GET Object with a range", getObject],
    ["PUT Object, with a path that is encoded once", putObject],
    ["GET Bucket Lifecycle, with a parameter without a value", getLifecycle],
  ] as const) {
    it(`${title} holds, and nothing changed does`, () => {
      assert.equal(verdict(request), "valid");
      assert.equal(verdict({ ...request, path: `${request.path}x` }), "wrong");
    });
  }

  it("a presigned URL holds for its time, and signs no body", () => {
    assert.equal(verdict(presigned()), "valid");
    assert.equal(verdict(presigned(), NOW + 86_400_000), "expired");
    assert.equal(verdict(presigned({ "X-Amz-Expires": "604800" })), "wrong");
  });

  it("a body in pieces holds while each piece does", () => {
    assert.equal(verdict(putChunks(CHUNKS)), "valid");
    const [first, second, last] = CHUNKS;
    assert.ok(first && second && last);
    assert.equal(verdict(putChunks([first, ["b".repeat(1024), second[1]], last])), "wrong");
    assert.equal(verdict(putChunks([first, last])), "wrong");
    assert.equal(verdict(putChunks([first, second])), "wrong");
  });

  it("a URL of signature version 2 holds for its time", () => {
    const query = { AWSAccessKeyId: "AKIAIOSFODNN7EXAMPLE", Expires: "1369354000", versionId: "null" };
    const toSign = "GET\n\n\n1369354000\n/johnsmith/photos/puppy%20one.jpg?versionId=null";
    const Signature = createHmac("sha1", SECRET).update(toSign).digest("base64");
    const request: WireRequest = {
      method: "GET",
      path: "/johnsmith/photos/puppy%20one.jpg",
      query: new URLSearchParams({ ...query, Signature }),
      headers: { host: "127.0.0.1:4566" },
      body: Buffer.alloc(0),
    };
    assert.ok(isPresignedV2(request));
    assert.equal(verifyV2(request, SECRET, NOW), "valid");
    assert.equal(verifyV2(request, SECRET, 1_369_354_001_000), "expired");
    assert.equal(verifyV2(request, undefined, 1_369_354_001_000), "expired");
    assert.equal(verifyV2({ ...request, path: "/johnsmith/photos/other" }, SECRET, NOW), "wrong");
    const virtual = { ...request, path: "/photos/puppy%20one.jpg", headers: { host: "johnsmith.localhost" } };
    assert.equal(verifyV2(virtual, SECRET, NOW), "valid");
  });
});

it("a URL of version 2 for a bucket is good for no sub-resource that it does not sign", () => {
  const toSign = "GET\n\n\n1369354000\n/johnsmith/";
  const Signature = createHmac("sha1", SECRET).update(toSign).digest("base64");
  const signedWith = { AWSAccessKeyId: "AKIAIOSFODNN7EXAMPLE", Expires: "1369354000", Signature };
  const request = (more: Readonly<Record<string, string>>): WireRequest => ({
    method: "GET",
    path: "/johnsmith",
    query: new URLSearchParams({ ...signedWith, ...more }),
    headers: { host: "127.0.0.1:4566" },
    body: Buffer.alloc(0),
  });
  assert.equal(verifyV2(request({ "encoding-type": "url" }), SECRET, NOW), "valid");
  assert.equal(verifyV2(request({ encryption: "" }), SECRET, NOW), "wrong");
  assert.equal(verifyV2(request({ policy: "" }), SECRET, NOW), "wrong");
});

it("a presigned URL is no more than it was signed for", () => {
  const url = presigned();
  const unsigned = { ...url.headers, "x-amz-copy-source": "/other/secret" };
  assert.equal(verdict({ ...url, headers: unsigned }), "unsigned-headers");
  const target = { ...url.headers, "x-amz-target": "secretsmanager.GetSecretValue" };
  assert.equal(verdict({ ...url, headers: target }), "unsigned-headers");
  assert.equal(verdict({ ...url, headers: { ...url.headers, "x-amzn-trace-id": "1" } }), "valid");
});
