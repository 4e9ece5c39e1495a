import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../testing.ts";
import { operations } from "./operations.ts";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" },
  ],
});
const execution = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";

test("documents come back percent-encoded and otherwise as they were given", () => {
  const context = testContext();
  operations.CreateRole({ RoleName: "r", AssumeRolePolicyDocument: trust }, context);
  const { Role } = operations.GetRole({ RoleName: "r" }, context);
  assert.doesNotMatch(Role?.AssumeRolePolicyDocument ?? "", /[{}"!'()* ]/);
  assert.equal(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""), trust);
});

test("AWS's policies can be attached without being created, and hold the role until they are detached", () => {
  const context = testContext();
  operations.CreateRole({ RoleName: "r", AssumeRolePolicyDocument: trust }, context);
  operations.AttachRolePolicy({ RoleName: "r", PolicyArn: execution }, context);
  const { AttachedPolicies } = operations.ListAttachedRolePolicies({ RoleName: "r" }, context);
  assert.deepEqual(AttachedPolicies, [
    { PolicyName: "AmazonECSTaskExecutionRolePolicy", PolicyArn: execution },
  ]);
  assert.throws(() => operations.DeleteRole({ RoleName: "r" }, context), {
    name: "DeleteConflictException",
    message: "Cannot delete entity, must detach all policies first.",
  });
  operations.DetachRolePolicy({ RoleName: "r", PolicyArn: execution }, context);
  operations.DeleteRole({ RoleName: "r" }, context);
  assert.throws(() => operations.GetRole({ RoleName: "r" }, context), {
    name: "NoSuchEntityException",
    message: "The role with name r cannot be found.",
  });
});

test("documents that IAM refuses are refused with its texts", () => {
  const context = testContext();
  const create = (document: unknown) =>
    operations.CreateRole({ RoleName: "r", AssumeRolePolicyDocument: String(document) }, context);
  const statement = (more: object) =>
    JSON.stringify({ Statement: { Effect: "Allow", Action: "sts:AssumeRole", ...more } });
  const refused: readonly [string, string][] = [
    ["{", "This policy contains invalid Json"],
    ["{}", "Syntax errors in policy."],
    [statement({}), "Missing required field Principal"],
    [statement({ Principal: { AWS: "nobody" } }), 'Invalid principal in policy: "AWS":"nobody"'],
    [statement({ Principal: "*", Resource: "*" }), "Has prohibited field Resource"],
  ];
  for (const [document, message] of refused) {
    assert.throws(() => create(document), { name: "MalformedPolicyDocumentException", message });
  }
});

test("a deleted version's number is not given again", () => {
  const context = testContext();
  const PolicyDocument = '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';
  const PolicyArn = operations.CreatePolicy({ PolicyName: "p", PolicyDocument }, context).Policy?.Arn;
  operations.CreatePolicyVersion({ PolicyArn, PolicyDocument }, context);
  operations.DeletePolicyVersion({ PolicyArn, VersionId: "v2" }, context);
  const { PolicyVersion } = operations.CreatePolicyVersion({ PolicyArn, PolicyDocument }, context);
  assert.equal(PolicyVersion?.VersionId, "v3");
});
