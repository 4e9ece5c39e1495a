/** The new tasks of a service: made, and under launch type EC2 placed, in the transaction of its plan. */
import { launchTypeOf, pickCapacityProvider } from "../../model/ecs/capacity-strategy.ts";
import { type NewTask, newTask } from "../../model/ecs/new-task.ts";
import { capacityOf } from "../../model/ecs/placement/capacity.ts";
import type { PlacementOutcome, PlacementRequest } from "../../model/ecs/placement/outcome.ts";
import { MOST_PROVISIONING_TASKS } from "../../model/ecs/placement/provisioning.ts";
import type {
  Cluster,
  ContainerInstance,
  Deployment,
  Service,
  Task,
  TaskDefinition,
} from "../../model/ecs/records.ts";
import * as say from "../../model/ecs/service-events.ts";
import { mergeTags, type Tag } from "../../model/tags.ts";
import { bringsInstances } from "../../store/capacity-providers.ts";
import { instancesAwaitingDaemons } from "../../store/daemons.ts";
import { onInstance, placeTask } from "../../store/placement.ts";
import type { Transaction } from "../../store/store.ts";
import { subnets } from "../../store/tables/ec2.ts";
import { clusters, containerInstances, deployments, taskDefinitions, tasks } from "../../store/tables/ecs.ts";
import type { ServiceReconcilerDeps } from "./apply.ts";
import type { Step } from "./draft.ts";

export interface Launch {
  readonly started: readonly Task[];
  /** Why the rest was not started, as the service's events tell it. */
  readonly refusal?: string | undefined;
}

type StartStep = Extract<Step, { kind: "start" }>;

interface TaskSource {
  readonly service: Service;
  readonly deployment: Deployment;
  readonly cluster: Cluster;
  readonly definition: TaskDefinition;
}

/** As many as can be placed: the first refusal ends it, but a daemon's does not keep others from other instances. */
export function launchTasks(
  deps: ServiceReconcilerDeps,
  tx: Transaction,
  service: Service,
  step: StartStep,
): Launch {
  const source = sourceOf(deps, service, step.deploymentId);
  const awaiting =
    step.on === undefined ? instancesAwaitingDaemons(deps.store, service.clusterArn) : undefined;
  const siblings = deps.store.where(tasks, "service", service.arn);
  const started: Task[] = [];
  let refusal: string | undefined;
  for (let i = 0; i < step.count; i++) {
    const instanceArn = step.on?.[i];
    const among = (instance: ContainerInstance): boolean =>
      instanceArn === undefined
        ? awaiting?.has(instance.arn) !== true &&
          (step.zone === undefined || capacityOf(instance).availabilityZone === step.zone)
        : instance.arn === instanceArn;
    const parts = {
      ...describeTask(deps, source, siblings, instanceArn),
      ...subnetsIn(deps, source, step.zone),
    };
    const place = parts.launchType === "EC2" ? findPlace(deps, source, parts, among) : {};
    if ("refusal" in place) {
      refusal ??= place.refusal;
      if (step.on === undefined) break;
      continue;
    }
    const task = newTask({ ...parts, ...place, siblings }, deps.random);
    tx.put(tasks, task);
    started.push(task);
    siblings.push(task);
  }
  return { started, refusal };
}

function subnetsIn(
  { store }: ServiceReconcilerDeps,
  { deployment }: TaskSource,
  zone: string | undefined,
): Pick<NewTask, "subnetIds"> {
  if (zone === undefined) return {};
  const given = deployment.spec.networkConfiguration?.awsvpcConfiguration?.subnets;
  return { subnetIds: given?.filter((id) => store.get(subnets, id)?.availabilityZone === zone) };
}

function sourceOf({ store }: ServiceReconcilerDeps, service: Service, deploymentId: string): TaskSource {
  const deployment = store.get(deployments, deploymentId);
  const cluster = store.get(clusters, service.clusterArn);
  const definition =
    deployment === undefined ? undefined : store.get(taskDefinitions, deployment.spec.taskDefinitionArn);
  if (deployment === undefined || cluster === undefined || definition === undefined) {
    throw new Error(`service ${service.arn} cannot start tasks: its cluster or task definition is missing`);
  }
  return { service, deployment, cluster, definition };
}

type Place = Partial<NewTask> | { readonly refusal: string };

