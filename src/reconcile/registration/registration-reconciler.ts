/**
 * Registers tasks of services with their target groups and in Cloud Map, before they are RUNNING, and takes them out
 * again as soon as they are to stop. What was registered is recorded with the task's ARN in the transaction that
 * registers, so that it is found again whatever has become of the task, its deployment, and its service.
 */

import type * as wire from "@aws-sdk/client-ecs";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import { containerHealthOf, containersWithHealthCheck } from "../../model/ecs/container-health.ts";
import type { DeploymentSpec, Service, Task, TaskRegistration } from "../../model/ecs/records.ts";
import {
  deregisteredTargets,
  drainingConnections,
  failedToRegisterTargets,
  registeredTargets,
} from "../../model/ecs/service-events.ts";
import { deregisterInstance, registerInstance, setInstanceHealth } from "../../store/discovery.ts";
import { addServiceEvent } from "../../store/service-events.ts";
import type { Store, Transaction } from "../../store/store.ts";
import { discoveryInstances, discoveryServices } from "../../store/tables/cloudmap.ts";
import { instances } from "../../store/tables/ec2.ts";
import { clusters, services, taskDefinitions, taskRegistrations, tasks } from "../../store/tables/ecs.ts";
import { targetGroups, targets } from "../../store/tables/elb.ts";
import {
  deregisterTarget,
  findTarget,
  registerTarget,
  type TargetAddress,
  targetKey,
} from "../../store/targets.ts";
import {
  endpointOfTask,
  instanceIdOf,
  primaryInterfaceOf,
  targetOfTask,
} from "../../store/task-endpoints.ts";
import { Controller, type ReconcileResult } from "../controller.ts";
import { discoveryServiceId, planInstanceAttributes, planInstanceHealth } from "./plan.ts";
import { isDeregistered, specOf } from "./progress.ts";

const DELAY_ATTRIBUTE = "deregistration_delay.timeout_seconds";
/** How long after the end of its delay a target is left to reconcile/load-balancer. */
const DRAIN_SLACK_MS = 30_000;

export interface RegistrationReconcilerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export function createRegistrationReconciler(deps: RegistrationReconcilerDeps): {
  start(): void;
  stop(): Promise<void>;
} {
  const { store, clock, log } = deps;
  const controller = new Controller({
    name: "registration",
    clock,
    log,
    reconcile: async (taskArn) => reconcileRegistration(deps, taskArn),
  });
  return {
    start() {
      store.onChange(tasks, ({ key, before, after }) => {
        if ((after ?? before)?.serviceArn !== undefined) controller.enqueue(key);
      });
      store.onChange(targets, ({ key, after }) => {
        if (after !== undefined && after.deregisteredAt === undefined) return;
        for (const { taskArn } of store.where(taskRegistrations, "target", key)) controller.enqueue(taskArn);
      });
      store.onChange(discoveryInstances, ({ key, after }) => {
        if (after !== undefined) return;
        for (const { taskArn } of store.where(taskRegistrations, "instance", key))
          controller.enqueue(taskArn);
      });
      for (const task of store.list(tasks)) {
        if (task.serviceArn !== undefined) controller.enqueue(task.arn);
      }
      for (const { taskArn } of store.list(taskRegistrations)) controller.enqueue(taskArn);
    },
    stop: () => controller.stop(),
  };
}

/** One look at one task; whatever it does, it does in one transaction, service events included. */
export function reconcileRegistration(
  deps: RegistrationReconcilerDeps,
  taskArn: string,
): ReconcileResult | undefined {
  const { store } = deps;
  const task = store.get(tasks, taskArn);
  const registration = store.get(taskRegistrations, taskArn);
  const mayBeRegistered =
    task?.desiredStatus === "RUNNING" && (task.lastStatus === "ACTIVATING" || task.lastStatus === "RUNNING");
  if (registration === undefined) {
    if (mayBeRegistered) registerTask(deps, task);
    return undefined;
  }
  if (mayBeRegistered) {
    reportHealth(deps, task, registration);
    return undefined;
  }
  return deregisterTask(deps, task, registration);
}

