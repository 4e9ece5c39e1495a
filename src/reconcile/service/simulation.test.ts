import assert from "node:assert/strict";
import { test } from "node:test";
import { deploymentBounds } from "../../model/ecs/deployment.ts";
import { serviceEvents } from "../../store/tables/ecs.ts";
import { isUpToRunning } from "./assess.ts";
import { exampleSpec, SERVICE_ARN, stepTask, type ToyWorld, toyWorld } from "./testing.ts";

function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % bound;
  };
}

/** Some tasks go a step further, some do not; some fail, some are stopped by a user. */
function disturb(world: ToyWorld, below: (bound: number) => number): void {
  for (const task of world.live()) {
    const luck = below(100);
    if (luck < 4) {
      world.put({
        ...task,
        desiredStatus: "STOPPED",
        lastStatus: "STOPPED",
        stopCode: task.startedAt === undefined ? "TaskFailedToStart" : "EssentialContainerExited",
        stoppedAt: world.clock.now(),
      });
    } else if (luck < 6) world.put({ ...task, desiredStatus: "STOPPED", stopCode: "UserInitiated" });
    else if (luck < 70) world.put(stepTask(task, world.clock.now()));
  }
}

function disturbedWorld(seed: number): { world: ToyWorld; below: (bound: number) => number } {
  const below = generator(seed);
  const world = toyWorld({
    desiredCount: 1 + below(5),
    spec: exampleSpec(),
    deploymentConfiguration: {
      minimumHealthyPercent: [0, 50, 100][below(3)],
      maximumPercent: 200,
      deploymentCircuitBreaker: { enable: below(2) === 0, rollback: below(2) === 0 },
    },
  });
  let number = 1;
  for (let second = 0; second < 200; second++) {
    const before = new Set(world.tasks().map((task) => task.taskId));
    const occupiedBefore = world.live().filter(isUpToRunning).length;
    world.reconcile();
    const { upper } = deploymentBounds(world.service().desiredCount, world.service().deploymentConfiguration);
    const started = world.tasks().filter((task) => !before.has(task.taskId)).length;
    assert.ok(started === 0 || occupiedBefore + started <= upper, `seed ${seed}: too many tasks`);
    disturb(world, below);
    if (below(60) === 0) world.change({ desiredCount: below(6) });
    if (below(80) === 0) world.deploy(++number);
    world.clock.advance(below(5) * 1000);
  }
  // A last update, so that a deployment that failed for good does not stay.
  world.deploy(++number);
  return { world, below };
}

test("whatever happened before, a service left in peace comes to its desired count with one deployment", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { world } = disturbedWorld(seed);
    world.run(200);
    const { desiredCount } = world.service();
    const live = world.live();
    assert.equal(live.length, desiredCount, `seed ${seed}`);
    assert.ok(
      live.every((task) => task.lastStatus === "RUNNING"),
      `seed ${seed}`,
    );
    const listed = world.deployments().filter(({ status }) => status !== "INACTIVE");
    assert.deepEqual(
      listed.map(({ status, rolloutState }) => [status, rolloutState]),
      [["PRIMARY", "COMPLETED"]],
      `seed ${seed}`,
    );
    assert.ok(
      live.every((task) => task.deploymentId === listed[0]?.id),
      `seed ${seed}`,
    );
    const events = world.store.get(serviceEvents, SERVICE_ARN)?.events ?? [];
    assert.ok(events.length <= 100);
    assert.match(events[0]?.message ?? "", /has reached a steady state\.$/, `seed ${seed}`);
  }
});

test("whatever happened before, a deleted service ends with no task and is inactive", () => {
  for (let seed = 61; seed <= 100; seed++) {
    const { world } = disturbedWorld(seed);
    world.change({ status: "DRAINING" });
    world.run(20);
    assert.equal(world.live().length, 0, `seed ${seed}`);
    assert.equal(world.service().status, "INACTIVE", `seed ${seed}`);
    assert.ok(
      world.deployments().every(({ status }) => status === "INACTIVE"),
      `seed ${seed}`,
    );
  }
});

test("whatever the state, looking at it twice changes nothing the second time", () => {
  for (let seed = 101; seed <= 130; seed++) {
    const { world } = disturbedWorld(seed);
    world.reconcile();
    let writes = 0;
    world.onWrite(() => writes++);
    world.reconcile();
    assert.equal(writes, 0, `seed ${seed}`);
  }
});
