/**
 * Carries tasks through their life, one step at a time. What there is to do is planned from the store and the engine
 * alone (`plan-task.ts`), so that tasks go on where they were when Berth was killed; only long steps that are under
 * way (pulls, stops) are remembered, so that they are not begun twice.
 */
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import { type Result, success } from "../../lib/result.ts";
import type { Task } from "../../model/ecs/records.ts";
import type { ContainerRuntime, ObservedContainer, RuntimeFailure } from "../../runtime/container-runtime.ts";
import type { Store } from "../../store/store.ts";
import { discoveryInstances } from "../../store/tables/cloudmap.ts";
import { instances, networkInterfaces } from "../../store/tables/ec2.ts";
import {
  bridgeEndpoints,
  containerInstances,
  taskDefinitions,
  taskRegistrations,
  tasks,
} from "../../store/tables/ecs.ts";
import { targets } from "../../store/tables/elb.ts";
import { Controller, type ReconcileResult } from "../controller.ts";
import { applyStep } from "./apply-step.ts";
import { createHostPorts } from "./host-ports.ts";
import { createImagePuller } from "./image-puller.ts";
import { imageSource } from "./image-source.ts";
import { createLogFollower } from "./log-follower.ts";
import type { LogSink } from "./log-sink.ts";
import type { ObjectReader } from "./object-reader.ts";
import { planTask } from "./plan-task.ts";
import type { TaskHost } from "./task-host.ts";
import type { SecretReader } from "./task-secrets.ts";
import type { TaskView } from "./task-view.ts";
import type { StepDeps } from "./write-task.ts";

/** Steps wait for the engine, not for the processor. */
const CONCURRENCY = 64;
/** More than the steps of any task's life: a plan that never comes to rest is a bug, and must not spin. */
const MOST_STEPS = 500;
const ORPHAN_RETRY_MS = 5_000;

export interface TaskReconcilerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly runtime: ContainerRuntime;
  readonly logs: LogSink;
  readonly settings: {
    readonly publicPool: string;
    readonly endpoint: string;
    /** Whether SDKs in containers are pointed at Berth. */
    readonly awsEndpoint?: boolean | undefined;
    /** Holds a directory for each EFS file system that tasks mount. */
    readonly fileSystems: string;
  };
  readonly readSecret: SecretReader;
  readonly readObject: ObjectReader;
  /** What the engine is to pull for an image of a task definition. */
  imageReference(image: string): string;
  registryCredentials(image: string): { readonly username: string; readonly password: string } | undefined;
  registrationComplete(task: Task): boolean;
  deregistrationComplete(task: Task): boolean;
}

export interface TaskReconciler {
  start(): void;
  stop(): Promise<void>;
  /** Resolves when nothing runs and nothing waits but for time; for tests. */
  settled(): Promise<void>;
}

export function createTaskReconciler(deps: TaskReconcilerDeps): TaskReconciler {
  const { store, clock, log, runtime } = deps;
  const runningSince = clock.now();
  const follower = createLogFollower(deps);
  const puller = createImagePuller(
    {
      ...deps,
      imageSource: (task, container) => imageSource(deps, task, container),
    },
    (taskArn) => controller.enqueue(taskArn),
  );
  const steps: StepDeps = {
    ...deps,
    follower,
    publicPool: deps.settings.publicPool,
    awsEndpoint: deps.settings.awsEndpoint,
    fileSystems: deps.settings.fileSystems,
    hostPorts: createHostPorts(),
    pull: (task, containers) => puller.pull(task, containers),
  };
  const controller = new Controller({
    name: "task",
    clock,
    log,
    concurrency: CONCURRENCY,
    reconcile: (taskArn) => reconcileTask(deps, steps, taskArn, runningSince),
  });
  let stopped = false;
  const removeOrphans = async () => {
    if (stopped) return;
    const result = await removeOrphanSandboxes(store, runtime);
    if (result.ok) return;
    log.warn("cannot remove the sandboxes of tasks that are gone", { reason: result.failure });
    clock.after(ORPHAN_RETRY_MS, () => void removeOrphans());
  };
  return {
    start() {
      follower.start();
      enqueueOnChanges(store, (taskArn) => controller.enqueue(taskArn));
      runtime.watch((sandboxId) => {
        for (const task of store.where(tasks, "taskId", sandboxId)) controller.enqueue(task.arn);
        enqueueTasksOn(store, sandboxId, (taskArn) => controller.enqueue(taskArn));
      });
      for (const task of store.list(tasks)) controller.enqueue(task.arn);
      void removeOrphans();
    },
    async stop() {
      stopped = true;
      await controller.stop();
      await follower.stop();
    },
    settled: () => controller.settled(),
  };
}

