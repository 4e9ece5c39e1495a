/** A cluster with a service in a store in memory, and a toy world that lets its tasks start, run, and stop. */
import type * as wire from "@aws-sdk/client-ecs";
import { silentLog } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";
import type { Deployment, DeploymentSpec, Service, Task, TaskStatus } from "../../model/ecs/records.ts";
import { type TestClock, testClock } from "../../services/testing.ts";
import { Store } from "../../store/store.ts";
import {
  clusters,
  deployments,
  serviceEvents,
  serviceProgress,
  services,
  taskDefinitions,
  tasks,
} from "../../store/tables/ecs.ts";
import { reconcileService } from "./service-reconciler.ts";

export const SCOPE = { account: "000000000000", region: "ap-northeast-1" };
const ECS = `arn:aws:ecs:${SCOPE.region}:${SCOPE.account}`;
export const CLUSTER_ARN = `${ECS}:cluster/main`;
export const SERVICE_ARN = `${ECS}:service/main/web`;
export const DEFINITION_ARN = `${ECS}:task-definition/web:1`;

export function exampleSpec(overrides: Partial<DeploymentSpec> = {}): DeploymentSpec {
  return {
    taskDefinitionArn: DEFINITION_ARN,
    launchType: "FARGATE",
    capacityProviderStrategy: [],
    loadBalancers: [],
    serviceRegistries: [],
    enableExecuteCommand: false,
    enableECSManagedTags: false,
    propagateTags: "NONE",
    ...overrides,
  };
}

export function exampleService(overrides: Partial<Service> = {}): Service {
  return {
    ...SCOPE,
    arn: SERVICE_ARN,
    name: "web",
    clusterArn: CLUSTER_ARN,
    status: "ACTIVE",
    desiredCount: 2,
    spec: exampleSpec(),
    deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 },
    deploymentController: { type: "ECS" },
    schedulingStrategy: "REPLICA",
    placementConstraints: [],
    placementStrategy: [],
    availabilityZoneRebalancing: "DISABLED",
    createdAt: Date.UTC(2026, 0, 1),
    createdBy: "arn:aws:iam::000000000000:user/berth",
    tags: [],
    ...overrides,
  };
}

export function exampleDeployment(number: number, overrides: Partial<Deployment> = {}): Deployment {
  const id = `ecs-svc/${number}`;
  return {
    ...SCOPE,
    id,
    serviceArn: SERVICE_ARN,
    serviceDeploymentArn: `${ECS}:service-deployment/main/web/${number}`,
    serviceRevisionArn: `${ECS}:service-revision/main/web/${number}`,
    sourceServiceRevisionArns: [],
    spec: exampleSpec(),
    status: "PRIMARY",
    rolloutState: "IN_PROGRESS",
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    failedTasks: 0,
    createdAt: Date.UTC(2026, 0, 1),
    updatedAt: Date.UTC(2026, 0, 1),
    ...overrides,
  };
}

let lastTask = 0;

export function exampleTask(overrides: Partial<Task> = {}): Task {
  lastTask += 1;
  const taskId = lastTask.toString(16).padStart(32, "0");
  return {
    ...SCOPE,
    arn: `${ECS}:task/main/${taskId}`,
    taskId,
    clusterArn: CLUSTER_ARN,
    taskDefinitionArn: DEFINITION_ARN,
    serviceArn: SERVICE_ARN,
    deploymentId: "ecs-svc/1",
    group: "service:web",
    startedBy: "ecs-svc/1",
    launchType: "FARGATE",
    overrides: {},
    enableExecuteCommand: false,
    desiredStatus: "RUNNING",
    lastStatus: "RUNNING",
    version: 1,
    containers: [
      {
        arn: "c",
        name: "app",
        image: "app",
        lastStatus: "RUNNING",
        healthStatus: "UNKNOWN",
        essential: true,
      },
    ],
    healthStatus: "UNKNOWN",
    createdAt: Date.UTC(2026, 0, 1),
    ...(overrides.lastStatus === undefined || overrides.lastStatus === "RUNNING"
      ? { startedAt: Date.UTC(2026, 0, 1) }
      : {}),
    tags: [],
    ...overrides,
  };
}

export interface ToyWorld {
  readonly store: Store;
  readonly clock: TestClock;
  reconcile(): void;
  service(): Service;
  /** Service events, oldest first, without the service's name and with tasks counted instead of named. */
  messages(): string[];
  tasks(): Task[];
  live(): Task[];
  deployment(id: string): Deployment;
  deployments(): Deployment[];
  /** Calls back for each record that the scheduler may write. */
  onWrite(listener: () => void): void;
  put(task: Task): void;
  change(overrides: Partial<Service>): void;
  /** As UpdateService does: a new PRIMARY deployment, the former one ACTIVE. */
  deploy(number: number, overrides?: Partial<DeploymentSpec>): void;
  /** Every task one step further in the direction that is wanted; `fails` makes launches fail. */
  step(fails?: (task: Task) => boolean): void;
  /** Steps of a second each, with a look at the service after each. */
  run(seconds: number, fails?: (task: Task) => boolean): void;
}

