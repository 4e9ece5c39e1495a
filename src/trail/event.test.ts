import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RecordedCall } from "../gateway/call-recorder.ts";
import type { Json } from "../gateway/recorded-parameters.ts";
import { systemRandom } from "../lib/random.ts";
import type { Role, User } from "../model/iam/records.ts";
import { issueFederatedSession, issueSession } from "../store/iam-sessions.ts";
import { Store } from "../store/store.ts";
import { roles, users } from "../store/tables/iam.ts";
import { TrailStore } from "../store/trail-store.ts";
import { newTrailCall } from "./event.ts";

const AT = Date.UTC(2026, 2, 1, 14, 5, 9, 700);
const ACCOUNT = "111122223333";
const NOTHING = { parameters: null, hidden: [] };

function call(change: Partial<RecordedCall> = {}): RecordedCall {
  return {
    service: "ecs",
    operation: "CreateCluster",
    scope: { account: ACCOUNT, region: "ap-northeast-1" },
    caller: {
      accessKeyId: "AKIAEXAMPLE",
      arn: `arn:aws:iam::${ACCOUNT}:user/team/alice`,
      userId: "AIDAEXAMPLE",
      principal: { kind: "user", userName: "alice" },
    },
    requestId: "request-1",
    sourceIp: "127.0.0.1",
    userAgent: "aws-cli/2",
    input: { clusterName: "web" },
    request: () => ({ parameters: { clusterName: "web" }, hidden: [] }),
    response: () => ({ parameters: { cluster: { clusterName: "web" } }, hidden: [] }),
    ...change,
  };
}

function made(change: Partial<RecordedCall> = {}, store = new Store(":memory:")) {
  const event = newTrailCall(store, call(change));
  const trailStore = new TrailStore(":memory:");
  trailStore.append([{ call: event, eventId: "event-1", requestId: "request-1", time: AT }]);
  const text = trailStore.find({ limit: 1 })[0]?.record ?? "";
  return { event, record: JSON.parse(text) as { readonly [name: string]: Json } };
}

const denied = { code: "AccessDeniedException", message: "no", fault: "client", denied: true } as const;

