import { isDeepStrictEqual } from "node:util";
import type * as wire from "@aws-sdk/client-ecs";
import { launchTypeOf } from "../../model/ecs/capacity-strategy.ts";
import { needsNewDeployment, newDeployment } from "../../model/ecs/new-deployment.ts";
import type { Cluster, Deployment, DeploymentSpec, Service } from "../../model/ecs/records.ts";
import { primaryDeploymentOf } from "../../store/services.ts";
import { deployments, services } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import {
  checkExecuteCommand,
  checkNetwork,
  checkPlatformVersion,
  checkRunnable,
  checkServiceChoices,
  checkStrategy,
} from "./constraints.ts";
import { invalidParameter, serviceNotActive, serviceNotFound, taskDefinitionNotFound } from "./errors.ts";
import { checkPlacement, readStrategies } from "./placement-rules.ts";
import {
  findTaskDefinition,
  requireActiveTaskDefinition,
  requireCluster,
  requireService,
} from "./resolve.ts";
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
import { describeService, liveDeployments } from "./views/service.ts";

/** Changes of what tasks are begin a new deployment; changes of how many do not. */
export function updateService(
  input: wire.UpdateServiceRequest,
  context: HandlerContext,
): wire.UpdateServiceResponse {
  const { store } = context;
  const cluster = requireCluster(context, input.cluster);
  const service = requireService(context, cluster, input.service);
  if (service.status !== "ACTIVE") throw serviceNotActive();
  checkServiceChoices(input);
  refuseUnbuilt(input);
  checkScheduling(service.schedulingStrategy, input);
  if (input.desiredCount !== undefined) checkDesiredCount(input.desiredCount);
  checkGracePeriod(input.healthCheckGracePeriodSeconds);
  const spec = readSpec(context, cluster, service, input);
  const changed = changedService(service, spec, input);
  const isNew = needsNewDeployment(service.spec, spec, input.forceNewDeployment === true);
  store.transaction((tx) => {
    tx.put(services, changed);
    if (!isNew) {
      const primary = primaryDeploymentOf(store, changed);
      if (primary !== undefined) tx.put(deployments, { ...primary, updatedAt: context.clock.now() });
      return;
    }
    for (const deployment of supersede(context, changed, cluster)) tx.put(deployments, deployment);
  });
  return { service: describeService(store, changed, ["TAGS"]) };
}

function changedService(service: Service, spec: DeploymentSpec, input: wire.UpdateServiceRequest): Service {
  const deploymentConfiguration = readDeploymentConfiguration(
    input.deploymentConfiguration,
    service.deploymentConfiguration,
    service.schedulingStrategy === "DAEMON",
  );
  const placementConstraints = input.placementConstraints ?? service.placementConstraints;
  const placementStrategy =
    input.placementStrategy === undefined
      ? service.placementStrategy
      : readStrategies(input.placementStrategy);
  return {
    ...service,
    spec,
    desiredCount: input.desiredCount ?? service.desiredCount,
    deploymentConfiguration,
    placementConstraints,
    placementStrategy,
    healthCheckGracePeriodSeconds:
      input.healthCheckGracePeriodSeconds ?? service.healthCheckGracePeriodSeconds,
    availabilityZoneRebalancing: readRebalancing(
      input.availabilityZoneRebalancing ?? service.availabilityZoneRebalancing,
      {
        schedulingStrategy: service.schedulingStrategy,
        maximumPercent: deploymentConfiguration.maximumPercent,
        placementStrategy,
        placementConstraints,
      },
      service.availabilityZoneRebalancing,
      "updated",
    ),
  };
}

/** The new PRIMARY, and the former one as ACTIVE. */
function supersede(context: HandlerContext, service: Service, cluster: Cluster): Deployment[] {
  const { store, random, clock } = context;
  const live = liveDeployments(store, service.arn);
  const sources = live.map((deployment) => deployment.serviceRevisionArn);
  const created = newDeployment(service, cluster.name, service.spec, sources, random, clock.now());
  const former = live
    .filter((deployment) => deployment.status === "PRIMARY")
    .map((deployment): Deployment => ({ ...deployment, status: "ACTIVE", updatedAt: clock.now() }));
  return [...former, created];
}

