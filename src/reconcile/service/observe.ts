/** Loads what the planner needs to know of a service. */

import { launchTypeOf } from "../../model/ecs/capacity-strategy.ts";
import { containerHealthOf, containersWithHealthCheck } from "../../model/ecs/container-health.ts";
import { capacityOf } from "../../model/ecs/placement/capacity.ts";
import { DEFAULT_STRATEGY, remaining, spreadValue } from "../../model/ecs/placement/strategy.ts";
import type { Service, Task } from "../../model/ecs/records.ts";
import type { Target } from "../../model/elb/records.ts";
import { instancesFor, otherTasksOn } from "../../store/daemons.ts";
import { loadOf } from "../../store/instance-usage.ts";
import type { StoreReader } from "../../store/store.ts";
import { subnets } from "../../store/tables/ec2.ts";
import {
  containerInstances,
  deployments,
  serviceProgress,
  taskDefinitions,
  taskRegistrations,
  tasks,
} from "../../store/tables/ecs.ts";
import { findTarget } from "../../store/targets.ts";
import { targetOfTask } from "../../store/task-endpoints.ts";
import { isRebalanced } from "./rebalance.ts";
import type { ObservedTarget, ObservedTask, ServiceSnapshot, TaskHost } from "./snapshot.ts";

export function observeService(store: StoreReader, service: Service): ServiceSnapshot {
  const checked = new Map<string, ReadonlySet<string>>();
  const checkedContainers = (taskDefinitionArn: string): ReadonlySet<string> => {
    const known =
      checked.get(taskDefinitionArn) ??
      containersWithHealthCheck(store.get(taskDefinitions, taskDefinitionArn));
    checked.set(taskDefinitionArn, known);
    return known;
  };
  return {
    service,
    deployments: store.where(deployments, "service", service.arn),
    tasks: store
      .where(tasks, "service", service.arn)
      .map((task) => observeTask(store, service, task, checkedContainers(task.taskDefinitionArn))),
    progress: store.get(serviceProgress, service.arn),
    registered: store.count(taskRegistrations, "service", service.arn) > 0,
    zones: isRebalanced(service) ? zonesOf(store, service) : [],
    daemonInstances: service.schedulingStrategy === "DAEMON" ? instancesFor(store, service) : [],
  };
}

function observeTask(
  store: StoreReader,
  service: Service,
  task: Task,
  checkedContainers: ReadonlySet<string>,
): ObservedTask {
  const spec =
    (task.deploymentId === undefined ? undefined : store.get(deployments, task.deploymentId)?.spec) ??
    service.spec;
  return {
    task,
    containerHealth: containerHealthOf(task, checkedContainers),
    targets: spec.loadBalancers.flatMap((loadBalancer) => {
      const { targetGroupArn, containerPort } = loadBalancer;
      if (targetGroupArn === undefined || containerPort === undefined) return [];
      const address = targetOfTask(store, task, loadBalancer);
      const target = address === undefined ? undefined : findTarget(store, address);
      return [describeTarget(targetGroupArn, address?.port ?? containerPort, target)];
    }),
    host: describeHost(store, service, task),
  };
}

/** Of its subnets, and under launch type EC2 of the instances that its constraints allow. */
function zonesOf(store: StoreReader, service: Service): string[] {
  const { spec } = service;
  const subnetIds = spec.networkConfiguration?.awsvpcConfiguration?.subnets;
  const ofSubnets = subnetIds?.map((id) => store.get(subnets, id)?.availabilityZone);
  if (launchTypeOf(spec) !== "EC2") return known(ofSubnets ?? []);
  const ofInstances = instancesFor(store, service).map((instance) => capacityOf(instance).availabilityZone);
  return known(ofInstances).filter((zone) => ofSubnets === undefined || ofSubnets.includes(zone));
}

function known(zones: readonly (string | undefined)[]): string[] {
  return [...new Set(zones.filter((zone) => zone !== undefined))];
}

/** Stopped tasks hold nothing and are nowhere. */
function describeHost(store: StoreReader, service: Service, task: Task): TaskHost | undefined {
  const { containerInstanceArn } = task;
  if (containerInstanceArn === undefined || task.lastStatus === "STOPPED") return undefined;
  const instance = store.get(containerInstances, containerInstanceArn);
  if (instance === undefined) return { containerInstanceArn, leaving: true, otherTasks: 0, strategies: [] };
  const capacity = capacityOf(instance);
  const load = loadOf(store, containerInstanceArn);
  const strategies = service.placementStrategy.length > 0 ? service.placementStrategy : DEFAULT_STRATEGY;
  const leaving = instance.status === "DRAINING" || instance.status === "INACTIVE";
  return {
    containerInstanceArn,
    leaving,
    zone: capacity.availabilityZone,
    otherTasks: leaving && service.schedulingStrategy === "DAEMON" ? otherTasksOn(store, instance) : 0,
    strategies: strategies.flatMap(({ type, field = "" }): TaskHost["strategies"][number][] => {
      if (type === "spread") {
        return [{ kind: "spread", value: spreadValue(field)({ instance, capacity }) ?? "" }];
      }
      return type === "binpack" ? [{ kind: "binpack", remaining: remaining({ capacity, load }, field) }] : [];
    }),
  };
}

/** A group that no listener uses, or whose checks are off, gives no verdict: such a target does not hold a task up. */
function describeTarget(targetGroupArn: string, port: number, target: Target | undefined): ObservedTarget {
  const reason = target?.health.description ?? "";
  switch (target?.health.state) {
    case "healthy":
    case "unused":
    case "unavailable":
      return { targetGroupArn, port, state: "healthy", reason };
    case "unhealthy":
      return { targetGroupArn, port, state: "unhealthy", reason };
    default:
      return { targetGroupArn, port, state: "waiting", reason };
  }
}
