/** Services on container instances that come, drain, go and fill up: whatever happens, the rules hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deploymentBounds } from "../../model/ecs/deployment.ts";
import { exampleInstance, seededRandom } from "../../model/ecs/placement/testing.ts";
import type { ContainerInstance } from "../../model/ecs/records.ts";
import { remainingOf } from "../../store/instance-usage.ts";
import { containerInstances } from "../../store/tables/ecs.ts";
import { isUpToRunning } from "./assess.ts";
import { exampleSpec, stepTask, type ToyWorld, toyWorld } from "./testing.ts";

const ZONES = ["ap-northeast-1a", "ap-northeast-1c"];

function put(world: ToyWorld, instance: ContainerInstance): void {
  world.store.transaction((tx) => tx.put(containerInstances, instance));
}

function addInstance(world: ToyWorld, number: number, below: (bound: number) => number): void {
  const zone = ZONES[below(2)] ?? "";
  const cpu = 512 * (1 + below(4));
  put(world, exampleInstance(`n${number}`, { type: "m5.large", cpu, memory: 4096, zone }));
}

function disturb(world: ToyWorld, below: (bound: number) => number): void {
  for (const task of world.live()) {
    const luck = below(100);
    if (luck < 3) {
      const stopCode = task.startedAt === undefined ? "TaskFailedToStart" : "EssentialContainerExited";
      world.put({ ...task, desiredStatus: "STOPPED", lastStatus: "STOPPED", stopCode });
    } else if (luck < 70) world.put(stepTask(task, world.clock.now()));
  }
  for (const instance of world.store.list(containerInstances)) {
    const luck = below(200);
    if (luck < 3) put(world, { ...instance, status: "DRAINING" });
    else if (luck < 6) put(world, { ...instance, status: "ACTIVE" });
    else if (luck < 8) put(world, { ...instance, agentConnected: !instance.agentConnected });
  }
}

function play(seed: number, daemon: boolean): ToyWorld {
  const { below } = seededRandom(seed);
  const bounds = daemon
    ? { minimumHealthyPercent: 0, maximumPercent: 100 }
    : { minimumHealthyPercent: [0, 50, 100][below(3)], maximumPercent: [150, 200][below(2)] };
  const world = toyWorld({
    desiredCount: daemon ? 0 : 1 + below(5),
    spec: exampleSpec({ launchType: "EC2" }),
    schedulingStrategy: daemon ? "DAEMON" : "REPLICA",
    availabilityZoneRebalancing: !daemon && below(2) === 0 ? "ENABLED" : "DISABLED",
    placementConstraints: !daemon && below(3) === 0 ? [{ type: "distinctInstance" }] : [],
    deploymentConfiguration: bounds,
  });
  for (let number = 0; number < 3; number++) addInstance(world, number, below);
  for (let second = 0; second < 200; second++) {
    const occupied = world.live().filter(isUpToRunning).length;
    const before = world.tasks().length;
    world.reconcile();
    const { desiredCount, deploymentConfiguration } = world.service();
    const { upper } = deploymentBounds(desiredCount, deploymentConfiguration);
    const started = world.tasks().length - before;
    assert.ok(started === 0 || occupied + started <= upper || daemon, `seed ${seed}: too many tasks`);
    checkInstances(world, daemon, seed);
    disturb(world, below);
    if (below(40) === 0) addInstance(world, 3 + below(3), below);
    if (below(60) === 0 && !daemon) world.change({ desiredCount: below(6) });
    if (below(80) === 0) world.deploy(2 + second);
    world.clock.advance(below(5) * 1000);
  }
  for (const instance of world.store.list(containerInstances)) {
    put(world, { ...instance, status: "ACTIVE", agentConnected: true });
  }
  for (let number = 10; number < 16; number++) {
    const zone = ZONES[number % 2] ?? "";
    put(world, exampleInstance(`n${number}`, { type: "m5.4xlarge", cpu: 8192, memory: 16384, zone }));
  }
  // At 100/150 a service of one task has no room for another.
  if (!daemon) world.change({ deploymentConfiguration: { ...bounds, maximumPercent: 200 } });
  world.deploy(999);
  world.run(400);
  return world;
}

/** Instances that came back smaller under the same name may be overcommitted; the toy world does that on purpose. */
function checkInstances(world: ToyWorld, daemon: boolean, seed: number): void {
  for (const instance of world.store.list(containerInstances)) {
    const there = world.live().filter(({ containerInstanceArn }) => containerInstanceArn === instance.arn);
    assert.ok(there.length <= 2, `seed ${seed}: more tasks than interfaces`);
    const wanted = there.filter((task) => task.desiredStatus === "RUNNING");
    if (daemon) assert.ok(wanted.length <= 1, `seed ${seed}: two daemons on an instance`);
    if (world.service().placementConstraints.length > 0) {
      assert.ok(wanted.length <= 1, `seed ${seed}: two tasks on an instance under distinctInstance`);
    }
    assert.equal(remainingOf(world.store, instance).tasks, there.length);
  }
}

test("left in peace, with room enough, a service comes to its desired count", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const world = play(seed, false);
    assert.equal(world.live().length, world.service().desiredCount, `seed ${seed}`);
    assert.equal(world.deployment("ecs-svc/999").rolloutState, "COMPLETED", `seed ${seed}`);
    assert.match(world.messages().at(-1) ?? "", /has reached a steady state\.$/, `seed ${seed}`);
  }
});

test("left in peace, a daemon has one task of its last deployment on each instance", () => {
  for (let seed = 41; seed <= 80; seed++) {
    const world = play(seed, true);
    const instances = world.store.list(containerInstances);
    assert.deepEqual(
      world
        .live()
        .map(({ containerInstanceArn }) => containerInstanceArn)
        .sort(),
      instances.map(({ arn }) => arn).sort(),
      `seed ${seed}`,
    );
    assert.ok(
      world.live().every(({ deploymentId }) => deploymentId === "ecs-svc/999"),
      `seed ${seed}`,
    );
  }
});

test("looking at it twice changes nothing the second time", () => {
  for (let seed = 81; seed <= 100; seed++) {
    const world = play(seed, seed % 2 === 0);
    let writes = 0;
    world.onWrite(() => writes++);
    world.reconcile();
    assert.equal(writes, 0, `seed ${seed}`);
  }
});
