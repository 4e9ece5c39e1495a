/**
 * What the tasks on a container instance leave of it. Every task that is not STOPPED holds what it needs, and is
 * counted as it is written, so that asking costs the same however many tasks there are.
 */
import { capacityOf } from "../model/ecs/placement/capacity.ts";
import { type InstanceLoad, NO_LOAD } from "../model/ecs/placement/load.ts";
import { needsOf, type TaskNeeds } from "../model/ecs/placement/needs.ts";
import type { ContainerInstance, Task } from "../model/ecs/records.ts";
import { countsAsPending, countsAsRunning } from "../model/ecs/task-status.ts";
import type { StoreReader } from "./store.ts";
import type { ViewDefinition } from "./table.ts";
import { taskDefinitions, tasks } from "./tables/ecs.ts";

export interface InstanceUsage {
  /** CPU units that are left; below 0 where StartTask overcommitted. */
  readonly cpu: number;
  /** MiB that are left. */
  readonly memory: number;
  /** Host ports that are taken, those that the instance keeps for itself first. */
  readonly portsTcp: readonly number[];
  readonly portsUdp: readonly number[];
  /** Ids of the GPUs that are left. */
  readonly gpus: readonly string[];
  /** `awsvpc` tasks for which ECS has an elastic network interface left. */
  readonly freeInterfaces: number;
  readonly runningTasks: number;
  readonly pendingTasks: number;
  /** All that hold resources, also those that are stopping. */
  readonly tasks: number;
}

type MutableLoad = { -readonly [K in keyof InstanceLoad]: InstanceLoad[K] } & {
  readonly portsTcp: Map<number, number>;
  readonly portsUdp: Map<number, number>;
  readonly groups: Map<string, number>;
};

interface InstanceLoads {
  readonly loads: Map<string, MutableLoad>;
  /** By task: what was added for it, so that exactly this is taken away again. */
  readonly added: Map<string, AddedTask>;
}

interface AddedTask {
  readonly load: MutableLoad;
  readonly needs: TaskNeeds;
  readonly running: number;
  readonly pending: number;
  readonly group: string | undefined;
}

const instanceLoads: ViewDefinition<Task, InstanceLoads> = {
  name: "instance-loads",
  table: tasks,
  create: () => ({ loads: new Map(), added: new Map() }),
  follow: followTask,
};

export function remainingOf(store: StoreReader, containerInstance: ContainerInstance): InstanceUsage {
  const capacity = capacityOf(containerInstance);
  const load = loadOf(store, containerInstance.arn);
  return {
    cpu: capacity.cpu - load.cpu,
    memory: capacity.memory - load.memory,
    portsTcp: [...capacity.portsTcp, ...load.portsTcp.keys()],
    portsUdp: [...capacity.portsUdp, ...load.portsUdp.keys()],
    gpus: capacity.gpus.slice(load.gpus),
    freeInterfaces: Math.max(0, capacity.taskInterfaces - load.interfaces),
    runningTasks: load.running,
    pendingTasks: load.pending,
    tasks: load.tasks,
  };
}

/** As it is now: it changes with the next task that is written. */
export function loadOf(store: StoreReader, containerInstanceArn: string): InstanceLoad {
  return loadsOf(store).get(containerInstanceArn) ?? NO_LOAD;
}

/** By container instance ARN; those without tasks are left out. As they are now. */
export function loadsOf(store: StoreReader): ReadonlyMap<string, InstanceLoad> {
  return store.view(instanceLoads).loads;
}

function followTask(
  view: InstanceLoads,
  before: Task | undefined,
  after: Task | undefined,
  store: StoreReader,
): void {
  if (before !== undefined) takeAway(view, before);
  if (after !== undefined) add(view, after, store);
}

function add(view: InstanceLoads, task: Task, store: StoreReader): void {
  const { containerInstanceArn } = task;
  if (containerInstanceArn === undefined || task.lastStatus === "STOPPED") return;
  const definition = store.get(taskDefinitions, task.taskDefinitionArn);
  if (definition === undefined) return;
  const load = view.loads.get(containerInstanceArn) ?? emptyLoad();
  view.loads.set(containerInstanceArn, load);
  const added: AddedTask = {
    load,
    needs: needsOf(definition, task.overrides),
    running: countsAsRunning(task) ? 1 : 0,
    pending: countsAsPending(task) ? 1 : 0,
    group: task.desiredStatus === "RUNNING" ? task.group : undefined,
  };
  view.added.set(task.arn, added);
  count(added, 1);
}

function takeAway(view: InstanceLoads, task: Task): void {
  const added = view.added.get(task.arn);
  if (added === undefined) return;
  view.added.delete(task.arn);
  count(added, -1);
  if (added.load.tasks === 0 && task.containerInstanceArn !== undefined) {
    view.loads.delete(task.containerInstanceArn);
  }
}

function count({ load, needs, running, pending, group }: AddedTask, sign: 1 | -1): void {
  load.cpu += sign * needs.cpu;
  load.memory += sign * needs.memory;
  load.gpus += sign * needs.gpus;
  load.interfaces += needs.ownInterface ? sign : 0;
  load.running += sign * running;
  load.pending += sign * pending;
  load.tasks += sign;
  for (const port of needs.portsTcp) bump(load.portsTcp, port, sign);
  for (const port of needs.portsUdp) bump(load.portsUdp, port, sign);
  if (group !== undefined) bump(load.groups, group, sign);
}

function bump<K>(counts: Map<K, number>, key: K, by: number): void {
  const value = (counts.get(key) ?? 0) + by;
  if (value === 0) counts.delete(key);
  else counts.set(key, value);
}

function emptyLoad(): MutableLoad {
  return { ...NO_LOAD, portsTcp: new Map(), portsUdp: new Map(), groups: new Map() };
}
