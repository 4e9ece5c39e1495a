import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import type { Task } from "../../model/ecs/records.ts";
import { clusters, tasks } from "../../store/tables/ecs.ts";
import { roles } from "../../store/tables/iam.ts";
import type { SessionRequest } from "../operation.ts";
import { describeTasks } from "./describe-tasks.ts";
import { executeCommand } from "./execute-command.ts";
import { runTask } from "./run-task.ts";
import { client, type EcsTestContext, ecsContext, fault, invalid, NETWORK, registerWeb } from "./testing.ts";

const ROLE = "arn:aws:iam::000000000000:role/exec";
const CHANNELS = ["ssmmessages:*"];

interface World {
  readonly context: EcsTestContext;
  readonly opened: SessionRequest[];
  readonly task: Task;
}

/** A running task with execute-command; its role may do `actions`. */
function world(
  containers: readonly wire.ContainerDefinition[] = [{ name: "app", image: "nginx" }],
  actions = CHANNELS,
  countOf = () => 0,
): World {
  const opened: SessionRequest[] = [];
  const base = ecsContext();
  const open = (request: SessionRequest) => {
    opened.push(request);
    return { sessionId: "ecs-execute-command-1", streamUrl: "ws://x/1", tokenValue: "token" };
  };
  const context = { ...base, sessions: { ...base.sessions, open, countOf } };
  putRole(context, actions);
  registerWeb(context, { taskRoleArn: ROLE, executionRoleArn: ROLE, containerDefinitions: [...containers] });
  const { tasks: made } = runTask(
    {
      cluster: "main",
      taskDefinition: "web",
      launchType: "FARGATE",
      networkConfiguration: NETWORK,
      enableExecuteCommand: true,
    },
    context,
  );
  const created = context.store.get(tasks, made?.[0]?.taskArn ?? "") ?? assert.fail("no task");
  const task: Task = {
    ...created,
    lastStatus: "RUNNING",
    containers: created.containers.map((container) => ({
      ...container,
      lastStatus: "RUNNING",
      runtimeId: `runtime-of-${container.name}`,
      startedAt: 1000,
    })),
  };
  context.store.transaction((tx) => tx.put(tasks, task));
  return { context, opened, task };
}

function putRole({ store }: EcsTestContext, actions: readonly string[]): void {
  const policyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
  });
  store.transaction((tx) =>
    tx.put(roles, {
      account: "000000000000",
      arn: ROLE,
      roleName: "exec",
      roleId: "AROAEXEC",
      path: "/",
      assumeRolePolicyDocument: "{}",
      maxSessionDurationSeconds: 3600,
      inlinePolicies: [{ policyName: "own", policyDocument }],
      attachedPolicyArns: [],
      createDate: 0,
      tags: [],
    }),
  );
}

const ask = ({ context, task }: World, change: Partial<wire.ExecuteCommandRequest> = {}) =>
  executeCommand(
    { cluster: "main", task: task.taskId, command: "/bin/sh", interactive: true, ...change },
    context,
  );

const NOT_ENABLED = invalid(/^The execute command failed because execute command was not enabled when/);

test("a session is opened in the task's only container", () => {
  const made = world();
  const answer = ask(made);
  assert.deepEqual(answer.session, {
    sessionId: "ecs-execute-command-1",
    streamUrl: "ws://x/1",
    tokenValue: "token",
  });
  assert.deepEqual([answer.containerName, answer.taskArn], ["app", made.task.arn]);
  const [request] = made.opened;
  assert.deepEqual(
    [request?.runtimeId, request?.command, request?.transcript],
    ["runtime-of-app", "/bin/sh", undefined],
  );
});

test("of several containers one must be named", () => {
  const made = world([
    { name: "app", image: "nginx" },
    { name: "side", image: "nginx" },
  ]);
  assert.throws(() => ask(made), invalid(/container name/));
  assert.throws(() => ask(made, { container: "none" }), invalid(/none/));
  assert.equal(ask(made, { container: "side" }).containerName, "side");
  assert.equal(made.opened.length, 1);
});

