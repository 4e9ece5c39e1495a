import assert from "node:assert/strict";
import { test } from "node:test";
import { changedTask } from "../model/ecs/task-change.ts";
import type { Event } from "../model/events/records.ts";
import { createInstanceTaskWorld, exampleContainerInstance } from "../reconcile/task/instance-testing.ts";
import { createTaskWorld, type TaskWorld, WEB } from "../reconcile/task/testing.ts";
import { tasks } from "../store/tables/ecs.ts";
import { detailOf, listen } from "./testing.ts";

const STOP = {
  desiredStatus: "STOPPED",
  stopCode: "UserInitiated",
  stoppedReason: "Task stopped by user",
} as const;

/** Anew, as RunTask writes it: the world made it before anybody listened. */
function runAgain({ store, task }: TaskWorld): void {
  const anew = task();
  store.transaction((tx) => tx.delete(tasks, anew.arn));
  store.transaction((tx) => tx.put(tasks, anew));
}

function stop({ store, task, clock }: TaskWorld): void {
  store.transaction((tx) => tx.put(tasks, changedTask(task(), { ...STOP, stoppingAt: clock.now() })));
}

function ofTasks(events: readonly Event[]): Event[] {
  return events.filter((event) => event["detail-type"] === "ECS Task State Change");
}

/** `3 RUNNING/RUNNING ATTACHED`. */
function summary(event: Event): string {
  const [version, last, desired, status] = [
    "version",
    "lastStatus",
    "desiredStatus",
    "attachments.0.status",
  ].map((path) => detailOf(event, path));
  return `${version} ${last}/${desired} ${status}`;
}

test("a task on Fargate tells each of its statuses once, in versions without a gap", async () => {
  const world = createTaskWorld();
  const told = listen(world.store, world.clock);
  runAgain(world);
  world.start();
  await world.settle();
  stop(world);
  await world.settle();
  await world.pass(60);
  assert.deepEqual(told().map(summary), [
    "1 PROVISIONING/RUNNING PRECREATED",
    "2 PENDING/RUNNING ATTACHED",
    "3 RUNNING/RUNNING ATTACHED",
    "4 RUNNING/STOPPED ATTACHED",
    "5 STOPPING/STOPPED ATTACHED",
    "6 DEPROVISIONING/STOPPED DETACHING",
    "7 STOPPED/STOPPED DELETED",
  ]);
  assert.equal(world.task().version, 7);
  world.clock.advance(3_600_000);
  await world.settle();
  assert.equal(world.store.get(tasks, world.task().arn), undefined);
  assert.equal(told().length, 7, "that it is forgotten is told to nobody");
  await world.kill();
});

