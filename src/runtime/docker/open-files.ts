/**
 * How many open files a container may have where its definition does not say. Without the privilege to raise limits the
 * kernel takes no higher one than the engine's own processes have, and a container that asks for more does not start.
 */
import { readFile } from "node:fs/promises";
import type { ContainerSpec } from "../container-runtime.ts";

export interface OpenFiles {
  readonly soft: number;
  readonly hard: number;
}

/** @param limits what `/proc/<pid>/limits` has of a process that the engine started; undefined when it cannot be read */
export function openFilesWithin(wanted: OpenFiles, limits: string | undefined): OpenFiles | undefined {
  const [, most] = /^Max open files\s+\S+\s+(\d+|unlimited)/m.exec(limits ?? "") ?? [];
  if (most === undefined) return undefined;
  const hard = most === "unlimited" ? wanted.hard : Math.min(wanted.hard, Number(most));
  return { soft: Math.min(wanted.soft, hard), hard };
}

/**
 * With `openFiles` among the limits, as far as the machine allows.
 *
 * @param limitedProcess the id of one that the engine started with limits of its own
 */
export async function withOpenFiles(
  spec: ContainerSpec,
  limitedProcess: () => Promise<number | undefined>,
): Promise<ContainerSpec> {
  const { openFiles, ulimits } = spec;
  if (openFiles === undefined || ulimits.some(({ name }) => name === "nofile")) return spec;
  const possible = openFilesWithin(openFiles, await readLimits(await limitedProcess()));
  return possible === undefined ? spec : { ...spec, ulimits: [...ulimits, { name: "nofile", ...possible }] };
}

async function readLimits(processId: number | undefined): Promise<string | undefined> {
  // Of another machine, or gone since.
  return processId === undefined
    ? undefined
    : readFile(`/proc/${processId}/limits`, "utf8").catch(() => undefined);
}
