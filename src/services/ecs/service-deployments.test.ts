import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deployment } from "../../model/ecs/records.ts";
import { deployments, services } from "../../store/tables/ecs.ts";
import { describeServices } from "./describe-services.ts";
import {
  describeServiceDeployments,
  describeServiceRevisions,
  listServiceDeployments,
} from "./service-deployments.ts";
import { stopServiceDeployment } from "./stop-service-deployment.ts";
import { createWeb, type EcsTestContext, ecsContext, fault, invalid, registerWeb } from "./testing.ts";
import { updateService } from "./update-service.ts";

/** A service whose first deployment is complete, and whose second is in progress. */
function updatedService(): { context: EcsTestContext; first: Deployment; second: Deployment } {
  const context = ecsContext();
  const { store, clock } = context;
  createWeb(context);
  const created = store.list(deployments)[0] ?? assert.fail("no deployment");
  const first: Deployment = {
    ...created,
    rolloutState: "COMPLETED",
    rolloutStateReason: `ECS deployment ${created.id} completed.`,
    finishedAt: clock.now(),
  };
  store.transaction((tx) => tx.put(deployments, first));
  registerWeb(context);
  clock.advance(1000);
  updateService({ cluster: "main", service: "web", taskDefinition: "web" }, context);
  const second = store.list(deployments).find(({ id }) => id !== first.id) ?? assert.fail("no update");
  return { context, first, second };
}

function statusOf(context: EcsTestContext, deployment: Deployment): string | undefined {
  const arns = [deployment.serviceDeploymentArn];
  return describeServiceDeployments({ serviceDeploymentArns: arns }, context).serviceDeployments?.[0]?.status;
}

test("service deployments are listed newest first, from a time on, with the revision they lead to", () => {
  const { context, first, second } = updatedService();
  const { serviceDeployments = [] } = listServiceDeployments({ cluster: "main", service: "web" }, context);
  assert.deepEqual(
    serviceDeployments.map(({ targetServiceRevisionArn, status }) => [targetServiceRevisionArn, status]),
    [
      [second.serviceRevisionArn, "IN_PROGRESS"],
      [first.serviceRevisionArn, "SUCCESSFUL"],
    ],
  );
  const after = new Date(first.createdAt);
  const later = listServiceDeployments({ cluster: "main", service: "web", createdAt: { after } }, context);
  assert.equal(later.serviceDeployments?.length, 1);
});

test("a deployment in progress that is overtaken counts as stopped", () => {
  const { context, second } = updatedService();
  context.clock.advance(1000);
  updateService({ cluster: "main", service: "web", forceNewDeployment: true }, context);
  assert.equal(statusOf(context, second), "STOPPED");
});

test("a service deployment tells its revisions and its circuit breaker", () => {
  const { context, first, second } = updatedService();
  const { serviceDeployments: [found] = [], failures } = describeServiceDeployments(
    { serviceDeploymentArns: [second.serviceDeploymentArn, "arn:aws:ecs:x"] },
    context,
  );
  assert.equal(found?.targetServiceRevision?.arn, second.serviceRevisionArn);
  assert.deepEqual(
    found?.sourceServiceRevisions?.map(({ arn }) => arn),
    [first.serviceRevisionArn],
  );
  assert.deepEqual(found?.deploymentCircuitBreaker, { status: "DISABLED", failureCount: 0, threshold: 3 });
  assert.deepEqual(failures, [{ arn: "arn:aws:ecs:x", reason: "MISSING" }]);
});

test("a service revision tells what its tasks are", () => {
  const { context, first } = updatedService();
  const { serviceRevisions: [found] = [] } = describeServiceRevisions(
    { serviceRevisionArns: [first.serviceRevisionArn] },
    context,
  );
  assert.equal(found?.taskDefinition, first.spec.taskDefinitionArn);
  assert.deepEqual(found?.containerImages, [{ containerName: "app", image: "nginx" }]);
});

test("stopping a deployment rolls the service back to the one that completed last", () => {
  const { context, first, second } = updatedService();
  stopServiceDeployment({ serviceDeploymentArn: second.serviceDeploymentArn }, context);
  const service = describeServices({ cluster: "main", services: ["web"] }, context).services?.[0];
  assert.equal(service?.taskDefinition, first.spec.taskDefinitionArn);
  assert.deepEqual(
    service?.deployments?.map(({ id, status, rolloutState }) => [id, status, rolloutState]),
    [
      [first.id, "PRIMARY", "IN_PROGRESS"],
      [second.id, "ACTIVE", "FAILED"],
    ],
  );
  assert.equal(service?.events?.[0]?.message, `(service web) rolling back to deployment ${first.id}.`);
  assert.equal(statusOf(context, second), "ROLLBACK_IN_PROGRESS");
  assert.equal(statusOf(context, first), "SUCCESSFUL", "it was, and is, successful");
});

test("only a deployment in progress can be stopped, and only when there is one to go back to", () => {
  const { context, first, second } = updatedService();
  const stop = (serviceDeploymentArn: string) => stopServiceDeployment({ serviceDeploymentArn }, context);
  assert.throws(() => stop("arn:aws:ecs:x"), { name: "ServiceDeploymentNotFoundException" });
  assert.throws(() => stop(first.serviceDeploymentArn), { name: "ConflictException" });
  context.store.transaction((tx) => tx.delete(deployments, first.id));
  assert.throws(() => stop(second.serviceDeploymentArn), invalid(/no completed service deployment/));
  const [service] = context.store.list(services);
  assert.equal(service?.spec.taskDefinitionArn, second.spec.taskDefinitionArn);
  assert.throws(
    () => listServiceDeployments({ cluster: "main", service: "nope" }, context),
    fault("ServiceNotFoundException", "Service not found."),
  );
});
