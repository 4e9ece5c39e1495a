/**
 * 169.254.170.2 in every VPC: metadata, credentials and the agent's API on port 80, AWS itself on port 4566. Containers
 * on the bridge of an instance, and those of network mode `host`, come with the address of their instance.
 */
import type { Server as HttpServer } from "node:http";
import type { NamespaceSockets } from "../../fabric/fabric.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import { TASK_AWS_PORT, TASK_ENDPOINT_ADDRESS } from "../../model/ecs/endpoint-environment.ts";
import type { Store } from "../../store/store.ts";
import { vpcs } from "../../store/tables/ec2.ts";
import { createNamespaceServers, type WantedServer } from "../namespace-servers.ts";
import { createSessionCredentials } from "../session-credentials.ts";
import { handleTaskRequest, type TaskEndpointSource } from "./handle-request.ts";
import { createRateLimit } from "./rate-limit.ts";
import { type ContainerStats, createStatsSource } from "./stats.ts";

const METADATA_PORT = 80;
/** ECS_TASK_METADATA_RPS_LIMIT's default (Amazon ECS agent, README). */
const RATE = { perSecond: 40, burst: 60 };

export interface TaskEndpointDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sockets: NamespaceSockets;
  readonly sealingKey: string;
  /** Undefined when the container does not run. */
  stats(containerId: string): Promise<ContainerStats | undefined>;
  /** AWS as tasks may use it; one a VPC. */
  createAwsServer(): HttpServer;
}

export interface TaskEndpoint {
  start(): void;
  stop(): Promise<void>;
}

export function createTaskEndpoint(dependencies: TaskEndpointDependencies): TaskEndpoint {
  const { store, clock } = dependencies;
  const servers = createNamespaceServers(dependencies);
  const source: TaskEndpointSource = {
    ...dependencies,
    stats: createStatsSource((containerId) => dependencies.stats(containerId)),
    credentials: createSessionCredentials(dependencies),
    limit: createRateLimit(clock, RATE),
  };
  const apply = () =>
    servers.apply(
      store.list(vpcs).flatMap(({ vpcId }) => serversOf(source, vpcId, dependencies.createAwsServer)),
    );
  return {
    start() {
      store.onChange(vpcs, ({ before, after }) => {
        if (before === undefined || after === undefined) queueMicrotask(apply);
      });
      apply();
    },
    async stop() {
      servers.stop();
    },
  };
}

function serversOf(
  source: TaskEndpointSource,
  vpcId: string,
  createAwsServer: () => HttpServer,
): WantedServer[] {
  const where = { kind: "vpc", vpcId } as const;
  const handle: WantedServer["handle"] = (request, response) =>
    void handleTaskRequest(source, vpcId, request, response);
  return [
    { key: `${vpcId} metadata`, where, address: TASK_ENDPOINT_ADDRESS, port: METADATA_PORT, handle },
    {
      key: `${vpcId} aws`,
      where,
      address: TASK_ENDPOINT_ADDRESS,
      port: TASK_AWS_PORT,
      handle,
      createServer: createAwsServer,
    },
  ];
}
