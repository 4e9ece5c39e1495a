/** Which CPU and memory Fargate offers together (developer guide, "Task CPU and memory"). */

/** Memory choices in MiB by CPU units. */
const SIZES: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1024, 2048]],
  [512, range(1024, 4096, 1024)],
  [1024, range(2048, 8192, 1024)],
  [2048, range(4096, 16384, 1024)],
  [4096, range(8192, 30720, 1024)],
  [8192, range(16384, 61440, 4096)],
  [16384, range(32768, 122880, 8192)],
]);

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}

export function isFargateSize(cpu: string | undefined, memory: string | undefined): boolean {
  return SIZES.get(Number(cpu))?.includes(Number(memory)) ?? false;
}

/** `"1 vCPU"` is `"1024"`, `".5 vcpu"` is `"512"`; undefined when it is no CPU size. */
export function parseCpu(text: string): string | undefined {
  const units = /^\d+$/.exec(text.trim());
  if (units) return text.trim();
  const vcpus = /^(\d*\.?\d+)\s*vcpu$/i.exec(text.trim())?.[1];
  return vcpus === undefined ? undefined : String(Math.round(Number(vcpus) * 1024));
}

/** `"2 GB"` is `"2048"`; undefined when it is no memory size. */
export function parseMemory(text: string): string | undefined {
  const mebibytes = /^(\d+)(?:\s*(?:MB|MiB))?$/i.exec(text.trim())?.[1];
  if (mebibytes !== undefined) return mebibytes;
  const gibibytes = /^(\d*\.?\d+)\s*(?:GB|GiB)$/i.exec(text.trim())?.[1];
  return gibibytes === undefined ? undefined : String(Math.round(Number(gibibytes) * 1024));
}
