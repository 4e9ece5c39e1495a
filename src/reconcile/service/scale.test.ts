import assert from "node:assert/strict";
import { test } from "node:test";
import { deploymentBounds } from "../../model/ecs/deployment.ts";
import type { Task, TaskStatus } from "../../model/ecs/records.ts";
import { type AssessedTask, type Condition, isUpToRunning } from "./assess.ts";
import { pickSurplus, planScale, type ScaleInput } from "./scale.ts";
import { exampleTask } from "./testing.ts";

const HEALTHY: Condition = { kind: "healthy" };
const UNCONFIRMED: Condition = { kind: "unconfirmed", ready: true };
const UNHEALTHY: Condition = { kind: "unhealthy", failure: { kind: "container" } };

function assessed(condition: Condition, overrides: Partial<Task> = {}): AssessedTask {
  const lastStatus: TaskStatus = condition.kind === "pending" ? "PENDING" : "RUNNING";
  return { task: exampleTask({ lastStatus, ...overrides }), condition };
}

function times(count: number, make: () => AssessedTask): AssessedTask[] {
  return Array.from({ length: count }, make);
}

function input(desired: number, minimum: number, maximum: number, tasks: AssessedTask[]): ScaleInput {
  const bounds = deploymentBounds(desired, { minimumHealthyPercent: minimum, maximumPercent: maximum });
  return { desired, ...bounds, primaryId: "ecs-svc/1", tasks, mayStart: true };
}

const old = (condition: Condition): AssessedTask => assessed(condition, { deploymentId: "ecs-svc/0" });

test("the lower bound is rounded up and the upper bound down", () => {
  assert.deepEqual(deploymentBounds(2, { minimumHealthyPercent: 75, maximumPercent: 200 }), {
    lower: 2,
    upper: 4,
  });
  assert.deepEqual(deploymentBounds(3, { minimumHealthyPercent: 0, maximumPercent: 125 }), {
    lower: 0,
    upper: 3,
  });
  assert.deepEqual(deploymentBounds(4, { minimumHealthyPercent: 50 }), { lower: 2, upper: 8 });
});

test("four tasks at 50 percent: two may stop before their successors start", () => {
  const outcome = planScale(
    input(
      4,
      50,
      100,
      times(4, () => old(HEALTHY)),
    ),
  );
  assert.equal(outcome.stops.length, 2);
  assert.equal(outcome.starts, 0);
});

test("two tasks at 75 percent: none may stop", () => {
  const outcome = planScale(
    input(
      2,
      75,
      200,
      times(2, () => old(HEALTHY)),
    ),
  );
  assert.equal(outcome.stops.length, 0);
  assert.equal(outcome.starts, 2);
});

test("three tasks at 125 percent: none may start", () => {
  assert.equal(
    planScale(
      input(
        3,
        100,
        125,
        times(3, () => old(HEALTHY)),
      ),
    ).starts,
    0,
  );
});

test("an update that follows another does not stop tasks that run, though they are not yet known to be healthy", () => {
  const outcome = planScale(
    input(
      2,
      100,
      200,
      times(2, () => old(UNCONFIRMED)),
    ),
  );
  assert.equal(outcome.stops.length, 0);
});

test("pending tasks of a former deployment go at once", () => {
  const outcome = planScale(
    input(
      2,
      100,
      200,
      times(2, () => old({ kind: "pending" })),
    ),
  );
  assert.equal(outcome.stops.length, 2);
  assert.equal(outcome.starts, 2);
});

test("a task that stops no longer takes up room once it has left RUNNING", () => {
  const stopping = (lastStatus: TaskStatus) => assessed(HEALTHY, { lastStatus, desiredStatus: "STOPPED" });
  assert.equal(planScale(input(1, 0, 100, [stopping("RUNNING")])).starts, 0);
  assert.equal(planScale(input(1, 0, 100, [stopping("DEACTIVATING")])).starts, 1);
});

test("of two unhealthy tasks where one is wanted, one goes", () => {
  const outcome = planScale(
    input(
      1,
      100,
      200,
      times(2, () => assessed(UNHEALTHY)),
    ),
  );
  assert.equal(outcome.stops.length, 1);
  assert.equal(outcome.stops[0]?.failure?.kind, "container");
});

