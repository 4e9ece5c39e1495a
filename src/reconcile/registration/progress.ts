/** What reconcile/task waits for: a task is ACTIVATING until it is registered, DEACTIVATING until it is not. */
import type { DeploymentSpec, Task, TaskRegistration } from "../../model/ecs/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { discoveryInstances } from "../../store/tables/cloudmap.ts";
import { deployments, services, taskRegistrations } from "../../store/tables/ecs.ts";
import { targets } from "../../store/tables/elb.ts";

/** What the task runs by: its deployment, else its service; nothing for a task without a service. */
export function specOf(store: StoreReader, task: Task): DeploymentSpec | undefined {
  if (task.serviceArn === undefined) return undefined;
  const deployment = task.deploymentId === undefined ? undefined : store.get(deployments, task.deploymentId);
  return deployment?.spec ?? store.get(services, task.serviceArn)?.spec;
}

/** Whether the task may become RUNNING: nothing to register, or all of it registered. */
export function registrationComplete(store: StoreReader, task: Task): boolean {
  const spec = specOf(store, task);
  if (spec === undefined) return true;
  if (spec.loadBalancers.length === 0 && spec.serviceRegistries.length === 0) return true;
  return store.get(taskRegistrations, task.arn) !== undefined;
}

/** Whether the task may go on stopping: its Cloud Map instance is gone, and its targets have drained. */
export function deregistrationComplete(store: StoreReader, task: Task): boolean {
  const registration = store.get(taskRegistrations, task.arn);
  return registration === undefined || isDeregistered(store, registration);
}

export function isDeregistered(store: StoreReader, registration: TaskRegistration): boolean {
  return (
    registration.instances.every(
      ({ serviceId, instanceId }) =>
        store.get(discoveryInstances, `${serviceId}|${instanceId}`) === undefined,
    ) &&
    registration.targets.every(
      ({ targetGroupArn, targetId, port }) =>
        store.get(targets, `${targetGroupArn}|${targetId}|${port}`) === undefined,
    )
  );
}
