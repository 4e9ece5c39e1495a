import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { DescribeClustersCommand, ECSClient } from "@aws-sdk/client-ecs";
import { ListHostedZonesByNameCommand, Route53Client } from "@aws-sdk/client-route-53";
import type { WireRequest } from "./protocols/protocol.ts";
import { readSignature, verifySignature } from "./signature.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const CREDENTIALS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: SECRET,
  sessionToken: "tok+en/==",
};

/** What the SDK would send; nothing is sent. */
async function signedBySdk(send: (handler: object) => Promise<unknown>): Promise<WireRequest> {
  let seen: WireRequest | undefined;
  const handler = {
    handle(request: {
      method: string;
      path: string;
      query: Record<string, string>;
      headers: Record<string, string>;
      body?: string;
    }) {
      const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]);
      seen = {
        method: request.method,
        path: request.path,
        query: new URLSearchParams(request.query),
        headers: Object.fromEntries(headers),
        body: Buffer.from(request.body ?? ""),
      };
      return Promise.reject(new Error("not sent"));
    },
  };
  await send(handler).catch(() => undefined);
  assert.ok(seen);
  return seen;
}

const options = (requestHandler: object) => ({
  region: "ap-northeast-1",
  endpoint: "http://127.0.0.1:4566",
  credentials: CREDENTIALS,
  maxAttempts: 1,
  requestHandler: requestHandler as never,
});

describe("signatures that the SDK makes", () => {
  const requests: Record<string, WireRequest> = {};
  before(async () => {
    requests["a JSON body"] = await signedBySdk((handler) =>
      new ECSClient(options(handler)).send(new DescribeClustersCommand({ clusters: ["a b", "ü"] })),
    );
    requests["a query"] = await signedBySdk((handler) =>
      new Route53Client(options(handler)).send(
        new ListHostedZonesByNameCommand({ DNSName: "a b*c.example.", MaxItems: 5 }),
      ),
    );
  });

  for (const kind of ["a JSON body", "a query"]) {
    test(`${kind}: valid, and not with another secret, body, header or time`, () => {
      const request = requests[kind];
      assert.ok(request);
      const signature = readSignature(request);
      assert.ok(signature);
      assert.equal(signature.accessKeyId, CREDENTIALS.accessKeyId);
      assert.equal(signature.sessionToken, CREDENTIALS.sessionToken);
      const now = Date.now();
      assert.equal(verifySignature(request, signature, SECRET, now), "valid");
      assert.equal(verifySignature(request, signature, `${SECRET}x`, now), "wrong");
      const tampered = { ...request, body: Buffer.from("other") };
      assert.equal(verifySignature(tampered, signature, SECRET, now), "wrong");
      const elsewhere = { ...request, headers: { ...request.headers, host: "evil.example" } };
      assert.equal(verifySignature(elsewhere, signature, SECRET, now), "wrong");
      assert.equal(verifySignature(request, signature, SECRET, now + 16 * 60_000), "expired");
      assert.equal(verifySignature(request, signature, SECRET, now - 16 * 60_000), "not-yet");
    });
  }
});

test("the signature of AWS's documentation", () => {
  const request: WireRequest = {
    method: "GET",
    path: "/",
    query: new URLSearchParams("Action=ListUsers&Version=2010-05-08"),
    headers: {
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
      host: "iam.amazonaws.com",
      "x-amz-date": "20150830T123600Z",
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    },
    body: Buffer.alloc(0),
  };
  const signature = readSignature(request);
  assert.ok(signature);
  const at = Date.UTC(2015, 7, 30, 12, 36);
  assert.equal(verifySignature(request, signature, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", at), "valid");
});

test("a request without a signature has none", () => {
  const request: WireRequest = {
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.alloc(0),
  };
  assert.equal(readSignature(request), undefined);
});