test("without room for replacements unhealthy tasks go one by one", () => {
  const tasks = times(3, () => assessed(UNHEALTHY));
  assert.equal(planScale(input(3, 50, 100, tasks)).stops.length, 1);
  const waiting = [...tasks.slice(1), assessed({ kind: "pending" })];
  assert.equal(planScale(input(3, 50, 100, waiting)).stops.length, 0);
});

test("scaling in keeps the Availability Zones balanced", () => {
  const tasks = ["a", "a", "a", "b", "c"].map((availabilityZone) => assessed(HEALTHY, { availabilityZone }));
  const left = tasks.filter((task) => !pickSurplus(tasks, 2).includes(task));
  assert.deepEqual(left.map(({ task }) => task.availabilityZone).sort(), ["a", "b", "c"]);
});

/** A small generator with a seed, so that a failure can be repeated. */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % bound;
  };
}

function randomInput(below: (bound: number) => number): ScaleInput {
  const conditions: Condition[] = [{ kind: "pending" }, UNCONFIRMED, HEALTHY, HEALTHY, UNHEALTHY];
  const tasks = times(below(12), () => {
    const condition = conditions[below(conditions.length)] ?? HEALTHY;
    const desiredStatus = below(5) === 0 ? "STOPPED" : "RUNNING";
    return assessed(condition, {
      deploymentId: `ecs-svc/${below(3)}`,
      desiredStatus,
      availabilityZone: ["a", "b", "c"][below(3)],
      ...(desiredStatus === "STOPPED" && below(2) === 0 ? { lastStatus: "DEACTIVATING" } : {}),
    });
  });
  return { ...input(below(6), below(101), 100 + below(101), tasks), mayStart: below(4) !== 0 };
}

const RUNS = 5000;

test("in any situation the tasks that are started stay within the upper bound", () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const given = randomInput(generator(seed));
    const { starts } = planScale(given);
    const occupied = given.tasks.filter(({ task }) => isUpToRunning(task)).length;
    assert.ok(starts === 0 || occupied + starts <= given.upper, `seed ${seed}`);
    assert.ok(starts <= given.desired, `seed ${seed}`);
  }
});

test("in any situation the healthy tasks that are left reach the lower bound, or none was stopped", () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const given = randomInput(generator(seed));
    const stopped = new Set(planScale(given).stops.map(({ task }) => task.taskId));
    const serving = given.tasks.filter(
      ({ task, condition }) =>
        condition.kind === "healthy" && task.desiredStatus === "RUNNING" && isUpToRunning(task),
    );
    const left = serving.filter(({ task }) => !stopped.has(task.taskId)).length;
    assert.ok(
      left === serving.length || left >= given.lower,
      `seed ${seed}: ${left} left of ${serving.length}`,
    );
  }
});

test("in any situation with nothing desired every task is stopped and none is started", () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const given = { ...randomInput(generator(seed)), desired: 0, lower: 0, upper: 0 };
    const { starts, stops } = planScale(given);
    const wanted = given.tasks.filter(({ task }) => task.desiredStatus === "RUNNING");
    assert.equal(starts, 0, `seed ${seed}`);
    assert.equal(stops.length, wanted.length, `seed ${seed}`);
  }
});

test("in any situation no task is stopped twice, nor one that is stopping", () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const { stops } = planScale(randomInput(generator(seed)));
    assert.equal(new Set(stops.map(({ task }) => task.taskId)).size, stops.length, `seed ${seed}`);
    assert.ok(
      stops.every(({ task }) => task.desiredStatus === "RUNNING"),
      `seed ${seed}`,
    );
  }
});

test("the same situation gives the same answer, in whatever order the tasks come", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const given = randomInput(generator(seed));
    const first = planScale(given);
    const second = planScale({ ...given, tasks: [...given.tasks].reverse() });
    const ids = (outcome: typeof first) => outcome.stops.map(({ task }) => task.taskId).sort();
    assert.deepEqual(ids(second), ids(first), `seed ${seed}`);
    assert.equal(second.starts, first.starts, `seed ${seed}`);
  }
});
