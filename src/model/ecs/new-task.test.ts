import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom } from "../../lib/random.ts";
import { type NewTask, newTask } from "./new-task.ts";
import type { Task, TaskDefinition } from "./records.ts";

const scope = { account: "000000000000", region: "ap-northeast-1" };
const definition: TaskDefinition = {
  ...scope,
  arn: "arn:aws:ecs:ap-northeast-1:000000000000:task-definition/web:1",
  family: "web",
  revision: 1,
  status: "ACTIVE",
  definition: {
    networkMode: "awsvpc",
    containerDefinitions: [
      { name: "app", image: "nginx", cpu: 10, memory: 128 },
      { name: "side", image: "busybox", cpu: 5, memoryReservation: 64, essential: false },
    ],
  },
  compatibilities: ["EC2", "FARGATE"],
  requiresAttributes: [],
  registeredAt: 0,
  registeredBy: "",
  tags: [],
};
const request: NewTask = {
  scope,
  cluster: { arn: "arn:aws:ecs:ap-northeast-1:000000000000:cluster/main", name: "main" },
  definition,
  group: "family:web",
  launchType: "FARGATE",
  networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-a", "subnet-c"] } },
  enableExecuteCommand: false,
  tags: [],
  createdAt: 5,
};

test("an awsvpc task begins in PROVISIONING, with an attachment that knows only its subnet", () => {
  const task = newTask(request, systemRandom);
  assert.match(task.arn, /^arn:aws:ecs:ap-northeast-1:000000000000:task\/main\/[0-9a-f]{32}$/);
  assert.equal(task.lastStatus, "PROVISIONING");
  assert.equal(task.desiredStatus, "RUNNING");
  assert.deepEqual([task.attachment?.status, task.attachment?.networkInterfaceId], ["PRECREATED", undefined]);
  assert.match(task.attachment?.subnetId ?? "", /^subnet-[ac]$/);
  assert.equal(task.platformVersion, "1.4.0", "LATEST is told as the version that it is");
});

test("without awsvpc there is nothing to provision", () => {
  const bridge = { ...definition, definition: { ...definition.definition, networkMode: undefined } };
  const task = newTask({ ...request, definition: bridge, networkConfiguration: undefined }, systemRandom);
  assert.deepEqual([task.lastStatus, task.attachment], ["PENDING", undefined]);
});

test("without task sizes cpu and memory are the sums over the containers", () => {
  const task = newTask(request, systemRandom);
  assert.deepEqual([task.cpu, task.memory], ["15", "192"]);
});

test("overrides list every container, overridden or not", () => {
  const overrides = { containerOverrides: [{ name: "side", command: ["x"] }] };
  assert.deepEqual(newTask({ ...request, overrides }, systemRandom).overrides, {
    containerOverrides: [{ name: "app" }, { name: "side", command: ["x"] }],
    inferenceAcceleratorOverrides: [],
  });
});

test("tasks are spread over the subnets", () => {
  const siblings: Task[] = [];
  for (let i = 0; i < 4; i++) siblings.push(newTask({ ...request, siblings }, systemRandom));
  const inSubnetA = siblings.filter(({ attachment }) => attachment?.subnetId === "subnet-a").length;
  assert.equal(inSubnetA, 2);
});
