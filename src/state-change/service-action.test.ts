import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlacementReason } from "../model/ecs/placement/outcome.ts";
import * as say from "../model/ecs/service-events.ts";
import type { Event } from "../model/events/records.ts";
import { exampleSpec, toyWorld } from "../reconcile/service/testing.ts";
import { serviceActions } from "./service-action.ts";
import { detailOf, listen } from "./testing.ts";

const ID = "2dd1b186f39845a584488d2ef155c131";

test("each message of the scheduler is told under the name that the guide gives it, or not at all", () => {
  const registered = exampleSpec({ serviceRegistries: [{ registryArn: "arn" }] });
  const zones = [{ zone: "ap-northeast-1a", count: 2 }];
  const unable = (reason: PlacementReason) => say.unableToPlace("web", { containerInstanceId: ID, reason });
  const rows: readonly (readonly [message: string, told: string, spec?: ReturnType<typeof exampleSpec>])[] = [
    [say.reachedSteadyState("web"), "INFO SERVICE_STEADY_STATE"],
    [
      say.reachedSteadyState("web"),
      "INFO SERVICE_STEADY_STATE; INFO CAPACITY_PROVIDER_STEADY_STATE asg",
      exampleSpec({ capacityProviderStrategy: [{ capacityProvider: "asg" }] }),
    ],
    [say.unableToStartTasks("web"), "WARN SERVICE_TASK_START_IMPAIRED"],
    [say.stoppedRunningTasks("web", ["a"]), "INFO TASKS_STOPPED"],
    [say.stoppedPendingTasks("web", 1), ""],
    [say.startedTasks("web", ["a"]), ""],
    [say.failedContainerHealthChecks("web", "a"), ""],
    [say.failedContainerHealthChecks("web", "a"), "WARN SERVICE_DISCOVERY_INSTANCE_UNHEALTHY", registered],
    [say.registeredTargets("web", 1, "arn"), ""],
    [say.deploymentCompleted("web", "ecs-svc/1"), ""],
    [say.deploymentFailed("web", "ecs-svc/1"), ""],
    [say.blockedByConfiguration("web"), ""],
    [say.unableToScaleIn("web", "ecs-svc/1", 2), "INFO TASKSET_SCALE_IN_FAILURE_BY_TASK_PROTECTION"],
    [unable("RESOURCE:CPU"), `ERROR SERVICE_TASK_PLACEMENT_FAILURE ${ID} RESOURCE:CPU`],
    [unable("RESOURCE:MEMORY"), `ERROR SERVICE_TASK_PLACEMENT_FAILURE ${ID} RESOURCE:MEMORY`],
    [unable("RESOURCE:PORTS"), `ERROR SERVICE_TASK_PLACEMENT_FAILURE ${ID} RESOURCE:PORTS`],
    [unable("RESOURCE:ENI"), `ERROR SERVICE_TASK_PLACEMENT_FAILURE ${ID} RESOURCE:ENI`],
    [unable("AGENT"), `ERROR SERVICE_TASK_PLACEMENT_FAILURE ${ID} AGENT`],
    [unable("ATTRIBUTE"), `ERROR SERVICE_TASK_PLACEMENT_FAILURE ${ID} ATTRIBUTE`],
    [
      unable("MemberOf placement constraint unsatisfied"),
      `ERROR SERVICE_TASK_PLACEMENT_FAILURE ${ID} MemberOf placement constraint unsatisfied`,
    ],
    [say.noInstancesInCluster("web"), "ERROR SERVICE_TASK_PLACEMENT_FAILURE EMPTY CAPACITY PROVIDER"],
    [say.noInstancesInProvider("web"), "ERROR SERVICE_TASK_PLACEMENT_FAILURE NO ACTIVE INSTANCES"],
    [say.provisioningLimitExceeded("web"), "ERROR SERVICE_TASK_PLACEMENT_FAILURE"],
    [say.unableToPlaceInZone("web", "ap-northeast-1a"), "ERROR SERVICE_TASK_PLACEMENT_FAILURE"],
    [say.isNotBalanced("web", zones), "INFO SERVICE_REBALANCING_STARTED"],
    [say.isBalanced("web", zones), "INFO SERVICE_REBALANCING_COMPLETED"],
    [say.startedToRebalance("web", "ap-northeast-1a", ["a"]), "INFO TASKS_STARTED"],
    [say.stoppedToRebalance("web", "ap-northeast-1a", ["a"]), "INFO TASKS_STOPPED"],
    [say.stoppedRebalancing("web"), "INFO SERVICE_REBALANCING_STOPPED"],
  ];
  for (const [message, told, spec = exampleSpec()] of rows) {
    const actions = serviceActions(message, { spec }).map(
      ({ eventType, eventName, capacityProviders = [], containerInstanceId, reason }) =>
        [eventType, eventName, ...capacityProviders, containerInstanceId, reason].filter(Boolean).join(" "),
    );
    assert.equal(actions.join("; "), told, message);
  }
});

/** `ERROR SERVICE_DEPLOYMENT_FAILED ecs-svc/2`; of tasks and repeated messages nothing. */
function summary(event: Event): string {
  return ["eventType", "eventName", "deploymentId"].flatMap((name) => detailOf(event, name) ?? []).join(" ");
}

test("a service tells its deployments, that it is steady, and the return from a deployment that fails", () => {
  const world = toyWorld({
    desiredCount: 2,
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  });
  const told = listen(world.store, world.clock, {
    "detail-type": ["ECS Service Action", "ECS Deployment State Change"],
  });
  world.run(60);
  world.change({ desiredCount: 3 });
  world.run(60);
  const deploying = told().length;
  world.deploy(2);
  world.run(400, (task) => task.deploymentId === "ecs-svc/2");
  assert.deepEqual(told().slice(0, deploying).map(summary), [
    "INFO SERVICE_DEPLOYMENT_COMPLETED ecs-svc/1",
    "INFO SERVICE_STEADY_STATE",
    "INFO SERVICE_STEADY_STATE",
  ]);
  assert.deepEqual(told().slice(deploying).map(summary), [
    "INFO SERVICE_DEPLOYMENT_IN_PROGRESS ecs-svc/2",
    "ERROR SERVICE_DEPLOYMENT_FAILED ecs-svc/2",
    "INFO SERVICE_DEPLOYMENT_IN_PROGRESS ecs-svc/1",
    "INFO SERVICE_DEPLOYMENT_COMPLETED ecs-svc/1",
    "INFO SERVICE_STEADY_STATE",
  ]);
});

test("the members of a service's events are those of AWS's own", () => {
  const world = toyWorld({ desiredCount: 1 });
  const told = listen(world.store, world.clock, {
    "detail-type": ["ECS Service Action", "ECS Deployment State Change"],
  });
  world.run(60);
  const { arn, clusterArn } = world.service();
  const all = told();
  const [action, deployment] = ["SERVICE_STEADY_STATE", "SERVICE_DEPLOYMENT_COMPLETED"].map((name) =>
    all.find((event) => detailOf(event, "eventName") === name),
  );
  assert.ok(action && deployment);
  assert.deepEqual([action.resources, deployment.resources], [[arn], [arn]]);
  assert.deepEqual(Object.keys(action.detail), ["eventType", "eventName", "clusterArn", "createdAt"]);
  assert.deepEqual(Object.keys(deployment.detail), [
    "eventType",
    "eventName",
    "clusterArn",
    "deploymentId",
    "updatedAt",
    "reason",
  ]);
  assert.equal(detailOf(action, "clusterArn"), clusterArn);
  assert.equal(detailOf(deployment, "reason"), "ECS deployment ecs-svc/1 completed.");
});
