/**
 * The router's configuration file as the Amazon ECS agent writes it from the log options of a task's containers
 * (agent/taskresource/firelens, and awslabs/go-config-generator-for-fluentd-and-fluentbit). Pure.
 */
import type * as wire from "@aws-sdk/client-ecs";
import { failure, type Result, success } from "../../../lib/result.ts";
import { parseObjectArn } from "../../s3/names.ts";
import { BUFFER_LIMIT_OPTION, optionVariable, usesRouter } from "./firelens.ts";
import { type Plugin, type RouterFile, renderFluentBit, renderFluentd } from "./render.ts";

export const SOCKET_PATH = "/var/run/fluent.sock";
export const FORWARD_PORT = "24224";
const DEFAULT_MEMORY_LIMIT_MIB = 25;

export interface RouterTask {
  readonly router: wire.ContainerDefinition;
  /** All of the definition, in its order. */
  readonly containers: readonly wire.ContainerDefinition[];
  readonly networkMode: wire.NetworkMode;
  readonly clusterName: string;
  readonly taskArn: string;
  /** `family:revision`. */
  readonly taskDefinition: string;
  /** Under launch type EC2. */
  readonly instanceId?: string | undefined;
  /** Of the router, its reservation before its limit, with the task's overrides. */
  readonly memoryMib?: number | undefined;
}

/** The failure is the agent's. */
export function routerConfiguration(task: RouterTask): Result<string, string> {
  const { type, options = {} } = task.router.firelensConfiguration ?? {};
  const kind = type === "fluentd" ? FLUENTD : FLUENT_BIT;
  const outputs: Plugin[] = [];
  const file: RouterFile = {
    inputs: inputsOf(task, kind),
    includeFilters: [],
    excludeFilters: [],
    fields: { tag: kind.anything, values: fieldsOf(task, options["enable-ecs-log-metadata"]) },
    include: includedFile(task.router),
    outputs,
  };
  if (kind === FLUENT_BIT && hasPort(task))
    outputs.push({ name: "null", tag: HEALTH_CHECK_TAG, options: {} });
  for (const [index, container] of task.containers.entries()) {
    if (!usesRouter(container)) continue;
    const problem = addOutput(file, kind, container, index);
    if (problem !== undefined) return failure(problem);
  }
  return success(kind.render(file));
}

interface Kind {
  readonly type: wire.FirelensConfigurationType;
  /** Names the plugin among a container's log options. */
  readonly outputKey: string;
  readonly anything: string;
  reference(variable: string): string;
  render(file: RouterFile): string;
}

const FLUENT_BIT: Kind = {
  type: "fluentbit",
  outputKey: "Name",
  anything: "*",
  reference: (variable) => `\${${variable}}`,
  render: renderFluentBit,
};

const FLUENTD: Kind = {
  type: "fluentd",
  outputKey: "@type",
  anything: "**",
  reference: (variable) => `"#{ENV['${variable}']}"`,
  render: renderFluentd,
};

/** Those modes in which containers reach the router by TCP, too. */
function hasPort({ networkMode }: RouterTask): boolean {
  return networkMode === "bridge" || networkMode === "awsvpc";
}

const HEALTH_CHECK_TAG = "firelens-healthcheck";

function inputsOf(task: RouterTask, kind: Kind): Plugin[] {
  const address = task.networkMode === "bridge" ? "0.0.0.0" : "127.0.0.1";
  if (kind === FLUENTD) {
    return [
      { name: "unix", options: { path: SOCKET_PATH } },
      ...(hasPort(task) ? [{ name: "forward", options: { bind: address, port: FORWARD_PORT } }] : []),
    ];
  }
  const limit = Math.floor((task.memoryMib ?? 0) / 2) || DEFAULT_MEMORY_LIMIT_MIB;
  const socket = { name: "forward", options: { Mem_Buf_Limit: `${limit}MB`, unix_path: SOCKET_PATH } };
  if (!hasPort(task)) return [socket];
  return [
    socket,
    { name: "forward", options: { Listen: address, Port: FORWARD_PORT } },
    { name: "tcp", tag: HEALTH_CHECK_TAG, options: { Listen: "127.0.0.1", Port: "8877" } },
  ];
}

/** A word that Go's ParseBool does not know counts as false. */
function fieldsOf(task: RouterTask, enabled = "true"): Record<string, string> {
  if (!/^(1|t|T|TRUE|true|True)$/.test(enabled)) return {};
  return {
    ecs_cluster: task.clusterName,
    ecs_task_arn: task.taskArn,
    ecs_task_definition: task.taskDefinition,
    ...(task.instanceId === undefined ? {} : { ec2_instance_id: task.instanceId }),
  };
}

function includedFile(router: wire.ContainerDefinition): string | undefined {
  const options = router.firelensConfiguration?.options ?? {};
  switch (options["config-file-type"]) {
    case "file":
      return options["config-file-value"];
    case "s3":
      return externalFile(router)?.containerPath;
    default:
      return undefined;
  }
}

export interface ExternalFile {
  readonly bucket: string;
  readonly key: string;
  /** Where the router finds it. */
  readonly containerPath: string;
}

/** The file of S3 that is put into the router's container, and included by its configuration. */
export function externalFile({ firelensConfiguration }: wire.ContainerDefinition): ExternalFile | undefined {
  const { type, options = {} } = firelensConfiguration ?? {};
  const object =
    options["config-file-type"] === "s3" ? parseObjectArn(options["config-file-value"] ?? "") : undefined;
  return object === undefined
    ? undefined
    : { ...object, containerPath: `/${type === "fluentd" ? "fluentd" : "fluent-bit"}/etc/external.conf` };
}

/** Returns the agent's error. */
function addOutput(
  file: RouterFile,
  kind: Kind,
  { name = "", logConfiguration }: wire.ContainerDefinition,
  index: number,
): string | undefined {
  const tag = `${name}-firelens${kind.anything}`;
  const options: Record<string, string> = { ...logConfiguration?.options };
  for (const { name: option = "" } of logConfiguration?.secretOptions ?? []) {
    options[option] = kind.reference(optionVariable(option, index));
  }
  const {
    [kind.outputKey]: plugin,
    [BUFFER_LIMIT_OPTION]: _driver,
    "include-pattern": include,
    "exclude-pattern": exclude,
    ...others
  } = options;
  if (include !== undefined) file.includeFilters.push({ tag, expression: include });
  if (exclude !== undefined) file.excludeFilters.push({ tag, expression: exclude });
  if (plugin !== undefined) {
    file.outputs.push({ name: plugin, tag, options: others });
    return undefined;
  }
  // Without options the outputs may be in the file that is included.
  return Object.keys(others).length === 0
    ? undefined
    : `unable to generate firelens config file: unable to generate firelens config: unable to apply log options of container ${name} to firelens config: missing output key ${kind.outputKey} which is required for firelens configuration of type ${kind.type}`;
}
