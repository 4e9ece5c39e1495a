/**
 * What the container agent tells on port 51678 of its instance (developer guide, "Amazon ECS container introspection").
 * On an ECS-optimized instance packets for it are dropped but from the loopback device and docker0.
 */
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { NamespaceSockets } from "../fabric/fabric.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { ContainerInstance } from "../model/ecs/records.ts";
import type { Store, StoreReader } from "../store/store.ts";
import { instances } from "../store/tables/ec2.ts";
import { clusters, containerInstances } from "../store/tables/ecs.ts";
import { introspectTask, tasksOn } from "./introspected-task.ts";
import { createNamespaceServers, type WantedServer } from "./namespace-servers.ts";
import { jsonReply, type Reply, send } from "./reply.ts";

const PORT = 51678;
const SHORT_ID_LENGTH = 12;
const LICENSE = new URL("../../LICENSE", import.meta.url);
const COMMANDS = ["/v1/metadata", "/v1/tasks", "/license"];
const NO_TASK = { Arn: "", KnownStatus: "", Family: "", Version: "", Containers: null };

export interface AgentIntrospectionDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly sockets: NamespaceSockets;
}

export interface AgentIntrospection {
  start(): void;
  stop(): Promise<void>;
}

export function createAgentIntrospection(dependencies: AgentIntrospectionDependencies): AgentIntrospection {
  const { store } = dependencies;
  const servers = createNamespaceServers(dependencies);
  const apply = () => servers.apply(store.list(containerInstances).flatMap((one) => serverOf(store, one)));
  return {
    start() {
      store.onChange(containerInstances, ({ before, after }) => {
        if (before?.agentConnected !== after?.agentConnected) queueMicrotask(apply);
      });
      store.onChange(instances, ({ before, after }) => {
        if (before?.sandbox?.processId !== after?.sandbox?.processId) queueMicrotask(apply);
      });
      apply();
    },
    async stop() {
      servers.stop();
    },
  };
}

function serverOf(
  store: StoreReader,
  { arn, agentConnected, ec2InstanceId }: ContainerInstance,
): WantedServer[] {
  const sandbox = ec2InstanceId === undefined ? undefined : store.get(instances, ec2InstanceId)?.sandbox;
  if (!agentConnected || sandbox === undefined) return [];
  const { processId } = sandbox;
  return [
    {
      key: `${arn} ${processId}`,
      where: { kind: "process", processId },
      address: "0.0.0.0",
      port: PORT,
      handle: (request, response) => handleIntrospection(store, arn, request, response),
    },
  ];
}

export function handleIntrospection(
  store: StoreReader,
  containerInstanceArn: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const containerInstance = store.get(containerInstances, containerInstanceArn);
  if (containerInstance === undefined || !isLocal(request.socket.remoteAddress ?? "")) {
    request.socket.destroy();
    return;
  }
  const url = new URL(request.url ?? "/", "http://agent");
  send(response, replyTo(store, containerInstance, url));
}

function replyTo(store: StoreReader, containerInstance: ContainerInstance, url: URL): Reply {
  switch (url.pathname) {
    case "/v1/metadata":
      return jsonReply(200, describeAgent(store, containerInstance));
    case "/v1/tasks":
      return tasksReply(store, containerInstance, url.searchParams);
    case "/license":
      return { status: 200, headers: { "Content-Type": "text/plain" }, body: readFileSync(LICENSE) };
    default:
      return jsonReply(200, { AvailableCommands: COMMANDS });
  }
}

/** The loopback device, and containers on docker0. */
function isLocal(address: string): boolean {
  return /^(?:::ffff:)?(?:127\.|172\.17\.)/.test(address) || address === "::1";
}

function describeAgent(store: StoreReader, { arn, clusterArn, versionInfo }: ContainerInstance): object {
  const { agentVersion, agentHash } = versionInfo;
  return {
    Cluster: store.get(clusters, clusterArn)?.name ?? clusterArn.split("/").at(-1),
    ContainerInstanceArn: arn,
    Version: `Amazon ECS Agent - v${agentVersion} (${agentHash})`,
  };
}

/** One task by ARN, or by the Docker id of one of its containers, or its first 12 digits; else all. */
function tasksReply(store: StoreReader, { arn }: ContainerInstance, asked: URLSearchParams): Reply {
  const dockerId = asked.get("dockerid");
  const taskArn = asked.get("taskarn");
  if (dockerId !== null && taskArn !== null) return jsonReply(400, NO_TASK);
  const all = tasksOn(store, arn);
  if (dockerId === null && taskArn === null) {
    return jsonReply(200, { Tasks: all.map((task) => introspectTask(store, task)) });
  }
  const found = all.find(
    (task) =>
      task.arn === taskArn ||
      task.containers.some(({ runtimeId }) => runtimeId !== undefined && isNamed(runtimeId, dockerId ?? "")),
  );
  return found === undefined ? jsonReply(404, NO_TASK) : jsonReply(200, introspectTask(store, found));
}

function isNamed(runtimeId: string, dockerId: string): boolean {
  if (dockerId.length > SHORT_ID_LENGTH) return runtimeId === dockerId;
  return dockerId !== "" && runtimeId.startsWith(dockerId);
}
