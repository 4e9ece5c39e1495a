/** Carries a plan out, in the transaction in which its snapshot was read. */
import type * as wire from "@aws-sdk/client-ecs";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import { newTask } from "../../model/ecs/new-task.ts";
import type { Cluster, Deployment, Service, Task, TaskDefinition } from "../../model/ecs/records.ts";
import { startedTasks } from "../../model/ecs/service-events.ts";
import { mergeTags, type Tag } from "../../model/tags.ts";
import { addServiceEvent } from "../../store/service-events.ts";
import type { Store, Transaction } from "../../store/store.ts";
import {
  clusters,
  deployments,
  serviceEvents,
  serviceProgress,
  services,
  taskDefinitions,
  tasks,
} from "../../store/tables/ecs.ts";
import type { Step } from "./draft.ts";
import type { ServicePlan } from "./plan.ts";
import type { ServiceSnapshot } from "./snapshot.ts";

export interface ServiceReconcilerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Whether the plan changes anything. */
export function applyPlan(
  deps: ServiceReconcilerDeps,
  tx: Transaction,
  snapshot: ServiceSnapshot,
  plan: ServicePlan,
): boolean {
  if (plan.forget) {
    forgetService(tx, snapshot);
    return true;
  }
  if (plan.service !== snapshot.service) tx.put(services, plan.service);
  for (const deployment of plan.deployments) tx.put(deployments, deployment);
  if (plan.progress !== snapshot.progress) tx.put(serviceProgress, plan.progress);
  for (const step of plan.steps) applyStep(deps, tx, plan.service, step);
  return (
    plan.steps.length > 0 ||
    plan.deployments.length > 0 ||
    plan.service !== snapshot.service ||
    plan.progress !== snapshot.progress
  );
}

function applyStep(deps: ServiceReconcilerDeps, tx: Transaction, service: Service, step: Step): void {
  switch (step.kind) {
    case "say":
      addServiceEvent(tx, deps.store, deps, service.arn, step.message);
      break;
    case "stop":
      stopTask(deps, tx, step.task, step.reason);
      break;
    case "start":
      startTasks(deps, tx, service, step);
      break;
  }
}

/** Writes what should be; `lastStatus` follows when reconcile/task makes it so. */
function stopTask({ clock }: ServiceReconcilerDeps, tx: Transaction, task: Task, reason: string): void {
  tx.put(tasks, {
    ...task,
    desiredStatus: "STOPPED",
    stopCode: "ServiceSchedulerInitiated",
    stoppedReason: reason,
    stoppingAt: clock.now(),
  });
}

function startTasks(
  deps: ServiceReconcilerDeps,
  tx: Transaction,
  service: Service,
  step: Extract<Step, { kind: "start" }>,
): void {
  const { store, random } = deps;
  const deployment = store.get(deployments, step.deploymentId);
  const cluster = store.get(clusters, service.clusterArn);
  const definition =
    deployment === undefined ? undefined : store.get(taskDefinitions, deployment.spec.taskDefinitionArn);
  if (deployment === undefined || cluster === undefined || definition === undefined) {
    throw new Error(`service ${service.arn} cannot start tasks: its cluster or task definition is missing`);
  }
  const started: string[] = [];
  for (let i = 0; i < step.count; i++) {
    const siblings = store.where(tasks, "deployment", deployment.id);
    const provider = pickCapacityProvider(deployment.spec.capacityProviderStrategy, siblings);
    const parts = describeTask(deps, { service, deployment, cluster, definition, provider });
    // Spread over the zones among all tasks of the service, also those of the deployment that it replaces.
    const task = newTask({ ...parts, siblings: store.where(tasks, "service", service.arn) }, random);
    tx.put(tasks, task);
    started.push(task.taskId);
  }
  addServiceEvent(tx, store, deps, service.arn, startedTasks(service.name, started, step.replacing));
}

interface TaskSource {
  readonly service: Service;
  readonly deployment: Deployment;
  readonly cluster: Cluster;
  readonly definition: TaskDefinition;
  readonly provider: string | undefined;
}

function describeTask({ clock }: ServiceReconcilerDeps, source: TaskSource): Parameters<typeof newTask>[0] {
  const { service, deployment, cluster, definition, provider } = source;
  const { spec } = deployment;
  return {
    scope: { account: service.account, region: service.region },
    cluster,
    definition,
    group: `service:${service.name}`,
    launchType: provider === undefined ? (spec.launchType ?? "FARGATE") : "FARGATE",
    serviceArn: service.arn,
    deploymentId: deployment.id,
    startedBy: deployment.id,
    capacityProviderName: provider,
    platformVersion: spec.platformVersion,
    networkConfiguration: spec.networkConfiguration,
    enableExecuteCommand: spec.enableExecuteCommand,
    tags: tagsOfTask(source),
    createdAt: clock.now(),
  };
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

/** The base of one provider first, then by weight, counting the deployment's tasks that are meant to run. */
function pickCapacityProvider(
  strategy: readonly wire.CapacityProviderStrategyItem[],
  siblings: readonly Task[],
): string | undefined {
  const counts = new Map<string | undefined, number>();
  for (const task of siblings) {
    if (task.desiredStatus !== "RUNNING") continue;
    counts.set(task.capacityProviderName, (counts.get(task.capacityProviderName) ?? 0) + 1);
  }
  const held = (item: wire.CapacityProviderStrategyItem): number => counts.get(item.capacityProvider) ?? 0;
  const base = strategy.find((item) => held(item) < (item.base ?? 0));
  if (base !== undefined) return base.capacityProvider;
  const weighted = strategy.filter((item) => (item.weight ?? 0) > 0);
  const share = (item: wire.CapacityProviderStrategyItem): number =>
    (Math.max(0, held(item) - (item.base ?? 0)) + 1) / (item.weight ?? 1);
  return [...weighted].sort((a, b) => share(a) - share(b))[0]?.capacityProvider;
}

/** Stopped tasks are left to their own retention. */
function forgetService(tx: Transaction, { service, deployments: all }: ServiceSnapshot): void {
  for (const deployment of all) tx.delete(deployments, deployment.id);
  tx.delete(serviceEvents, service.arn);
  tx.delete(serviceProgress, service.arn);
  tx.delete(services, service.arn);
}
