/** What a container uses. The engine knows nothing of interfaces that others put into its namespaces: the kernel does. */
import { readFile } from "node:fs/promises";
import type Docker from "dockerode";
import { failure, type Result, success } from "../../lib/result.ts";
import type { ContainerStats, RuntimeFailure } from "../container-runtime.ts";
import { isGone, toFailure } from "./connection.ts";

/** Takes a second: the engine looks twice, so that processor use can be told from the difference. */
export async function readStats(
  docker: Docker,
  containerId: string,
): Promise<Result<ContainerStats | undefined, RuntimeFailure>> {
  try {
    const container = docker.getContainer(containerId);
    const [info, stats] = await Promise.all([container.inspect(), container.stats({ stream: false })]);
    if (!info.State.Running) return success(undefined);
    const networks = await readInterfaces(info.State.Pid);
    return success(networks === undefined ? { ...stats } : { ...stats, networks });
  } catch (error) {
    return isGone(error) ? success(undefined) : failure(toFailure("create-failed", error));
  }
}

/** The columns of `/proc/net/dev`, by the names that Docker has for them. */
const COLUMNS = [
  "rx_bytes",
  "rx_packets",
  "rx_errors",
  "rx_dropped",
  undefined,
  undefined,
  undefined,
  undefined,
  "tx_bytes",
  "tx_packets",
  "tx_errors",
  "tx_dropped",
] as const;

/** Undefined when the process is not on this machine, or has ended. */
async function readInterfaces(processId: number): Promise<Record<string, object> | undefined> {
  try {
    return parseInterfaces(await readFile(`/proc/${processId}/net/dev`, "utf8"));
  } catch {
    return undefined;
  }
}

export function parseInterfaces(text: string): Record<string, object> {
  const interfaces: Record<string, object> = {};
  for (const line of text.split("\n")) {
    const [, name, counters] = /^\s*([^:\s]+):\s*(.+)$/.exec(line) ?? [];
    if (name === undefined || counters === undefined || name === "lo") continue;
    const values = counters.trim().split(/\s+/).map(Number);
    interfaces[name] = Object.fromEntries(
      COLUMNS.flatMap((column, index) => (column === undefined ? [] : [[column, values[index] ?? 0]])),
    );
  }
  return interfaces;
}