test("refused: other modes, odd ids, unknown tasks, tasks that do not run or have it not enabled", () => {
  const made = world();
  const { context, task } = made;
  const change = (to: Partial<Task>) => context.store.transaction((tx) => tx.put(tasks, { ...task, ...to }));
  assert.throws(
    () => ask(made, { interactive: false }),
    invalid("Interactive is the only mode supported currently."),
  );
  assert.throws(() => ask(made, { task: "short" }), invalid("task length should be one of [32,36]"));
  assert.throws(() => ask(made, { task: "0".repeat(32) }), invalid(/was not found/));
  assert.throws(() => ask(made, { cluster: "none" }), fault("ClusterNotFoundException", /./));
  change({ enableExecuteCommand: false });
  assert.throws(() => ask(made), NOT_ENABLED);
  change({ lastStatus: "PENDING" });
  assert.throws(() => ask(made), NOT_ENABLED);
  change({ containers: task.containers.map((container) => ({ ...container, lastStatus: "STOPPED" })) });
  assert.throws(() => ask(made), NOT_ENABLED);
  assert.equal(made.opened.length, 0);
});

test("a task role without the permissions, or that is gone, has no connection", () => {
  const notConnected = fault(
    "TargetNotConnectedException",
    "The execute command failed due to an internal error. Try again later.",
  );
  assert.throws(() => ask(world(undefined, ["ssmmessages:Create*"])), notConnected);
  const gone = world();
  gone.context.store.transaction((tx) => tx.delete(roles, "000000000000/exec"));
  assert.throws(() => ask(gone), notConnected);
});

test("a container has two sessions at most", () => {
  assert.throws(
    () => ask(world(undefined, CHANNELS, () => 2)),
    client("Unable to start new execute sessions because the maximum session limit of 2 has been reached."),
  );
});

test("the cluster says where a session is logged, and the task role must be allowed to", () => {
  const logConfiguration: wire.LogConfiguration = {
    logDriver: "awslogs",
    options: { "awslogs-group": "/own", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "x" },
  };
  const allowed = [...CHANNELS, "logs:CreateLogStream", "logs:PutLogEvents"];
  const logged = (actions: readonly string[], configuration?: wire.ExecuteCommandConfiguration) => {
    const made = world([{ name: "app", image: "nginx", logConfiguration }], [...actions]);
    const { store } = made.context;
    const cluster = store.get(clusters, made.task.clusterArn) ?? assert.fail("no cluster");
    store.transaction((tx) =>
      tx.put(clusters, { ...cluster, configuration: { executeCommandConfiguration: configuration } }),
    );
    ask(made);
    const { transcript } = made.opened[0] ?? {};
    return transcript === undefined ? undefined : `${transcript.scope.region} ${transcript.groupName}`;
  };
  assert.equal(logged(allowed), "us-east-1 /own");
  assert.equal(logged(allowed, { logging: "DEFAULT" }), "us-east-1 /own");
  assert.equal(logged(allowed, { logging: "NONE" }), undefined);
  assert.equal(
    logged(allowed, { logging: "OVERRIDE", logConfiguration: { cloudWatchLogGroupName: "/audit" } }),
    "ap-northeast-1 /audit",
  );
  assert.equal(logged(allowed, { logging: "OVERRIDE", logConfiguration: { s3BucketName: "b" } }), undefined);
  assert.equal(logged(CHANNELS), undefined);
});

test("DescribeTasks shows the agent of each container", () => {
  const { context, task } = world();
  const described = describeTasks({ cluster: "main", tasks: [task.taskId] }, context);
  assert.deepEqual(described.tasks?.[0]?.containers?.[0]?.managedAgents, [
    { name: "ExecuteCommandAgent", lastStatus: "RUNNING", lastStartedAt: new Date(1000) },
  ]);
});
