import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../testing.ts";
import { operations } from "./operations.ts";

function documentOf(statement: object = {}): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "logs:PutLogEvents",
        Resource: "*",
        ...statement,
      },
    ],
  });
}

test("a resource policy is put, replaced, shown and deleted; ten are the most", () => {
  const context = testContext();
  const policyDocument = documentOf();
  const shown = {
    policyName: "a",
    policyDocument,
    lastUpdatedTime: context.clock.now(),
    policyScope: "ACCOUNT",
  };
  assert.deepEqual(operations.PutResourcePolicy({ policyName: "a", policyDocument }, context), {
    resourcePolicy: shown,
  });
  for (const index of Array(9).keys()) {
    operations.PutResourcePolicy({ policyName: `b${index}`, policyDocument }, context);
  }
  assert.throws(() => operations.PutResourcePolicy({ policyName: "c", policyDocument }, context), {
    name: "LimitExceededException",
    message: "Resource limit exceeded.",
  });
  operations.PutResourcePolicy({ policyName: "a", policyDocument }, context);
  assert.deepEqual(operations.DescribeResourcePolicies({ limit: 1 }, context).resourcePolicies, [shown]);
  operations.DeleteResourcePolicy({ policyName: "a" }, context);
  assert.throws(() => operations.DeleteResourcePolicy({ policyName: "a" }, context), {
    name: "ResourceNotFoundException",
    message: "Policy with name [a] does not exist",
  });
  assert.equal(operations.DescribeResourcePolicies({}, context).resourcePolicies?.length, 9);
});

test("what is no policy of a resource cannot be kept", () => {
  const context = testContext();
  for (const policyDocument of [
    "x",
    "{}",
    documentOf({ Principal: undefined }),
    documentOf({ Resource: undefined }),
    documentOf({ Principal: { AWS: "delivery.logs.amazonaws.com" } }),
  ]) {
    assert.throws(() => operations.PutResourcePolicy({ policyName: "a", policyDocument }, context), {
      name: "InvalidParameterException",
      message: "Could not convert to persistable policy.",
    });
  }
});
