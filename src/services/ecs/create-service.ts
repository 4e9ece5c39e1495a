import type * as wire from "@aws-sdk/client-ecs";
import { newDeployment } from "../../model/ecs/new-deployment.ts";
import type { Cluster, DeploymentSpec, Service, TaskDefinition } from "../../model/ecs/records.ts";
import { deployments, serviceEvents, services } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import {
  checkExecuteCommand,
  checkNetwork,
  checkPlacement,
  checkPlatformVersion,
  checkRunnable,
  checkServiceChoices,
  checkServiceName,
  launchTypeOf,
  readTags,
  resolveCapacity,
} from "./constraints.ts";
import { invalidParameter, unsupportedFeature } from "./errors.ts";
import { findService, requireActiveTaskDefinition, requireCluster } from "./resolve.ts";
import {
  checkLoadBalancers,
  checkServiceRegistries,
  readDeploymentConfiguration,
  refuseUnbuilt,
} from "./service-rules.ts";
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
  checkScheduling(input);
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

function checkScheduling(input: wire.CreateServiceRequest): void {
  if (input.schedulingStrategy === "DAEMON") {
    if (input.desiredCount !== undefined) {
      throw invalidParameter("The daemon scheduling strategy does not support a desired count for services");
    }
    throw unsupportedFeature("Berth does not implement DAEMON services yet: they need container instances.");
  }
  if (input.desiredCount === undefined) {
    throw invalidParameter("The desired count must be specified for the REPLICA scheduling strategy.");
  }
  checkDesiredCount(input.desiredCount);
  checkGracePeriod(input.healthCheckGracePeriodSeconds);
}

const LONGEST_GRACE_PERIOD_SECONDS = 2_147_483_647;

/** Throws InvalidParameterException. */
export function checkGracePeriod(seconds: number | undefined): void {
  if (seconds === undefined || (seconds >= 0 && seconds <= LONGEST_GRACE_PERIOD_SECONDS)) return;
  throw invalidParameter(
    `healthCheckGracePeriodSeconds must be between 0 and ${LONGEST_GRACE_PERIOD_SECONDS}.`,
  );
}

/** Throws InvalidParameterException. */
export function checkDesiredCount(count: number): void {
  if (!Number.isInteger(count) || count < 0) throw invalidParameter("desiredCount must be at least 0.");
  if (count > 5000) throw invalidParameter("desiredCount must be at most 5000.");
}

function readSpec(
  context: HandlerContext,
  cluster: Cluster,
  definition: TaskDefinition,
  input: wire.CreateServiceRequest,
): DeploymentSpec {
  const capacity = resolveCapacity(cluster, input.launchType, input.capacityProviderStrategy);
  const launchType = launchTypeOf(capacity);
  checkPlacement(input, launchType);
  checkPlatformVersion(input.platformVersion, launchType);
  if (input.role !== undefined) checkRole(definition, input.loadBalancers ?? []);
  checkNetwork(context, definition, input.networkConfiguration, capacity.launchType);
  checkLoadBalancers(context, definition, input.loadBalancers ?? []);
  checkServiceRegistries(context, definition, input.serviceRegistries ?? []);
  if (input.enableExecuteCommand === true) {
    checkExecuteCommand(definition, undefined, "service couldn't be created");
  }
  checkRunnable(definition, launchType);
  if (launchType !== "FARGATE") {
    throw unsupportedFeature(
      `Berth does not implement services of launch type ${launchType} yet: it has no container instances. Use FARGATE.`,
    );
  }
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
  return {
    ...context.scope,
    arn: `${cluster.arn.replace(":cluster/", ":service/")}/${name}`,
    name,
    clusterArn: cluster.arn,
    status: "ACTIVE",
    desiredCount: input.desiredCount ?? 0,
    spec,
    deploymentConfiguration: readDeploymentConfiguration(input.deploymentConfiguration, undefined, false),
    deploymentController: { type: "ECS" },
    schedulingStrategy: "REPLICA",
    placementConstraints: input.placementConstraints ?? [],
    placementStrategy: input.placementStrategy ?? [],
    healthCheckGracePeriodSeconds:
      input.healthCheckGracePeriodSeconds ?? (spec.loadBalancers.length > 0 ? 0 : undefined),
    availabilityZoneRebalancing: input.availabilityZoneRebalancing ?? "ENABLED",
    roleArn: input.role,
    clientToken: input.clientToken,
    createdAt: context.clock.now(),
    createdBy: context.caller.arn,
    tags: readTags(input.tags),
  };
}

/** Whether a repeated CreateService asks for the service that is there. */
function sameRequest(existing: Service, asked: Service): boolean {
  const compared = ({ desiredCount, spec, deploymentConfiguration, placementConstraints, tags }: Service) =>
    JSON.stringify({ desiredCount, spec, deploymentConfiguration, placementConstraints, tags });
  return compared(existing) === compared(asked);
}
