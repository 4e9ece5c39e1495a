import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import type { TaskContainer } from "../../model/ecs/records.ts";
import type { ObservedContainer } from "../../runtime/container-runtime.ts";
import { withObserved } from "./observed-containers.ts";

const created: TaskContainer = {
  arn: "c",
  name: "web",
  image: "web",
  lastStatus: "PENDING",
  healthStatus: "UNKNOWN",
  essential: true,
};
const running: ObservedContainer = {
  sandboxId: "s",
  name: "web",
  containerId: "d",
  processId: 7,
  state: "running",
  outOfMemory: false,
  health: "starting",
  startedAt: 1000,
};
const checked: wire.ContainerDefinition = { name: "web", healthCheck: { command: ["CMD", "true"] } };
const restarted: wire.ContainerDefinition = {
  name: "web",
  restartPolicy: { enabled: true, restartAttemptPeriod: 60 },
};

function after(
  definition: wire.ContainerDefinition,
  container: TaskContainer,
  ...seen: readonly ObservedContainer[]
): TaskContainer {
  const [last] = seen.reduce<readonly TaskContainer[]>(
    (containers, one) => withObserved(containers, [definition], [one], false),
    [container],
  );
  assert.ok(last);
  return last;
}

test("health has the details of the check that changed it, and no later one's", () => {
  const bad = { endedAt: 5000, exitCode: 1, output: "x".repeat(2000) };
  const ill: ObservedContainer = { ...running, health: "unhealthy", lastCheck: bad };
  const found = after(checked, created, running, ill);
  assert.equal(found.healthStatus, "UNHEALTHY");
  assert.deepEqual(found.healthCheck, { since: 5000, exitCode: 1, output: "x".repeat(1024) });
  const later = { ...ill, lastCheck: { ...bad, endedAt: 9000 } };
  assert.equal(after(checked, found, later), found);
  const well: ObservedContainer = {
    ...running,
    health: "healthy",
    lastCheck: { endedAt: 10_000, exitCode: 0, output: "" },
  };
  assert.deepEqual(after(checked, found, well).healthCheck, { since: 10_000, exitCode: 0, output: "" });
  assert.equal(after(checked, found, running).healthCheck, undefined);
});

test("what runs anew was restarted; the first start and a restarted Berth are no restarts", () => {
  const first = after(restarted, created, running, running);
  assert.equal(first.restartCount, undefined);
  const ended: ObservedContainer = { ...running, state: "exited", exitCode: 1, finishedAt: 90_000 };
  const again: ObservedContainer = { ...running, startedAt: 91_000 };
  const once = after(restarted, first, ended, again, again);
  assert.equal(once.restartCount, 1);
  const twice = after(restarted, once, { ...again, startedAt: 200_000 });
  assert.equal(twice.restartCount, 2);
});