function findPlace(
  { store, random }: ServiceReconcilerDeps,
  { service, deployment, cluster, definition }: TaskSource,
  { capacityProviderName, group }: NewTask,
  among: PlacementRequest["among"],
): Place {
  const { placementConstraints, placementStrategy } = service;
  const request: PlacementRequest = {
    clusterArn: cluster.arn,
    definition,
    group,
    serviceArn: service.arn,
    deploymentId: deployment.id,
    placementConstraints,
    placementStrategy,
    networkConfiguration: deployment.spec.networkConfiguration,
    capacityProviderName,
    among,
  };
  const outcome = placeTask(store, request, random);
  if (outcome.kind === "placed") {
    return onInstance(store, outcome.containerInstance, deployment.spec.networkConfiguration);
  }
  if (capacityProviderName !== undefined && bringsInstances(store, service, capacityProviderName)) {
    return store.count(tasks, "unplaced", cluster.arn) < MOST_PROVISIONING_TASKS
      ? {}
      : { refusal: say.provisioningLimitExceeded(service.name) };
  }
  return { refusal: describeRefusal(store, service.name, outcome, capacityProviderName) };
}

function describeRefusal(
  store: ServiceReconcilerDeps["store"],
  serviceName: string,
  outcome: Exclude<PlacementOutcome, { kind: "placed" }>,
  capacityProviderName: string | undefined,
): string {
  const closest = outcome.kind === "refused" ? outcome.failures[0] : undefined;
  const instance =
    closest === undefined ? undefined : store.get(containerInstances, closest.containerInstanceArn);
  if (closest === undefined || instance === undefined) {
    return capacityProviderName === undefined
      ? say.noInstancesInCluster(serviceName)
      : say.noInstancesInProvider(serviceName);
  }
  const { containerInstanceId } = instance;
  return say.unableToPlace(serviceName, { containerInstanceId, reason: closest.reason });
}

function describeTask(
  { clock, store }: ServiceReconcilerDeps,
  source: TaskSource,
  siblings: readonly Task[],
  instanceArn: string | undefined,
): NewTask {
  const { service, deployment, cluster, definition } = source;
  const { spec } = deployment;
  const provider =
    instanceArn === undefined
      ? nextProvider(siblings, deployment)
      : store.get(containerInstances, instanceArn)?.capacityProviderName;
  return {
    scope: { account: service.account, region: service.region },
    cluster,
    definition,
    group: `service:${service.name}`,
    launchType: launchTypeOf(spec),
    serviceArn: service.arn,
    deploymentId: deployment.id,
    startedBy: deployment.id,
    capacityProviderName: spec.capacityProviderStrategy.length === 0 ? undefined : provider,
    platformVersion: spec.platformVersion,
    networkConfiguration: spec.networkConfiguration,
    enableExecuteCommand: spec.enableExecuteCommand,
    tags: tagsOfTask(source),
    createdAt: clock.now(),
  };
}

/** Among the deployment's tasks that are meant to run. */
function nextProvider(siblings: readonly Task[], { id, spec }: Deployment): string | undefined {
  if (spec.capacityProviderStrategy.length === 0) return undefined;
  const counts = new Map<string | undefined, number>();
  for (const { deploymentId, desiredStatus, capacityProviderName } of siblings) {
    if (deploymentId !== id || desiredStatus !== "RUNNING") continue;
    counts.set(capacityProviderName, (counts.get(capacityProviderName) ?? 0) + 1);
  }
  return pickCapacityProvider(spec.capacityProviderStrategy, (name) => counts.get(name) ?? 0);
}

/** propagateTags and enableECSManagedTags (Amazon ECS developer guide, "How Amazon ECS resources are tagged"). */
function tagsOfTask({ service, deployment, cluster, definition }: TaskSource): Tag[] {
  const { propagateTags, enableECSManagedTags } = deployment.spec;
  const propagated =
    propagateTags === "SERVICE" ? service.tags : propagateTags === "TASK_DEFINITION" ? definition.tags : [];
  const managed = enableECSManagedTags
    ? [
        { key: "aws:ecs:clusterName", value: cluster.name },
        { key: "aws:ecs:serviceName", value: service.name },
      ]
    : [];
  return mergeTags(propagated, managed);
}
