/**
 * What is answered at the paths of metadata and stats, refusals in the agent's words (amazon-ecs-agent,
 * `agent/handlers/v2`, `/v3`, `/v4` and `ecs-agent/tmds/handlers/v4`).
 */
import { unreachable } from "../../lib/assert.ts";
import type { Task, TaskContainer } from "../../model/ecs/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { taskDefinitions } from "../../store/tables/ecs.ts";
import { jsonReply, type Reply } from "../reply.ts";
import { type Caller, type CallingContainer, taskOfCaller } from "./caller.ts";
import { describeContainer, type MetadataVersion } from "./container-metadata.ts";
import type { StatsSource } from "./stats.ts";
import { describeTask } from "./task-metadata.ts";

export interface MetadataSource {
  readonly store: StoreReader;
  readonly stats: StatsSource;
}

export type MetadataPath =
  | { readonly kind: "container" }
  | { readonly kind: "task"; readonly withTags: boolean }
  | { readonly kind: "container-stats" }
  | { readonly kind: "task-stats" }
  | { readonly kind: "associations"; readonly type: string; readonly name?: string | undefined };

/** Versions 3 and 4: the id in the path tells the container. */
export async function endpointReply(
  source: MetadataSource,
  version: "v3" | "v4",
  found: CallingContainer | undefined,
  endpointId: string,
  path: MetadataPath,
): Promise<Reply> {
  const started = found?.container.runtimeId === undefined ? undefined : found;
  if (started === undefined) return unknownId(version, endpointId, path);
  const { task, container } = started;
  switch (path.kind) {
    case "container":
      return containerReply(source, task, container, version);
    case "task":
      return taskReply(source, task, version, path.withTags);
    case "container-stats":
      return containerStatsReply(source, container, version);
    case "task-stats":
      return taskStatsReply(source, task, version);
    case "associations":
      return associationsReply(path);
    default:
      return unreachable(path);
  }
}

/** Version 2: the address of the caller tells the task. */
export async function addressReply(
  source: MetadataSource,
  caller: Caller,
  path: Exclude<MetadataPath, { readonly kind: "associations" }>,
  containerId?: string,
): Promise<Reply> {
  const task = taskOfCaller(source.store, caller);
  if (task === undefined) {
    const reason = `unable to associate '${caller.address}' with task`;
    return textReply(400, `Unable to get task arn from request: ${reason}`);
  }
  const container = task.containers.find(
    ({ runtimeId }) => runtimeId !== undefined && runtimeId === containerId,
  );
  switch (path.kind) {
    case "task":
      return taskReply(source, task, "v2", path.withTags);
    case "task-stats":
      return taskStatsReply(source, task, "v2");
    case "container":
      return container === undefined
        ? textReply(400, `Unable to generate metadata for container '${containerId}'`)
        : containerReply(source, task, container, "v2");
    case "container-stats":
      return container === undefined
        ? textReply(400, `Unable to get container stats for: ${containerId}`)
        : containerStatsReply(source, container, "v2");
    default:
      return unreachable(path);
  }
}

/** The agent answers with a JSON string where it has no object. */
function textReply(status: number, text: string): Reply {
  return jsonReply(status, text);
}

function unknownId(version: "v3" | "v4", id: string, path: MetadataPath): Reply {
  const noContainer = `unable to get container ID from request: unable to get docker ID from v3 endpoint ID: ${id}`;
  const noTask = `unable to get task arn from request: unable to get task Arn from v3 endpoint ID: ${id}`;
  const [status, handler, reason] = {
    container: [500, "container metadata", noContainer] as const,
    task: [500, "task metadata", noTask] as const,
    "container-stats": [400, "container stats", noTask] as const,
    "task-stats": [400, "task stats", noTask] as const,
    associations: [
      400,
      "container associations",
      noContainer.replace("container ID", "container id"),
    ] as const,
  }[path.kind];
  const one = path.kind === "associations" && path.name !== undefined;
  if (one) return textReply(400, `${upper(version)} container associations handler: ${noTask}`);
  const notFound = version === "v4" && path.kind !== "associations";
  return textReply(notFound ? 404 : status, `${upper(version)} ${handler} handler: ${reason}`);
}

function upper(version: string): string {
  return version.toUpperCase();
}

function containerReply(
  { store }: MetadataSource,
  task: Task,
  container: TaskContainer,
  version: MetadataVersion,
): Reply {
  const definition = store.get(taskDefinitions, task.taskDefinitionArn);
  if (definition === undefined) {
    const text = version === "v4" ? "unable to generate metadata" : "Unable to generate metadata";
    return textReply(version === "v2" ? 400 : 500, `${text} for container '${container.runtimeId}'`);
  }
  return jsonReply(200, describeContainer({ store, task, definition, version }, container));
}

function taskReply(
  { store }: MetadataSource,
  task: Task,
  version: MetadataVersion,
  withTags: boolean,
): Reply {
  const definition = store.get(taskDefinitions, task.taskDefinitionArn);
  if (definition === undefined) {
    return version === "v4"
      ? textReply(500, `Unable to generate metadata for v4 task: '${task.arn}'`)
      : textReply(version === "v2" ? 400 : 500, `Unable to generate metadata for task: '${task.arn}'`);
  }
  return jsonReply(200, describeTask({ store, task, definition, version }, withTags));
}

async function containerStatsReply(
  { stats }: MetadataSource,
  container: TaskContainer,
  version: MetadataVersion,
): Promise<Reply> {
  const found = await (version === "v4" ? stats.statsWithRates(container) : stats.statsOf(container));
  if (found !== undefined) return jsonReply(200, found);
  return textReply(version === "v4" ? 500 : 400, `Unable to get container stats for: ${container.runtimeId}`);
}

/** By Docker's ids; containers that do not run have none. */
async function taskStatsReply(
  { stats }: MetadataSource,
  task: Task,
  version: MetadataVersion,
): Promise<Reply> {
  const entries = await Promise.all(
    task.containers.flatMap((container) => {
      const { runtimeId } = container;
      if (runtimeId === undefined) return [];
      const found = version === "v4" ? stats.statsWithRates(container) : stats.statsOf(container);
      return [found.then((one) => [runtimeId, one ?? (version === "v4" ? {} : null)] as const)];
    }),
  );
  return jsonReply(200, Object.fromEntries(entries));
}

/** Elastic Inference had some; nothing has any more. */
function associationsReply({ type, name }: Extract<MetadataPath, { readonly kind: "associations" }>): Reply {
  if (name === undefined) return jsonReply(200, { Associations: [] });
  const reason = `unable to get association from association type ${type} and association name ${name}`;
  return textReply(400, `Unable to write container association response: ${reason}`);
}
