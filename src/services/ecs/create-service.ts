import type * as wire from "@aws-sdk/client-ecs";
import { launchTypeOf } from "../../model/ecs/capacity-strategy.ts";
import { newDeployment } from "../../model/ecs/new-deployment.ts";
import type { Cluster, DeploymentSpec, Service, TaskDefinition } from "../../model/ecs/records.ts";
import { deployments, serviceEvents, services } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import {
  checkExecuteCommand,
  checkNetwork,
  checkPlatformVersion,
  checkRunnable,
  checkServiceChoices,
  checkServiceName,
  readTags,
  resolveCapacity,
} from "./constraints.ts";
import { invalidParameter } from "./errors.ts";
import { checkPlacement, readStrategies } from "./placement-rules.ts";
import { findService, requireActiveTaskDefinition, requireCluster } from "./resolve.ts";
import {
  checkLoadBalancers,
  checkServiceRegistries,
  readDeploymentConfiguration,
  refuseUnbuilt,
} from "./service-rules.ts";
import {
  checkDaemonCapacity,
  checkDesiredCount,
  checkGracePeriod,
  checkScheduling,
  readRebalancing,
} from "./service-scheduling.ts";
import { describeService } from "./views/service.ts";

/** Writes the service and its first deployment; reconcile/service starts the tasks. */
export function createService(
  input: wire.CreateServiceRequest,
  context: HandlerContext,
): wire.CreateServiceResponse {
  const { store, clock, random } = context;
  const cluster = requireCluster(context, input.cluster);
  const name = input.serviceName ?? "";
  checkServiceName(name);
  checkServiceChoices(input);
  refuseUnbuilt(input);
  const scheduling = input.schedulingStrategy ?? "REPLICA";
  checkCounts(input, scheduling);
  const definition = requireActiveTaskDefinition(context, input.taskDefinition);
  const spec = readSpec(context, cluster, definition, input);
  const service: Service = newService(input, context, cluster, spec);
  const existing = findService(context, cluster, name);
  if (existing !== undefined && existing.status !== "INACTIVE") {
    if (existing.status === "DRAINING") {
      throw invalidParameter("Unable to Start a service that is still Draining.");
    }
    if (!sameRequest(existing, service)) throw invalidParameter("Creation of service was not idempotent.");
    return { service: describeService(store, existing, ["TAGS"]) };
  }
  const deployment = newDeployment(service, cluster.name, spec, [], random, clock.now());
  store.transaction((tx) => {
    if (existing !== undefined) {
      // The name is used again: what the former service left behind is not the new one's.
      tx.delete(serviceEvents, existing.arn);
      for (const old of store.where(deployments, "service", existing.arn)) tx.delete(deployments, old.id);
    }
    tx.put(services, service);
    tx.put(deployments, deployment);
  });
  return { service: describeService(store, service, ["TAGS"]) };
}

/** Throws InvalidParameterException. */
function checkCounts(input: wire.CreateServiceRequest, scheduling: wire.SchedulingStrategy): void {
  checkScheduling(scheduling, input);
  if (scheduling === "REPLICA") {
    if (input.desiredCount === undefined) throw invalidParameter("DesiredCount is missing");
    checkDesiredCount(input.desiredCount);
  }
  checkGracePeriod(input.healthCheckGracePeriodSeconds);
}

function readSpec(
  context: HandlerContext,
  cluster: Cluster,
  definition: TaskDefinition,
  input: wire.CreateServiceRequest,
): DeploymentSpec {
  const capacity = resolveCapacity(cluster, input.launchType, input.capacityProviderStrategy);
  checkDaemonCapacity(input.schedulingStrategy ?? "REPLICA", capacity);
  const launchType = launchTypeOf(capacity);
  checkPlacement(input, launchType);
  checkPlatformVersion(input.platformVersion, launchType);
  if (input.role !== undefined) checkRole(definition, input.loadBalancers ?? []);
  checkNetwork(context, definition, input.networkConfiguration, launchType);
  checkLoadBalancers(context, definition, launchType, input.loadBalancers ?? []);
  checkServiceRegistries(context, definition, input.serviceRegistries ?? []);
  if (input.enableExecuteCommand === true) {
    checkExecuteCommand(definition, undefined, "service couldn't be created");
  }
  checkRunnable(definition, launchType);
  return {
    taskDefinitionArn: definition.arn,
    launchType: capacity.launchType,
    capacityProviderStrategy: capacity.capacityProviderStrategy,
    platformVersion: input.platformVersion,
    networkConfiguration: input.networkConfiguration,
    loadBalancers: input.loadBalancers ?? [],
    serviceRegistries: input.serviceRegistries ?? [],
    enableExecuteCommand: input.enableExecuteCommand ?? false,
    enableECSManagedTags: input.enableECSManagedTags ?? false,
    propagateTags: input.propagateTags ?? "NONE",
  };
}

/** Roles are for classic load balancers; all else goes by the service-linked role. */
function checkRole(definition: TaskDefinition, loadBalancers: readonly wire.LoadBalancer[]): void {
  if (loadBalancers.length === 0) {
    throw invalidParameter("IAM roles are only valid for services configured to use load balancers");
  }
  if (definition.definition.networkMode === "awsvpc") {
    throw invalidParameter("You cannot specify an IAM role for services that require a service linked role.");
  }
}

function newService(
  input: wire.CreateServiceRequest,
  context: HandlerContext,
  cluster: Cluster,
  spec: DeploymentSpec,
): Service {
  const name = input.serviceName ?? "";
  const schedulingStrategy = input.schedulingStrategy ?? "REPLICA";
  const deploymentConfiguration = readDeploymentConfiguration(
    input.deploymentConfiguration,
    undefined,
    schedulingStrategy === "DAEMON",
  );
  const placementConstraints = input.placementConstraints ?? [];
  const placementStrategy = readStrategies(input.placementStrategy);
  return {
    ...context.scope,
    arn: `${cluster.arn.replace(":cluster/", ":service/")}/${name}`,
    name,
    clusterArn: cluster.arn,
    status: "ACTIVE",
    desiredCount: input.desiredCount ?? 0,
    spec,
    deploymentConfiguration,
    deploymentController: { type: "ECS" },
    schedulingStrategy,
    placementConstraints,
    placementStrategy,
    healthCheckGracePeriodSeconds:
      input.healthCheckGracePeriodSeconds ?? (spec.loadBalancers.length > 0 ? 0 : undefined),
    availabilityZoneRebalancing: readRebalancing(
      input.availabilityZoneRebalancing,
      {
        schedulingStrategy,
        maximumPercent: deploymentConfiguration.maximumPercent,
        placementStrategy,
        placementConstraints,
      },
      "ENABLED",
      "created",
    ),
    roleArn: input.role,
    clientToken: input.clientToken,
    createdAt: context.clock.now(),
    createdBy: context.caller.arn,
    tags: readTags(input.tags),
  };
}

/** Whether a repeated CreateService asks for the service that is there. */
function sameRequest(existing: Service, asked: Service): boolean {
  const compared = ({
    desiredCount,
    spec,
    deploymentConfiguration,
    schedulingStrategy,
    placementConstraints,
    placementStrategy,
    tags,
  }: Service) =>
    JSON.stringify({
      desiredCount,
      spec,
      deploymentConfiguration,
      schedulingStrategy,
      placementConstraints,
      placementStrategy,
      tags,
    });
  return compared(existing) === compared(asked);
}
