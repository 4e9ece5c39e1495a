import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import { dockerName } from "../../model/ecs/docker-container.ts";
import { containerSpec } from "./container-spec.ts";
import { stoppableNow } from "./dependencies.ts";
import { newLinesAfter } from "./log-follower.ts";
import { cannotPull, canonicalReference } from "./reasons.ts";
import { cpuLimit, memoryLimit } from "./task-network.ts";
import { exampleDefinition, exampleTask, WEB } from "./testing.ts";

test("references in messages are complete, as containerd writes them", () => {
  assert.equal(canonicalReference("nginx"), "docker.io/library/nginx:latest");
  assert.equal(canonicalReference("me/app:2"), "docker.io/me/app:2");
  assert.equal(canonicalReference("localhost:5000/app"), "localhost:5000/app:latest");
  assert.equal(
    canonicalReference("1.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:ab"),
    "1.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:ab",
  );
});

test("an image that may not be pulled is told as containerd tells it", () => {
  const message =
    "pull access denied for app, repository does not exist or may require 'docker login': denied";
  assert.equal(
    cannotPull("app", { kind: "image-not-found", message }),
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/library/app:latest: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
  );
});

test("a task's size is read in both of its forms", () => {
  assert.equal(cpuLimit("256"), 250_000_000);
  assert.equal(cpuLimit(".5 vCPU"), 500_000_000);
  assert.equal(cpuLimit(undefined), undefined);
  assert.equal(memoryLimit("512"), 512 * 1024 * 1024);
  assert.equal(memoryLimit("1 GB"), 1024 * 1024 * 1024);
  assert.equal(memoryLimit("0"), undefined);
});

test("overrides go over the definition, and the region is given unless the user gives it", () => {
  const container = {
    ...WEB,
    command: ["serve"],
    environment: [
      { name: "COLOR", value: "red" },
      { name: "SIZE", value: "1" },
    ],
    memory: 128,
    entryPoint: [],
  };
  const definition = exampleDefinition([container]);
  const task = exampleTask(definition, {
    overrides: {
      containerOverrides: [
        { name: "web", command: ["migrate"], environment: [{ name: "COLOR", value: "blue" }], memory: 64 },
      ],
    },
  });
  const [record] = task.containers;
  assert.ok(record);
  const source = (given: wire.ContainerDefinition) => ({
    task,
    definition,
    container: given,
    record: { ...record, endpointId: "e1" },
    network: { kind: "sandbox" as const },
    engineName: dockerName(definition, record.name, "ab"),
    mounts: [],
    secrets: { environment: {}, logOptions: {} },
  });
  const spec = containerSpec(source(container));
  assert.deepEqual(spec.command, ["migrate"]);
  assert.equal(spec.entryPoint, undefined);
  assert.equal(spec.memoryBytes, 64 * 1024 * 1024);
  assert.equal(spec.engineName, "ecs-web-7-web-ab");
  assert.deepEqual(spec.environment, {
    AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
    AWS_REGION: "ap-northeast-1",
    AWS_DEFAULT_REGION: "ap-northeast-1",
    COLOR: "blue",
    SIZE: "1",
    ECS_CONTAINER_METADATA_URI: "http://169.254.170.2/v3/e1",
    ECS_CONTAINER_METADATA_URI_V4: "http://169.254.170.2/v4/e1",
    ECS_AGENT_URI: "http://169.254.170.2/api/e1",
  });
  assert.equal(spec.labels["com.amazonaws.ecs.task-arn"], task.arn);
  const own = { ...container, environment: [{ name: "AWS_DEFAULT_REGION", value: "eu-west-1" }] };
  const { environment } = containerSpec(source(own));
  assert.equal(environment["AWS_REGION"], undefined);
  assert.equal(environment["AWS_DEFAULT_REGION"], "eu-west-1");
});

test("a container stops only when nothing that runs depends on it", () => {
  const definitions = [
    { name: "a", dependsOn: [{ containerName: "b", condition: "START" as const }] },
    { name: "b", dependsOn: [{ containerName: "c", condition: "START" as const }] },
    { name: "c" },
    { name: "d" },
  ];
  assert.deepEqual(stoppableNow(["a", "b", "c", "d"], definitions), ["a", "d"]);
  assert.deepEqual(stoppableNow(["b", "c"], definitions), ["b"]);
  assert.deepEqual(stoppableNow(["c"], definitions), ["c"]);
});

test("after a restart exactly the stored lines are skipped, also within one millisecond", () => {
  const isNew = newLinesAfter({ timestamp: 5, lineCount: 2 });
  const told = [4, 5, 5, 5, 6].map((timestamp) => ({ timestamp, message: "" }));
  assert.deepEqual(told.map(isNew), [false, false, false, true, true]);
});
