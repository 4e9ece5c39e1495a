/** Whatever the cluster and the tasks: nothing is oversold, no constraint is broken, the same chance chooses the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import { capacityOf } from "../model/ecs/placement/capacity.ts";
import type { PlacementRequest } from "../model/ecs/placement/outcome.ts";
import { exampleDefinition, exampleInstance, seededRandom } from "../model/ecs/placement/testing.ts";
import type { ContainerInstance, Task } from "../model/ecs/records.ts";
import { loadOf, remainingOf } from "./instance-usage.ts";
import type { Store } from "./store.ts";
import { taskDefinitions, tasks } from "./tables/ecs.ts";
import { placedOn, request, run, small, world } from "./testing.ts";

const PROPERTY_ROUNDS = 60;

/** Any cluster, any tasks, some of which end: whatever was placed is within what there is. */
for (let round = 0; round < PROPERTY_ROUNDS; round++) {
  test(`whatever is placed fits, and the same chance gives the same choice (seed ${round})`, () => {
    const first = playRound(round);
    const second = playRound(round);
    assert.deepEqual(second.choices, first.choices);
  });
}

function playRound(seed: number): { choices: string[] } {
  const chance = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[chance.below(list.length)] as T;
  const boxes = Array.from({ length: 1 + chance.below(8) }, (_, index) =>
    exampleInstance(String(index), {
      cpu: 256 * (1 + chance.below(8)),
      memory: 256 * (1 + chance.below(16)),
      type: pick(["t2.micro", "t3.small", "m5.large"]),
      zone: pick(["ap-northeast-1a", "ap-northeast-1c"]),
      attributes: [{ name: "stack", value: pick(["prod", "test"]) }],
      gpus: Array.from({ length: chance.below(3) }, (_unused, gpu) => `GPU-${gpu}`),
    }),
  );
  const definitions = Array.from({ length: 4 }, (_, index) =>
    exampleDefinition(`any${index}`, {
      networkMode: pick(["bridge", "host", "awsvpc", "none"]),
      containerDefinitions: [
        {
          name: "app",
          image: "app",
          cpu: 64 * chance.below(8),
          memory: 64 * (1 + chance.below(8)),
          portMappings:
            chance.below(2) === 0 ? [] : [{ containerPort: 80, hostPort: 8000 + chance.below(3) }],
          resourceRequirements: chance.below(4) === 0 ? [{ type: "GPU", value: "1" }] : [],
        },
      ],
    }),
  );
  const store = world(boxes, definitions);
  const choices: string[] = [];
  for (let step = 0; step < 60; step++) {
    const live = store.list(tasks).filter(({ lastStatus }) => lastStatus !== "STOPPED");
    if (live.length > 0 && chance.below(4) === 0) {
      const task = pick(live);
      store.transaction((tx) => tx.put(tasks, { ...task, desiredStatus: "STOPPED", lastStatus: "STOPPED" }));
      continue;
    }
    const constraints: wire.PlacementConstraint[] = [
      ...(chance.below(3) === 0 ? [{ type: "distinctInstance" as const }] : []),
      ...(chance.below(3) === 0
        ? [{ type: "memberOf" as const, expression: "attribute:stack == prod" }]
        : []),
    ];
    const asked = request(pick(definitions), { placementConstraints: constraints });
    const before = new Map(
      boxes.map((box) => [box.arn, loadOf(store, box.arn).groups.get(asked.group) ?? 0]),
    );
    const outcome = run(store, asked, chance);
    choices.push(placedOn(outcome));
    if (outcome.kind === "placed") checkChoice(outcome.containerInstance, asked, before);
    for (const box of boxes) checkWithin(store, box);
  }
  return { choices };
}

function checkChoice(
  instance: ContainerInstance,
  asked: PlacementRequest,
  before: ReadonlyMap<string, number>,
): void {
  for (const { type } of asked.placementConstraints) {
    if (type === "distinctInstance") assert.equal(before.get(instance.arn), 0);
    else assert.ok(instance.attributes.some(({ name, value }) => name === "stack" && value === "prod"));
  }
}

/** Counted anew from the tasks, not from what placement counted. */
function checkWithin(store: Store, box: ContainerInstance): void {
  const there = store.where(tasks, "containerInstance", box.arn);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const capacity = capacityOf(box);
  assert.ok(sum(there.map(({ cpu }) => Number(cpu))) <= capacity.cpu);
  assert.ok(sum(there.map(({ memory }) => Number(memory))) <= capacity.memory);
  assert.ok(there.filter(({ attachment }) => attachment !== undefined).length <= capacity.taskInterfaces);
  const definitionOf = (task: Task) => store.get(taskDefinitions, task.taskDefinitionArn)?.definition;
  const containers = there.flatMap((task) => {
    const definition = definitionOf(task);
    return (definition?.containerDefinitions ?? []).map((container) => ({
      container,
      mode: definition?.networkMode,
    }));
  });
  const ports = containers.flatMap(({ container, mode }) =>
    mode === "bridge" || mode === "host"
      ? (container.portMappings ?? []).map(({ hostPort, containerPort }) => hostPort ?? containerPort)
      : [],
  );
  assert.equal(new Set(ports).size, ports.length, "a host port is given once");
  const gpus = containers.filter(({ container }) => (container.resourceRequirements ?? []).length > 0);
  assert.ok(gpus.length <= capacity.gpus.length);
  const usage = remainingOf(store, box);
  assert.equal(usage.tasks, there.length);
  assert.equal(usage.memory, capacity.memory - sum(there.map(({ memory }) => Number(memory))));
}

test("spread keeps zones and instances within one task of each other, whatever ends in between", () => {
  for (let seed = 0; seed < 30; seed++) {
    const chance = seededRandom(seed);
    const boxes = Array.from({ length: 6 }, (_, index) =>
      exampleInstance(String(index), {
        cpu: 99_999,
        memory: 99_999,
        zone: index % 2 === 0 ? "ap-northeast-1a" : "ap-northeast-1c",
      }),
    );
    const store = world(boxes);
    for (let i = 0; i < 5 + chance.below(20); i++) run(store, request(small), chance);
    const counts = boxes.map((box) => loadOf(store, box.arn).groups.get("family:small") ?? 0);
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `seed ${seed}: ${counts}`);
  }
});