function registerTask(deps: RegistrationReconcilerDeps, task: Task): void {
  const { store, clock } = deps;
  const spec = specOf(store, task);
  const service = task.serviceArn === undefined ? undefined : store.get(services, task.serviceArn);
  const address = addressOf(store, task);
  if (spec === undefined || service === undefined || address === undefined) return;
  if (spec.loadBalancers.length === 0 && spec.serviceRegistries.length === 0) return;
  store.transaction((tx) => {
    const found = spec.loadBalancers
      .flatMap((loadBalancer) => targetOfTask(store, task, loadBalancer) ?? [])
      .filter((target) => isRegistrable(deps, tx, service, task, target));
    for (const target of found) registerTaskTarget(deps, tx, service, task, target);
    tx.put(taskRegistrations, {
      account: task.account,
      region: task.region,
      taskArn: task.arn,
      serviceArn: service.arn,
      targets: found,
      instances: registerTaskInstances(deps, tx, { task, service, spec, address }),
      registeredAt: clock.now(),
    });
  });
}

/** The task's own address, else its instance's. */
function addressOf(store: Store, task: Task): string | undefined {
  if (task.attachment !== undefined) return task.attachment.privateIpv4Address;
  const instanceId = instanceIdOf(store, task);
  return instanceId === undefined ? undefined : primaryInterfaceOf(store, instanceId)?.privateIpAddress;
}

function isRegistrable(
  deps: RegistrationReconcilerDeps,
  tx: Transaction,
  service: Service,
  task: Task,
  { targetGroupArn, targetId }: TargetAddress,
): boolean {
  const { store, log } = deps;
  const group = store.get(targetGroups, targetGroupArn);
  if (group === undefined) {
    log.warn("a task is not registered: no such target group", { task: task.arn, targetGroupArn });
    return false;
  }
  const instance = store.get(instances, targetId);
  if (instance === undefined || instance.vpcId === group.vpcId) return true;
  const problem = `The following targets are not in the target group VPC '${group.vpcId}': '${targetId}'`;
  const message = failedToRegisterTargets(service.name, targetGroupArn, problem);
  addServiceEvent(tx, store, deps, service.arn, message);
  return false;
}

/** The port of the SRV record. */
function portOf(store: Store, task: Task, registry: wire.ServiceRegistry): number | undefined {
  const { port, containerName, containerPort } = registry;
  if (task.attachment !== undefined) return port ?? containerPort;
  return containerPort === undefined ? port : endpointOfTask(store, task, containerName, containerPort)?.port;
}

function registerTaskTarget(
  deps: RegistrationReconcilerDeps,
  tx: Transaction,
  service: Service,
  task: Task,
  target: TargetAddress,
): void {
  const { store, clock } = deps;
  registerTarget(tx, store, {
    account: task.account,
    region: task.region,
    ...target,
    availabilityZone: task.availabilityZone,
    registeredAt: clock.now(),
  });
  addServiceEvent(tx, store, deps, service.arn, registeredTargets(service.name, 1, target.targetGroupArn));
}

interface RegistrationSource {
  readonly task: Task;
  readonly service: Service;
  readonly spec: DeploymentSpec;
  readonly address: string;
}

function registerTaskInstances(
  { store, log }: RegistrationReconcilerDeps,
  tx: Transaction,
  { task, service, spec, address }: RegistrationSource,
): TaskRegistration["instances"] {
  return spec.serviceRegistries.flatMap((registry) => {
    const serviceId = discoveryServiceId(registry);
    const discovery = serviceId === undefined ? undefined : store.get(discoveryServices, serviceId);
    if (discovery === undefined) {
      log.warn("a task is not registered: no such Cloud Map service", {
        task: task.arn,
        registry: registry.registryArn,
      });
      return [];
    }
    const attributes = planInstanceAttributes(discovery, {
      task,
      address,
      port: portOf(store, task, registry),
      instanceId: instanceIdOf(store, task),
      serviceName: service.name,
      clusterName: store.get(clusters, service.clusterArn)?.name ?? "",
      family: store.get(taskDefinitions, task.taskDefinitionArn)?.family ?? "",
      hasHealthCheck: containersWithHealthCheck(store.get(taskDefinitions, task.taskDefinitionArn)).size > 0,
    });
    registerInstance(tx, discovery, { instanceId: task.taskId, attributes });
    return [{ serviceId: discovery.id, instanceId: task.taskId }];
  });
}

