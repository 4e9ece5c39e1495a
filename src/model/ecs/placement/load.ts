/** What the tasks on one container instance hold together. */

export interface InstanceLoad {
  /** CPU units. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: number;
  /** By host port, how many tasks hold it. */
  readonly portsTcp: ReadonlyMap<number, number>;
  readonly portsUdp: ReadonlyMap<number, number>;
  readonly gpus: number;
  /** Elastic network interfaces of tasks. */
  readonly interfaces: number;
  readonly running: number;
  readonly pending: number;
  /** All that hold resources, also those that are stopping. */
  readonly tasks: number;
  /** By task group, the tasks that are meant to stay. */
  readonly groups: ReadonlyMap<string, number>;
}

export const NO_LOAD: InstanceLoad = {
  cpu: 0,
  memory: 0,
  portsTcp: new Map(),
  portsUdp: new Map(),
  gpus: 0,
  interfaces: 0,
  running: 0,
  pending: 0,
  tasks: 0,
  groups: new Map(),
};
