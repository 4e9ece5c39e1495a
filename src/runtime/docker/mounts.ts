/** Volumes as the engine mounts them: its own ones by name, everything else by a path of this machine. */
import { mkdir, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import type Docker from "dockerode";
import { unreachable } from "../../lib/assert.ts";
import type { ContainerSpec, MountSource } from "../container-runtime.ts";
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
  engine: MountingEngine,
  { sandboxId, name, mounts }: Pick<ContainerSpec, "sandboxId" | "name" | "mounts">,
): Promise<Docker.MountSettings[]> {
  const resolved: Docker.MountSettings[] = [];
  for (const [index, { source, containerPath, readOnly }] of mounts.entries()) {
    const target = { Target: containerPath, ReadOnly: readOnly };
    const holder = { sandboxId, name: `${name}.${index}` };
    resolved.push(
      source.kind === "volume"
        ? { ...target, ...(await volumeMount(engine.docker, engine.installation, source)) }
        : { ...target, Type: "bind", Source: await pathOf(engine, holder, source) },
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
  holder: { readonly sandboxId: string; readonly name: string },
  source: Exclude<MountSource, { kind: "volume" }>,
): Promise<string> {
  switch (source.kind) {
    case "machine": {
      const root = await machineRoot(docker, sandboxName(installation, source.sandboxId));
      return files.hold({ ...holder, root, path: source.path });
    }
    case "directory":
      return files.hold({ ...holder, root: await makeRoot(source.root), path: source.path });
    case "own-file":
      return files.writeFile(source);
    case "own-directory":
      return files.makeDirectory(source);
    default:
      return unreachable(source);
  }
}

/** Returns the path without links. What containers write there, nobody else on this machine is to run. */
async function makeRoot(root: string): Promise<string> {
  try {
    await mkdir(dirname(root), { recursive: true, mode: 0o700 });
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