test("the event of a running task has the members, and no others, of one that was seen at AWS", async () => {
  const world = createTaskWorld([{ ...WEB, cpu: 99, memory: 100 }], {
    task: { capacityProviderName: "FARGATE" },
  });
  const told = listen(world.store, world.clock);
  world.clock.advance(10_020);
  world.start();
  await world.settle();
  const event = told().find((one) => detailOf(one, "lastStatus") === "RUNNING");
  assert.ok(event);
  const { arn, attachment, containers } = world.task();
  assert.match(event.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const { id: _id, ...metadata } = event;
  const [container] = containers;
  const address = attachment?.privateIpv4Address;
  assert.deepEqual(metadata, {
    version: "0",
    "detail-type": "ECS Task State Change",
    source: "aws.ecs",
    account: "000000000000",
    time: "2026-01-01T00:00:10Z",
    region: "ap-northeast-1",
    resources: [arn],
    detail: {
      attachments: [
        {
          id: attachment?.id,
          type: "eni",
          status: "ATTACHED",
          details: [
            { name: "subnetId", value: attachment?.subnetId },
            { name: "networkInterfaceId", value: attachment?.networkInterfaceId },
            { name: "macAddress", value: attachment?.macAddress },
            { name: "privateDnsName", value: attachment?.privateDnsName },
            { name: "privateIPv4Address", value: address },
          ],
        },
      ],
      attributes: [{ name: "ecs.cpu-architecture", value: process.arch === "arm64" ? "arm64" : "x86_64" }],
      availabilityZone: world.task().availabilityZone,
      capacityProviderName: "FARGATE",
      clusterArn: "arn:aws:ecs:ap-northeast-1:000000000000:cluster/main",
      connectivity: "CONNECTED",
      connectivityAt: "2026-01-01T00:00:10.02Z",
      containers: [
        {
          containerArn: container?.arn,
          lastStatus: "RUNNING",
          name: "web",
          image: "nginx",
          imageDigest: container?.imageDigest,
          runtimeId: container?.runtimeId,
          taskArn: arn,
          networkInterfaces: [{ attachmentId: attachment?.id, privateIpv4Address: address }],
          cpu: "99",
          memory: "100",
        },
      ],
      cpu: "256",
      createdAt: "2026-01-01T00:00:00Z",
      desiredStatus: "RUNNING",
      enableExecuteCommand: false,
      ephemeralStorage: { sizeInGiB: 20 },
      group: "family:web",
      launchType: "FARGATE",
      lastStatus: "RUNNING",
      memory: "512",
      overrides: { containerOverrides: [{ name: "web" }] },
      platformVersion: "1.4.0",
      pullStartedAt: "2026-01-01T00:00:10.02Z",
      pullStoppedAt: "2026-01-01T00:00:10.02Z",
      startedAt: "2026-01-01T00:00:10.02Z",
      taskArn: arn,
      taskDefinitionArn: "arn:aws:ecs:ap-northeast-1:000000000000:task-definition/web:7",
      updatedAt: "2026-01-01T00:00:10.02Z",
      version: 3,
    },
  });
  await world.kill();
});

test("a stopped task tells why, and its container's exit code", async () => {
  const world = createTaskWorld([{ ...WEB }], { task: { enableExecuteCommand: true } });
  const told = listen(world.store, world.clock, { detail: { lastStatus: ["STOPPED"] } });
  world.start();
  await world.settle();
  stop(world);
  await world.settle();
  const [event, ...others] = told();
  assert.ok(event);
  assert.deepEqual(others, []);
  assert.equal(detailOf(event, "containers.0.exitCode"), 143);
  assert.deepEqual(detailOf(event, "containers.0.managedAgents.0.status"), "STOPPED");
  assert.equal(detailOf(event, "containers.0.managedAgents.0.lastStatus"), undefined);
  for (const name of ["stopCode", "stoppedReason"] as const) {
    assert.equal(detailOf(event, name), STOP[name]);
  }
  for (const name of ["stoppingAt", "executionStoppedAt", "stoppedAt", "updatedAt"]) {
    assert.match(String(detailOf(event, name)), /^2026-01-01T\d\d:\d\d:\d\d(\.\d*[1-9])?Z$/, name);
  }
  await world.kill();
});

test("an essential container's end is told with what follows from it, another's by itself", async () => {
  const sidecar = { name: "side", image: "side", essential: false };
  const world = createTaskWorld([WEB, sidecar]);
  const told = listen(world.store, world.clock);
  world.start();
  await world.settle();
  const before = told().length;
  world.runtime.exit(world.task().taskId, "side", 3);
  await world.settle();
  world.runtime.exit(world.task().taskId, "web", 1);
  await world.settle();
  const containers = (event: Event): string =>
    [0, 1].map((at) => detailOf(event, `containers.${at}.exitCode`) ?? "-").join(" ");
  assert.deepEqual(
    told()
      .slice(before)
      .map((event) => `${summary(event)} ${containers(event)}`),
    [
      "4 RUNNING/RUNNING ATTACHED - 3",
      "5 RUNNING/STOPPED ATTACHED 1 3",
      "6 STOPPING/STOPPED ATTACHED 1 3",
      "7 DEPROVISIONING/STOPPED DETACHING 1 3",
      "8 STOPPED/STOPPED DELETED 1 3",
    ],
  );
  await world.kill();
});

test("under bridge there is no interface, and the container tells its ports", async () => {
  const world = await createInstanceTaskWorld([{ ...WEB, portMappings: [{ containerPort: 80 }] }]);
  const told = listen(world.store, world.clock);
  world.start();
  await world.settle();
  const event = ofTasks(told()).at(-1);
  assert.ok(event);
  assert.equal(detailOf(event, "lastStatus"), "RUNNING");
  assert.deepEqual(detailOf(event, "attachments"), []);
  assert.deepEqual(detailOf(event, "containers.0.networkInterfaces"), []);
  assert.equal(detailOf(event, "containers.0.networkBindings.0.containerPort"), 80);
  assert.equal(detailOf(event, "containerInstanceArn"), exampleContainerInstance().arn);
  await world.kill();
});
