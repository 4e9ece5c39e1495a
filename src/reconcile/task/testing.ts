/** A VPC, a cluster and a task definition in memory, with a simulated engine and a fabric that links at once. */
import type * as wire from "@aws-sdk/client-ecs";
import { silentLog } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";
import { failure, success } from "../../lib/result.ts";
import { newTask } from "../../model/ecs/new-task.ts";
import type { Task, TaskDefinition } from "../../model/ecs/records.ts";
import type { ContainerRuntime } from "../../runtime/container-runtime.ts";
import { createSimulatedRuntime, type SimulatedRuntime } from "../../runtime/simulated/simulated-runtime.ts";
import { type TestClock, testClock } from "../../services/testing.ts";
import { Store } from "../../store/store.ts";
import { networkInterfaces, securityGroups, subnets, vpcs } from "../../store/tables/ec2.ts";
import { bridgeEndpoints, clusters, taskDefinitions, tasks } from "../../store/tables/ecs.ts";
import { deregistrationComplete, registrationComplete } from "../registration/progress.ts";
import type { LogPosition, LogSink, LogSinkLine } from "./log-sink.ts";
import { createTaskReconciler } from "./task-reconciler.ts";

export const SCOPE = { account: "000000000000", region: "ap-northeast-1" };
export const ECS = `arn:aws:ecs:${SCOPE.region}:${SCOPE.account}`;
export const CLUSTER_ARN = `${ECS}:cluster/main`;
export const DEFINITION_ARN = `${ECS}:task-definition/web:7`;
export const WEB: wire.ContainerDefinition = { name: "web", image: "nginx", essential: true };

/** Streams in memory; groups exist when the test says so. */
export class FakeLogSink implements LogSink {
  readonly groups = new Set<string>(["/ecs/web"]);
  readonly streams = new Map<string, LogSinkLine[]>();

  ensureStream(_scope: unknown, groupName: string, streamName: string, options: { createGroup: boolean }) {
    if (options.createGroup) this.groups.add(groupName);
    if (!this.groups.has(groupName)) return "no-such-group";
    const key = `${groupName} ${streamName}`;
    if (!this.streams.has(key)) this.streams.set(key, []);
    return "ready";
  }

  append(_scope: unknown, groupName: string, streamName: string, lines: readonly LogSinkLine[]): void {
    this.streams.get(`${groupName} ${streamName}`)?.push(...lines);
  }

  lastTimestamp(_scope: unknown, groupName: string, streamName: string): LogPosition | undefined {
    const lines = this.streams.get(`${groupName} ${streamName}`) ?? [];
    const timestamp = lines.at(-1)?.timestamp;
    if (timestamp === undefined) return undefined;
    return { timestamp, lineCount: lines.filter((line) => line.timestamp === timestamp).length };
  }

  /** `web/web/…: one, two`. */
  toText(): string {
    return [...this.streams]
      .map(([name, lines]) => `${name}: ${lines.map(({ message }) => message).join(", ")}`)
      .join("\n");
  }
}

export interface TaskWorld {
  readonly store: Store;
  readonly clock: TestClock;
  readonly runtime: SimulatedRuntime;
  readonly logs: FakeLogSink;
  /** By `valueFrom`. */
  readonly secrets: Map<string, string>;
  /** Of S3, by `bucket/key`. */
  readonly objects: Map<string, string>;
  /** What is said of a secret that is not there. */
  refusal: string;
  /** Whether the fabric links ENIs. */
  fabricWorks: boolean;
  task(): Task;
  put(changes: Partial<Task>): void;
  /** Starts a reconciler, as a new process would. */
  start(runtime?: ContainerRuntime): void;
  /** As kill -9 does: what the running reconciler would do next does not happen. */
  kill(): Promise<void>;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
  /** Advances the clock second by second. */
  pass(seconds: number): Promise<void>;
  /** `RUNNING/RUNNING web=RUNNING`. */
  toText(): string;
}

export function exampleDefinition(
  containers: readonly wire.ContainerDefinition[],
  more: Partial<TaskDefinition["definition"]> = {},
): TaskDefinition {
  return {
    ...SCOPE,
    arn: DEFINITION_ARN,
    family: "web",
    revision: 7,
    status: "ACTIVE",
    definition: {
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      containerDefinitions: [...containers],
      ...more,
    },
    compatibilities: ["EC2", "FARGATE"],
    requiresAttributes: [],
    registeredAt: 0,
    registeredBy: "arn:aws:iam::000000000000:user/berth",
    tags: [],
  };
}

export function exampleNetwork(
  store: Store,
  subnetRanges: readonly string[] = ["10.0.11.0/24", "10.0.12.0/24"],
) {
  store.transaction((tx) => {
    tx.put(vpcs, {
      ...SCOPE,
      vpcId: "vpc-1",
      cidrBlock: "10.0.0.0/16",
      cidrAssociationId: "vpc-cidr-assoc-1",
      instanceTenancy: "default",
      enableDnsSupport: true,
      enableDnsHostnames: true,
      enableNetworkAddressUsageMetrics: false,
      dhcpOptionsId: "dopt-1",
      isDefault: false,
      tags: [],
    });
    for (const [index, cidrBlock] of subnetRanges.entries()) {
      tx.put(subnets, {
        ...SCOPE,
        subnetId: `subnet-${index}`,
        vpcId: "vpc-1",
        cidrBlock,
        availabilityZone: `ap-northeast-1${"acd".charAt(index % 3)}`,
        availabilityZoneId: `apne1-az${index + 1}`,
        mapPublicIpOnLaunch: false,
        defaultForAz: false,
        tags: [],
      });
    }
    for (const groupName of ["default", "web"]) {
      tx.put(securityGroups, {
        ...SCOPE,
        groupId: `sg-${groupName}`,
        groupName,
        description: groupName,
        vpcId: "vpc-1",
        rules: [],
        tags: [],
      });
    }
  });
}

