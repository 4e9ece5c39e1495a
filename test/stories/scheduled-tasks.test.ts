/** EventBridge runs tasks: by the clock and when another task has stopped, as a role that may, and once over a kill. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import { CreateClusterCommand, DescribeTasksCommand, ListTasksCommand, type Task } from "@aws-sdk/client-ecs";
import {
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { present, REGION, startTestBerth, type TestBerth, until } from "./harness.ts";
import { createGroup, createNetwork } from "./network.ts";
import { CLUSTER, registerTask, untilStatus } from "./tasks.ts";
import { startTerraform, type Terraform, terraformMissing } from "./terraform.ts";

const CONFIGURATION = fileURLToPath(new URL("./scheduled-tasks", import.meta.url));
const RULE = "every-minute-of-every-single-day";
/** ECS shows 36 characters. */
const BY_SCHEDULE = "events-rule/every-minute-of-every-si";
const EVENTS = 3;

describe("scheduled tasks", { timeout: 10 * 60_000, skip: terraformMissing() }, () => {
  let berth: TestBerth;
  let events: EventBridgeClient;
  let cloudTrail: CloudTrailClient;
  let terraform: Terraform;
  let variables: string[];
  let firstRun: Task;
  const folder = mkdtempSync("/tmp/bs-scheduled-");

  before(async () => {
    berth = await startTestBerth();
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const options = { endpoint: berth.endpoint, region: REGION, credentials, maxAttempts: 1 };
    events = new EventBridgeClient(options);
    cloudTrail = new CloudTrailClient(options);
    await berth.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    const network = await createNetwork(berth, "10.63");
    variables = [
      `subnet=${network.privateSubnetId}`,
      `security_group=${await createGroup(berth, network.vpcId, "tasks")}`,
      `job=${await registerTask(berth, "job")}`,
      `report=${await registerTask(berth, "report", { command: ["sh", "-c", "exit 0"] })}`,
    ];
    terraform = await startTerraform(CONFIGURATION, folder, berth.endpoint);
  });

  after(() => {
    berth?.down();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Also those that have stopped, the oldest first. */
  async function startedBy(startedBy: string): Promise<Task[]> {
    const listed = await Promise.all(
      (["RUNNING", "STOPPED"] as const).map((desiredStatus) =>
        berth.ecs.send(new ListTasksCommand({ cluster: CLUSTER, startedBy, desiredStatus })),
      ),
    );
    const arns = [...new Set(listed.flatMap(({ taskArns = [] }) => taskArns))];
    if (arns.length === 0) return [];
    const { tasks = [] } = await berth.ecs.send(
      new DescribeTasksCommand({ cluster: CLUSTER, tasks: arns, include: ["TAGS"] }),
    );
    return tasks.toSorted((one, other) => Number(one.createdAt) - Number(other.createdAt));
  }

  async function killAndStart(): Promise<void> {
    const processId = berth.processId();
    process.kill(processId, "SIGKILL");
    await until("the process is gone", 5, () => !isAlive(processId));
    berth.up();
  }

  test("a rate of one minute runs a task a minute later, though Berth was killed in between", async () => {
    await terraform.apply(...variables);
    const appliedAt = Date.now();
    await terraform.planNothing(...variables);
    await killAndStart();
    assert.deepEqual(await startedBy(BY_SCHEDULE), []);
    const [task] = await until("the task runs", 75, async () => {
      const tasks = await startedBy(BY_SCHEDULE);
      return tasks.length > 0 && tasks;
    });
    firstRun = present(task, "task");
    const waitedMs = Number(firstRun.createdAt) - appliedAt;
    assert.ok(waitedMs > 40_000 && waitedMs < 65_000, `${waitedMs} ms`);
    assert.equal(firstRun.group, "family:job");
    assert.equal(firstRun.launchType, "FARGATE");
    assert.deepEqual(firstRun.overrides?.containerOverrides, [
      { name: "web", command: ["sh", "-c", "exit 0"] },
    ]);
    assert.deepEqual(firstRun.tags, [
      { key: "by", value: "schedule" },
      { key: "aws:ecs:clusterName", value: CLUSTER },
    ]);
    const ended = await untilStatus(berth, present(firstRun.taskArn, "taskArn"), "STOPPED");
    assert.equal(ended.containers?.[0]?.exitCode, 0);
  });

  test("a task that stops runs another, told of the first by the input", async () => {
    const [report] = await until("the report runs", 20, async () => {
      const tasks = await startedBy("events-rule/stopped");
      return tasks.length > 0 && tasks;
    });
    assert.equal(report?.group, "reports");
    assert.deepEqual(report?.overrides?.containerOverrides, [
      { name: "web", environment: [{ name: "TASK", value: firstRun.taskArn }] },
    ]);
    const ended = await untilStatus(berth, present(report?.taskArn, "taskArn"), "STOPPED");
    assert.equal(ended.containers?.[0]?.exitCode, 0);
  });

  test("the history tells the role's call, and that another role may not", async () => {
    const calls = await until("both calls are told", 10, async () => {
      const LookupAttributes = [{ AttributeKey: "EventName" as const, AttributeValue: "RunTask" }];
      const { Events = [] } = await cloudTrail.send(new LookupEventsCommand({ LookupAttributes }));
      const told = Events.map(({ CloudTrailEvent = "" }) => JSON.parse(CloudTrailEvent));
      const of = (role: string) =>
        told.find(({ userIdentity }) => userIdentity.sessionContext?.sessionIssuer?.userName === role);
      return of("runner") && of("idle") && { runner: of("runner"), idle: of("idle") };
    });
    for (const call of [calls.runner, calls.idle]) {
      assert.equal(call.userIdentity.type, "AssumedRole");
      assert.equal(call.userIdentity.invokedBy, "events.amazonaws.com");
      assert.equal(call.sourceIPAddress, "events.amazonaws.com");
      assert.equal(call.userAgent, "events.amazonaws.com");
    }
    assert.equal(calls.runner.errorCode, undefined);
    assert.equal(calls.idle.errorCode, "AccessDenied");
    assert.match(
      calls.idle.errorMessage,
      /assumed-role\/idle\/[0-9a-f]{32} is not authorized to perform: ecs:RunTask on resource: .*:task-definition\/job:1 because no identity-based policy allows the ecs:RunTask action$/,
    );
    assert.deepEqual(await startedBy("events-rule/forbidden"), []);
    const log = readFileSync(join(berth.stateDirectory, "berth.log"), "utf8");
    assert.match(log, /is not tried again.*rule\/forbidden.*AccessDenied.*ecs:RunTask/);
  });

  test("a change that leaves the schedule alone is made in place", async () => {
    await terraform.apply(...variables, "description=Still every minute");
    await terraform.planNothing(...variables, "description=Still every minute");
    const { Rules } = await events.send(new ListRulesCommand({ NamePrefix: RULE }));
    assert.equal(Rules?.[0]?.Description, "Still every minute");
    assert.equal(Rules?.[0]?.ScheduleExpression, "rate(1 minute)");
  });

  test("events run one task each, also when Berth is killed over them", async () => {
    await events.send(new PutRuleCommand({ Name: "app", EventPattern: '{"source": ["app"]}' }));
    const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: RULE }));
    await events.send(new PutTargetsCommand({ Rule: "app", Targets }));
    for (let round = 1; round <= 2; round++) {
      const entry = { Source: "app", DetailType: `round ${round}`, Detail: "{}" };
      await events.send(new PutEventsCommand({ Entries: Array(EVENTS).fill(entry) }));
      await killAndStart();
      await until("every event has its task", 20, async () => {
        return (await startedBy("events-rule/app")).length >= round * EVENTS;
      });
    }
    for (const { taskArn } of await startedBy("events-rule/app")) {
      await untilStatus(berth, present(taskArn, "taskArn"), "STOPPED");
    }
    assert.equal((await startedBy("events-rule/app")).length, 2 * EVENTS);
  });

  test("the schedule ran no minute twice", async () => {
    const times = (await startedBy(BY_SCHEDULE)).map(({ createdAt }) => Number(createdAt));
    for (const [index, time] of times.slice(1).entries()) {
      assert.ok(time - (times[index] ?? 0) > 50_000, times.join(", "));
    }
  });

  test("destroy leaves nothing", async () => {
    await terraform.destroy(...variables);
    const { Rules } = await events.send(new ListRulesCommand({}));
    assert.deepEqual(
      Rules?.map(({ Name }) => Name),
      ["app"],
    );
  });
});

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
