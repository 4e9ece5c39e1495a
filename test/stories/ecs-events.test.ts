/** What ECS and EC2 tell EventBridge, as rules with a log group for their target get it, also across a kill -9. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  CreateLogGroupCommand,
  FilterLogEventsCommand,
  PutResourcePolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { StopTaskCommand, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { type Ground, launch, optionsOf, register, runUntilRunning, startGround } from "./ec2-setup.ts";
import { present, REGION, until } from "./harness.ts";
import {
  CLUSTER,
  createService,
  describeService,
  describeTask,
  registerTask,
  startTask,
  untilStatus,
  untilSteady,
} from "./tasks.ts";

const ACCOUNT = "000000000000";
const ALL = "/aws/events/all";
const FAILED = "/aws/events/failed";
const TASKS = "ECS Task State Change";
const INSTANCES = "ECS Container Instance State Change";

/** As far as the stories look into it. */
interface LoggedEvent {
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

describe("events of ECS", { timeout: 300_000 }, () => {
  let ground: Ground;
  let place: { readonly subnet: string; readonly securityGroup: string };

  before(async () => {
    ground = await startGround("10.61");
    place = { subnet: ground.network.privateSubnetId, securityGroup: ground.securityGroup };
    await ground.logs.send(
      new PutResourcePolicyCommand({
        policyName: "events",
        policyDocument: JSON.stringify(eventsMayWrite()),
      }),
    );
    await listen("all", ALL, { source: ["aws.ecs", "aws.ec2"] });
    await listen("failed", FAILED, {
      source: ["aws.ecs"],
      "detail-type": [TASKS],
      detail: { lastStatus: ["STOPPED"], containers: { exitCode: [{ "anything-but": 0 }] } },
    });
  });

  after(() => ground?.down());

  async function listen(Name: string, logGroupName: string, pattern: object): Promise<void> {
    const events = new EventBridgeClient(optionsOf(ground));
    await ground.logs.send(new CreateLogGroupCommand({ logGroupName }));
    await events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify(pattern) }));
    const Arn = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${logGroupName}`;
    const { FailedEntryCount } = await events.send(
      new PutTargetsCommand({ Rule: Name, Targets: [{ Id: "logs", Arn }] }),
    );
    assert.equal(FailedEntryCount, 0);
  }

  /** What a log group holds about a resource; its lines have the second of their event, and no order within it. */
  async function toldOf(resource: string, detailType: string, logGroupName = ALL): Promise<LoggedEvent[]> {
    const told: LoggedEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await ground.logs.send(new FilterLogEventsCommand({ logGroupName, nextToken }));
      for (const { message } of page.events ?? []) told.push(JSON.parse(message ?? ""));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    assert.equal(new Set(told.map(({ id }) => id)).size, told.length, "none twice");
    return told.filter((event) => event["detail-type"] === detailType && event.resources.includes(resource));
  }

  /** As the record had them one after the other. */
  function inOrder(events: readonly LoggedEvent[]): LoggedEvent[] {
    return events.toSorted((one, other) => Number(one.detail["version"]) - Number(other.detail["version"]));
  }

  /** Once the last of them is there. */
  async function historyOf(taskArn: string): Promise<LoggedEvent[]> {
    const told = await until(`${taskArn} is told to have stopped`, 20, async () => {
      const events = await toldOf(taskArn, TASKS);
      return events.some(({ detail }) => detail["lastStatus"] === "STOPPED") && events;
    });
    return inOrder(told);
  }

  function statusesOf(events: readonly LoggedEvent[]): string[] {
    return events.map(
      ({ detail }) => `${detail["version"]} ${detail["lastStatus"]}/${detail["desiredStatus"]}`,
    );
  }

  /** Versions from 1, without a gap and none twice; statuses in their order. */
  function assertComplete(events: readonly LoggedEvent[]): void {
    const text = statusesOf(events).join(", ");
    assert.deepEqual(
      events.map(({ detail }) => detail["version"]),
      events.map((_, index) => index + 1),
      text,
    );
    const order =
      "PROVISIONING PENDING ACTIVATING RUNNING DEACTIVATING STOPPING DEPROVISIONING STOPPED".split(" ");
    const ranks = events.map(({ detail }) => order.indexOf(String(detail["lastStatus"])));
    assert.deepEqual(
      ranks,
      ranks.toSorted((one, other) => one - other),
      text,
    );
  }

  const namesOf = (events: readonly LoggedEvent[]): unknown[] =>
    events.map(({ detail }) => detail["eventName"]);

  it("a task on Fargate tells its life, as DescribeTasks shows it; a rule takes out what failed", async () => {
    const definition = await registerTask(ground, "fails", { command: ["sh", "-c", "sleep 2; exit 3"] });
    const taskArn = await startTask(ground, definition, place);
    const good = await startTask(
      ground,
      await registerTask(ground, "ends", { command: ["sh", "-c", "exit 0"] }),
      place,
    );
    await untilStatus(ground, taskArn, "RUNNING");
    const events = await historyOf(taskArn);
    assertComplete(events);
    assert.deepEqual(statusesOf(events), [
      "1 PROVISIONING/RUNNING",
      "2 PENDING/RUNNING",
      "3 RUNNING/RUNNING",
      "4 RUNNING/STOPPED",
      "5 STOPPING/STOPPED",
      "6 DEPROVISIONING/STOPPED",
      "7 STOPPED/STOPPED",
    ]);
    await assertShownAlike(present(events[2], "event"), present(events[6], "event"), taskArn);
    await historyOf(good);
    const failed = await until("the failure is told", 10, async () => {
      const told = await toldOf(taskArn, TASKS, FAILED);
      return told.length > 0 && told;
    });
    assert.deepEqual(failed, [events[6]]);
    assert.deepEqual(await toldOf(good, TASKS, FAILED), []);
  });

  /** Members as AWS's own event of such a task has them. */
  async function assertShownAlike(
    running: LoggedEvent,
    stopped: LoggedEvent,
    taskArn: string,
  ): Promise<void> {
    assert.deepEqual(Object.keys(running).sort(), [
      "account",
      "detail",
      "detail-type",
      "id",
      "region",
      "resources",
      "source",
      "time",
      "version",
    ]);
    assert.match(running.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const members =
      "attachments attributes availabilityZone clusterArn connectivity connectivityAt containers cpu createdAt " +
      "desiredStatus enableExecuteCommand ephemeralStorage group lastStatus launchType memory overrides " +
      "platformVersion pullStartedAt pullStoppedAt startedAt taskArn taskDefinitionArn updatedAt version";
    assert.equal(Object.keys(running.detail).sort().join(" "), members);
    const added = ["executionStoppedAt", "stopCode", "stoppedAt", "stoppedReason", "stoppingAt"];
    assert.deepEqual(Object.keys(stopped.detail).sort(), [...members.split(" "), ...added].sort());
    const shown = await describeTask(ground, taskArn);
    assert.equal(stopped.detail["version"], shown.version);
    assert.equal(stopped.detail["stopCode"], "EssentialContainerExited");
    assert.equal(stopped.detail["stoppedReason"], shown.stoppedReason);
    for (const name of ["createdAt", "startedAt", "stoppedAt", "pullStartedAt"] as const) {
      // The API's protocol keeps milliseconds.
      assert.equal(Date.parse(String(stopped.detail[name])), shown[name]?.getTime(), name);
    }
    const [container] = shown.containers ?? [];
    const told = present((stopped.detail["containers"] as object[])[0], "container");
    assert.deepEqual(told, {
      containerArn: container?.containerArn,
      taskArn,
      name: "web",
      image: container?.image,
      imageDigest: container?.imageDigest,
      runtimeId: container?.runtimeId,
      lastStatus: "STOPPED",
      exitCode: 3,
      networkInterfaces: container?.networkInterfaces,
      cpu: "0",
    });
  }

  it("a service tells that it is steady, and how a deployment fails and is taken back", async () => {
    await createService(ground, "web", await registerTask(ground, "web"), place);
    await untilSteady(ground, "web", 1);
    const scaled = await ground.ecs.send(
      new UpdateServiceCommand({
        cluster: CLUSTER,
        service: "web",
        desiredCount: 2,
        deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
      }),
    );
    const arn = present(scaled.service?.serviceArn, "serviceArn");
    await untilSteady(ground, "web", 2);
    const first = scaled.service?.deployments?.[0]?.id;
    await until("it is told to be steady twice", 20, async () => {
      const names = namesOf(await toldOf(arn, "ECS Service Action"));
      return names.filter((name) => name === "SERVICE_STEADY_STATE").length >= 2;
    });
    const broken = await registerTask(ground, "web", { command: ["sh", "-c", "exit 1"] });
    const { service } = await ground.ecs.send(
      new UpdateServiceCommand({ cluster: CLUSTER, service: "web", taskDefinition: broken }),
    );
    const second = service?.deployments?.find(({ status }) => status === "PRIMARY")?.id;
    const told = await until("the first deployment is back", 120, async () => {
      const events = await toldOf(arn, "ECS Deployment State Change");
      return events.length >= 6 && events;
    });
    const summary = told.map(({ detail }) =>
      ["eventType", "eventName", "deploymentId", "reason"].map((name) => detail[name]).join(" "),
    );
    const back = `ECS deployment circuit breaker: rolling back to deploymentId ${first}.`;
    assert.deepEqual(
      summary.sort(),
      [
        `ERROR SERVICE_DEPLOYMENT_FAILED ${second} ECS deployment circuit breaker: tasks failed to start.`,
        `INFO SERVICE_DEPLOYMENT_COMPLETED ${first} ECS deployment ${first} completed.`,
        `INFO SERVICE_DEPLOYMENT_COMPLETED ${first} ECS deployment ${first} completed.`,
        `INFO SERVICE_DEPLOYMENT_IN_PROGRESS ${first} ECS deployment ${first} in progress.`,
        `INFO SERVICE_DEPLOYMENT_IN_PROGRESS ${first} ${back}`,
        `INFO SERVICE_DEPLOYMENT_IN_PROGRESS ${second} ECS deployment ${second} in progress.`,
      ].sort(),
    );
    assert.equal(told[0]?.detail["clusterArn"], (await describeService(ground, "web")).clusterArn);
    const actions = await toldOf(arn, "ECS Service Action");
    assert.deepEqual(Object.keys(actions[0]?.detail ?? {}), [
      "eventType",
      "eventName",
      "clusterArn",
      "createdAt",
    ]);
  });

  it("an instance tells its states and its registration, and what tasks leave of it", async () => {
    const instance = await launch(ground, { instanceType: "t3.small" });
    const id = present(instance.InstanceId, "InstanceId");
    const arn = `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${id}`;
    const states = await until("it is told to run", 20, async () => {
      const events = await toldOf(arn, "EC2 Instance State-change Notification");
      return events.length >= 2 && events;
    });
    assert.deepEqual(states.map(({ detail }) => detail["state"]).sort(), ["pending", "running"]);
    assert.deepEqual(Object.keys(states[0]?.detail ?? {}), ["instance-id", "state"]);
    const definition = await register(ground, "small", { cpu: 100, memory: 64 });
    const task = await runUntilRunning(ground, definition);
    const instanceArn = present(task.containerInstanceArn, "containerInstanceArn");
    const told = await until("the task's share is told", 20, async () => {
      const events = await toldOf(instanceArn, INSTANCES);
      return events.length >= 2 && inOrder(events);
    });
    const cpu = told.map(({ detail }) => {
      const resources = detail["remainingResources"] as readonly { name: string; integerValue: number }[];
      return resources.find(({ name }) => name === "CPU")?.integerValue;
    });
    assert.equal(told[0]?.detail["ec2InstanceId"], id);
    assert.deepEqual([cpu[0], cpu.at(-1)], [2048, 1948]);
    assert.deepEqual(
      told.map(({ detail }) => detail["version"]),
      told.map((_, index) => index + 1),
    );
    const life = inOrder(await toldOf(present(task.taskArn, "taskArn"), TASKS));
    assert.deepEqual(statusesOf(life), ["1 PENDING/RUNNING", "2 RUNNING/RUNNING"]);
  });

  it("killed while tasks start and stop, Berth tells all of it, and none of it twice", async () => {
    const definition = await registerTask(ground, "life", {});
    const kill = async (): Promise<void> => {
      const processId = ground.processId();
      process.kill(processId, "SIGKILL");
      await until("the process is gone", 5, () => !isAlive(processId));
      ground.up();
    };
    const early = await startTask(ground, definition, place);
    await kill();
    await untilStatus(ground, early, "RUNNING");
    await ground.ecs.send(new StopTaskCommand({ cluster: CLUSTER, task: early }));
    const late = await startTask(ground, definition, place);
    await kill();
    await untilStatus(ground, late, "RUNNING");
    await ground.ecs.send(new StopTaskCommand({ cluster: CLUSTER, task: late }));
    for (const taskArn of [early, late]) assertComplete(await historyOf(taskArn));
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

/** As the console adds it when a rule gets a log group (CloudWatch Logs user guide, "Resource-based policies"). */
function eventsMayWrite(): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: ["events.amazonaws.com", "delivery.logs.amazonaws.com"] },
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/events/*:*`,
      },
    ],
  };
}
