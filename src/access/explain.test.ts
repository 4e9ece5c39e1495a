import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { operations as iam } from "../services/iam/operations.ts";
import { testContext } from "../services/testing.ts";
import { explain } from "./explain.ts";

const ACCOUNT = "000000000000";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/web`;

describe("why somebody may do something", () => {
  const context = testContext();
  iam.CreateRole(
    {
      RoleName: "web",
      AssumeRolePolicyDocument: JSON.stringify({
        Statement: {
          Sid: "tasks",
          Effect: "Allow",
          Principal: { Service: "ecs-tasks.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
        },
      }),
    },
    context,
  );
  iam.PutRolePolicy(
    {
      RoleName: "web",
      PolicyName: "read",
      PolicyDocument: JSON.stringify({
        Statement: [
          { Effect: "Allow", Action: "ssm:Get*", Resource: "*" },
          {
            Sid: "NotSecret",
            Effect: "Deny",
            Action: "ssm:*",
            Resource: "*",
            Condition: { StringLike: { "ssm:Path": "/secret*" } },
          },
        ],
      }),
    },
    context,
  );
  const ask = (principal: string, action: string, resource = "*", given: Record<string, string> = {}) =>
    explain(context.store, { principal, action, resource, context: given, now: context.clock.now() });

  it("names the statement that allows or denies", () => {
    const allowed = ask(ROLE, "ssm:GetParameter");
    assert.equal(allowed?.decision, "allow");
    assert.deepEqual(allowed?.statements[0]?.statement, {
      Effect: "Allow",
      Action: ["ssm:Get*"],
      Resource: ["*"],
    });
    const denied = ask(ROLE, "ssm:GetParameter", "*", { "ssm:Path": "/secret/a" });
    assert.equal(denied?.decision, "explicit-deny");
    assert.equal(denied?.statements[0]?.sid, "NotSecret");
    assert.match(denied?.reason ?? "", /with an explicit deny in an identity-based policy$/);
  });

  it("tells which policies were asked when none speaks of it", () => {
    const nothing = ask(`arn:aws:sts::${ACCOUNT}:assumed-role/web/task`, "ecs:RunTask");
    assert.equal(nothing?.decision, "implicit-deny");
    assert.deepEqual(nothing?.policies, ["read of web"]);
    assert.match(nothing?.reason ?? "", /assumed-role\/web\/task is not authorized to perform: ecs:RunTask/);
  });

  it("asks a trust policy for a service", () => {
    const assume = (given: Record<string, string>) =>
      ask("ecs-tasks.amazonaws.com", "sts:AssumeRole", ROLE, given)?.decision;
    assert.equal(assume({ "aws:SourceAccount": ACCOUNT }), "allow");
    assert.equal(assume({ "aws:SourceAccount": "111122223333" }), "implicit-deny");
  });

  it("knows nobody who is not there", () => {
    assert.equal(ask(`arn:aws:iam::${ACCOUNT}:user/none`, "ecs:RunTask"), undefined);
  });
});
