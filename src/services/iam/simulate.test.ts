import assert from "node:assert/strict";
import { test } from "node:test";
import { testContext } from "../testing.ts";
import { operations } from "./operations.ts";

const document = `{
  "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow", "Action": "ecs:*", "Resource": "*" },
    {
      "Effect": "Deny", "Action": "ecs:DeleteCluster", "Resource": "*",
      "Condition": { "StringNotEquals": { "aws:RequestedRegion": "eu-west-1", "aws:username": "\${aws:PrincipalTag/owner}" } }
    }
  ]
}`;
const trust =
  '{"Statement":{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}}';

test("the simulator names the statement that decided, by its place in the document", () => {
  const { EvaluationResults } = operations.SimulateCustomPolicy(
    {
      PolicyInputList: [document],
      ActionNames: ["ecs:RunTask", "ecs:DeleteCluster", "s3:GetObject"],
      ContextEntries: [
        { ContextKeyName: "aws:RequestedRegion", ContextKeyType: "string", ContextKeyValues: ["us-east-1"] },
      ],
    },
    testContext(),
  );
  const [run, remove, other] = EvaluationResults ?? [];
  assert.equal(run?.EvalDecision, "allowed");
  assert.deepEqual(run?.MatchedStatements, [
    {
      SourcePolicyId: "PolicyInputList.1",
      SourcePolicyType: "none",
      StartPosition: { Line: 4, Column: 5 },
      EndPosition: { Line: 4, Column: 62 },
    },
  ]);
  assert.equal(remove?.EvalDecision, "explicitDeny");
  assert.deepEqual(remove?.MatchedStatements?.[0]?.StartPosition, { Line: 5, Column: 5 });
  assert.deepEqual(remove?.MatchedStatements?.[0]?.EndPosition, { Line: 8, Column: 6 });
  assert.equal(other?.EvalDecision, "implicitDeny");
  assert.deepEqual(other?.MissingContextValues, ["aws:PrincipalTag/owner", "aws:username"]);
});

test("a principal's own policies and boundary are asked", () => {
  const context = testContext();
  const { Role } = operations.CreateRole({ RoleName: "r", AssumeRolePolicyDocument: trust }, context);
  operations.PutRolePolicy({ RoleName: "r", PolicyName: "p", PolicyDocument: document }, context);
  const simulated = (more: object = {}) =>
    operations.SimulatePrincipalPolicy(
      { PolicySourceArn: Role?.Arn, ActionNames: ["ecs:RunTask"], ...more },
      context,
    ).EvaluationResults?.[0];
  assert.equal(simulated()?.EvalDecision, "allowed");
  assert.equal(simulated()?.MatchedStatements?.[0]?.SourcePolicyId, "role_r_p");
  const boundary = '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';
  const bounded = simulated({ PermissionsBoundaryPolicyInputList: [boundary] });
  assert.equal(bounded?.EvalDecision, "implicitDeny");
  assert.deepEqual(bounded?.PermissionsBoundaryDecisionDetail, { AllowedByPermissionsBoundary: false });
  assert.throws(
    () =>
      operations.SimulatePrincipalPolicy(
        { PolicySourceArn: "arn:aws:iam::000000000000:role/none", ActionNames: ["ecs:RunTask"] },
        context,
      ),
    { name: "NoSuchEntityException" },
  );
});

test("context keys are those of conditions and variables", () => {
  const { ContextKeyNames } = operations.GetContextKeysForCustomPolicy(
    { PolicyInputList: [document] },
    testContext(),
  );
  assert.deepEqual(ContextKeyNames, ["aws:RequestedRegion", "aws:username", "aws:PrincipalTag/owner"]);
});
