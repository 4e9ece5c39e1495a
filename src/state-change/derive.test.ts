import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { test } from "node:test";
import { systemRandom } from "../lib/random.ts";
import { changedTask } from "../model/ecs/task-change.ts";
import { toyWorld } from "../reconcile/service/testing.ts";
import { createInstanceTaskWorld, exampleInstance } from "../reconcile/task/instance-testing.ts";
import { createTaskWorld } from "../reconcile/task/testing.ts";
import { instances } from "../store/tables/ec2.ts";
import { tasks } from "../store/tables/ecs.ts";
import { eventRules, pendingEvents } from "../store/tables/events.ts";
import { createAnnounce } from "./announce.ts";
import { detailOf, exampleRule, listen } from "./testing.ts";

test("an EC2 instance tells each of its states", () => {
  const { store, clock } = createTaskWorld();
  const told = listen(store, clock, { source: ["aws.ec2"] });
  const instance = exampleInstance({ state: "pending" });
  for (const state of ["pending", "running", "running", "shutting-down", "terminated"] as const) {
    store.transaction((tx) => tx.put(instances, { ...instance, state }));
  }
  store.transaction((tx) => tx.delete(instances, instance.instanceId));
  assert.deepEqual(
    told().map((event) => detailOf(event, "state")),
    ["pending", "running", "shutting-down", "terminated"],
  );
  const [first] = told();
  const { id: _id, ...event } = first ?? { id: "" };
  assert.deepEqual(event, {
    version: "0",
    "detail-type": "EC2 Instance State-change Notification",
    source: "aws.ec2",
    account: "000000000000",
    time: "2026-01-01T00:00:00Z",
    region: "ap-northeast-1",
    resources: [`arn:aws:ec2:ap-northeast-1:000000000000:instance/${instance.instanceId}`],
    detail: { "instance-id": instance.instanceId, state: "pending" },
  });
});

test("that the scheduler stops a task is told, in a version of its own", () => {
  const world = toyWorld({ desiredCount: 2 });
  world.run(60);
  const told = listen(world.store, world.clock, { "detail-type": ["ECS Task State Change"] });
  world.change({ desiredCount: 1 });
  world.reconcile();
  const [event, ...others] = told();
  assert.ok(event);
  assert.deepEqual(others, []);
  const { arn, version } = world.tasks().find(({ desiredStatus }) => desiredStatus === "STOPPED") ?? {};
  assert.deepEqual(event.resources, [arn]);
  assert.deepEqual(
    ["lastStatus", "desiredStatus", "stopCode", "version"].map((name) => detailOf(event, name)),
    ["RUNNING", "STOPPED", "ServiceSchedulerInitiated", version],
  );
});

test("a change that is undone was never told", async () => {
  const world = await createInstanceTaskWorld();
  const told = listen(world.store, world.clock);
  const fail = (): void =>
    world.store.transaction((tx) => {
      tx.put(tasks, changedTask(world.task(), { lastStatus: "STOPPED" }));
      throw new Error("no");
    });
  assert.throws(fail, /^Error: no$/);
  assert.deepEqual(told(), []);
});

test("another account's and region's rules hear nothing of it, nor do rules of other buses", () => {
  const { store, clock, task } = createTaskWorld();
  const told = listen(store, clock, { source: ["aws.s3"] });
  const all = { source: ["aws.ecs"] };
  const bus = (account: string, region: string, name: string) =>
    `arn:aws:events:${region}:${account}:event-bus/${name}`;
  store.transaction((tx) => {
    for (const eventBusArn of [
      bus("111122223333", "ap-northeast-1", "default"),
      bus("000000000000", "us-east-1", "default"),
      bus("000000000000", "ap-northeast-1", "mine"),
    ]) {
      tx.put(eventRules, exampleRule(all, { arn: eventBusArn, eventBusArn }));
    }
    tx.put(eventRules, exampleRule(all, { arn: "disabled", state: "DISABLED" }));
    tx.put(eventRules, exampleRule(all, { arn: "without targets", targets: [] }));
  });
  store.transaction((tx) => tx.put(tasks, changedTask(task(), { lastStatus: "PENDING" })));
  assert.deepEqual(told(), []);
});

test("without rules nothing is made of a change, and it costs next to nothing", () => {
  const world = createTaskWorld();
  const announce = createAnnounce({ store: world.store, clock: world.clock, random: systemRandom });
  const made: number[] = [];
  const started = performance.now();
  const times = 20_000;
  world.store.transaction((tx) => {
    for (let time = 0; time < times; time++) {
      announce(tx, world.task(), {
        source: "aws.ecs",
        detailType: "ECS Task State Change",
        resources: [],
        detail: (now) => {
          made.push(now);
          return {};
        },
      });
    }
  });
  assert.deepEqual(made, []);
  assert.deepEqual(world.store.list(pendingEvents), []);
  // Of a transaction, which costs some ten microseconds in memory, it cannot be told apart.
  assert.ok((performance.now() - started) / times < 0.05, "milliseconds for one");
});