/** Whatever the plan of a task looks at in the store, besides what the engine tells. */
function enqueueOnChanges(store: Store, enqueue: (taskArn: string) => void): void {
  store.onChange(tasks, ({ key, after }) => {
    if (after !== undefined) enqueue(key);
  });
  store.onChange(networkInterfaces, ({ before, after }) => {
    const owner = (after ?? before)?.owner;
    if (owner?.kind === "ecs-task") enqueue(owner.taskArn);
  });
  store.onChange(bridgeEndpoints, ({ after }) => {
    if (after !== undefined) enqueue(after.taskArn);
  });
  store.onChange(instances, ({ key, before, after }) => {
    const same =
      before?.state === after?.state &&
      before?.desiredState === after?.desiredState &&
      before?.sandbox?.processId === after?.sandbox?.processId;
    if (!same) enqueueTasksOn(store, key, enqueue);
  });
  store.onChange(containerInstances, ({ key, before, after }) => {
    if (before !== undefined && after !== undefined) return;
    for (const task of store.where(tasks, "containerInstance", key)) enqueue(task.arn);
  });
  store.onChange(taskRegistrations, ({ key }) => enqueue(key));
  store.onChange(targets, ({ key, after }) => {
    if (after !== undefined) return;
    for (const { taskArn } of store.where(taskRegistrations, "target", key)) enqueue(taskArn);
  });
  store.onChange(discoveryInstances, ({ key, after }) => {
    if (after !== undefined) return;
    for (const { taskArn } of store.where(taskRegistrations, "instance", key)) enqueue(taskArn);
  });
}

function enqueueTasksOn(store: Store, instanceId: string, enqueue: (taskArn: string) => void): void {
  for (const { arn } of store.where(containerInstances, "instance", instanceId)) {
    for (const task of store.where(tasks, "containerInstance", arn)) enqueue(task.arn);
  }
}

/** Pause and other containers whose task has stopped, or that belong to no task at all. */
async function removeOrphanSandboxes(
  store: Store,
  runtime: ContainerRuntime,
): Promise<Result<undefined, RuntimeFailure>> {
  const listed = await runtime.listSandboxes();
  if (!listed.ok) return listed;
  for (const sandboxId of listed.value) {
    // Machines are reconcile/instance's.
    if (sandboxId.startsWith("i-")) continue;
    if (store.where(tasks, "taskId", sandboxId).some((task) => task.lastStatus !== "STOPPED")) continue;
    const removed = await runtime.removeSandbox(sandboxId);
    if (!removed.ok) return removed;
  }
  return success(undefined);
}

async function reconcileTask(
  deps: TaskReconcilerDeps,
  steps: StepDeps,
  taskArn: string,
  runningSince: number,
): Promise<ReconcileResult | undefined> {
  for (let count = 0; count < MOST_STEPS; count++) {
    const view = await look(deps, taskArn, runningSince);
    if (view === undefined) return undefined;
    const step = planTask(view);
    if (step.kind !== "wait") {
      deps.log.debug("task step", { taskArn, status: view.task.lastStatus, step: step.kind });
    }
    const result = await applyStep(steps, view, step);
    if (result !== "again") return result;
  }
  throw new Error(`the plan of ${taskArn} does not come to rest`);
}

async function look(
  deps: TaskReconcilerDeps,
  taskArn: string,
  runningSince: number,
): Promise<TaskView | undefined> {
  const { store, clock, runtime } = deps;
  const before = store.get(tasks, taskArn);
  if (before === undefined) return undefined;
  let observed: readonly ObservedContainer[] = [];
  if (before.lastStatus !== "STOPPED") {
    const result = await runtime.observeSandbox(before.taskId);
    if (!result.ok) throw new Error(`container engine: ${result.failure.kind}: ${result.failure.message}`);
    observed = result.value;
  }
  const upSince = before.lastStatus === "STOPPED" ? undefined : await observeMachine(deps, before);
  // Read after the engine has answered: what a handler wrote meanwhile must be seen.
  const task = store.get(tasks, taskArn);
  if (task === undefined) return undefined;
  return {
    task,
    definition: store.get(taskDefinitions, task.taskDefinitionArn),
    networkInterface: store.where(networkInterfaces, "owner", taskArn)[0],
    host: hostOf(store, task, upSince),
    endpoints: store.where(bridgeEndpoints, "task", taskArn),
    observed,
    registrationComplete: deps.registrationComplete(task),
    deregistrationComplete: deps.deregistrationComplete(task),
    now: clock.now(),
    runningSince,
  };
}

function instanceIdOf(store: Store, { containerInstanceArn }: Task): string | undefined {
  return containerInstanceArn === undefined
    ? undefined
    : store.get(containerInstances, containerInstanceArn)?.ec2InstanceId;
}

/** Since when the machine that the task is on has been up. */
async function observeMachine(
  { store, runtime }: TaskReconcilerDeps,
  task: Task,
): Promise<number | undefined> {
  const instanceId = instanceIdOf(store, task);
  if (instanceId === undefined) return undefined;
  const result = await runtime.observeSandbox(instanceId);
  if (!result.ok) throw new Error(`container engine: ${result.failure.kind}: ${result.failure.message}`);
  return result.value.find(({ name, state }) => name === undefined && state === "running")?.startedAt;
}

function hostOf(store: Store, task: Task, upSince: number | undefined): TaskHost | undefined {
  const { containerInstanceArn } = task;
  const containerInstance =
    containerInstanceArn === undefined ? undefined : store.get(containerInstances, containerInstanceArn);
  if (containerInstance === undefined) return undefined;
  const { ec2InstanceId } = containerInstance;
  const instance = ec2InstanceId === undefined ? undefined : store.get(instances, ec2InstanceId);
  return { containerInstance, instance, upSince };
}
