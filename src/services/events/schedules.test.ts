import assert from "node:assert/strict";
import { test } from "node:test";
import type { EcsParameters, Target } from "@aws-sdk/client-eventbridge";
import { eventRules } from "../../store/tables/events.ts";
import { roles } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { testClock, testContext } from "../testing.ts";
import { operations } from "./operations.ts";

const ROLE = "arn:aws:iam::000000000000:role/runner";
const CLUSTER = "arn:aws:ecs:ap-northeast-1:000000000000:cluster/jobs";
const JOB = "arn:aws:ecs:ap-northeast-1:000000000000:task-definition/job:1";
const RULE = "arn:aws:events:ap-northeast-1:000000000000:rule/r";

function withRole(context: HandlerContext): HandlerContext {
  const Principal = { Service: "events.amazonaws.com" };
  const Statement = [{ Effect: "Allow", Action: "sts:AssumeRole", Principal }];
  context.store.transaction((tx) =>
    tx.put(roles, {
      account: "000000000000",
      arn: ROLE,
      roleName: "runner",
      roleId: "AROARUNNER",
      path: "/",
      assumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
      maxSessionDurationSeconds: 3600,
      inlinePolicies: [],
      attachedPolicyArns: [],
      createDate: 0,
      tags: [],
    }),
  );
  return context;
}

test("a schedule is kept, shown, and only on the default bus", () => {
  const context = testContext();
  operations.PutRule({ Name: "r", ScheduleExpression: "cron(0 12 * * ? *)" }, context);
  assert.deepEqual(operations.DescribeRule({ Name: "r" }, context), {
    Name: "r",
    Arn: RULE,
    ScheduleExpression: "cron(0 12 * * ? *)",
    State: "ENABLED",
    EventBusName: "default",
    CreatedBy: "000000000000",
  });
  const both = { Name: "r", ScheduleExpression: "rate(1 day)", EventPattern: '{"source": ["a"]}' };
  operations.PutRule(both, context);
  const [rule] = operations.ListRules({}, context).Rules ?? [];
  assert.deepEqual([rule?.ScheduleExpression, rule?.EventPattern], ["rate(1 day)", '{"source": ["a"]}']);
  operations.PutRule({ Name: "r", EventPattern: '{"source": ["a"]}' }, context);
  assert.equal(operations.DescribeRule({ Name: "r" }, context).ScheduleExpression, undefined);
  operations.CreateEventBus({ Name: "b" }, context);
  assert.throws(
    () => operations.PutRule({ Name: "r", EventBusName: "b", ScheduleExpression: "rate(1 day)" }, context),
    {
      name: "ValidationException",
      message: "ScheduleExpression is supported only on the default event bus.",
    },
  );
});

test("a rate counts from when it was set or the rule enabled, and goes on over other changes", () => {
  const clock = testClock(1000);
  const context = testContext({ clock });
  const since = () => context.store.get(eventRules, RULE)?.scheduledSince;
  const put = (more: object) =>
    operations.PutRule({ Name: "r", ScheduleExpression: "rate(1 hour)", ...more }, context);
  put({});
  assert.equal(since(), 1000);
  clock.advance(1000);
  context.store.transaction((tx) => {
    const rule = context.store.get(eventRules, RULE);
    if (rule !== undefined) tx.put(eventRules, { ...rule, lastScheduledAt: 1500 });
  });
  put({ Description: "text" });
  assert.equal(since(), 1000);
  assert.equal(context.store.get(eventRules, RULE)?.lastScheduledAt, 1500);
  operations.DisableRule({ Name: "r" }, context);
  assert.equal(since(), 1000);
  operations.EnableRule({ Name: "r" }, context);
  assert.equal(since(), 2000);
  clock.advance(1000);
  operations.EnableRule({ Name: "r" }, context);
  assert.equal(since(), 2000);
  put({ ScheduleExpression: "rate(2 hours)" });
  assert.equal(since(), 3000);
});

test("a target that runs a task is kept as it was given", () => {
  const context = withRole(testContext());
  operations.PutRule({ Name: "r", ScheduleExpression: "rate(1 day)" }, context);
  const target: Target = {
    Id: "t",
    Arn: CLUSTER,
    RoleArn: ROLE,
    Input: '{"containerOverrides": []}',
    EcsParameters: {
      TaskDefinitionArn: JOB.replace(/:1$/, ""),
      TaskCount: 10,
      LaunchType: "FARGATE",
      PlatformVersion: "1.4.0",
      NetworkConfiguration: {
        awsvpcConfiguration: { Subnets: Array(16).fill("s"), SecurityGroups: Array(5).fill("g") },
      },
      CapacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1, base: 0 }],
      PlacementConstraints: [{ type: "distinctInstance", expression: "x" }],
      PlacementStrategy: [{ type: "spread", field: "instanceId" }],
      PropagateTags: "TASK_DEFINITION",
      Tags: [{ Key: "a", Value: "b" }],
    },
  };
  operations.PutTargets({ Rule: "r", Targets: [target] }, context);
  assert.deepEqual(operations.ListTargetsByRule({ Rule: "r" }, context).Targets, [target]);
});

