import assert from "node:assert/strict";
import { it } from "node:test";
import { refuseByUrl } from "./browsers.ts";

const V2 = "AWSAccessKeyId=any&Signature=any&Expires=9999999999";

function answer(method: string, query: string, headers: Readonly<Record<string, string>>): string {
  const request = { method, path: "/", query: new URLSearchParams(query), headers, body: Buffer.alloc(0) };
  return refuseByUrl(request)?.code ?? "served";
}

it("a browser that is given a URL reads objects of S3, and does nothing else", () => {
  const image = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64)" };
  const link = { "user-agent": "any", "sec-fetch-site": "none" };
  const scoped = (service: string) =>
    `X-Amz-Credential=any%2F20261121%2Fus-east-1%2F${service}%2Faws4_request&Action=TerminateInstances`;
  for (const headers of [image, link]) {
    assert.equal(answer("GET", scoped("ec2"), headers), "AccessDenied");
    assert.equal(answer("POST", V2, headers), "AccessDenied");
    assert.equal(answer("GET", V2, headers), "served");
    assert.equal(answer("GET", scoped("s3"), headers), "served");
    assert.equal(answer("GET", "", headers), "served", "as AccessDenied, since it has no credentials");
  }
  assert.equal(answer("GET", scoped("ec2"), { "user-agent": "curl/8.0" }), "served");
  const signed = { ...image, authorization: "AWS4-HMAC-SHA256 Credential=…" };
  assert.equal(answer("POST", "", signed), "served");
});
