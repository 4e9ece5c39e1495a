/**
 * How fast tasks are placed on a large cluster, beside the same rules with every instance's usage summed up anew.
 *   node bench/placement.ts [--json] [--instances N] [--tasks N]
 * Needs neither root nor Docker: a store in a temporary directory, with every task written to it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type * as wire from "@aws-sdk/client-ecs";
import { newTask } from "../src/model/ecs/new-task.ts";
import { capacityOf } from "../src/model/ecs/placement/capacity.ts";
import { needsOf } from "../src/model/ecs/placement/needs.ts";
import type { PlacementRequest } from "../src/model/ecs/placement/outcome.ts";
import {
  CLUSTER,
  exampleDefinition,
  exampleInstance,
  seededRandom,
} from "../src/model/ecs/placement/testing.ts";
import type { TaskDefinition } from "../src/model/ecs/records.ts";
import { instancesOfCluster, onInstance, placeTask } from "../src/store/placement.ts";
import { Store } from "../src/store/store.ts";
import { containerInstances, taskDefinitions, tasks } from "../src/store/tables/ecs.ts";

const SCOPE = { account: "000000000000", region: "ap-northeast-1" };
const ZONES = ["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"];
const PER_TRANSACTION = 50;
/** The other way is timed on so many placements only, in the cluster at half its tasks. */
const NAIVE_SAMPLE = 20;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    instances: { type: "string", default: "1000" },
    tasks: { type: "string", default: "10000" },
  },
});
const instanceCount = Number(values.instances);
const taskCount = Number(values.tasks);

const definition: TaskDefinition = exampleDefinition("web", {
  networkMode: "awsvpc",
  containerDefinitions: [{ name: "app", image: "app", cpu: 64, memory: 128 }],
});

const CASES: readonly {
  readonly name: string;
  readonly constraints: readonly wire.PlacementConstraint[];
  readonly strategy: readonly wire.PlacementStrategy[];
}[] = [
  { name: "default strategy (zones, then instances)", constraints: [], strategy: [] },
  { name: "binpack memory", constraints: [], strategy: [{ type: "binpack", field: "memory" }] },
  {
    name: "memberOf with a pattern, spread over zones, binpack",
    constraints: [
      {
        type: "memberOf",
        expression: "attribute:ecs.instance-type =~ m5.* and not(task:group == databases)",
      },
    ],
    strategy: [
      { type: "spread", field: "attribute:ecs.availability-zone" },
      { type: "binpack", field: "cpu" },
    ],
  },
];

interface Measured {
  readonly name: string;
  readonly perSecond: number;
  readonly choosingPerSecond: number;
  readonly naivePerSecond: number;
  readonly residentMiB: number;
}

function measure({ name, constraints, strategy }: (typeof CASES)[number], directory: string): Measured {
  const store = new Store(join(directory, `${name.replace(/\W+/g, "-")}.db`));
  const random = seededRandom(1);
  store.transaction((tx) => {
    tx.put(taskDefinitions, definition);
    for (let i = 0; i < instanceCount; i++) {
      const id = i.toString(16).padStart(32, "0");
      const zone = ZONES[i % ZONES.length] ?? "";
      tx.put(
        containerInstances,
        exampleInstance(
          id,
          { type: "m5.4xlarge", cpu: 16384, memory: 65536, zone },
          { trunkInterfaceId: "eni-1" },
        ),
      );
    }
  });
  const request: PlacementRequest = {
    clusterArn: CLUSTER,
    definition,
    group: "service:web",
    placementConstraints: constraints,
    placementStrategy: strategy,
  };
  let choosing = 0;
  let naivePerSecond = Number.NaN;
  let total = 0;
  for (let placed = 0; placed < taskCount; ) {
    if (placed >= taskCount / 2 && Number.isNaN(naivePerSecond)) naivePerSecond = measureNaive(store);
    const started = performance.now();
    store.transaction((tx) => {
      for (let i = 0; i < PER_TRANSACTION && placed < taskCount; i++, placed++) {
        const before = performance.now();
        const outcome = placeTask(store, request, random);
        choosing += performance.now() - before;
        if (outcome.kind !== "placed") throw new Error(`not placed: ${outcome.kind}`);
        const place = onInstance(store, outcome.containerInstance, undefined);
        const parts = {
          scope: SCOPE,
          cluster: { arn: CLUSTER, name: "main" },
          definition,
          launchType: "EC2" as const,
        };
        const rest = { group: request.group, enableExecuteCommand: false, tags: [], createdAt: placed };
        tx.put(tasks, newTask({ ...parts, ...rest, ...place }, random));
      }
    });
    total += performance.now() - started;
  }
  const residentMiB = process.memoryUsage().rss / 2 ** 20;
  store.close();
  return {
    name,
    perSecond: (taskCount / total) * 1000,
    choosingPerSecond: (taskCount / choosing) * 1000,
    naivePerSecond,
    residentMiB,
  };
}

/** What finding the instances with room takes when each one's tasks are summed up for each placement. */
function measureNaive(store: Store): number {
  const started = performance.now();
  for (let i = 0; i < NAIVE_SAMPLE; i++) {
    const needs = needsOf(definition);
    instancesOfCluster(store, CLUSTER).filter((instance) => {
      const capacity = capacityOf(instance);
      let { cpu, memory } = capacity;
      for (const task of store.where(tasks, "containerInstance", instance.arn)) {
        const held = needsOf(
          store.get(taskDefinitions, task.taskDefinitionArn) ?? definition,
          task.overrides,
        );
        cpu -= held.cpu;
        memory -= held.memory;
      }
      return cpu >= needs.cpu && memory >= needs.memory;
    });
  }
  return (NAIVE_SAMPLE / (performance.now() - started)) * 1000;
}

const directory = mkdtempSync(join(tmpdir(), "berth-placement-"));
try {
  const rows = CASES.map((example) => measure(example, directory));
  if (values.json) console.log(JSON.stringify({ instances: instanceCount, tasks: taskCount, rows }, null, 2));
  else {
    console.log(`${instanceCount} instances, ${taskCount} tasks\n`);
    console.log(
      "| Placing by | tasks/s, written too | choices/s | fit summed up anew/s | choices are faster by | MiB |",
    );
    console.log("|---|---:|---:|---:|---:|---:|");
    for (const { name, perSecond, choosingPerSecond, naivePerSecond, residentMiB } of rows) {
      const ratio = (choosingPerSecond / naivePerSecond).toFixed(1);
      const numbers = [perSecond, choosingPerSecond, naivePerSecond].map(Math.round).join(" | ");
      console.log(`| ${name} | ${numbers} | ${ratio}× | ${Math.round(residentMiB)} |`);
    }
  }
} finally {
  rmSync(directory, { recursive: true });
}