function readSpec(
  context: HandlerContext,
  cluster: Cluster,
  service: Service,
  input: wire.UpdateServiceRequest,
): DeploymentSpec {
  const definition =
    input.taskDefinition === undefined
      ? findTaskDefinition(context, service.spec.taskDefinitionArn)
      : requireActiveTaskDefinition(context, input.taskDefinition);
  if (definition === undefined) throw taskDefinitionNotFound();
  const strategy = input.capacityProviderStrategy ?? service.spec.capacityProviderStrategy;
  if (input.capacityProviderStrategy?.length) {
    checkStrategy(cluster, strategy);
    checkDaemonCapacity(service.schedulingStrategy, { capacityProviderStrategy: strategy });
    if (
      input.forceNewDeployment !== true &&
      !isDeepStrictEqual(strategy, service.spec.capacityProviderStrategy)
    ) {
      throw invalidParameter(
        "When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.",
      );
    }
  }
  const launchType = strategy.length > 0 ? undefined : launchTypeOf(service.spec);
  const spec: DeploymentSpec = {
    taskDefinitionArn: definition.arn,
    launchType,
    capacityProviderStrategy: strategy,
    platformVersion: input.platformVersion ?? service.spec.platformVersion,
    networkConfiguration: input.networkConfiguration ?? service.spec.networkConfiguration,
    loadBalancers: input.loadBalancers ?? service.spec.loadBalancers,
    serviceRegistries: input.serviceRegistries ?? service.spec.serviceRegistries,
    enableExecuteCommand: input.enableExecuteCommand ?? service.spec.enableExecuteCommand,
    enableECSManagedTags: input.enableECSManagedTags ?? service.spec.enableECSManagedTags,
    propagateTags: input.propagateTags ?? service.spec.propagateTags,
  };
  // What does not change is not looked at again: a service can be scaled in though its subnet is gone.
  const elsewhere = launchTypeOf(spec) !== launchTypeOf(service.spec);
  if (input.networkConfiguration !== undefined || input.taskDefinition !== undefined || elsewhere) {
    checkNetwork(context, definition, spec.networkConfiguration, launchTypeOf(spec));
  }
  if (input.loadBalancers !== undefined || input.taskDefinition !== undefined) {
    checkLoadBalancers(context, definition, launchTypeOf(spec), spec.loadBalancers);
  }
  if (input.serviceRegistries !== undefined) {
    checkServiceRegistries(context, definition, spec.serviceRegistries);
  }
  if (spec.enableExecuteCommand && (input.enableExecuteCommand || input.taskDefinition !== undefined)) {
    checkExecuteCommand(definition, undefined, "service couldn't be updated");
  }
  checkPlatformVersion(input.platformVersion, launchTypeOf(spec));
  checkPlacement(input, launchTypeOf(spec));
  if (input.taskDefinition !== undefined || input.capacityProviderStrategy !== undefined) {
    checkRunnable(definition, launchTypeOf(spec));
  }
  return spec;
}

/** The service drains; reconcile/service stops its tasks and makes it INACTIVE. */
export function deleteService(
  input: wire.DeleteServiceRequest,
  context: HandlerContext,
): wire.DeleteServiceResponse {
  const cluster = requireCluster(context, input.cluster);
  const service = requireService(context, cluster, input.service);
  if (service.status === "INACTIVE") throw serviceNotFound();
  if (service.desiredCount > 0 && input.force !== true) {
    throw invalidParameter("The service cannot be stopped while it is scaled above 0.");
  }
  const draining: Service = { ...service, status: "DRAINING", desiredCount: 0 };
  context.store.transaction((tx) => tx.put(services, draining));
  return { service: describeService(context.store, draining, ["TAGS"]) };
}
