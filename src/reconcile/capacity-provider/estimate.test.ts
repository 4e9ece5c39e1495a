import assert from "node:assert/strict";
import { test } from "node:test";
import type { TaskNeeds } from "../../model/ecs/placement/needs.ts";
import { instancesFor } from "./estimate.ts";

const BIN = { cpu: 2048, memory: 1000, interfaces: 2, gpus: 0 };

function needs(overrides: Partial<TaskNeeds> = {}): TaskNeeds {
  return { cpu: 256, memory: 250, portsTcp: [], portsUdp: [], gpus: 0, ownInterface: false, ...overrides };
}

const many = (count: number, overrides: Partial<TaskNeeds> = {}) =>
  Array.from({ length: count }, () => ({ needs: needs(overrides) }));

test("tasks are packed by CPU, memory, interfaces and host ports", () => {
  assert.equal(instancesFor([], BIN), 0);
  assert.equal(instancesFor(many(4), BIN), 1);
  assert.equal(instancesFor(many(5), BIN), 2);
  assert.equal(instancesFor(many(3, { cpu: 1024, memory: 1 }), BIN), 2);
  assert.equal(instancesFor(many(3, { ownInterface: true }), BIN), 2);
  assert.equal(instancesFor(many(3, { portsTcp: [80] }), BIN), 3);
});

test("distinctInstance takes an instance for each task of its group", () => {
  const tasks = many(3).map((task) => ({ ...task, distinctGroup: "service:web" }));
  assert.equal(instancesFor(tasks, BIN), 3);
  assert.equal(instancesFor([...tasks, ...many(1)], BIN), 3);
});

test("a task that no instance could hold calls for none", () => {
  assert.equal(instancesFor([...many(1, { memory: 2000 }), ...many(1)], BIN), 1);
});
