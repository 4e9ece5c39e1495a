/**
 * ECS Task State Change (developer guide, "Amazon ECS task state change events"): what DescribeTasks shows of the
 * task, without its health and tags, in the event's own words for attachments and agents.
 */
import type * as wire from "@aws-sdk/client-ecs";
import type { Task } from "../model/ecs/records.ts";
import { describeTask } from "../services/ecs/views/task.ts";
import type { StoreReader } from "../store/store.ts";
import type { Announcement } from "./announce.ts";

/** Undefined when its state did not change; that it is forgotten an hour after it stopped is no change of state. */
export function announceTask(
  store: StoreReader,
  before: Task | undefined,
  after: Task | undefined,
): Announcement | undefined {
  if (after === undefined || before?.version === after.version) return undefined;
  return {
    source: "aws.ecs",
    detailType: "ECS Task State Change",
    resources: [after.arn],
    detail: (now) => ({ ...taskDetail(describeTask(store, after)), updatedAt: new Date(now) }),
  };
}

function taskDetail(task: wire.Task): object {
  const {
    healthStatus: _health,
    tags: _tags,
    platformFamily: _family,
    fargateEphemeralStorage: _storage,
    ...shown
  } = task;
  return {
    ...shown,
    attachments: (task.attachments ?? []).map((attachment) => ({ ...attachment, type: "eni" })),
    containers: (task.containers ?? []).map(containerDetail),
    overrides: overridesDetail(task.overrides ?? {}),
  };
}

function containerDetail(container: wire.Container): object {
  const { healthStatus: _health, networkBindings = [], managedAgents, ...shown } = container;
  return {
    ...shown,
    ...(networkBindings.length === 0 ? {} : { networkBindings }),
    ...(managedAgents === undefined
      ? {}
      : {
          managedAgents: managedAgents.map(({ lastStatus, ...agent }) => ({ ...agent, status: lastStatus })),
        }),
  };
}

function overridesDetail(overrides: wire.TaskOverride): object {
  const { inferenceAcceleratorOverrides = [], ...shown } = overrides;
  return inferenceAcceleratorOverrides.length === 0 ? shown : overrides;
}
