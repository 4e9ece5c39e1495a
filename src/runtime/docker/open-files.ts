/**
 * How many open files a container may have where its definition does not say. Without the privilege to raise limits the
 * kernel takes no higher one than the engine's own processes have, and a container that asks for more does not start.
 */
import { readFile } from "node:fs/promises";
import type Docker from "dockerode";

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

/** Of any process that the engine runs for us on this machine. */
export async function readLimits(
  docker: Docker,
  containerId: string | undefined,
): Promise<string | undefined> {
  if (containerId === undefined) return undefined;
  try {
    const { State } = await docker.getContainer(containerId).inspect();
    return await readFile(`/proc/${State.Pid}/limits`, "utf8");
  } catch {
    // Of another machine, or gone since.
    return undefined;
  }
}
