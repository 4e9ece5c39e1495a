/** Volumes as the engine mounts them: its own ones by name, everything else by a path of this machine. */
import { lstat, mkdir, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { unreachable } from "../../lib/assert.ts";
import type { Mount, MountSource } from "../container-runtime.ts";
import { isGone } from "./connection.ts";
import { sandboxLabels, sandboxName, volumeName } from "./create-options.ts";
import type { SandboxFiles } from "./sandbox-files.ts";

export interface MountingEngine {
  readonly docker: Docker;
  readonly installation: string;
  readonly files: SandboxFiles;
}

/** Throws, in words for the user, what cannot be mounted. */
export async function resolveMounts(
  { docker, installation, files }: MountingEngine,
  mounts: readonly Mount[],
): Promise<Docker.MountSettings[]> {
  const resolved: Docker.MountSettings[] = [];
  for (const { source, containerPath, readOnly } of mounts) {
    const target = { Target: containerPath, ReadOnly: readOnly };
    resolved.push(
      source.kind === "volume"
        ? { ...target, ...(await volumeMount(docker, installation, source)) }
        : { ...target, Type: "bind", Source: await pathOf({ docker, installation, files }, source) },
    );
  }
  return resolved;
}

async function volumeMount(
  docker: Docker,
  installation: string,
  source: Extract<MountSource, { kind: "volume" }>,
): Promise<Pick<Docker.MountSettings, "Type" | "Source" | "VolumeOptions">> {
  const { sandboxId, volume, labels, driverOptions, mustExist } = source;
  const name = volumeName(installation, sandboxId, volume);
  if (mustExist === true && !(await exists(docker, name))) {
    throw new Error(
      `initialize volume: volume detection failed, volume '${volume}' does not exist and autoprovision is set to false`,
    );
  }
  return {
    Type: "volume",
    Source: name,
    VolumeOptions: {
      NoCopy: false,
      Labels: { ...labels, ...sandboxLabels(installation, sandboxId) },
      DriverConfig: { Name: "local", Options: { ...driverOptions } },
    },
  };
}

async function exists(docker: Docker, name: string): Promise<boolean> {
  try {
    await docker.getVolume(name).inspect();
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

async function pathOf(
  { docker, installation, files }: MountingEngine,
  source: Exclude<MountSource, { kind: "volume" }>,
): Promise<string> {
  switch (source.kind) {
    case "machine":
      return pathBelow(await machineRoot(docker, sandboxName(installation, source.sandboxId)), source.path);
    case "directory":
      return pathBelow(await makeRoot(source.root), source.path);
    case "own-file":
      return files.writeFile(source);
    case "own-directory":
      return files.makeDirectory(source);
    default:
      return unreachable(source);
  }
}

/** Returns the path without links. */
async function makeRoot(root: string): Promise<string> {
  try {
    await mkdir(root, { recursive: true, mode: 0o755 });
    return await realpath(root);
  } catch (error) {
    throw new Error(`cannot make ${root}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Where the storage driver has the file system of a running container. */
async function machineRoot(docker: Docker, name: string): Promise<string> {
  const { GraphDriver: storage } = await docker.getContainer(name).inspect();
  const data: Readonly<Record<string, unknown>> = { ...storage.Data };
  if (typeof data["MergedDir"] === "string") return data["MergedDir"];
  throw new Error(`the container engine's storage driver ${storage.Name} shows no file systems of instances`);
}

/**
 * The engine follows links anew whenever it starts a container. What another container put in the way since the mount
 * was resolved would lead into this machine's own file system. Undefined when nothing did.
 */
export async function movedMount(
  mounts: readonly Pick<Docker.MountSettings, "Type" | "Source">[],
): Promise<string | undefined> {
  for (const { Type, Source } of mounts) {
    if (Type !== "bind") continue;
    const now = await realpath(Source).catch(() => undefined);
    if (now !== Source)
      return `invalid mount config for type "bind": bind source path does not exist: ${Source}`;
  }
  return undefined;
}

/** As many as the kernel follows in one path. */
const MOST_LINKS = 40;

/**
 * The place that `path` names when `root` is the root of all paths, links included; directories that are not there are
 * made. Throws when something in the way is no directory, or links go round in a circle.
 */
export async function pathBelow(root: string, path: string): Promise<string> {
  let links = 0;
  let left = path.split("/");
  let done: string[] = [];
  while (left.length > 0) {
    const [name = "", ...others] = left;
    left = others;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      done = done.slice(0, -1);
      continue;
    }
    const here = join(root, ...done, name);
    const found = await lstat(here).catch(() => undefined);
    if (found === undefined) await makeDirectory(here, path);
    if (found?.isSymbolicLink() !== true) {
      done = [...done, name];
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw cannotMake(path, "too many levels of symbolic links");
    const target = await readlink(here);
    if (target.startsWith("/")) done = [];
    left = [...target.split("/"), ...left];
  }
  return join(root, ...done);
}

/** The engine's words for the same. Not the system's own error, which would look as if the engine could not be reached. */
function cannotMake(path: string, problem: string): Error {
  return new Error(`error while creating mount source path '${path}': mkdir ${path}: ${problem}`);
}

async function makeDirectory(here: string, path: string): Promise<void> {
  try {
    await mkdir(here, { mode: 0o755 });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return;
    throw cannotMake(path, code === "ENOTDIR" ? "not a directory" : String(code));
  }
}
