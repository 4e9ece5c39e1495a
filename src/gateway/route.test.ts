import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Credential } from "./authentication.ts";
import { route } from "./route.ts";
import { serviceCatalog } from "./service-catalog.ts";

function routed(target: string, credential?: Credential): string {
  const request = {
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: { "x-amz-target": target },
    body: Buffer.from(""),
  };
  const found = route(serviceCatalog, request, credential);
  return found.kind === "service" ? found.entry.id : `unknown ${found.service} ${found.operation}`;
}

describe("the service of a request", () => {
  it("is CloudTrail by the prefix of the JavaScript SDK and by the one of botocore", () => {
    assert.equal(routed("CloudTrail_20131101.LookupEvents"), "cloudtrail");
    assert.equal(routed("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"), "cloudtrail");
  });

  it("is told by the whole prefix", () => {
    assert.equal(routed("AmazonEC2ContainerServiceV20141113.ListClusters"), "ecs");
    assert.equal(routed("Foo_20131101.LookupEvents"), "unknown Foo_20131101 LookupEvents");
    assert.equal(routed("XCloudTrail_20131101.LookupEvents"), "unknown XCloudTrail_20131101 LookupEvents");
  });

  it("is S3 by its credential, whatever header is added to a presigned URL", () => {
    const credential = { accessKeyId: "AKIA", region: "us-east-1", signingName: "s3" };
    assert.equal(routed("secretsmanager.GetSecretValue", credential), "s3");
  });
});