describe("an event", () => {
  it("has what CloudTrail writes of a call", () => {
    const { event, record } = made();
    assert.deepEqual(record, {
      eventVersion: "1.11",
      userIdentity: {
        type: "IAMUser",
        principalId: "AIDAEXAMPLE",
        arn: `arn:aws:iam::${ACCOUNT}:user/team/alice`,
        accountId: ACCOUNT,
        accessKeyId: "AKIAEXAMPLE",
        userName: "alice",
      },
      eventTime: "2026-03-01T14:05:09Z",
      eventSource: "ecs.amazonaws.com",
      eventName: "CreateCluster",
      awsRegion: "ap-northeast-1",
      sourceIPAddress: "127.0.0.1",
      userAgent: "aws-cli/2",
      requestParameters: { clusterName: "web" },
      responseElements: { cluster: { clusterName: "web" } },
      requestID: "request-1",
      eventID: "event-1",
      readOnly: false,
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: ACCOUNT,
      eventCategory: "Management",
    });
    assert.equal(event.username, "alice");
    assert.deepEqual(event.resources, [
      { type: "AWS::ECS::Cluster", name: `arn:aws:ecs:ap-northeast-1:${ACCOUNT}:cluster/web` },
      { type: "AWS::ECS::Cluster", name: "web" },
    ]);
  });

  it("of a reading call has no response elements, but for STS's credentials", () => {
    assert.equal(made({ operation: "DescribeClusters" }).record["responseElements"], null);
    const assumed = made({
      service: "sts",
      operation: "AssumeRole",
      input: { RoleArn: "arn:aws:iam::1:role/r" },
    });
    assert.equal(assumed.record["readOnly"], true);
    const resources = [{ ARN: "arn:aws:iam::1:role/r", accountId: ACCOUNT, type: "AWS::IAM::Role" }];
    assert.deepEqual(assumed.record["resources"], resources);
    assert.notEqual(assumed.record["responseElements"], null);
  });

  it("of a role names the role and its session", () => {
    const store = new Store(":memory:");
    const role: Role = {
      account: ACCOUNT,
      arn: `arn:aws:iam::${ACCOUNT}:role/apps/web`,
      roleName: "web",
      roleId: "AROAEXAMPLE",
      path: "/",
      assumeRolePolicyDocument: "{}",
      inlinePolicies: [],
      attachedPolicyArns: [],
      createDate: 0,
      maxSessionDurationSeconds: 3600,
      tags: [],
    };
    const { accessKeyId } = store.transaction((tx) => {
      tx.put(roles, role);
      return issueSession(
        tx,
        { role, sessionName: "4f1c", durationSeconds: 900 },
        { random: systemRandom, sealingKey: "k", now: AT - 1000 },
      );
    });
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/web/4f1c`;
    const caller = {
      accessKeyId,
      arn,
      userId: "AROAEXAMPLE:4f1c",
      principal: { kind: "session", accessKeyId },
    } as const;
    const { event, record } = made({ caller }, store);
    assert.equal(event.username, "4f1c");
    assert.deepEqual(record["userIdentity"], {
      type: "AssumedRole",
      principalId: "AROAEXAMPLE:4f1c",
      arn,
      accountId: ACCOUNT,
      accessKeyId,
      sessionContext: {
        sessionIssuer: {
          type: "Role",
          principalId: "AROAEXAMPLE",
          arn: role.arn,
          accountId: ACCOUNT,
          userName: "web",
        },
        attributes: { creationDate: "2026-03-01T14:05:08Z", mfaAuthenticated: "false" },
      },
    });
  });

  it("of a federated user names the user who called for the token", () => {
    const store = new Store(":memory:");
    const arn = `arn:aws:iam::${ACCOUNT}:user/broker`;
    const user: User = {
      account: ACCOUNT,
      arn,
      userName: "broker",
      userId: "AIDAEXAMPLE",
      path: "/",
      inlinePolicies: [],
      attachedPolicyArns: [],
      createDate: 0,
      tags: [],
    };
    const { accessKeyId } = store.transaction((tx) => {
      tx.put(users, user);
      return issueFederatedSession(
        tx,
        { user, federatedName: "ana", durationSeconds: 900 },
        { random: systemRandom, sealingKey: "k", now: AT - 1000 },
      );
    });
    const federated = `arn:aws:sts::${ACCOUNT}:federated-user/ana`;
    const principal = { kind: "session", accessKeyId } as const;
    const caller = { accessKeyId, arn: federated, userId: `${ACCOUNT}:ana`, principal };
    const { event, record } = made({ caller }, store);
    assert.equal(event.username, "ana");
    assert.deepEqual(record["userIdentity"], {
      type: "FederatedUser",
      principalId: `${ACCOUNT}:ana`,
      arn: federated,
      accountId: ACCOUNT,
      accessKeyId,
      sessionContext: {
        sessionIssuer: {
          type: "IAMUser",
          principalId: "AIDAEXAMPLE",
          arn,
          accountId: ACCOUNT,
          userName: "broker",
        },
        attributes: { creationDate: "2026-03-01T14:05:08Z", mfaAuthenticated: "false" },
      },
    });
  });

  it("that IAM refused tells no parameters, but EC2's does", () => {
    const refused = made({ error: denied }).record;
    assert.deepEqual(
      [refused["errorCode"], refused["requestParameters"], refused["responseElements"]],
      ["AccessDenied", null, null],
    );
    const ec2 = made({ service: "ec2", error: { ...denied, code: "UnauthorizedOperation" } }).record;
    assert.equal(ec2["errorCode"], "Client.UnauthorizedOperation");
    assert.deepEqual(ec2["requestParameters"], { clusterName: "web" });
  });

  it("quotes no secret in its error message", () => {
    const message = "Value 'hunter22' at 'value' failed";
    const error = { code: "ValidationException", message, fault: "client", denied: false } as const;
    const { record } = made({ error, request: () => ({ parameters: null, hidden: ["hunter22", "a"] }) });
    assert.equal(record["errorMessage"], "Value 'HIDDEN_DUE_TO_SECURITY_REASONS' at 'value' failed");
  });

  it("of a global service is in US East", () => {
    assert.equal(
      made({ service: "iam", operation: "CreateUser", request: () => NOTHING }).event.region,
      "us-east-1",
    );
  });

  it("cuts off what is too long", () => {
    const error = { code: "X", message: "m".repeat(5000), fault: "client", denied: false } as const;
    const { record } = made({ error, userAgent: "a".repeat(5000) });
    assert.equal(record["userAgent"], "a".repeat(1024));
    assert.equal(record["errorMessage"], "m".repeat(1024));
  });

  it("leaves out what is too large", () => {
    const parameters = { text: "x".repeat(200_000) };
    const { record } = made({ request: () => ({ parameters, hidden: [] }) });
    assert.deepEqual(record["requestParameters"], {
      omitted: true,
      originalSize: 200_011,
      reason: "requestParameters too large",
    });
  });
});
