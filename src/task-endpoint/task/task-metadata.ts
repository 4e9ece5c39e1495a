/** A task as the task metadata endpoint shows it (amazon-ecs-agent, `agent/handlers/v2/response.go` and `/v4`). */
import type { Task } from "../../model/ecs/records.ts";
import type { Tag } from "../../model/tags.ts";
import type { StoreReader } from "../../store/store.ts";
import { subnets } from "../../store/tables/ec2.ts";
import { clusters, containerInstances, services } from "../../store/tables/ecs.ts";
import { describeContainer, describePause, knownStatus, type ShownTask, time } from "./container-metadata.ts";

export function describeTask(shown: ShownTask, withTags: boolean): object {
  const { store, task, definition, version } = shown;
  const cpu = vcpusOf(task.overrides.cpu ?? definition.definition.cpu);
  const memory = mibOf(task.overrides.memory ?? definition.definition.memory);
  const limits = {
    ...(cpu === undefined ? {} : { CPU: cpu }),
    ...(memory === undefined ? {} : { Memory: memory }),
  };
  return {
    Cluster: clusterOf(store, task),
    TaskARN: task.arn,
    Family: definition.family,
    Revision: String(definition.revision),
    DesiredStatus: task.desiredStatus,
    KnownStatus: taskKnownStatus(task),
    ...(Object.keys(limits).length === 0 ? {} : { Limits: limits }),
    ...time("PullStartedAt", task.pullStartedAt),
    ...time("PullStoppedAt", task.pullStoppedAt),
    ...time("ExecutionStoppedAt", task.executionStoppedAt),
    ...(task.availabilityZone === undefined ? {} : { AvailabilityZone: task.availabilityZone }),
    ...(withTags ? tagMembers(store, task) : {}),
    ...(version === "v4" ? { LaunchType: task.launchType } : {}),
    Containers: [
      ...task.containers
        .filter(
          ({ runtimeId, imageId }) => runtimeId !== undefined || (version === "v4" && imageId !== undefined),
        )
        .map((container) => describeContainer(shown, container)),
      ...describePause(shown),
    ],
    ...(version === "v4" ? moreOfTask(shown) : {}),
  };
}

/** CPU units as text (`256`), or vCPUs (`.25 vCPU`). */
function vcpusOf(cpu: string | undefined): number | undefined {
  const [, number, unit] = /^\s*([\d.]+)\s*(vcpu)?\s*$/i.exec(cpu ?? "") ?? [];
  const value = Number(number);
  return value > 0 ? value / (unit === undefined ? 1024 : 1) : undefined;
}

/** MiB as text (`512`), or GB (`1 GB`). */
function mibOf(memory: string | undefined): number | undefined {
  const [, number, unit] = /^\s*([\d.]+)\s*(gb|mb)?\s*$/i.exec(memory ?? "") ?? [];
  const value = Number(number);
  return value > 0 ? Math.round(value * (unit?.toLowerCase() === "gb" ? 1024 : 1)) : undefined;
}

/** The cluster is known to the agent of an instance by the name in its configuration, on Fargate by its ARN. */
function clusterOf(store: StoreReader, { launchType, clusterArn }: Task): string {
  return launchType === "FARGATE"
    ? clusterArn
    : (store.get(clusters, clusterArn)?.name ?? clusterArn.split("/").at(-1) ?? "");
}

const STATES = ["NONE", "PULLED", "CREATED", "RUNNING", "STOPPED"];

/** Where the one is that has come least far. */
function taskKnownStatus({ containers }: Task): string {
  const reached = containers.map((container) => STATES.indexOf(knownStatus(container)));
  return STATES[Math.min(...reached)] ?? "NONE";
}

/** A member without tags is left out, as the agent's encoding has it. */
function tagMembers(store: StoreReader, { tags, containerInstanceArn }: Task): object {
  const instance = store.get(containerInstances, containerInstanceArn ?? "");
  return {
    ...(tags.length === 0 ? {} : { TaskTags: tagsByKey(tags) }),
    ...(instance === undefined || instance.tags.length === 0
      ? {}
      : { ContainerInstanceTags: tagsByKey(instance.tags) }),
  };
}

function tagsByKey(tags: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

function moreOfTask({ store, task, definition }: ShownTask): object {
  const subnet = store.get(subnets, task.attachment?.subnetId ?? "");
  const onInstance = task.launchType === "EC2";
  const vpcId = onInstance ? vpcOf(store, task) : undefined;
  const service = task.serviceArn === undefined ? undefined : store.get(services, task.serviceArn);
  return {
    ...(vpcId === undefined ? {} : { VPCID: vpcId }),
    ...(service === undefined ? {} : { ServiceName: service.name }),
    FaultInjectionEnabled: definition.definition.enableFaultInjection === true,
    ...(onInstance && subnet !== undefined ? { AvailabilityZoneID: subnet.availabilityZoneId } : {}),
  };
}

function vpcOf(store: StoreReader, { containerInstanceArn }: Task): string | undefined {
  return store
    .get(containerInstances, containerInstanceArn ?? "")
    ?.attributes.find(({ name }) => name === "ecs.vpc-id")?.value;
}
