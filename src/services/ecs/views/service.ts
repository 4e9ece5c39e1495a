import type * as wire from "@aws-sdk/client-ecs";
import { launchTypeOf } from "../../../model/ecs/capacity-strategy.ts";
import { circuitBreakerThreshold } from "../../../model/ecs/deployment.ts";
import type { Deployment, DeploymentSpec, Service } from "../../../model/ecs/records.ts";
import { instancesFor } from "../../../store/daemons.ts";
import { countTasks, tasksOfDeployment, tasksOfService } from "../../../store/services.ts";
import type { StoreReader } from "../../../store/store.ts";
import { deployments, serviceEvents } from "../../../store/tables/ecs.ts";
import { dateMember } from "./dates.ts";

const SERVICE_LINKED_ROLE = "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";

/** Deployments that DescribeServices shows: the primary first, then older ones that still have tasks. */
export function liveDeployments(store: StoreReader, serviceArn: string): Deployment[] {
  return store
    .where(deployments, "service", serviceArn)
    .filter((deployment) => deployment.status !== "INACTIVE")
    .sort((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt);
}

function rank(deployment: Deployment): number {
  return deployment.status === "PRIMARY" ? 0 : 1;
}

export function describeService(
  store: StoreReader,
  service: Service,
  include: readonly string[] = [],
): wire.Service {
  const counts = countTasks(tasksOfService(store, service.arn));
  const live = service.status === "INACTIVE" ? [] : liveDeployments(store, service.arn);
  const primary = live.find((deployment) => deployment.status === "PRIMARY");
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.clusterArn,
    status: service.status,
    desiredCount: desiredCountOf(store, service),
    runningCount: counts.running,
    pendingCount: counts.pending,
    ...describeSpec(service.spec),
    taskDefinition: service.spec.taskDefinitionArn,
    deploymentConfiguration: service.deploymentConfiguration,
    deployments: live.map((deployment) => describeDeployment(store, service, deployment)),
    events: (store.get(serviceEvents, service.arn)?.events ?? []).map((event) => ({
      id: event.id,
      createdAt: new Date(event.createdAt),
      message: event.message,
    })),
    createdAt: new Date(service.createdAt),
    createdBy: service.createdBy,
    placementConstraints: [...service.placementConstraints],
    placementStrategy: [...service.placementStrategy],
    ...(service.healthCheckGracePeriodSeconds === undefined
      ? {}
      : { healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds }),
    schedulingStrategy: service.schedulingStrategy,
    deploymentController: service.deploymentController,
    enableECSManagedTags: service.spec.enableECSManagedTags,
    propagateTags: service.spec.propagateTags,
    enableExecuteCommand: service.spec.enableExecuteCommand,
    availabilityZoneRebalancing: service.availabilityZoneRebalancing,
    ...(service.spec.networkConfiguration === undefined &&
    service.spec.loadBalancers.length === 0 &&
    service.roleArn === undefined
      ? {}
      : { roleArn: service.roleArn ?? `arn:aws:iam::${service.account}:${SERVICE_LINKED_ROLE}` }),
    ...(primary === undefined ? {} : { currentServiceDeployment: primary.serviceDeploymentArn }),
    currentServiceRevisions: live.map((deployment) => describeRevisionSummary(store, service, deployment)),
    tags: include.includes("TAGS") ? [...service.tags] : [],
  };
}

/** A daemon's is how many instances there are for it. */
function desiredCountOf(store: StoreReader, service: Service): number {
  const daemon = service.schedulingStrategy === "DAEMON" && service.status === "ACTIVE";
  return daemon ? instancesFor(store, service).length : service.desiredCount;
}

function describeSpec(spec: DeploymentSpec): Partial<wire.Service> {
  return {
    ...(spec.launchType === undefined ? {} : { launchType: spec.launchType }),
    ...(spec.capacityProviderStrategy.length === 0
      ? {}
      : { capacityProviderStrategy: [...spec.capacityProviderStrategy] }),
    ...(runsOnFargate(spec)
      ? { platformVersion: spec.platformVersion ?? "LATEST", platformFamily: "Linux" }
      : {}),
    ...(spec.networkConfiguration === undefined
      ? {}
      : { networkConfiguration: describeNetwork(spec.networkConfiguration) }),
    loadBalancers: [...spec.loadBalancers],
    serviceRegistries: [...spec.serviceRegistries],
  };
}

function runsOnFargate(spec: DeploymentSpec): boolean {
  return launchTypeOf(spec) === "FARGATE";
}

function describeNetwork(configuration: wire.NetworkConfiguration): wire.NetworkConfiguration {
  const { awsvpcConfiguration } = configuration;
  if (awsvpcConfiguration === undefined) return configuration;
  return {
    awsvpcConfiguration: {
      ...awsvpcConfiguration,
      securityGroups: awsvpcConfiguration.securityGroups ?? [],
      assignPublicIp: awsvpcConfiguration.assignPublicIp ?? "DISABLED",
    },
  };
}

