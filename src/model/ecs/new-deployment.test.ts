import assert from "node:assert/strict";
import { test } from "node:test";
import { needsNewDeployment } from "./new-deployment.ts";
import type { DeploymentSpec } from "./records.ts";

const spec: DeploymentSpec = {
  taskDefinitionArn: "arn:aws:ecs:ap-northeast-1:000000000000:task-definition/web:1",
  launchType: "FARGATE",
  capacityProviderStrategy: [],
  networkConfiguration: { awsvpcConfiguration: { subnets: ["a", "b"], assignPublicIp: "DISABLED" } },
  loadBalancers: [],
  serviceRegistries: [],
  enableExecuteCommand: false,
  enableECSManagedTags: false,
  propagateTags: "NONE",
};

test("a new deployment begins when what tasks are changes, or when it is forced", () => {
  assert.ok(!needsNewDeployment(spec, { ...spec, platformVersion: undefined }, false));
  assert.ok(needsNewDeployment(spec, spec, true));
  assert.ok(needsNewDeployment(spec, { ...spec, taskDefinitionArn: `${spec.taskDefinitionArn}0` }, false));
  assert.ok(needsNewDeployment(spec, { ...spec, enableExecuteCommand: true }, false));
  assert.ok(needsNewDeployment(spec, { ...spec, platformVersion: "1.3.0" }, false));
});

test("the order of members does not count", () => {
  const reordered = { awsvpcConfiguration: { assignPublicIp: "DISABLED" as const, subnets: ["a", "b"] } };
  assert.ok(!needsNewDeployment(spec, { ...spec, networkConfiguration: reordered }, false));
});
