import assert from "node:assert/strict";
import { test } from "node:test";
import type { TargetHealthState } from "../../model/elb/records.ts";
import { targets } from "../../store/tables/elb.ts";
import { exampleSpec, SCOPE, type ToyWorld, toyWorld } from "./testing.ts";

const GROUP_ARN = "arn:aws:elasticloadbalancing:ap-northeast-1:000000000000:targetgroup/web/0123456789abcdef";

/** A service of one task behind a load balancer; tasks get addresses, and targets the health that is set. */
function balancedWorld(): { world: ToyWorld; report(address: string, state: TargetHealthState): void } {
  const loadBalancers = [{ targetGroupArn: GROUP_ARN, containerName: "app", containerPort: 80 }];
  const world = toyWorld({ desiredCount: 1, spec: exampleSpec({ loadBalancers }) });
  return {
    world,
    report(address, state) {
      for (const [index, task] of world.tasks().entries()) {
        if (task.attachment !== undefined) continue;
        const privateIpv4Address = `10.0.0.${index + 1}`;
        world.put({
          ...task,
          attachment: { id: "a", status: "ATTACHED", subnetId: "subnet-1", privateIpv4Address },
        });
      }
      const health = { state, description: state === "unhealthy" ? "Request timed out" : undefined };
      const target = {
        ...SCOPE,
        targetGroupArn: GROUP_ARN,
        targetId: address,
        port: 80,
        registeredAt: 0,
        health,
      };
      world.store.transaction((tx) => tx.put(targets, target));
    },
  };
}

test("an unhealthy task is replaced first and stopped when its replacement is healthy", () => {
  const world = toyWorld({ desiredCount: 1 }, { command: ["CMD", "true"] });
  const report = (healthStatus: "HEALTHY" | "UNHEALTHY", taskId: string): void => {
    const task = world.live().find((candidate) => candidate.taskId === taskId);
    assert.ok(task);
    world.put({ ...task, containers: task.containers.map((container) => ({ ...container, healthStatus })) });
  };
  world.run(5);
  const first = world.live()[0]?.taskId ?? "";
  report("HEALTHY", first);
  world.run(2);
  report("UNHEALTHY", first);
  world.run(10);
  assert.equal(world.live().length, 2);
  assert.equal(
    world.messages().at(-1),
    "has started 1 tasks: …. Amazon ECS replaced 1 tasks due to an unhealthy status.",
  );
  const second = world.live().find((task) => task.taskId !== first)?.taskId ?? "";
  report("HEALTHY", second);
  world.run(10);
  assert.deepEqual(
    world.live().map((task) => task.taskId),
    [second],
  );
  assert.deepEqual(
    world.messages().slice(-3),
    [
      "… failed container health checks.",
      "has stopped 1 running tasks: ….",
      "has reached a steady state.",
    ].map((message) => message.replace(/^…/, " …")),
  );
  const stopped = world.tasks().find((task) => task.taskId === first);
  assert.equal(stopped?.stoppedReason, "Task failed container health checks");
});

test("a failing check is overlooked in the grace period", () => {
  const world = toyWorld(
    { desiredCount: 1, healthCheckGracePeriodSeconds: 60 },
    { command: ["CMD", "false"] },
  );
  world.run(5);
  const [task] = world.live();
  assert.ok(task);
  world.put({ ...task, containers: task.containers.map((c) => ({ ...c, healthStatus: "UNHEALTHY" })) });
  world.run(50);
  assert.equal(world.live().length, 1);
  world.run(20);
  assert.equal(world.live().length, 2);
});

test("behind a load balancer a deployment is complete when its target is healthy", () => {
  const { world, report } = balancedWorld();
  world.run(60);
  assert.equal(world.deployment("ecs-svc/1").rolloutState, "IN_PROGRESS");
  report("10.0.0.1", "healthy");
  world.run(1);
  assert.equal(world.deployment("ecs-svc/1").rolloutState, "COMPLETED");
});

test("a task whose target is unhealthy is replaced with the load balancer's reason", () => {
  const { world, report } = balancedWorld();
  world.run(10);
  report("10.0.0.1", "healthy");
  world.run(1);
  report("10.0.0.1", "unhealthy");
  world.run(10);
  report("10.0.0.2", "healthy");
  world.run(10);
  const [first, second] = world.tasks();
  assert.equal(first?.lastStatus, "STOPPED");
  assert.equal(second?.lastStatus, "RUNNING");
  assert.equal(first?.stoppedReason, `Task failed ELB health checks in (target-group ${GROUP_ARN})`);
  assert.ok(
    world
      .messages()
      .includes(
        ` … (port 80) is unhealthy in (target-group ${GROUP_ARN}) due to (reason Request timed out).`,
      ),
  );
});