/** The custom health status of the task's instances, where their Cloud Map service has one. */
function reportHealth(
  { store }: RegistrationReconcilerDeps,
  task: Task,
  registration: TaskRegistration,
): void {
  const checked = containersWithHealthCheck(store.get(taskDefinitions, task.taskDefinitionArn));
  const health = planInstanceHealth(task, containerHealthOf(task, checked));
  if (health === undefined) return;
  for (const { serviceId, instanceId } of registration.instances) {
    if (store.get(discoveryServices, serviceId)?.healthCheckCustomConfig === undefined) continue;
    store.transaction((tx) => setInstanceHealth(tx, store, serviceId, instanceId, health));
  }
}

/** Takes the instance out and lets the targets drain; the registration goes when the last of them is gone. */
function deregisterTask(
  deps: RegistrationReconcilerDeps,
  task: Task | undefined,
  registration: TaskRegistration,
): ReconcileResult | undefined {
  const { store } = deps;
  return store.transaction((tx) => {
    for (const { serviceId, instanceId } of registration.instances) {
      deregisterInstance(tx, store, serviceId, instanceId);
    }
    const serving = registration.targets.filter((target) => {
      const existing = findTarget(store, target);
      return existing !== undefined && existing.deregisteredAt === undefined;
    });
    if (serving.length > 0) deregisterTaskTargets(deps, tx, task, registration, serving);
    const againAfterMs = dropDrained(deps, tx, registration);
    if (isDeregistered(store, registration)) tx.delete(taskRegistrations, registration.taskArn);
    return againAfterMs === undefined ? undefined : { againAfterMs };
  });
}

/**
 * reconcile/load-balancer deletes targets that have drained. Should nobody do so, because the load balancer went away
 * meanwhile, a task must not wait for it for ever.
 * @returns when to look again, in milliseconds from now, while something drains
 */
function dropDrained(
  { store, clock }: RegistrationReconcilerDeps,
  tx: Transaction,
  registration: TaskRegistration,
): number | undefined {
  let remainingMs: number | undefined;
  for (const address of registration.targets) {
    const target = findTarget(store, address);
    if (target?.deregisteredAt === undefined) continue;
    const delay = store.get(targetGroups, address.targetGroupArn)?.attributes[DELAY_ATTRIBUTE];
    const delayMs = (delay === undefined ? 300 : Number(delay)) * 1000;
    const overdueInMs = target.deregisteredAt + delayMs + DRAIN_SLACK_MS - clock.now();
    if (overdueInMs <= 0) tx.delete(targets, targetKey(address));
    else remainingMs = Math.min(remainingMs ?? overdueInMs, overdueInMs);
  }
  return remainingMs;
}

function deregisterTaskTargets(
  deps: RegistrationReconcilerDeps,
  tx: Transaction,
  task: Task | undefined,
  registration: TaskRegistration,
  serving: readonly TargetAddress[],
): void {
  const { store, clock } = deps;
  const { serviceArn } = registration;
  const serviceName = store.get(services, serviceArn)?.name ?? "";
  for (const target of serving) {
    deregisterTarget(tx, store, { ...target, deregisteredAt: clock.now() });
    addServiceEvent(tx, store, deps, serviceArn, deregisteredTargets(serviceName, 1, target.targetGroupArn));
  }
  addServiceEvent(tx, store, deps, serviceArn, drainingConnections(serviceName, task?.deploymentId, 1));
}
