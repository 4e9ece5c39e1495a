import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import type { Service } from "../../model/ecs/records.ts";
import { subnets } from "../../store/tables/ec2.ts";
import { deployments, services } from "../../store/tables/ecs.ts";
import { putClusterCapacityProviders } from "./cluster-capacity.ts";
import { createService } from "./create-service.ts";
import { describeServices, listServices } from "./describe-services.ts";
import {
  createWeb,
  type EcsTestContext,
  ecsContext,
  fault,
  invalid,
  NETWORK,
  registerWeb,
  SUBNET,
} from "./testing.ts";
import { deleteService, updateService } from "./update-service.ts";

const ARN = "arn:aws:ecs:ap-northeast-1:000000000000:service/main/web";

function setStatus({ store }: EcsTestContext, status: Service["status"]): void {
  const service = store.get(services, ARN) ?? assert.fail("no service");
  store.transaction((tx) => tx.put(services, { ...service, status }));
}

function describe(context: EcsTestContext): wire.Service {
  const found = describeServices({ cluster: "main", services: ["web"] }, context).services?.[0];
  return found ?? assert.fail("no service");
}

test("an update of what tasks are begins a deployment and keeps the former one as ACTIVE", () => {
  const context = ecsContext();
  const before = createWeb(context);
  registerWeb(context);
  context.clock.advance(1000);
  const { service } = updateService({ cluster: "main", service: "web", taskDefinition: "web" }, context);
  assert.deepEqual(
    service?.deployments?.map(({ status, taskDefinition }) => [status, taskDefinition?.split(":").at(-1)]),
    [
      ["PRIMARY", "2"],
      ["ACTIVE", "1"],
    ],
  );
  const [primary] = context.store
    .where(deployments, "service", ARN)
    .filter(({ status }) => status === "PRIMARY");
  assert.deepEqual(primary?.sourceServiceRevisionArns, [before.currentServiceRevisions?.[0]?.arn]);
  assert.equal(service?.taskDefinition?.endsWith("web:2"), true);
});

test("an update of how many, or of nothing, begins none unless it is forced", () => {
  const context = ecsContext();
  createWeb(context);
  const update = (change: Partial<wire.UpdateServiceRequest>) =>
    updateService({ cluster: "main", service: "web", ...change }, context).service;
  assert.equal(update({ desiredCount: 5 })?.deployments?.length, 1);
  assert.equal(update({ taskDefinition: "web:1", forceNewDeployment: false })?.deployments?.length, 1);
  assert.equal(update({ deploymentConfiguration: { minimumHealthyPercent: 50 } })?.deployments?.length, 1);
  assert.equal(describe(context).desiredCount, 5);
  assert.deepEqual(
    [describe(context).deploymentConfiguration].map((found) => [
      found?.minimumHealthyPercent,
      found?.maximumPercent,
    ]),
    [[50, 200]],
    "what is not said stays",
  );
  context.clock.advance(1000);
  assert.equal(update({ forceNewDeployment: true })?.deployments?.length, 2);
});

test("a change of the capacity provider strategy must be forced", () => {
  const context = ecsContext();
  createWeb(context);
  const capacityProviderStrategy = [{ capacityProvider: "FARGATE_SPOT", weight: 1 }];
  const update = (forceNewDeployment: boolean) =>
    updateService({ cluster: "main", service: "web", capacityProviderStrategy, forceNewDeployment }, context);
  assert.throws(
    () => update(true),
    invalid(/cannot contain a capacity provider that is not associated with the cluster/),
  );
  putClusterCapacityProviders(
    { cluster: "main", capacityProviders: ["FARGATE_SPOT"], defaultCapacityProviderStrategy: [] },
    context,
  );
  assert.throws(
    () => update(false),
    invalid(
      "When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.",
    ),
  );
  const { service } = update(true);
  assert.deepEqual(
    [service?.launchType, service?.capacityProviderStrategy],
    [undefined, capacityProviderStrategy],
  );
});

test("a service can be scaled in and deleted when its subnet is gone", () => {
  const context = ecsContext();
  createWeb(context);
  context.store.transaction((tx) => tx.delete(subnets, SUBNET));
  updateService({ cluster: "main", service: "web", desiredCount: 0 }, context);
  const { service } = deleteService({ cluster: "main", service: "web" }, context);
  assert.deepEqual([service?.status, service?.desiredCount], ["DRAINING", 0]);
});

test("only ACTIVE services can be updated", () => {
  const context = ecsContext();
  const update = () => updateService({ cluster: "main", service: "web", desiredCount: 1 }, context);
  assert.throws(update, fault("ServiceNotFoundException", "Service not found."));
  createWeb(context);
  deleteService({ cluster: "main", service: "web", force: true }, context);
  assert.throws(update, fault("ServiceNotActiveException", "Service was not ACTIVE."));
});

test("a service scaled above 0 is deleted only by force", () => {
  const context = ecsContext();
  createWeb(context);
  assert.throws(
    () => deleteService({ cluster: "main", service: "web" }, context),
    invalid("The service cannot be stopped while it is scaled above 0."),
  );
  deleteService({ cluster: "main", service: ARN, force: true }, context);
  assert.equal(describe(context).status, "DRAINING");
});

test("a deleted service is described as INACTIVE without deployments, an unknown one is MISSING", () => {
  const context = ecsContext();
  createWeb(context);
  setStatus(context, "INACTIVE");
  assert.deepEqual([describe(context).status, describe(context).deployments], ["INACTIVE", []]);
  assert.deepEqual(describeServices({ cluster: "main", services: ["nope"] }, context).failures, [
    { arn: "arn:aws:ecs:ap-northeast-1:000000000000:service/main/nope", reason: "MISSING" },
  ]);
  assert.deepEqual(listServices({ cluster: "main" }, context).serviceArns, []);
});

test("services are listed by ten unless asked otherwise, page by page", () => {
  const context = ecsContext();
  for (let i = 0; i < 12; i++) {
    createService(
      {
        cluster: "main",
        serviceName: `web-${i}`,
        taskDefinition: "web",
        desiredCount: 0,
        launchType: "FARGATE",
        networkConfiguration: NETWORK,
      },
      context,
    );
  }
  const first = listServices({ cluster: "main" }, context);
  assert.equal(first.serviceArns?.length, 10);
  const rest = listServices({ cluster: "main", nextToken: first.nextToken }, context);
  assert.deepEqual([rest.serviceArns?.length, rest.nextToken], [2, undefined]);
  assert.throws(() => listServices({ cluster: "main", nextToken: "x" }, context), invalid("Invalid token."));
});
