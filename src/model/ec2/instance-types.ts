/** Amazon EC2's instance types, with what ECS and the network need to know of them. */
import table from "./instance-types.json" with { type: "json" };

export interface InstanceType {
  /** For example `t2.micro`. */
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** Network interfaces at most, the primary one included. */
  readonly maximumInterfaces: number;
  readonly addressesPerInterface: number;
  /** With ENI trunking: `awsvpc` tasks at most. Absent where ECS does not support it. */
  readonly trunkedTasks?: number | undefined;
  readonly architecture: "x86_64" | "arm64";
  readonly gpus: number;
  readonly currentGeneration: boolean;
  readonly burstable: boolean;
  readonly bareMetal: boolean;
  readonly hypervisor: "nitro" | "xen" | undefined;
}

/**
 * In the table: vCPUs, MiB, interfaces, addresses per interface, tasks with trunking (0: none), GPUs, and marks: `a`
 * arm64, `p` previous generation, `b` burstable, `m` bare metal, `x` Xen. As DescribeInstanceTypes answers (2026);
 * trunking from "Supported instances for increased Amazon ECS container network interfaces".
 */
type Row = readonly [number, number, number, number, number, number, string];

const rows = new Map<string, Row>(Object.entries(table).map(([name, row]) => [name, readRow(name, row)]));

export function findInstanceType(name: string): InstanceType | undefined {
  const row = rows.get(name);
  return row === undefined ? undefined : typeOf(name, row);
}

/** By family, smallest first. */
export function listInstanceTypes(): InstanceType[] {
  return [...rows].map(([name, row]) => typeOf(name, row));
}

function typeOf(name: string, row: Row): InstanceType {
  const [vcpus, memoryMiB, maximumInterfaces, addressesPerInterface, trunkedTasks, gpus, marks] = row;
  const bareMetal = marks.includes("m");
  return {
    name,
    vcpus,
    memoryMiB,
    maximumInterfaces,
    addressesPerInterface,
    trunkedTasks: trunkedTasks === 0 ? undefined : trunkedTasks,
    architecture: marks.includes("a") ? "arm64" : "x86_64",
    gpus,
    currentGeneration: !marks.includes("p"),
    burstable: marks.includes("b"),
    bareMetal,
    hypervisor: bareMetal ? undefined : marks.includes("x") ? "xen" : "nitro",
  };
}

/** JSON knows no tuples: what the file holds is checked once. */
function readRow(name: string, row: readonly (string | number)[]): Row {
  const numbers = row.slice(0, 6).map(Number);
  const [vcpus, memoryMiB, interfaces, addresses, trunked, gpus] = numbers;
  const marks = row[6];
  if (
    vcpus === undefined ||
    memoryMiB === undefined ||
    interfaces === undefined ||
    addresses === undefined ||
    trunked === undefined ||
    gpus === undefined ||
    typeof marks !== "string" ||
    numbers.some(Number.isNaN)
  ) {
    throw new Error(`the table of instance types has a broken row: ${name}`);
  }
  return [vcpus, memoryMiB, interfaces, addresses, trunked, gpus, marks];
}
