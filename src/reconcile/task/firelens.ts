/**
 * FireLens: what the Amazon ECS agent gives a task's log router and the containers whose output it routes (agent/engine,
 * agent/api/task). Pure but for the secrets, which go to the router's environment and nowhere else.
 */
import type * as wire from "@aws-sdk/client-ecs";
import { failure, type Result, success } from "../../lib/result.ts";
import { externalFile, FORWARD_PORT, routerConfiguration } from "../../model/ecs/firelens/configuration.ts";
import {
  BUFFER_LIMIT_OPTION,
  findRouter,
  optionVariable,
  parseRouterUser,
  usesRouter,
} from "../../model/ecs/firelens/firelens.ts";
import type { ContainerSpec, Mount } from "../../runtime/container-runtime.ts";
import { type ObjectAccess, readTaskObject } from "./object-reader.ts";
import { resourceInitialization, shortened } from "./reasons.ts";
import { type SecretReader, secretsOf } from "./task-secrets.ts";
import { networkModeOf, type TaskView } from "./task-view.ts";

/** What is added to a container's spec. */
export interface FirelensPart {
  /** Before the container's own of the same names. */
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /** Absent: as the container's own log driver has it. */
  readonly output?: ContainerSpec["output"];
}

const SOCKET_DIRECTORY = "socket";

const NOTHING: FirelensPart = { environment: {}, mounts: [] };

export interface FirelensAccess extends ObjectAccess {
  readonly readSecret: SecretReader;
}

/** The task's stopped reason, when the router's files cannot be written. */
export function firelensProblem(view: TaskView, access: ObjectAccess): string | undefined {
  const router = routerOf(view);
  const files = router === undefined ? undefined : filesOf(view, router, access);
  return files === undefined || files.ok ? undefined : files.failure;
}

/** The container's reason, when nobody can tell it where the router is. */
export function unreachableRouter(view: TaskView, container: wire.ContainerDefinition): string | undefined {
  if (!usesRouter(container) || networkModeOf(view) !== "bridge") return undefined;
  return addressOf(view) === undefined
    ? "DockerClientConfigError: unable to get BridgeIP for task in bridge mode"
    : undefined;
}

/** Where containers reach the router, in the modes in which they do so by TCP. */
function addressOf(view: TaskView): string | undefined {
  const mode = networkModeOf(view);
  if (mode === "awsvpc") return "127.0.0.1";
  const router = routerOf(view)?.name;
  const endpoint = view.endpoints.find(({ containerName }) => containerName === router);
  return mode === "bridge" ? endpoint?.address : undefined;
}

/** The failure is the task's stopped reason. */
export function firelensPart(
  view: TaskView,
  container: wire.ContainerDefinition,
  access: FirelensAccess,
): Result<FirelensPart, string> {
  const router = routerOf(view);
  if (router === undefined) return success(NOTHING);
  const routed = usesRouter(container);
  const address = addressOf(view);
  const environment: Record<string, string> =
    routed && address !== undefined ? { FLUENT_HOST: address, FLUENT_PORT: FORWARD_PORT } : {};
  const output = routed ? { output: outputOf(view, container) } : {};
  if (container.name !== router.name) return success({ environment, mounts: [], ...output });
  const files = filesOf(view, router, access);
  if (!files.ok) return files;
  const values = secretOptions(view, access);
  if (!values.ok) return values;
  const isFluentd = router.firelensConfiguration?.type === "fluentd";
  return success({
    // Fluentd's image would leave root, which owns the socket's directory.
    environment: { ...values.value, ...(isFluentd ? { FLUENT_UID: "0" } : {}), ...environment },
    mounts: routerMounts(view, router, files.value),
    ...output,
  });
}

function routerOf({ definition }: TaskView): wire.ContainerDefinition | undefined {
  return findRouter(definition?.definition.containerDefinitions ?? []);
}