test("what is wrong with a target that runs a task is told in EventBridge's words", () => {
  const context = withRole(testContext());
  operations.PutRule({ Name: "r", ScheduleExpression: "rate(1 day)" }, context);
  const vpc = (count: number, groups = 0, more = {}): Partial<EcsParameters> => ({
    NetworkConfiguration: {
      awsvpcConfiguration: {
        Subnets: Array(count).fill("s"),
        SecurityGroups: Array(groups).fill("g"),
        ...more,
      },
    },
  });
  const of = (parameters: Partial<EcsParameters>, more: Partial<Target> = {}): Partial<Target> => ({
    ...more,
    EcsParameters: { TaskDefinitionArn: JOB, ...parameters },
  });
  const atMember = (member: string) => `at 'targets\\.1\\.member\\.ecsParameters\\.${member}' failed`;
  const rows: readonly (readonly [target: Partial<Target>, message: string | RegExp])[] = [
    [{}, "Parameter(s) EcsParameters must be specified for target: t."],
    [of({}, { RoleArn: undefined }), `RoleArn is required for target ${CLUSTER}.`],
    [
      of({}, { RoleArn: `${ROLE}s` }),
      `Provided role '${ROLE}s' cannot be assumed by principal 'events.amazonaws.com'.`,
    ],
    [
      of({}, { Arn: CLUSTER.replace("cluster", "service") }),
      /service\/jobs is not valid\. Reason: Provided Arn is not in correct format\.$/,
    ],
    [
      of({ TaskDefinitionArn: "job:1" }),
      "Parameter job:1 is not valid. Reason: Provided Arn is not in correct format.",
    ],
    [
      of({ TaskDefinitionArn: JOB.replace("ap-northeast-1", "us-east-1") }),
      `Region of ${CLUSTER} does not match region of ${JOB.replace("ap-northeast-1", "us-east-1")}.`,
    ],
    [
      of(
        { TaskDefinitionArn: JOB.replace("ap-northeast-1", "us-east-1") },
        { Arn: CLUSTER.replace("ap-northeast-1", "us-east-1") },
      ),
      /^Berth does not support ECS clusters of another region as targets/,
    ],
    [of({ TaskCount: 11 }), "Parameter(s) TaskCount not valid for target: t."],
    [of({ TaskCount: 0 }), new RegExp(atMember("taskCount"))],
    [
      of({ LaunchType: "FARGATE" }),
      "Parameter NetworkConfiguration must be specified for target t when launch type is FARGATE.",
    ],
    [
      of({ LaunchType: "EC2", PlatformVersion: "LATEST" }),
      "Parameter PlatformVersion for target t is not supported when launch type is EC2.",
    ],
    [
      of({ LaunchType: "EC2", ...vpc(1, 0, { AssignPublicIp: "ENABLED" }) }),
      "Parameter AssignPublicIp for target t is not supported when launch type is EC2.",
    ],
    [of(vpc(17)), "Parameter Subnets is not valid. Reason: size must be in between 1 and 16."],
    [of(vpc(1, 6)), "Parameter SecurityGroups is not valid. Reason: size must be in between 0 and 5."],
    [
      of({ CapacityProviderStrategy: [{ capacityProvider: "F", weight: 1001 }] }),
      new RegExp(atMember("capacityProviderStrategy\\.1\\.member\\.weight")),
    ],
    [of({ ReferenceId: "x".repeat(1025) }), new RegExp(atMember("referenceId"))],
    [{ ...of({}), Input: "{" }, "JSON syntax error in input for target t."],
  ];
  for (const [more, message] of rows) {
    const Targets = [{ Id: "t", Arn: CLUSTER, RoleArn: ROLE, ...more }];
    assert.throws(() => operations.PutTargets({ Rule: "r", Targets }, context), {
      name: "ValidationException",
      message,
    });
  }
  const twice = { Id: "t", Arn: CLUSTER, RoleArn: ROLE, ...of({}) };
  assert.throws(() => operations.PutTargets({ Rule: "r", Targets: [twice, twice] }, context), {
    name: "ValidationException",
    message: "Parameter targets is not valid. Reason: More than one target with Id 't' is provided.",
  });
});
