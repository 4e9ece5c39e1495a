/** What follows from an instance type's name and size. */
import type { InstanceType } from "./instance-types.ts";

export interface Cores {
  readonly cores: number;
  readonly threadsPerCore: number;
}

/** One thread a core on Graviton, T2 and AMD's from the seventh generation on; else two (EC2 guide, "CPU options"). */
const ONE_THREAD = /^(t1|t2|m1|m2|c1|[cmr][78]a|hpc\w+|mac\w*)\./;

export function coresOf({ name, vcpus, architecture }: InstanceType): Cores {
  const single = architecture === "arm64" || vcpus === 1 || ONE_THREAD.test(name);
  return single ? { cores: vcpus, threadsPerCore: 1 } : { cores: vcpus / 2, threadsPerCore: 2 };
}

export interface Gpu {
  readonly manufacturer: string;
  readonly name: string;
  readonly memoryMiB: number;
}

/** By family, as DescribeInstanceTypes answers (2026). */
const GPUS: Readonly<Record<string, readonly [manufacturer: string, name: string, memoryMiB: number]>> = {
  dl1: ["Habana", "Gaudi HL-205", 32_768],
  g4ad: ["AMD", "Radeon Pro V520", 8192],
  g4dn: ["NVIDIA", "T4", 16_384],
  g5: ["NVIDIA", "A10G", 22_888],
  g5g: ["NVIDIA", "T4g", 16_384],
  g6: ["NVIDIA", "L4", 22_888],
  gr6: ["NVIDIA", "L4", 22_888],
  g6e: ["NVIDIA", "L40S", 45_776],
  g7e: ["NVIDIA", "RTX PRO Server 6000", 98_304],
  p3dn: ["NVIDIA", "V100", 32_768],
  p4d: ["NVIDIA", "A100", 40_960],
  p4de: ["NVIDIA", "A100", 81_920],
  p5: ["NVIDIA", "H100", 81_920],
  p5e: ["NVIDIA", "H200", 144_384],
  p5en: ["NVIDIA", "H200", 144_384],
  "p6-b200": ["NVIDIA", "B200", 183_359],
  "p6-b300": ["NVIDIA", "B300", 275_040],
};

/** Undefined without GPUs, and for families whose GPUs differ from size to size. */
export function gpuOf({ name, gpus }: InstanceType): Gpu | undefined {
  const row = gpus > 0 ? GPUS[name.slice(0, name.indexOf("."))] : undefined;
  return row && { manufacturer: row[0], name: row[1], memoryMiB: row[2] };
}