const UP: readonly TaskStatus[] = ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"];
const DOWN: readonly TaskStatus[] = ["DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"];

/** The task one step further, as reconcile/task would take it. */
export function stepTask(task: Task, now: number): Task {
  if (task.lastStatus === "STOPPED") return task;
  const next = (status: TaskStatus): Task => ({
    ...task,
    lastStatus: status,
    ...(status === "RUNNING" ? { startedAt: now } : {}),
    ...(status === "STOPPED" ? { stoppedAt: now } : {}),
  });
  if (task.desiredStatus === "STOPPED") {
    return next(DOWN[DOWN.indexOf(task.lastStatus) + 1] ?? "STOPPED");
  }
  return task.lastStatus === "RUNNING" ? task : next(UP[UP.indexOf(task.lastStatus) + 1] ?? "RUNNING");
}

export function toyWorld(overrides: Partial<Service> = {}, healthCheck?: wire.HealthCheck): ToyWorld {
  const store = new Store(":memory:");
  const clock = testClock();
  const deps = { store, clock, random: systemRandom, log: silentLog };
  const definition = {
    containerDefinitions: [
      { name: "app", image: "app", ...(healthCheck === undefined ? {} : { healthCheck }) },
    ],
  };
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
    tx.put(taskDefinitions, {
      ...SCOPE,
      arn: DEFINITION_ARN,
      family: "web",
      revision: 1,
      status: "ACTIVE",
      definition: { ...definition, networkMode: "awsvpc", cpu: "256", memory: "512" },
      compatibilities: ["FARGATE"],
      requiresAttributes: [],
      registeredAt: 0,
      registeredBy: "",
      tags: [{ key: "from", value: "definition" }],
    });
    tx.put(services, exampleService({ createdAt: clock.now(), ...overrides }));
    tx.put(deployments, exampleDeployment(1, { spec: overrides.spec ?? exampleSpec() }));
  });
  const world: ToyWorld = {
    store,
    clock,
    reconcile: () => void reconcileService(deps, SERVICE_ARN),
    service: () => store.get(services, SERVICE_ARN) ?? exampleService(),
    messages: () =>
      [...(store.get(serviceEvents, SERVICE_ARN)?.events ?? [])]
        .reverse()
        .map(({ message }) =>
          message.replace("(service web) ", "").replace(/( ?\(task [0-9a-f]{32}\))+/g, " …"),
        ),
    tasks: () => store.where(tasks, "service", SERVICE_ARN),
    live: () => world.tasks().filter((task) => task.lastStatus !== "STOPPED"),
    deployment: (id) => store.get(deployments, id) ?? exampleDeployment(0),
    deployments: () => store.where(deployments, "service", SERVICE_ARN),
    onWrite(listener) {
      store.onChange(services, listener);
      store.onChange(deployments, listener);
      store.onChange(tasks, listener);
      store.onChange(serviceEvents, listener);
      store.onChange(serviceProgress, listener);
    },
    put: (task) => store.transaction((tx) => tx.put(tasks, task)),
    change: (changes) => store.transaction((tx) => tx.put(services, { ...world.service(), ...changes })),
    deploy(number, changes = {}) {
      const spec = { ...world.service().spec, ...changes };
      store.transaction((tx) => {
        for (const former of store.where(deployments, "service", SERVICE_ARN)) {
          if (former.status === "PRIMARY") tx.put(deployments, { ...former, status: "ACTIVE" });
        }
        tx.put(services, { ...world.service(), spec });
        tx.put(
          deployments,
          exampleDeployment(number, { spec, createdAt: clock.now(), updatedAt: clock.now() }),
        );
      });
    },
    step(fails = () => false) {
      for (const task of world.live()) {
        if (task.lastStatus !== "RUNNING" && task.desiredStatus === "RUNNING" && fails(task)) {
          world.put({
            ...task,
            desiredStatus: "STOPPED",
            lastStatus: "STOPPED",
            stopCode: "TaskFailedToStart",
            stoppedReason: "CannotPullContainerError",
            stoppedAt: clock.now(),
          });
        } else world.put(stepTask(task, clock.now()));
      }
    },
    run(seconds, fails) {
      for (let i = 0; i < seconds; i++) {
        world.reconcile();
        world.step(fails);
        clock.advance(1000);
      }
      world.reconcile();
    },
  };
  return world;
}
