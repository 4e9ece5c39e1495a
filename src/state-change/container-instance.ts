/** ECS Container Instance State Change (developer guide, "Amazon ECS container instance state change events"). */
import type { ContainerInstance, Task } from "../model/ecs/records.ts";
import { describeContainerInstance } from "../services/ecs/views/container-instance.ts";
import type { StoreReader } from "../store/store.ts";
import { containerInstances } from "../store/tables/ecs.ts";
import type { Announcement } from "./announce.ts";

/** Undefined when its state did not change: `version` counts what is told (API reference, ContainerInstance). */
export function announceContainerInstance(
  store: StoreReader,
  before: ContainerInstance | undefined,
  after: ContainerInstance | undefined,
): Announcement | undefined {
  if (after === undefined || before?.version === after.version) return undefined;
  return {
    source: "aws.ecs",
    detailType: "ECS Container Instance State Change",
    resources: [after.arn],
    detail: (now) => ({ ...instanceDetail(store, after), updatedAt: new Date(now) }),
  };
}

/** In the next version, when the task has just taken its resources there or has given them back. */
export function instanceWithOtherResources(
  store: StoreReader,
  before: Task | undefined,
  after: Task | undefined,
): ContainerInstance | undefined {
  if (holdsResources(before) === holdsResources(after)) return undefined;
  const instance = store.get(containerInstances, (after ?? before)?.containerInstanceArn ?? "");
  return instance === undefined ? undefined : { ...instance, version: instance.version + 1 };
}

function holdsResources(task: Task | undefined): boolean {
  return task?.containerInstanceArn !== undefined && task.lastStatus !== "STOPPED";
}

function instanceDetail(store: StoreReader, instance: ContainerInstance): object {
  const {
    tags: _tags,
    attachments: _attachments,
    capacityProviderName: _provider,
    ...shown
  } = describeContainerInstance(store, instance);
  return { ...shown, clusterArn: instance.clusterArn };
}
