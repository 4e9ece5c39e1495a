import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import type { Task } from "../../model/ecs/records.ts";
import { tasks } from "../../store/tables/ecs.ts";
import { describeTasks, listTasks } from "./describe-tasks.ts";
import { runTask, stopTask } from "./run-task.ts";
import {
  client,
  createWeb,
  type EcsTestContext,
  ecsContext,
  fault,
  invalid,
  NETWORK,
  registerWeb,
  SUBNET,
  unsupported,
} from "./testing.ts";

const REQUEST: wire.RunTaskRequest = {
  cluster: "main",
  taskDefinition: "web",
  launchType: "FARGATE",
  networkConfiguration: NETWORK,
};

function run(context: EcsTestContext, change: Partial<wire.RunTaskRequest> = {}): wire.Task[] {
  return runTask({ ...REQUEST, ...change }, context).tasks ?? [];
}

function runOne(context: EcsTestContext, change: Partial<wire.RunTaskRequest> = {}): wire.Task {
  return run(context, change)[0] ?? assert.fail("no task");
}

function change({ store }: EcsTestContext, taskArn: string | undefined, to: Partial<Task>): void {
  const task = store.get(tasks, taskArn ?? "") ?? assert.fail("no task");
  store.transaction((tx) => tx.put(tasks, { ...task, ...to }));
}

test("a task is answered in PROVISIONING, its containers PENDING, its attachment PRECREATED", () => {
  const task = runOne(ecsContext());
  assert.deepEqual([task.lastStatus, task.desiredStatus, task.version], ["PROVISIONING", "RUNNING", 1]);
  assert.equal(task.group, "family:web");
  assert.deepEqual([task.cpu, task.memory], ["256", "512"]);
  assert.deepEqual(task.overrides, {
    containerOverrides: [{ name: "app" }],
    inferenceAcceleratorOverrides: [],
  });
  const [attachment] = task.attachments ?? [];
  assert.deepEqual(
    [attachment?.type, attachment?.status, attachment?.details],
    ["ElasticNetworkInterface", "PRECREATED", [{ name: "subnetId", value: SUBNET }]],
  );
  const [container] = task.containers ?? [];
  assert.equal(
    container?.containerArn?.startsWith(`${task.taskArn?.replace(":task/", ":container/")}/`),
    true,
  );
  const { containerArn: _arn, ...rest } = container ?? {};
  assert.deepEqual(rest, {
    taskArn: task.taskArn,
    name: "app",
    image: "nginx",
    lastStatus: "PENDING",
    healthStatus: "UNKNOWN",
    cpu: "0",
    networkInterfaces: [],
  });
});

test("an attached task shows its interface in order, and keeps it when it is stopped", () => {
  const context = ecsContext();
  const { taskArn } = runOne(context);
  const stored = context.store.get(tasks, taskArn ?? "");
  change(context, taskArn, {
    lastStatus: "RUNNING",
    attachment: {
      id: stored?.attachment?.id ?? "",
      status: "ATTACHED",
      subnetId: SUBNET,
      networkInterfaceId: "eni-1",
      macAddress: "0a:00:00:00:00:01",
      privateDnsName: "ip-10-0-0-5.ap-northeast-1.compute.internal",
      privateIpv4Address: "10.0.0.5",
    },
  });
  const { tasks: [task] = [] } = describeTasks({ cluster: "main", tasks: [taskArn ?? ""] }, context);
  assert.deepEqual(
    task?.attachments?.[0]?.details?.map(({ name }) => name),
    ["subnetId", "networkInterfaceId", "macAddress", "privateDnsName", "privateIPv4Address"],
  );
  assert.deepEqual(task?.containers?.[0]?.networkInterfaces, [
    { attachmentId: stored?.attachment?.id, privateIpv4Address: "10.0.0.5" },
  ]);
});

test("up to ten tasks are run at once", () => {
  const context = ecsContext();
  assert.equal(run(context, { count: 10 }).length, 10);
  for (const count of [0, 11]) assert.throws(() => run(context, { count }), invalid(/between 1 and 10/));
});

test("the same token again answers with the same tasks; with other words it is a conflict", () => {
  const context = ecsContext();
  const first = run(context, { clientToken: "t", count: 2 });
  const again = run(context, { clientToken: "t", count: 2 });
  assert.deepEqual(again.map(({ taskArn }) => taskArn).sort(), first.map(({ taskArn }) => taskArn).sort());
  assert.throws(() => run(context, { clientToken: "t", count: 2, startedBy: "me" }), {
    name: "ConflictException",
  });
  assert.throws(
    () => run(context, { clientToken: "t", count: 1 }),
    (error: wire.ConflictException) => error.resourceIds?.length === 2,
  );
  assert.equal(context.store.list(tasks).length, 2);
});

