/** Where a task is reached from outside of it: its own address under `awsvpc`, else a port of its instance. */
import type { NetworkInterface } from "../model/ec2/records.ts";
import type { DeploymentSpec, Task } from "../model/ecs/records.ts";
import type { StoreReader } from "./store.ts";
import { networkInterfaces } from "./tables/ec2.ts";
import { containerInstances, taskDefinitions } from "./tables/ecs.ts";
import type { TargetAddress } from "./targets.ts";

export interface TaskEndpoint {
  readonly address: string;
  readonly port: number;
  /** Where the port is the instance's and not the task's own. */
  readonly instanceId?: string | undefined;
}

/** `eth0` of an instance. */
export function primaryInterfaceOf(store: StoreReader, instanceId: string): NetworkInterface | undefined {
  return store
    .where(networkInterfaces, "instance", instanceId)
    .find(({ instanceAttachment }) => instanceAttachment?.deviceIndex === 0);
}

/** The EC2 instance that a task was placed on. */
export function instanceIdOf(store: StoreReader, { containerInstanceArn }: Task): string | undefined {
  return containerInstanceArn === undefined
    ? undefined
    : store.get(containerInstances, containerInstanceArn)?.ec2InstanceId;
}

/** Undefined while it has no address, or where that port of that container is not published. */
export function endpointOfTask(
  store: StoreReader,
  task: Task,
  containerName: string | undefined,
  containerPort: number,
): TaskEndpoint | undefined {
  const own = task.attachment?.privateIpv4Address;
  if (own !== undefined) return { address: own, port: containerPort };
  const instanceId = instanceIdOf(store, task);
  if (task.attachment !== undefined || instanceId === undefined) return undefined;
  const address = primaryInterfaceOf(store, instanceId)?.privateIpAddress;
  const port = hostPortOf(store, task, containerName, containerPort);
  return address === undefined || port === undefined ? undefined : { address, port, instanceId };
}

function hostPortOf(
  store: StoreReader,
  task: Task,
  containerName: string | undefined,
  containerPort: number,
): number | undefined {
  const mode = store.get(taskDefinitions, task.taskDefinitionArn)?.definition.networkMode ?? "bridge";
  if (mode === "host") return containerPort;
  return task.containers
    .filter(({ name }) => containerName === undefined || name === containerName)
    .flatMap(({ networkBindings }) => networkBindings ?? [])
    .find((binding) => binding.containerPort === containerPort && binding.protocol !== "udp")?.hostPort;
}

/** The target that the task is for an entry of its service's `loadBalancers`; registered or not. */
export function targetOfTask(
  store: StoreReader,
  task: Task,
  { targetGroupArn, containerName, containerPort }: DeploymentSpec["loadBalancers"][number],
): TargetAddress | undefined {
  if (targetGroupArn === undefined || containerPort === undefined) return undefined;
  const endpoint = endpointOfTask(store, task, containerName, containerPort);
  if (endpoint === undefined) return undefined;
  return { targetGroupArn, targetId: endpoint.instanceId ?? endpoint.address, port: endpoint.port };
}
