import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "../../lib/log.ts";
import { newTask } from "../../model/ecs/new-task.ts";
import {
  CLUSTER,
  exampleDefinition,
  exampleInstance,
  seededRandom,
} from "../../model/ecs/placement/testing.ts";
import type { Task } from "../../model/ecs/records.ts";
import { testClock } from "../../services/testing.ts";
import { Store } from "../../store/store.ts";
import {
  capacityProviders,
  clusters,
  containerInstances,
  deployments,
  services,
  taskDefinitions,
  tasks,
} from "../../store/tables/ecs.ts";
import { exampleDeployment, exampleService, exampleSpec, SERVICE_ARN } from "../service/testing.ts";
import { createPlacementReconciler, reconcileCluster } from "./placement-reconciler.ts";

const SCOPE = { account: "000000000000", region: "ap-northeast-1" };
const batch = exampleDefinition("batch", {
  containerDefinitions: [{ name: "app", image: "app", cpu: 1024, memory: 256 }],
});
const inVpc = exampleDefinition("vpc", {
  networkMode: "awsvpc",
  containerDefinitions: [{ name: "app", image: "app", memory: 64 }],
});
const box = (id: string, cpu = 2048) => exampleInstance(id, { cpu }, { capacityProviderName: "cp" });

function fixture(managedScaling: "ENABLED" | "DISABLED" = "ENABLED") {
  const store = new Store(":memory:");
  const deps = { store, clock: testClock(), random: seededRandom(3), log: silentLog };
  const provider = {
    ...SCOPE,
    arn: "arn:aws:ecs:ap-northeast-1:000000000000:capacity-provider/cp",
    name: "cp",
    status: "ACTIVE" as const,
    autoScalingGroupProvider: { autoScalingGroupArn: "asg", managedScaling: { status: managedScaling } },
    createdAt: 0,
    tags: [],
  };
  store.transaction((tx) => {
    tx.put(capacityProviders, provider);
    tx.put(taskDefinitions, batch);
    tx.put(taskDefinitions, inVpc);
    tx.put(clusters, {
      ...SCOPE,
      arn: CLUSTER,
      name: "main",
      status: "ACTIVE",
      settings: [],
      capacityProviders: ["cp"],
      defaultCapacityProviderStrategy: [],
      tags: [],
    });
  });
  const waits = (createdAt: number, definition = batch, expression?: string): Task => {
    const task = newTask(
      {
        scope: SCOPE,
        cluster: { arn: CLUSTER, name: "main" },
        definition,
        group: `family:${definition.family}`,
        launchType: "EC2",
        capacityProviderName: "cp",
        placementConstraints: expression === undefined ? [] : [{ type: "memberOf", expression }],
        placementStrategy: [],
        enableExecuteCommand: false,
        tags: [],
        createdAt,
      },
      deps.random,
    );
    store.transaction((tx) => tx.put(tasks, task));
    return task;
  };
  return {
    ...deps,
    provider,
    waits,
    now: ({ arn }: Task) => store.get(tasks, arn),
    arrive: (...ids: string[]) =>
      store.transaction((tx) => {
        for (const id of ids) tx.put(containerInstances, box(id));
      }),
    reconcile: () => reconcileCluster(deps, CLUSTER),
  };
}

test("a task that waits is PROVISIONING whatever its network mode, and the oldest is placed first", () => {
  const f = fixture();
  const young = f.waits(3);
  const old = f.waits(1);
  const middle = f.waits(2);
  assert.deepEqual([old.lastStatus, old.attachment], ["PROVISIONING", undefined]);
  f.reconcile();
  assert.equal(f.now(old)?.containerInstanceArn, undefined);
  f.arrive("1");
  f.reconcile();
  assert.deepEqual(
    [old, middle, young].map((task) => [f.now(task)?.lastStatus, f.now(task)?.containerInstanceArn]),
    [
      ["PENDING", box("1").arn],
      ["PENDING", box("1").arn],
      ["PROVISIONING", undefined],
    ],
  );
});

test("a task that finds no place does not hold up another that does, and follows its own constraints", () => {
  const f = fixture();
  const picky = f.waits(1, batch, "attribute:never exists");
  const easy = f.waits(2);
  f.arrive("1");
  f.reconcile();
  assert.equal(f.now(picky)?.containerInstanceArn, undefined);
  assert.equal(f.now(picky)?.desiredStatus, "RUNNING", "it goes on waiting");
  assert.equal(f.now(easy)?.containerInstanceArn, box("1").arn);
});

test("awsvpc tasks get their attachment with their place", () => {
  const f = fixture();
  const task = f.waits(1, inVpc);
  f.store.transaction((tx) =>
    tx.put(tasks, { ...task, networkConfiguration: { awsvpcConfiguration: { subnets: [] } } }),
  );
  f.arrive("1");
  f.reconcile();
  assert.equal(f.now(task)?.lastStatus, "PROVISIONING");
});

test("when its provider brings no more instances the task fails, with the reason", () => {
  const f = fixture("DISABLED");
  const none = f.waits(1);
  f.reconcile();
  assert.deepEqual(
    [f.now(none)?.desiredStatus, f.now(none)?.stopCode, f.now(none)?.stoppedReason],
    ["STOPPED", "TaskFailedToStart", "TaskFailedToStart: EMPTY CAPACITY PROVIDER"],
  );
  f.store.transaction((tx) => tx.put(containerInstances, { ...box("1"), status: "DRAINING" }));
  const inactive = f.waits(2);
  f.reconcile();
  assert.equal(f.now(inactive)?.stoppedReason, "TaskFailedToStart: NO ACTIVE INSTANCES");
  f.store.transaction((tx) => tx.put(containerInstances, box("1", 512)));
  const big = f.waits(3);
  f.reconcile();
  assert.equal(f.now(big)?.stoppedReason, "TaskFailedToStart: RESOURCE:CPU");
});

test("on a new instance a daemon comes first", () => {
  const f = fixture();
  const daemon = exampleService({
    schedulingStrategy: "DAEMON",
    name: "agent",
    clusterArn: CLUSTER,
    spec: exampleSpec({ launchType: "EC2", taskDefinitionArn: batch.arn }),
  });
  f.store.transaction((tx) => {
    tx.put(services, daemon);
    tx.put(deployments, exampleDeployment(1, { spec: daemon.spec }));
  });
  const task = f.waits(1);
  f.arrive("1");
  f.reconcile();
  assert.equal(f.now(task)?.containerInstanceArn, undefined);
  f.store.transaction((tx) =>
    tx.put(tasks, {
      ...task,
      arn: `${task.arn}-daemon`,
      serviceArn: SERVICE_ARN,
      containerInstanceArn: box("1").arn,
    }),
  );
  f.reconcile();
  assert.equal(f.now(task)?.containerInstanceArn, box("1").arn);
});

test("the loop wakes when an instance comes", async () => {
  const f = fixture();
  const loop = createPlacementReconciler(f);
  loop.start();
  const task = f.waits(1);
  f.arrive("1");
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(f.now(task)?.containerInstanceArn, box("1").arn);
  await loop.stop();
});