export function exampleTask(
  definition: TaskDefinition,
  changes: Partial<Task> = {},
  namedSubnets: readonly string[] = ["subnet-0", "subnet-1"],
): Task {
  const task = newTask(
    {
      scope: SCOPE,
      cluster: { arn: CLUSTER_ARN, name: "main" },
      definition,
      group: "family:web",
      launchType: "FARGATE",
      networkConfiguration: {
        awsvpcConfiguration: { subnets: [...namedSubnets], securityGroups: ["sg-web"] },
      },
      enableExecuteCommand: false,
      tags: [],
      createdAt: Date.UTC(2026, 0, 1),
    },
    systemRandom,
  );
  return { ...task, ...changes };
}

export function createTaskWorld(
  containers: readonly wire.ContainerDefinition[] = [WEB],
  options: {
    readonly task?: Partial<Task>;
    readonly subnets?: readonly string[];
    readonly namedSubnets?: readonly string[];
    readonly definition?: Partial<TaskDefinition["definition"]>;
  } = {},
): TaskWorld {
  const store = new Store(":memory:");
  const clock = testClock();
  const definition = exampleDefinition(containers, options.definition);
  const task = exampleTask(definition, options.task, options.namedSubnets);
  exampleNetwork(store, options.subnets);
  store.transaction((tx) => {
    tx.put(clusters, {
      ...SCOPE,
      arn: CLUSTER_ARN,
      name: "main",
      status: "ACTIVE",
      settings: [],
      capacityProviders: [],
      defaultCapacityProviderStrategy: [],
      tags: [],
    });
    tx.put(taskDefinitions, definition);
    tx.put(tasks, task);
  });
  const logs = new FakeLogSink();
  const runtime = createSimulatedRuntime({ clock });
  let current: ReturnType<typeof createTaskReconciler> | undefined;
  const world: TaskWorld = {
    store,
    clock,
    runtime,
    logs,
    secrets: new Map(),
    objects: new Map(),
    refusal: "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    fabricWorks: true,
    task: () => store.get(tasks, task.arn) ?? task,
    put: (changes) => store.transaction((tx) => tx.put(tasks, { ...world.task(), ...changes })),
    start(over = runtime) {
      current = createTaskReconciler({
        store,
        clock,
        random: systemRandom,
        log: silentLog,
        runtime: over,
        logs,
        settings: { publicPool: "198.18.0.0/16", endpoint: "127.0.0.1:4566", fileSystems: "/state/efs" },
        readSecret: (_scope, valueFrom) => {
          const value = world.secrets.get(valueFrom);
          return value === undefined ? failure(world.refusal) : success(value);
        },
        readObject: (bucket, key) => {
          const text = world.objects.get(`${bucket}/${key}`);
          return text === undefined ? failure("no-key") : success(Buffer.from(text));
        },
        imageReference: (image) => image,
        registryCredentials: () => undefined,
        registrationComplete: (given) => registrationComplete(store, given),
        deregistrationComplete: (given) => deregistrationComplete(store, given),
      });
      current.start();
    },
    async kill() {
      await current?.stop();
      await runtime.close();
      current = undefined;
    },
    async settle() {
      for (let quiet = 0; quiet < 3; quiet++) {
        await new Promise((resolve) => setImmediate(resolve));
        await current?.settled();
        if (linkInterfaces(store, world.fabricWorks)) quiet = 0;
        if (linkEndpoints(store, world.fabricWorks)) quiet = 0;
      }
    },
    async pass(seconds) {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1000);
        await world.settle();
      }
    },
    toText() {
      const { desiredStatus, lastStatus, containers: records } = world.task();
      const parts = records.map(
        ({ name, lastStatus: status, exitCode }) =>
          `${name}=${status}${exitCode === undefined ? "" : `(${exitCode})`}`,
      );
      return [`${desiredStatus}/${lastStatus}`, ...parts].join(" ");
    },
  };
  return world;
}

/** What reconcile/fabric does, at once. True when there was something to do. */
function linkInterfaces(store: Store, works: boolean): boolean {
  const waiting = store
    .list(networkInterfaces)
    .filter(({ sandbox, linkState }) => works && sandbox !== undefined && linkState === "absent");
  store.transaction((tx) => {
    for (const record of waiting) tx.put(networkInterfaces, { ...record, linkState: "ready" });
  });
  return waiting.length > 0;
}

/** What reconcile/instance-network does, at once. */
function linkEndpoints(store: Store, works: boolean): boolean {
  const waiting = store
    .list(bridgeEndpoints)
    .filter(({ sandbox, linkState }) => works && sandbox !== undefined && linkState === "absent");
  store.transaction((tx) => {
    for (const record of waiting) tx.put(bridgeEndpoints, { ...record, linkState: "ready" });
  });
  return waiting.length > 0;
}