function configurationOf(view: TaskView, router: wire.ContainerDefinition): Result<string, string> {
  const { task, definition, host } = view;
  const override = task.overrides.containerOverrides?.find(({ name }) => name === router.name);
  const reservation = override?.memoryReservation ?? router.memoryReservation;
  return routerConfiguration({
    router,
    containers: definition?.definition.containerDefinitions ?? [],
    networkMode: networkModeOf(view),
    clusterName: task.clusterArn.slice(task.clusterArn.indexOf("/") + 1),
    taskArn: task.arn,
    taskDefinition: `${definition?.family}:${definition?.revision}`,
    instanceId: task.launchType === "EC2" ? host?.instance?.instanceId : undefined,
    memoryMib: reservation || (override?.memory ?? router.memory),
  });
}

interface RouterFile {
  readonly path: string;
  readonly text: string;
  readonly containerPath: string;
}

/** The failure is the task's stopped reason: the agent's error, which Fargate's own is taken to be like. */
function filesOf(
  view: TaskView,
  router: wire.ContainerDefinition,
  access: ObjectAccess,
): Result<RouterFile[], string> {
  const isEc2 = view.task.launchType === "EC2";
  const refuse = (problem: string) => failure(isEc2 ? shortened(problem) : resourceInitialization(problem));
  const external = externalFile(router);
  const files: RouterFile[] = [];
  if (external !== undefined) {
    const { bucket, key, containerPath } = external;
    const read = readTaskObject(access, external);
    const problem = "unable to download firelens s3 config file";
    if (read === undefined) return refuse(`${problem}: unable to get execution role credentials`);
    if (!read.ok) {
      return refuse(`${problem}: unable to download s3 config ${key} from bucket ${bucket}: ${read.failure}`);
    }
    files.push({ path: "config/external.conf", text: read.value.toString("utf8"), containerPath });
  }
  const text = configurationOf(view, router);
  if (!text.ok) return refuse(text.failure);
  const containerPath =
    router.firelensConfiguration?.type === "fluentd"
      ? "/fluentd/etc/fluent.conf"
      : "/fluent-bit/etc/fluent-bit.conf";
  return success([{ path: "config/fluent.conf", text: text.value, containerPath }, ...files]);
}

function routerMounts(
  { task }: TaskView,
  router: wire.ContainerDefinition,
  files: readonly RouterFile[],
): Mount[] {
  const parsed = parseRouterUser(router.user ?? "");
  const owner = parsed.ok ? parsed.value : { userId: 0, groupId: 0 };
  const own = { sandboxId: task.taskId, owner };
  return [
    ...files.map(({ path, text, containerPath }) => ({
      source: { kind: "own-file" as const, path, text, ...own },
      containerPath,
      readOnly: false,
    })),
    {
      source: { kind: "own-directory", path: SOCKET_DIRECTORY, ...own },
      containerPath: "/var/run",
      readOnly: false,
    },
  ];
}

function outputOf(
  { task }: TaskView,
  { name, logConfiguration }: wire.ContainerDefinition,
): ContainerSpec["output"] {
  const bufferLimit = logConfiguration?.options?.[BUFFER_LIMIT_OPTION];
  return {
    kind: "forward",
    socket: { sandboxId: task.taskId, path: `${SOCKET_DIRECTORY}/fluent.sock` },
    tag: `${name}-firelens-${task.taskId}`,
    bufferLimit,
  };
}

function secretOptions(
  { definition }: TaskView,
  { roles, readSecret }: FirelensAccess,
): Result<Record<string, string>, string> {
  const values: Record<string, string> = {};
  for (const [index, container] of (definition?.definition.containerDefinitions ?? []).entries()) {
    if (!usesRouter(container)) continue;
    const found = secretsOf(roles, readSecret, { ...container, secrets: [] });
    if (!found.ok) return found;
    for (const [option, value] of Object.entries(found.value.logOptions)) {
      values[optionVariable(option, index)] = value;
    }
  }
  return success(values);
}
