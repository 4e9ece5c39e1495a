import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceProgress } from "../../store/tables/ecs.ts";
import { SERVICE_ARN, toyWorld } from "./testing.ts";

const MINUTE = 60;
const BREAKER = { minimumHealthyPercent: 100, maximumPercent: 200 };

test("tasks that never run are started again with growing delays, and the service says so once", () => {
  const world = toyWorld({ desiredCount: 1 });
  world.run(300, () => true);
  const created = world.tasks().map((task) => task.createdAt);
  const gaps = created.slice(1).map((time, i) => (time - (created[i] ?? 0)) / 1000);
  assert.deepEqual(gaps, [11, 21, 41, 81]);
  assert.equal(world.deployment("ecs-svc/1").failedTasks, 5);
  const said = world.messages().filter((message) => message.startsWith("is unable to consistently start"));
  assert.equal(said.length, 1);
});

test("the delay between launches is never longer than 27 minutes", () => {
  const world = toyWorld({ desiredCount: 1 });
  world.run(3 * 60 * MINUTE, () => true);
  const created = world.tasks().map((task) => task.createdAt);
  assert.equal((created.at(-1) ?? 0) - (created.at(-2) ?? 0), (27 * MINUTE + 1) * 1000);
});

test("an update of the service ends the delay of its launches", () => {
  const world = toyWorld({ desiredCount: 1 });
  world.run(300, () => true);
  const before = world.tasks().length;
  world.deploy(2);
  world.reconcile();
  assert.equal(world.tasks().length, before + 1);
});

test("many tasks that fail together delay the next launch once", () => {
  const world = toyWorld({ desiredCount: 8 });
  world.run(5, () => true);
  const progress = world.store.get(serviceProgress, SERVICE_ARN);
  assert.equal(progress?.launchFailures?.rounds, 1);
  assert.equal(world.deployment("ecs-svc/1").failedTasks, 8);
});

test("the circuit breaker fails a deployment after three failures, and without a rollback launches no more", () => {
  const deploymentCircuitBreaker = { enable: true, rollback: false };
  const world = toyWorld({
    desiredCount: 1,
    deploymentConfiguration: { ...BREAKER, deploymentCircuitBreaker },
  });
  world.run(600, () => true);
  const deployment = world.deployment("ecs-svc/1");
  assert.equal(deployment.rolloutState, "FAILED");
  assert.equal(deployment.rolloutStateReason, "ECS deployment circuit breaker: tasks failed to start.");
  assert.equal(deployment.failedTasks, 3);
  assert.equal(world.tasks().length, 3);
  assert.ok(world.messages().includes("(deployment ecs-svc/1) deployment failed: tasks failed to start."));
});

test("with a rollback the last completed deployment comes back, with the tasks that it still has", () => {
  const deploymentCircuitBreaker = { enable: true, rollback: true };
  const world = toyWorld({ deploymentConfiguration: { ...BREAKER, deploymentCircuitBreaker } });
  world.run(60);
  const survivors = world.live().map((task) => task.taskId);
  world.deploy(2, { taskDefinitionArn: "arn:aws:ecs:ap-northeast-1:000000000000:task-definition/web:1" });
  world.run(600, (task) => task.deploymentId === "ecs-svc/2");
  assert.deepEqual(
    world.live().map((task) => task.taskId),
    survivors,
  );
  assert.equal(world.deployment("ecs-svc/1").status, "PRIMARY");
  assert.equal(world.deployment("ecs-svc/1").rolloutState, "COMPLETED");
  const failed = world.deployment("ecs-svc/2");
  assert.equal(failed.status, "INACTIVE");
  assert.equal(failed.rolloutState, "FAILED");
  assert.equal(failed.rollback?.toDeploymentId, "ecs-svc/1");
  assert.notEqual(failed.rollback?.finishedAt, undefined);
  assert.deepEqual(world.messages().slice(-4), [
    "(deployment ecs-svc/2) deployment failed: tasks failed to start.",
    "rolling back to deployment ecs-svc/1.",
    "(deployment ecs-svc/1) deployment completed.",
    "has reached a steady state.",
  ]);
});

test("tasks that run and die before they are healthy trip the circuit breaker as well", () => {
  const deploymentCircuitBreaker = { enable: true, rollback: false };
  const world = toyWorld({
    desiredCount: 1,
    deploymentConfiguration: { ...BREAKER, deploymentCircuitBreaker },
  });
  for (let i = 0; i < 60; i++) {
    world.run(1);
    for (const task of world.live()) {
      if (task.lastStatus !== "RUNNING") continue;
      world.put({
        ...task,
        desiredStatus: "STOPPED",
        lastStatus: "STOPPED",
        stopCode: "EssentialContainerExited",
        stoppedAt: world.clock.now(),
      });
    }
  }
  assert.equal(world.deployment("ecs-svc/1").rolloutState, "FAILED");
});

test("a healthy task takes the count of failures back to zero", () => {
  const world = toyWorld({ desiredCount: 1 });
  world.run(20, () => true);
  assert.equal(world.deployment("ecs-svc/1").failedTasks, 2);
  world.run(120);
  assert.equal(world.deployment("ecs-svc/1").failedTasks, 0);
  assert.equal(world.store.get(serviceProgress, SERVICE_ARN)?.launchFailures, undefined);
});
