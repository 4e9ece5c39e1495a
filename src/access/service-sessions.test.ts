import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createServiceCaller, type ServiceAnswer } from "../gateway/service-call.ts";
import { serviceCatalog } from "../gateway/service-catalog.ts";
import { silentLog } from "../lib/log.ts";
import { systemRandom } from "../lib/random.ts";
import type { Role } from "../model/iam/records.ts";
import { testClock, testContext } from "../services/testing.ts";
import { clusters } from "../store/tables/ecs.ts";
import { roles, sessions } from "../store/tables/iam.ts";
import { createAccessControl } from "./access-control.ts";
import { createServiceSessions } from "./service-sessions.ts";

const ACCOUNT = "000000000000";
const SCOPE = { account: ACCOUNT, region: "ap-northeast-1" };
const ROLE = `arn:aws:iam::${ACCOUNT}:role/runner`;
const SERVICE = "events.amazonaws.com";
const RULE = `arn:aws:events:ap-northeast-1:${ACCOUNT}:rule/r`;
const CLUSTER = `arn:aws:ecs:ap-northeast-1:${ACCOUNT}:cluster/jobs`;

function world() {
  const clock = testClock(Date.UTC(2026, 0, 1));
  const template = testContext({ clock });
  const { store, settings } = template;
  const parts = { store, clock, random: systemRandom, sealingKey: settings.sealingKey };
  const call = createServiceCaller({
    catalog: serviceCatalog,
    log: silentLog,
    access: createAccessControl({ ...parts, enforceOperator: false }),
    signedAt: () => clock.now(),
    newRequestId: () => systemRandom.uuid(),
    context: (scope, caller, requestId) => ({ ...template, scope, caller, requestId }),
  });
  const put = (more: Partial<Role> = {}, allowed = "ecs:*", condition: object = {}) => {
    const trust = {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Service: SERVICE },
      Condition: condition,
    };
    const allow = { Effect: "Allow", Action: allowed, Resource: "*" };
    const document = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    store.transaction((tx) =>
      tx.put(roles, {
        account: ACCOUNT,
        arn: ROLE,
        roleName: "runner",
        roleId: "AROARUNNER",
        path: "/",
        assumeRolePolicyDocument: document(trust),
        maxSessionDurationSeconds: 3600,
        inlinePolicies: [{ policyName: "p", policyDocument: document(allow) }],
        attachedPolicyArns: [],
        createDate: 0,
        tags: [],
        ...more,
      }),
    );
  };
  const roleSessions = createServiceSessions(parts);
  const assume = (more: object = {}) =>
    roleSessions.assume({
      roleArn: ROLE,
      service: SERVICE,
      sessionName: "s",
      source: { arn: RULE, account: ACCOUNT },
      ...more,
    });
  return {
    store,
    clock,
    put,
    assume,
    async ask(operation: string, input: object): Promise<ServiceAnswer> {
      const caller = assume();
      assert.ok(caller.ok, "the role can be assumed");
      const whose = { scope: SCOPE, caller: caller.value };
      return call({ service: "ecs", operation, input, whose, invokedBy: SERVICE });
    },
  };
}

describe("sessions that services have of roles", () => {
  it("are the role's, invoked by the service, and used again while they last", () => {
    const { assume, put, clock, store } = world();
    put();
    const first = assume();
    assert.ok(first.ok);
    const { accessKeyId, ...caller } = first.value;
    assert.deepEqual(caller, {
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/runner/s`,
      userId: "AROARUNNER:s",
      principal: { kind: "session", accessKeyId },
      invokedBy: SERVICE,
    });
    clock.advance(50 * 60_000);
    assert.deepEqual(assume(), first);
    clock.advance(6 * 60_000);
    const second = assume();
    assert.ok(second.ok);
    assert.notEqual(second.value.accessKeyId, accessKeyId);
    assert.equal(store.list(sessions).length, 2);
  });

  it("end with the role, and begin only where it trusts the service", () => {
    const { assume, put, store } = world();
    assert.deepEqual(assume(), { ok: false, failure: `the role ${ROLE} does not exist` });
    put({}, "ecs:*", { ArnEquals: { "aws:SourceArn": `${RULE}s` } });
    const refused = {
      ok: false,
      failure: `${SERVICE} is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`,
    };
    assert.deepEqual(assume(), refused);
    put({}, "ecs:*", { ArnEquals: { "aws:SourceArn": RULE } });
    const first = assume();
    assert.ok(first.ok);
    assert.deepEqual(assume({ service: "ecs-tasks.amazonaws.com" }).ok, false);
    assert.deepEqual(assume({ source: { arn: RULE, account: "111122223333" } }).ok, false);
    put({ roleId: "AROASECOND" }, "ecs:*", { ArnEquals: { "aws:SourceArn": RULE } });
    const second = assume();
    assert.ok(second.ok);
    assert.notEqual(second.value.accessKeyId, first.value.accessKeyId);
    store.transaction((tx) => tx.delete(roles, `${ACCOUNT}/runner`));
    assert.equal(assume().ok, false);
  });
});

describe("calls of a service in a role's name", () => {
  it("do what the role may", async () => {
    const { ask, put, store } = world();
    put();
    const answer = await ask("CreateCluster", { clusterName: "jobs" });
    assert.equal(answer.kind, "done");
    assert.deepEqual(
      store.list(clusters).map(({ arn }) => arn),
      [CLUSTER],
    );
  });

  it("are refused as a client is told", async () => {
    const { ask, put } = world();
    put({}, "ecs:DescribeClusters");
    assert.deepEqual(await ask("CreateCluster", { clusterName: "jobs" }), {
      kind: "refused",
      fault: "client",
      code: "AccessDeniedException",
      message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/runner/s is not authorized to perform: ecs:CreateCluster on resource: ${CLUSTER} because no identity-based policy allows the ecs:CreateCluster action`,
    });
    put();
    const unknown = await ask("RunTask", { cluster: CLUSTER, taskDefinition: "job" });
    assert.equal(unknown.kind === "refused" && unknown.code, "ClusterNotFoundException");
    await ask("CreateCluster", { clusterName: "jobs" });
    for (const containerOverrides of ["x", [{ name: "a", environment: [{ name: "n", value: [1] }] }]]) {
      const malformed = await ask("RunTask", {
        cluster: CLUSTER,
        taskDefinition: "job",
        overrides: { containerOverrides },
      });
      assert.match(malformed.kind === "refused" ? malformed.message : "", /^Expected a .* at overrides\./);
    }
  });
});
