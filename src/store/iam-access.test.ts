import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemRandom } from "../lib/random.ts";
import type { Role } from "../model/iam/records.ts";
import { mayRole } from "./iam-access.ts";
import { endSessionsOf, forgottenSessions, issueSession, isTokenOf, secretOf } from "./iam-sessions.ts";
import { Store } from "./store.ts";
import { roles, sessions } from "./tables/iam.ts";

const ACCOUNT = "111122223333";
const service = "ecs-tasks.amazonaws.com";

function role(roleName: string, trusted: string, action: string): Role {
  const statement = (more: object) => JSON.stringify({ Statement: { Effect: "Allow", ...more } });
  return {
    account: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:role/${roleName}`,
    roleName,
    roleId: `AROA${roleName}`,
    path: "/",
    assumeRolePolicyDocument: statement({
      Principal: { Service: trusted },
      Action: "sts:AssumeRole",
      Condition: { ArnLikeIfExists: { "aws:SourceArn": `arn:aws:ecs:*:${ACCOUNT}:*` } },
    }),
    maxSessionDurationSeconds: 3600,
    inlinePolicies: [{ policyName: "p", policyDocument: statement({ Action: action, Resource: "*" }) }],
    attachedPolicyArns: [],
    createDate: 0,
    tags: [],
  };
}

describe("what a service may do in a role's name", () => {
  const store = new Store(":memory:");
  store.transaction((tx) => {
    tx.put(roles, role("pull", service, "ecr:*"));
    tx.put(roles, role("other", "ec2.amazonaws.com", "ecr:*"));
  });
  const ask = (name: string, action: string, sourceAccount = ACCOUNT) =>
    mayRole(
      store,
      { roleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`, service, sessionName: "0123" },
      {
        action,
        resource: "*",
        context: new Map([["aws:sourcearn", [`arn:aws:ecs:us-east-1:${sourceAccount}:*`]]]),
      },
    );

  it("needs the role, its trust and its permission, and says which is missing", () => {
    assert.deepEqual(ask("pull", "ecr:GetAuthorizationToken"), { allowed: true });
    assert.deepEqual(ask("pull", "logs:PutLogEvents"), {
      allowed: false,
      kind: "denied",
      reason: `User: arn:aws:sts::${ACCOUNT}:assumed-role/pull/0123 is not authorized to perform: logs:PutLogEvents on resource: * because no identity-based policy allows the logs:PutLogEvents action`,
    });
    const kindOf = (verdict: ReturnType<typeof ask>) => (verdict.allowed ? "allowed" : verdict.kind);
    assert.equal(kindOf(ask("other", "ecr:GetAuthorizationToken")), "not-assumable");
    assert.equal(kindOf(ask("pull", "ecr:GetAuthorizationToken", "444455556666")), "not-assumable");
    assert.equal(kindOf(ask("none", "ecr:GetAuthorizationToken")), "no-role");
  });
});

describe("sessions", () => {
  it("are kept sealed, end with what they are for, and are forgotten an hour after they expired", () => {
    const store = new Store(":memory:");
    const issue = (issuedFor: string) =>
      store.transaction((tx) =>
        issueSession(
          tx,
          { role: role("r", service, "*"), sessionName: issuedFor, durationSeconds: 900, issuedFor },
          { random: systemRandom, sealingKey: "key", now: 0 },
        ),
      );
    const one = issue("task-1");
    const two = issue("task-2");
    const kept = store.get(sessions, one.accessKeyId);
    assert.ok(kept);
    assert.equal(secretOf(kept, "key"), one.secretAccessKey);
    assert.equal(secretOf(kept, "another key"), undefined);
    assert.equal(secretOf({ ...kept, accessKeyId: two.accessKeyId }, "key"), undefined);
    assert.ok(isTokenOf(kept, one.sessionToken));
    assert.ok(!isTokenOf(kept, two.sessionToken));
    assert.ok(!isTokenOf(kept, undefined));
    assert.ok(!JSON.stringify(kept).includes(one.sessionToken));
    store.transaction((tx) => endSessionsOf(store, tx, "task-1"));
    assert.equal(store.get(sessions, one.accessKeyId), undefined);
    assert.deepEqual(forgottenSessions(store, 900_000 + 3_600_000), []);
    assert.deepEqual(forgottenSessions(store, 900_000 + 3_600_001), [two.accessKeyId]);
  });
});