test("overrides must name containers of the definition, and sizes that Fargate offers", () => {
  const context = ecsContext();
  const override = (overrides: wire.TaskOverride) => run(context, { overrides });
  assert.throws(
    () => override({ containerOverrides: [{ name: "nope" }] }),
    invalid("Override for container named nope is not a container in the TaskDefinition."),
  );
  assert.throws(
    () => override({ cpu: "4096", memory: "4096" }),
    client(
      "No Fargate configuration exists for given values: 4096 CPU, 4096 memory. See the Amazon ECS documentation for the valid values.",
    ),
  );
  assert.throws(
    () => override({ ephemeralStorage: { sizeInGiB: 20 } }),
    invalid("EphemeralStorage size should be at least 21"),
  );
  const [task] = override({
    cpu: "512",
    memory: "1024",
    containerOverrides: [{ name: "app", command: ["x"] }],
  });
  assert.deepEqual([task?.cpu, task?.memory], ["512", "1024"]);
  assert.deepEqual(task?.overrides?.containerOverrides, [{ name: "app", command: ["x"] }]);
});

test("a definition with settings that Berth does not honour is not run", () => {
  const context = ecsContext();
  registerWeb(context, {
    family: "volumes",
    volumes: [{ name: "v", configuredAtLaunch: true }],
    containerDefinitions: [
      { name: "app", image: "nginx", mountPoints: [{ sourceVolume: "v", containerPath: "/v" }] },
    ],
  });
  assert.throws(
    () => run(context, { taskDefinition: "volumes" }),
    unsupported(/: configuredAtLaunch \(volume v\)\.$/),
  );
  assert.throws(
    () => run(context, { volumeConfigurations: [{ name: "v" }] }),
    unsupported(/volumes configured at launch/),
  );
  assert.equal(context.store.list(tasks).length, 0);
});

test("tags come from the request, the definition and ECS as asked", () => {
  const context = ecsContext();
  registerWeb(context, {
    tags: [
      { key: "team", value: "a" },
      { key: "env", value: "x" },
    ],
  });
  const task = runOne(context, {
    tags: [{ key: "env", value: "prod" }],
    propagateTags: "TASK_DEFINITION",
    enableECSManagedTags: true,
  });
  assert.deepEqual(task.tags, [
    { key: "team", value: "a" },
    { key: "env", value: "prod" },
    { key: "aws:ecs:clusterName", value: "main" },
  ]);
});

test("StopTask answers at once with what is to be; the task itself stops later", () => {
  const context = ecsContext();
  const { taskArn } = runOne(context);
  const { task } = stopTask({ cluster: "main", task: taskArn }, context);
  assert.deepEqual(
    [task?.desiredStatus, task?.lastStatus, task?.stopCode, task?.stoppedReason],
    ["STOPPED", "PROVISIONING", "UserInitiated", "Task stopped by user"],
  );
  assert.deepEqual(task?.stoppingAt, new Date(context.clock.now()));
});

test("the reason that a user gives stays, and stopping again changes nothing", () => {
  const context = ecsContext();
  const { taskArn } = runOne(context);
  stopTask({ cluster: "main", task: taskArn, reason: "bye" }, context);
  context.clock.advance(5000);
  const { task } = stopTask({ cluster: "main", task: taskArn, reason: "again" }, context);
  assert.equal(task?.stoppedReason, "bye");
});

test("unknown tasks: an error for StopTask, a failure for DescribeTasks", () => {
  const context = ecsContext();
  const id = "0".repeat(32);
  assert.throws(
    () => stopTask({ cluster: "main", task: id }, context),
    invalid("The referenced task was not found."),
  );
  assert.deepEqual(describeTasks({ cluster: "main", tasks: [id] }, context).failures, [
    { arn: `arn:aws:ecs:ap-northeast-1:000000000000:task/main/${id}`, reason: "MISSING" },
  ]);
  assert.throws(
    () => describeTasks({ cluster: "main", tasks: ["None"] }, context),
    invalid("taskId length should be one of [32,36]"),
  );
  assert.throws(
    () => describeTasks({ cluster: "main", tasks: [] }, context),
    invalid("Tasks cannot be empty."),
  );
});

test("tasks are listed that are meant to run, unless stopped ones are asked for", () => {
  const context = ecsContext();
  const running = runOne(context, { startedBy: "me" });
  const stopped = runOne(context);
  stopTask({ cluster: "main", task: stopped.taskArn }, context);
  const list = (filter: Partial<wire.ListTasksRequest>) =>
    listTasks({ cluster: "main", ...filter }, context).taskArns;
  assert.deepEqual(list({}), [running.taskArn]);
  assert.deepEqual(list({ desiredStatus: "STOPPED" }), [stopped.taskArn]);
  assert.deepEqual(list({ desiredStatus: "PENDING" }), [], "never matches anything");
  assert.deepEqual(list({ startedBy: "you" }), []);
  assert.deepEqual(list({ family: "web" }), [running.taskArn]);
  createWeb(context);
  assert.deepEqual(list({ serviceName: "web" }), []);
  assert.throws(() => list({ serviceName: "nope" }), fault("ServiceNotFoundException", "Service not found."));
});
