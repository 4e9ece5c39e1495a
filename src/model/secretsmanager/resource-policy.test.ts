import assert from "node:assert/strict";
import { test } from "node:test";
import { grantsBroadAccess, localPrincipals, readResourcePolicy } from "./resource-policy.ts";

function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

const ALLOW = { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: "*" };

test("a policy has statements with principal, action, resource and a known effect", () => {
  assert.ok(readResourcePolicy(policy({ ...ALLOW, Principal: "*" })));
  for (const text of [
    "no JSON",
    "{}",
    policy(),
    policy(ALLOW),
    policy({ ...ALLOW, Principal: "*", Effect: "AllowSomething" }),
    policy({ ...ALLOW, Principal: "*" }, { ...ALLOW, Principal: "*", Resource: undefined }),
  ]) {
    assert.equal(readResourcePolicy(text), undefined, text);
  }
});

test("everybody's access is broad, unless a condition binds it", () => {
  const isBroad = (statement: object) => {
    const document = readResourcePolicy(policy({ ...ALLOW, ...statement }));
    return document !== undefined && grantsBroadAccess(document);
  };
  assert.equal(isBroad({ Principal: "*" }), true);
  assert.equal(isBroad({ Principal: { AWS: ["*"] } }), true);
  assert.equal(isBroad({ Principal: { AWS: "arn:aws:iam::111122223333:root" } }), false);
  assert.equal(isBroad({ Principal: "*", Effect: "Deny" }), false);
  const Condition = { StringEquals: { "aws:SourceVpc": "vpc-1" } };
  assert.equal(isBroad({ Principal: "*", Condition }), false);
});

test("the account's own users and roles are found", () => {
  const AWS = ["arn:aws:iam::111122223333:role/app", "arn:aws:iam::444455556666:role/other"];
  const document = readResourcePolicy(policy({ ...ALLOW, Principal: { AWS } }));
  assert.deepEqual(document && localPrincipals(document, "111122223333"), ["role/app"]);
});
