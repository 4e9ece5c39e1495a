import assert from "node:assert/strict";
import { test } from "node:test";
import { newTask } from "./new-task.ts";
import { exampleDefinition, seededRandom } from "./placement/testing.ts";
import type { Task } from "./records.ts";
import { changedTask } from "./task-change.ts";

const DEFINITION = exampleDefinition("web", {
  networkMode: "awsvpc",
  containerDefinitions: [
    { name: "web", image: "web" },
    { name: "side", image: "side", essential: false },
  ],
});

function exampleTask(launchType: "EC2" | "FARGATE"): Task {
  const cluster = { arn: "arn", name: "main" };
  const network = { awsvpcConfiguration: { subnets: ["subnet-1"] } };
  return newTask(
    {
      scope: { account: "000000000000", region: "ap-northeast-1" },
      cluster,
      definition: DEFINITION,
      group: "family:web",
      launchType,
      containerInstanceArn: launchType === "EC2" ? "instance" : undefined,
      networkConfiguration: network,
      enableExecuteCommand: false,
      tags: [],
      createdAt: 0,
    },
    seededRandom(1),
  );
}

test("the version counts what EventBridge is told, and nothing else", () => {
  const fargate = exampleTask("FARGATE");
  const ec2 = exampleTask("EC2");
  const attaching = (task: Task): Partial<Task> => ({
    attachment: task.attachment && { ...task.attachment, status: "ATTACHING" },
  });
  const ends = (task: Task, name: string): Partial<Task> => ({
    containers: task.containers.map((one) => (one.name === name ? { ...one, lastStatus: "STOPPED" } : one)),
  });
  const starts: Partial<Task> = {
    containers: fargate.containers.map((one) => ({ ...one, lastStatus: "RUNNING", runtimeId: "id" })),
  };
  const rows: readonly (readonly [what: string, task: Task, changes: Partial<Task>, counts: boolean])[] = [
    ["its status", fargate, { lastStatus: "PENDING" }, true],
    ["what it is to be", fargate, { desiredStatus: "STOPPED" }, true],
    ["where it runs", ec2, { containerInstanceArn: "another" }, true],
    ["the interface, from an agent", ec2, attaching(ec2), true],
    ["the interface on Fargate", fargate, attaching(fargate), false],
    ["that containers run", fargate, starts, false],
    ["that an essential container ended", fargate, ends(fargate, "web"), false],
    ["that another container ended", fargate, ends(fargate, "side"), true],
    ["that it ended on the way down", { ...fargate, desiredStatus: "STOPPED" }, ends(fargate, "side"), false],
    ["health", fargate, { healthStatus: "HEALTHY" }, false],
    ["pulling", fargate, { pullStartedAt: 1 }, false],
    ["protection", fargate, { protectedUntil: 1 }, false],
    ["nothing", fargate, {}, false],
  ];
  for (const [what, task, changes, counts] of rows) {
    assert.deepEqual(
      changedTask(task, changes),
      { ...task, ...changes, version: task.version + (counts ? 1 : 0) },
      what,
    );
  }
});
