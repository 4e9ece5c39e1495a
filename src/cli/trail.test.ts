import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CommandFailure } from "./output.ts";
import { describeCall, sinceOf } from "./trail.ts";

const RECORD = {
  eventTime: "2026-03-01T14:05:09Z",
  eventSource: "ecs.amazonaws.com",
  eventName: "RunTask",
  userIdentity: { type: "IAMUser", arn: "arn:aws:iam::1:user/alice", userName: "alice" },
  requestParameters: { cluster: "web", taskDefinition: "arn:aws:ecs:r:1:task-definition/app:3", count: 2 },
  responseElements: null,
};

const words = (record: object) => describeCall(record).split(/\s+/).slice(2);

describe("berth trail", () => {
  it("tells who, what operation, and what it was about", () => {
    assert.deepEqual(words(RECORD), [
      "alice",
      "ecs:RunTask",
      "cluster=web",
      "taskDefinition=task-definition/app:3",
      "count=2",
    ]);
  });

  it("names a role with its session, and why a call failed", () => {
    const line = describeCall({
      ...RECORD,
      userIdentity: { type: "AssumedRole", arn: "arn:aws:sts::1:assumed-role/app/4f1c" },
      requestParameters: null,
      errorCode: "AccessDenied",
      errorMessage: "User: x is\n not authorized",
    });
    assert.match(line, / app\/4f1c +ecs:RunTask +AccessDenied: User: x is not authorized$/);
  });

  it("shows the id of what was made without a name, and nothing hidden", () => {
    const made = {
      ...RECORD,
      eventName: "CreateVpc",
      requestParameters: { cidrBlock: "10.0.0.0/16", secret: "HIDDEN_DUE_TO_SECURITY_REASONS" },
      responseElements: { requestId: "r", vpc: { ownerId: "1", vpcId: "vpc-1" } },
    };
    assert.deepEqual(words(made).slice(2), ["vpcId=vpc-1", "cidrBlock=10.0.0.0/16"]);
  });

  it("takes a span or a time", () => {
    assert.deepEqual(sinceOf("10m"), ["ago", 600_000]);
    assert.deepEqual(sinceOf("2026-01-01T00:00:00Z"), ["since", Date.UTC(2026, 0, 1)]);
    assert.throws(() => sinceOf("soon"), CommandFailure);
  });
});
