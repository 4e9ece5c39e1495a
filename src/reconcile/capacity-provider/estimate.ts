/** How many instances tasks need that wait for one: first fit, the largest task first. Pure. */
import type { TaskNeeds } from "../../model/ecs/placement/needs.ts";

/** What a new instance of the group has to give. */
export interface Bin {
  /** CPU units. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: number;
  /** `awsvpc` tasks that find an elastic network interface. */
  readonly interfaces: number;
  readonly gpus: number;
}

export interface WaitingTask {
  readonly needs: TaskNeeds;
  /** Placement constraint distinctInstance: the group of which one instance takes a single task. */
  readonly distinctGroup?: string | undefined;
}

interface OpenBin {
  cpu: number;
  memory: number;
  interfaces: number;
  gpus: number;
  readonly ports: Set<string>;
  readonly groups: Set<string>;
}

/** Tasks that no instance of that size could ever hold call for none. */
export function instancesFor(tasks: readonly WaitingTask[], bin: Bin): number {
  const open: OpenBin[] = [];
  const empty = (): OpenBin => ({ ...bin, ports: new Set(), groups: new Set() });
  const ordered = [...tasks].sort((a, b) => b.needs.memory - a.needs.memory || b.needs.cpu - a.needs.cpu);
  for (const task of ordered) {
    let found = open.find((candidate) => fits(candidate, task));
    if (found === undefined) {
      found = empty();
      if (!fits(found, task)) continue;
      open.push(found);
    }
    take(found, task);
  }
  return open.length;
}

function portsOf({ needs }: WaitingTask): string[] {
  return [...needs.portsTcp.map((port) => `tcp/${port}`), ...needs.portsUdp.map((port) => `udp/${port}`)];
}

function fits(bin: OpenBin, task: WaitingTask): boolean {
  const { needs, distinctGroup } = task;
  return (
    needs.cpu <= bin.cpu &&
    needs.memory <= bin.memory &&
    needs.gpus <= bin.gpus &&
    (!needs.ownInterface || bin.interfaces > 0) &&
    portsOf(task).every((port) => !bin.ports.has(port)) &&
    (distinctGroup === undefined || !bin.groups.has(distinctGroup))
  );
}

function take(bin: OpenBin, task: WaitingTask): void {
  const { needs, distinctGroup } = task;
  bin.cpu -= needs.cpu;
  bin.memory -= needs.memory;
  bin.gpus -= needs.gpus;
  if (needs.ownInterface) bin.interfaces--;
  for (const port of portsOf(task)) bin.ports.add(port);
  if (distinctGroup !== undefined) bin.groups.add(distinctGroup);
}
