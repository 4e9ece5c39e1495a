import assert from "node:assert/strict";
import { test } from "node:test";
import type { Target } from "@aws-sdk/client-eventbridge";
import { failure, success } from "../../lib/result.ts";
import { pendingEvents } from "../../store/tables/events.ts";
import { ROLE, SCOPE, world } from "./testing.ts";

const CLUSTER = "arn:aws:ecs:us-east-1:111122223333:cluster/jobs";
const JOB = "arn:aws:ecs:us-east-1:111122223333:task-definition/job:3";
const TASK: Target = {
  Id: "task",
  Arn: CLUSTER,
  RoleArn: ROLE,
  EcsParameters: { TaskDefinitionArn: JOB },
};

test("an event runs a task as the target's role, with a token that does not change", async () => {
  const { start, rule, send, calls, store } = world();
  const made = rule("a-name-that-is-longer-than-ECS-takes", [
    {
      ...TASK,
      Input: '{"containerOverrides": [{"name": "job", "command": ["a"]}], "unknown": 1}',
      EcsParameters: {
        TaskDefinitionArn: JOB,
        TaskCount: 2,
        LaunchType: "FARGATE",
        PlatformVersion: "LATEST",
        Group: "jobs",
        NetworkConfiguration: {
          awsvpcConfiguration: { Subnets: ["subnet-1"], SecurityGroups: ["sg-1"], AssignPublicIp: "ENABLED" },
        },
        PropagateTags: "TASK_DEFINITION",
        EnableECSManagedTags: true,
        Tags: [{ Key: "a", Value: "b" }],
      },
    },
  ]);
  send();
  const loop = start();
  await loop.settled();
  assert.deepEqual(store.list(pendingEvents), []);
  send();
  await loop.settled();
  const [call, again] = calls.map(({ request, ...more }) => ({
    ...more,
    request: JSON.parse(JSON.stringify(request)),
  }));
  assert.deepEqual(call, again);
  const { clientToken, ...request } = call?.request ?? {};
  assert.match(clientToken, /^[0-9a-f]{64}$/);
  assert.match(call?.sessionName ?? "", /^[0-9a-f]{32}$/);
  assert.deepEqual(
    { ...call, sessionName: "", request },
    {
      scope: SCOPE,
      roleArn: ROLE,
      sessionName: "",
      ruleArn: made.arn,
      request: {
        cluster: CLUSTER,
        taskDefinition: JOB,
        count: 2,
        launchType: "FARGATE",
        platformVersion: "LATEST",
        group: "jobs",
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: ["subnet-1"],
            securityGroups: ["sg-1"],
            assignPublicIp: "ENABLED",
          },
        },
        propagateTags: "TASK_DEFINITION",
        enableECSManagedTags: true,
        tags: [{ key: "a", value: "b" }],
        overrides: { containerOverrides: [{ name: "job", command: ["a"] }] },
        startedBy: "events-rule/a-name-that-is-longer-th",
      },
    },
  );
});

test("without an input a task runs as it is defined", async () => {
  const { start, rule, send, calls } = world();
  rule("r", [TASK]);
  send();
  await start().settled();
  const { clientToken: _, ...request } = JSON.parse(JSON.stringify(calls[0]?.request));
  assert.deepEqual(request, {
    cluster: CLUSTER,
    taskDefinition: JOB,
    count: 1,
    startedBy: "events-rule/r",
  });
});

test("a task that ECS refuses is not tried again; one that fails is, with the same token", async () => {
  const { start, rule, send, calls, outcomes, advance, store } = world();
  rule("r", [TASK, { ...TASK, Id: "text", Input: '"text"' }]);
  outcomes.push(failure({ retryable: false, reason: "AccessDeniedException: …" }));
  send();
  const loop = start();
  await loop.settled();
  assert.deepEqual([calls.length, store.list(pendingEvents)], [1, []]);
  outcomes.push(success({ tasks: [], failures: [{ reason: "RESOURCE:MEMORY" }] }));
  send();
  await loop.settled();
  assert.deepEqual([calls.length, store.list(pendingEvents)], [2, []]);
  outcomes.push(failure({ retryable: true, reason: "ServerException: …" }));
  send();
  await loop.settled();
  assert.equal(store.list(pendingEvents).length, 1);
  await advance(loop, 1000);
  assert.deepEqual([calls.length, store.list(pendingEvents)], [4, []]);
  assert.deepEqual(calls[3], calls[2]);
});

test("what a schedule makes goes to its own rule alone", async () => {
  const { start, rule, send, calls } = world();
  const own = rule("own", [TASK]);
  rule("other", [TASK]);
  send({ scheduledBy: own.arn });
  await start().settled();
  assert.deepEqual(
    calls.map(({ ruleArn }) => ruleArn),
    [own.arn],
  );
});
