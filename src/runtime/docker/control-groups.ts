/**
 * A control group of the sandbox, the parent of its containers' groups, where the engine lets them have one: it has the
 * total limits. Where it cannot be had, a sandbox has no total limit, and its containers keep their own.
 */
import { execFile } from "node:child_process";
import { mkdir, readdir, rmdir, stat, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Log } from "../../lib/log.ts";
import type { SandboxSpec } from "../container-runtime.ts";

const ROOT = "/sys/fs/cgroup";
/** The kernel's usual period: a tenth of a second. */
const CPU_PERIOD_MICROSECONDS = 100_000;

export interface EngineControlGroups {
  readonly driver: "cgroupfs" | "systemd" | "none";
  readonly version: 1 | 2;
}

export interface ControlGroups {
  /** Makes the group, with its limits, if it has any; the value is what Docker calls `CgroupParent`. */
  ensure(sandboxId: string, limits: SandboxSpec["limits"]): Promise<string | undefined>;
  remove(sandboxId: string): Promise<void>;
}

export function createControlGroups(engine: EngineControlGroups, log: Log): ControlGroups {
  const groups = engine.driver === "systemd" ? slices() : directories(engine.version);
  return {
    async ensure(sandboxId, limits) {
      if (engine.driver === "none") return undefined;
      try {
        return await groups.ensure(sandboxId, limits);
      } catch (error) {
        log.warn("a task runs without its total limits: its control group could not be made", {
          sandboxId,
          error,
        });
        return undefined;
      }
    },
    remove: groups.remove,
  };
}

/**
 * As the Amazon ECS agent names them (`agent/config/config_unix.go`): programs read the ids of their task and container
 * in /proc/self/cgroup. Ids of tasks are unique over all installations.
 */
const DIRECTORY = "/ecs";
const SLICE = "ecstasks";

/** `/ecs/<task>` in the tree that the engine uses itself. */
function directories(version: 1 | 2): ControlGroups {
  const parent = DIRECTORY;
  return {
    async ensure(sandboxId, limits) {
      for (const { path, value } of limitFiles(version, `${parent}/${sandboxId}`, limits)) {
        const directory = `${ROOT}${path.slice(0, path.lastIndexOf("/"))}`;
        await mkdir(directory, { recursive: true });
        if (version === 2) await delegate(parent);
        await writeFile(`${ROOT}${path}`, value);
      }
      return `${parent}/${sandboxId}`;
    },
    async remove(sandboxId) {
      for (const controller of version === 1 ? await readdir(ROOT) : ["."]) {
        const directory = `${ROOT}/${controller}${parent}/${sandboxId}`;
        if ((await stat(directory).catch(() => undefined)) === undefined) continue;
        // Busy while the last process of it is going away; the next removal takes it.
        await rmdir(directory).catch(() => undefined);
        await rmdir(`${ROOT}/${controller}${parent}`).catch(() => undefined);
      }
    },
  };
}

/** In version 2 a group's children have the controllers that it hands down. */
async function delegate(parent: string): Promise<void> {
  await writeFile(`${ROOT}/cgroup.subtree_control`, "+cpu +memory");
  await writeFile(`${ROOT}${parent}/cgroup.subtree_control`, "+cpu +memory");
}

export function limitFiles(
  version: 1 | 2,
  group: string,
  limits: SandboxSpec["limits"],
): { readonly path: string; readonly value: string }[] {
  const quota =
    limits.nanoCpus === undefined
      ? undefined
      : Math.round((limits.nanoCpus / 1_000_000_000) * CPU_PERIOD_MICROSECONDS);
  const memory = limits.memoryBytes;
  if (version === 2) {
    return [
      ...(quota === undefined
        ? []
        : [{ path: `${group}/cpu.max`, value: `${quota} ${CPU_PERIOD_MICROSECONDS}` }]),
      ...(memory === undefined ? [] : [{ path: `${group}/memory.max`, value: String(memory) }]),
    ];
  }
  return [
    ...(quota === undefined
      ? []
      : [
          { path: `/cpu${group}/cpu.cfs_period_us`, value: String(CPU_PERIOD_MICROSECONDS) },
          { path: `/cpu${group}/cpu.cfs_quota_us`, value: String(quota) },
        ]),
    ...(memory === undefined
      ? []
      : [{ path: `/memory${group}/memory.limit_in_bytes`, value: String(memory) }]),
  ];
}

/** With systemd as the driver the parent is a slice, and systemd sets the limits. */
function slices(): ControlGroups {
  const run = promisify(execFile);
  const slice = (sandboxId: string) => `${SLICE}-${sandboxId}.slice`;
  return {
    async ensure(sandboxId, limits) {
      await run("systemctl", ["start", slice(sandboxId)]);
      const properties = [
        ...(limits.nanoCpus === undefined ? [] : [`CPUQuota=${limits.nanoCpus / 10_000_000}%`]),
        ...(limits.memoryBytes === undefined ? [] : [`MemoryMax=${limits.memoryBytes}`]),
      ];
      if (properties.length > 0) {
        await run("systemctl", ["set-property", "--runtime", slice(sandboxId), ...properties]);
      }
      return slice(sandboxId);
    },
    async remove(sandboxId) {
      await run("systemctl", ["stop", slice(sandboxId)]).catch(() => undefined);
    },
  };
}
