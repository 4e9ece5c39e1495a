/** What managed scaling, protection and draining of one Auto Scaling group look at. */
import { countsAsCapacity } from "../../model/autoscaling/lifecycle.ts";
import { groupKey } from "../../model/autoscaling/names.ts";
import type { AutoScalingGroup, AutoScalingInstance } from "../../model/autoscaling/records.ts";
import { findInstanceType } from "../../model/ec2/instance-types.ts";
import { capacityOf } from "../../model/ecs/placement/capacity.ts";
import { needsOf } from "../../model/ecs/placement/needs.ts";
import type { CapacityProvider, Cluster, ContainerInstance, Task } from "../../model/ecs/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { autoScalingInstances } from "../../store/tables/autoscaling.ts";
import {
  capacityProviders,
  clusters,
  containerInstances,
  services,
  taskDefinitions,
  tasks,
} from "../../store/tables/ecs.ts";
import type { Bin, WaitingTask } from "./estimate.ts";

export interface ManagedMember {
  readonly record: AutoScalingInstance;
  readonly containerInstance?: ContainerInstance | undefined;
  /** Tasks on it that have not stopped. */
  readonly tasks: number;
  /** Without those of daemon services. */
  readonly nonDaemonTasks: number;
}

export interface ManagedGroup {
  readonly group: AutoScalingGroup;
  /** The active one that is in a cluster's list; a group belongs to one at most. */
  readonly provider?: CapacityProvider | undefined;
  readonly cluster?: Cluster | undefined;
  readonly members: readonly ManagedMember[];
}

export function observeManagedGroup(store: StoreReader, group: AutoScalingGroup): ManagedGroup {
  const provider = store
    .where(capacityProviders, "autoScalingGroup", group.arn)
    .find(({ status }) => status === "ACTIVE");
  const cluster =
    provider === undefined
      ? undefined
      : store
          .where(clusters, "scope", `${group.account}/${group.region}`)
          .find(
            ({ status, capacityProviders: names }) => status === "ACTIVE" && names.includes(provider.name),
          );
  const members = store
    .where(autoScalingInstances, "group", groupKey(group, group.name))
    .map((record) => observeMember(store, record));
  return { group, provider, cluster, members };
}

function observeMember(store: StoreReader, record: AutoScalingInstance): ManagedMember {
  const containerInstance = store
    .where(containerInstances, "instance", record.instanceId)
    .find(({ status }) => status !== "INACTIVE");
  const held =
    containerInstance === undefined ? [] : store.where(tasks, "containerInstance", containerInstance.arn);
  return {
    record,
    containerInstance,
    tasks: held.length,
    nonDaemonTasks: held.filter((task) => !isDaemon(store, task)).length,
  };
}

function isDaemon(store: StoreReader, { serviceArn }: Task): boolean {
  return serviceArn !== undefined && store.get(services, serviceArn)?.schedulingStrategy === "DAEMON";
}

/** Tasks of the provider that wait for an instance. */
export function waitingTasks(
  store: StoreReader,
  cluster: Cluster,
  provider: CapacityProvider,
): WaitingTask[] {
  return store
    .where(tasks, "unplaced", cluster.arn)
    .filter(
      ({ capacityProviderName, desiredStatus }) =>
        capacityProviderName === provider.name && desiredStatus === "RUNNING",
    )
    .flatMap((task) => {
      const definition = store.get(taskDefinitions, task.taskDefinitionArn);
      if (definition === undefined) return [];
      const service = task.serviceArn === undefined ? undefined : store.get(services, task.serviceArn);
      const constraints = [...(task.placementConstraints ?? []), ...(service?.placementConstraints ?? [])];
      const distinct = constraints.some(({ type }) => type === "distinctInstance");
      return [
        {
          needs: needsOf(definition, task.overrides),
          ...(distinct ? { distinctGroup: task.group } : {}),
        },
      ];
    });
}

/** As the instances that the group has already, else what its instance type is said to have. */
export function binOf({ members }: ManagedGroup, instanceType: string | undefined): Bin | undefined {
  const example = members
    .filter(({ record }) => instanceType === undefined || record.instanceType === instanceType)
    .find(({ containerInstance }) => containerInstance !== undefined)?.containerInstance;
  if (example !== undefined) {
    const { cpu, memory, taskInterfaces, gpus } = capacityOf(example);
    return { cpu, memory, interfaces: taskInterfaces, gpus: gpus.length };
  }
  const type = findInstanceType(instanceType ?? members[0]?.record.instanceType ?? "");
  if (type === undefined) return undefined;
  return {
    cpu: type.vcpus * 1024,
    memory: type.memoryMiB,
    interfaces: Math.max(0, type.maximumInterfaces - 1),
    gpus: type.gpus,
  };
}

export interface Counts {
  readonly inUse: number;
  /** On their way, with room for tasks that wait. */
  readonly incoming: number;
}

/** Members, and those that the group has still to launch, by what they are good for. */
export function countInstances({ group, members }: ManagedGroup, warmupMs: number, now: number): Counts {
  const counted = members.filter(({ record }) => countsAsCapacity(record));
  const warming = ({ record }: ManagedMember): boolean =>
    record.lifecycleState !== "InService" || now - record.since < warmupMs;
  const used = counted.filter(({ nonDaemonTasks }) => nonDaemonTasks > 0).length;
  const idle = counted.filter(({ nonDaemonTasks }) => nonDaemonTasks === 0);
  const coming = idle.filter((member) => member.containerInstance === undefined && warming(member)).length;
  const warm = idle.filter((member) => member.containerInstance !== undefined && warming(member)).length;
  const unlaunched = Math.max(0, group.desiredCapacity - counted.length);
  return { inUse: used + warm + coming + unlaunched, incoming: coming + unlaunched };
}
