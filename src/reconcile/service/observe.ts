/** Loads what the planner needs to know of a service. */
import { containerHealthOf, containersWithHealthCheck } from "../../model/ecs/container-health.ts";
import type { Service, Task } from "../../model/ecs/records.ts";
import type { Target } from "../../model/elb/records.ts";
import type { StoreReader } from "../../store/store.ts";
import {
  deployments,
  serviceProgress,
  taskDefinitions,
  taskRegistrations,
  tasks,
} from "../../store/tables/ecs.ts";
import { targets as targetTable } from "../../store/tables/elb.ts";
import type { ObservedTarget, ObservedTask, ServiceSnapshot } from "./snapshot.ts";

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
  const address = task.attachment?.privateIpv4Address;
  return {
    task,
    containerHealth: containerHealthOf(task, checkedContainers),
    targets: spec.loadBalancers.flatMap(({ targetGroupArn, containerPort: port }) => {
      if (targetGroupArn === undefined || port === undefined) return [];
      const target =
        address === undefined ? undefined : store.get(targetTable, `${targetGroupArn}|${address}|${port}`);
      return [describeTarget(targetGroupArn, port, target)];
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