function describeDeployment(store: StoreReader, service: Service, deployment: Deployment): wire.Deployment {
  const counts = countTasks(tasksOfDeployment(store, deployment.id));
  const {
    loadBalancers: _loadBalancers,
    serviceRegistries: _registries,
    ...spec
  } = describeSpec(deployment.spec);
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.spec.taskDefinitionArn,
    // An older deployment is to have as many tasks as it is still allowed to keep.
    desiredCount: deployment.status === "PRIMARY" ? desiredCountOf(store, service) : counts.wanted,
    pendingCount: counts.pending,
    runningCount: counts.running,
    failedTasks: deployment.failedTasks,
    createdAt: new Date(deployment.createdAt),
    updatedAt: new Date(deployment.updatedAt),
    ...(spec.launchType === undefined ? {} : { launchType: spec.launchType }),
    ...(spec.capacityProviderStrategy === undefined
      ? {}
      : { capacityProviderStrategy: spec.capacityProviderStrategy }),
    ...(spec.platformVersion === undefined
      ? {}
      : { platformVersion: spec.platformVersion, platformFamily: "Linux" }),
    ...(spec.networkConfiguration === undefined ? {} : { networkConfiguration: spec.networkConfiguration }),
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
}

export function describeRevisionSummary(
  store: StoreReader,
  service: Service,
  deployment: Deployment,
): wire.ServiceRevisionSummary {
  const counts = countTasks(tasksOfDeployment(store, deployment.id));
  return {
    arn: deployment.serviceRevisionArn,
    requestedTaskCount: deployment.status === "PRIMARY" ? desiredCountOf(store, service) : 0,
    runningTaskCount: counts.running,
    pendingTaskCount: counts.pending,
  };
}

export function describeServiceDeployment(
  store: StoreReader,
  service: Service,
  deployment: Deployment,
): wire.ServiceDeployment {
  const status = serviceDeploymentStatus(deployment);
  return {
    serviceDeploymentArn: deployment.serviceDeploymentArn,
    serviceArn: service.arn,
    clusterArn: service.clusterArn,
    createdAt: new Date(deployment.createdAt),
    startedAt: new Date(deployment.createdAt),
    updatedAt: new Date(deployment.updatedAt),
    ...dateMember("finishedAt", deployment.finishedAt),
    sourceServiceRevisions: deployment.sourceServiceRevisionArns.map((arn) => ({
      arn,
      requestedTaskCount: 0,
      ...revisionCounts(store, arn),
    })),
    targetServiceRevision: describeRevisionSummary(store, service, deployment),
    status,
    ...(status === "SUCCESSFUL" ? {} : { statusReason: deployment.rolloutStateReason }),
    deploymentConfiguration: service.deploymentConfiguration,
    ...(deployment.rollback === undefined
      ? {}
      : {
          rollback: {
            reason: deployment.rolloutStateReason,
            startedAt: new Date(deployment.rollback.startedAt),
            ...revisionOf(store, deployment.rollback.toDeploymentId),
          },
        }),
    deploymentCircuitBreaker: {
      status: service.deploymentConfiguration.deploymentCircuitBreaker?.enable
        ? deployment.rolloutState === "FAILED"
          ? "TRIGGERED"
          : deployment.rolloutState === "COMPLETED"
            ? "MONITORING_COMPLETE"
            : "MONITORING"
        : "DISABLED",
      failureCount: deployment.failedTasks,
      threshold: circuitBreakerThreshold(service.desiredCount, service.deploymentConfiguration),
    },
  };
}

function revisionCounts(
  store: StoreReader,
  revisionArn: string,
): { runningTaskCount: number; pendingTaskCount: number } {
  const [deployment] = store.where(deployments, "serviceRevision", revisionArn);
  const counts = countTasks(deployment === undefined ? [] : tasksOfDeployment(store, deployment.id));
  return { runningTaskCount: counts.running, pendingTaskCount: counts.pending };
}

function revisionOf(store: StoreReader, deploymentId: string): { serviceRevisionArn?: string } {
  const deployment = store.get(deployments, deploymentId);
  return deployment === undefined ? {} : { serviceRevisionArn: deployment.serviceRevisionArn };
}

function isReturnedTo(deployment: Deployment): boolean {
  return deployment.rolloutState === "IN_PROGRESS" && deployment.finishedAt !== undefined;
}

export function serviceDeploymentStatus(deployment: Deployment): wire.ServiceDeploymentStatus {
  if (deployment.rollback !== undefined) {
    return deployment.rollback.finishedAt === undefined ? "ROLLBACK_IN_PROGRESS" : "ROLLBACK_SUCCESSFUL";
  }
  // One that a roll-back returned to was successful before, and goes on being that.
  if (deployment.rolloutState === "COMPLETED" || isReturnedTo(deployment)) return "SUCCESSFUL";
  if (deployment.rolloutState === "FAILED") return "STOPPED";
  // Replaced by a newer one before it was complete.
  return deployment.status === "PRIMARY" ? "IN_PROGRESS" : "STOPPED";
}

export function describeServiceRevision(service: Service, deployment: Deployment): wire.ServiceRevision {
  const { spec } = deployment;
  return {
    serviceRevisionArn: deployment.serviceRevisionArn,
    serviceArn: service.arn,
    clusterArn: service.clusterArn,
    taskDefinition: spec.taskDefinitionArn,
    createdAt: new Date(deployment.createdAt),
    ...describeSpec(spec),
    guardDutyEnabled: false,
    containerImages: [],
  };
}
