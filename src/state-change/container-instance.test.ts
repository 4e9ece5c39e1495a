import assert from "node:assert/strict";
import { test } from "node:test";
import { changedTask } from "../model/ecs/task-change.ts";
import type { Event } from "../model/events/records.ts";
import { createInstanceTaskWorld, exampleContainerInstance } from "../reconcile/task/instance-testing.ts";
import { createTaskWorld } from "../reconcile/task/testing.ts";
import { containerInstances, tasks } from "../store/tables/ecs.ts";
import { eventRules } from "../store/tables/events.ts";
import { detailOf, listen } from "./testing.ts";

const OF_INSTANCES = { "detail-type": ["ECS Container Instance State Change"] };

/** `2 ACTIVE true cpu=1024`. */
function summary(event: Event): string {
  const [version, status, agent, cpu] = [
    "version",
    "status",
    "agentConnected",
    "remainingResources.0.integerValue",
  ].map((path) => detailOf(event, path));
  return `${version} ${status} ${agent} cpu=${cpu}`;
}

test("an instance that registers tells what it is and has", () => {
  const { store, clock } = createTaskWorld();
  const told = listen(store, clock, OF_INSTANCES);
  const instance = exampleContainerInstance({ registeredAt: clock.now() });
  store.transaction((tx) => tx.put(containerInstances, instance));
  store.transaction((tx) => tx.put(containerInstances, { ...instance, tags: [{ key: "a", value: "b" }] }));
  const [event, ...others] = told();
  assert.deepEqual(others, [], "tags are not state");
  assert.deepEqual(event?.resources, [instance.arn]);
  assert.deepEqual(event?.detail, {
    agentConnected: true,
    attributes: instance.attributes,
    clusterArn: instance.clusterArn,
    containerInstanceArn: instance.arn,
    ec2InstanceId: instance.ec2InstanceId,
    pendingTasksCount: 0,
    registeredAt: "2026-01-01T00:00:00Z",
    registeredResources: instance.registeredResources,
    remainingResources: instance.registeredResources,
    runningTasksCount: 0,
    status: "ACTIVE",
    updatedAt: "2026-01-01T00:00:00Z",
    version: 1,
    versionInfo: {},
  });
});

test("what a task takes of an instance and gives back is a change of the instance's state", async () => {
  const world = await createInstanceTaskWorld(undefined, { cpu: "512" });
  const { store, clock } = world;
  const task = world.task();
  store.transaction((tx) => tx.delete(tasks, task.arn));
  const told = listen(store, clock, OF_INSTANCES);
  store.transaction((tx) => tx.put(tasks, task));
  store.transaction((tx) => tx.put(tasks, changedTask(world.task(), { lastStatus: "RUNNING" })));
  const instance = store.list(containerInstances)[0] ?? exampleContainerInstance();
  // Both in one transaction: what is left of it, and what it is.
  store.transaction((tx) => {
    tx.put(tasks, changedTask(world.task(), { lastStatus: "STOPPED" }));
    tx.put(containerInstances, { ...instance, status: "DRAINING", version: instance.version + 1 });
  });
  store.transaction((tx) => tx.delete(tasks, task.arn));
  assert.deepEqual(told().map(summary), ["2 ACTIVE true cpu=1536", "4 DRAINING true cpu=2048"]);
  assert.equal(store.get(containerInstances, instance.arn)?.version, 4, "as the API shows it");
});

test("without a rule a task's resources change no instance's record", async () => {
  const world = await createInstanceTaskWorld();
  const told = listen(world.store, world.clock);
  const [rule] = world.store.list(eventRules);
  assert.ok(rule);
  world.store.transaction((tx) => tx.put(eventRules, { ...rule, state: "DISABLED" }));
  world.store.transaction((tx) => tx.put(tasks, changedTask(world.task(), { lastStatus: "STOPPED" })));
  assert.equal(world.store.list(containerInstances)[0]?.version, 1);
  assert.deepEqual(told(), []);
});
