/**
 * Places that other containers write to, held for the engine: it would follow their links anew whenever it starts a
 * container, and what was put in the way meanwhile would lead into this machine's own file system. Each is mounted at a
 * path where no container can change anything, and stays there until the sandbox goes.
 */
import { execFile } from "node:child_process";
import { type FileHandle, mkdir, readdir, realpath, rmdir, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { openBelow } from "./path-below.ts";

const run = promisify(execFile);

/** Within a sandbox's own directory. */
const MOUNTS = "mounts";

export interface HeldPlace {
  /** The sandbox that it is held for, and a name of its own there, which is a file's. */
  readonly sandboxId: string;
  readonly name: string;
  readonly root: string;
  /** Below `root`, as `openBelow` has it. */
  readonly path: string;
}

/** Anew, whatever was held by that name. Returns the path for the engine. */
export async function holdPlace(files: string, { sandboxId, name, root, path }: HeldPlace): Promise<string> {
  const place = await openBelow(root, path);
  try {
    const mounts = join(files, sandboxId, MOUNTS);
    await mkdir(mounts, { recursive: true, mode: 0o700 });
    const target = join(await realpath(mounts), name);
    await letGo(target);
    if ((await place.stat()).isDirectory()) await mkdir(target, { mode: 0o700 });
    else await writeFile(target, "", { flag: "wx", mode: 0o600 });
    await mountAt(place, target);
    return target;
  } finally {
    await place.close();
  }
}

/** All that is held for the sandbox. Only what is empty is removed: nothing of what was mounted. */
export async function releasePlaces(files: string, sandboxId: string): Promise<void> {
  const mounts = join(files, sandboxId, MOUNTS);
  for (const name of await readdir(mounts).catch(() => [])) await letGo(join(mounts, name));
}

/**
 * Throws, in the engine's words, when one of the engine's sources should be held and is not: this machine was started
 * anew. The kernel tells: it removes nothing that something is mounted on.
 */
export async function requireHeld(files: string, sources: readonly string[]): Promise<void> {
  const root = await realpath(files).catch(() => files);
  for (const source of sources) {
    const [, within] = source.startsWith(`${root}/`) ? source.slice(root.length + 1).split("/") : [];
    if (within === MOUNTS && (await removeEmpty(source))) {
      throw new Error(`invalid mount config for type "bind": bind source path does not exist: ${source}`);
    }
  }
}

async function mountAt(place: FileHandle, target: string): Promise<void> {
  // The command is not to read where the link leads: by then, something else may have that name.
  const source = `/proc/${process.pid}/fd/${place.fd}`;
  await run("mount", ["--no-canonicalize", "--bind", source, target]);
  const [wanted, found] = [await place.stat(), await stat(target)];
  if (wanted.dev !== found.dev || wanted.ino !== found.ino) throw new Error(`cannot mount ${target}`);
}

async function letGo(target: string): Promise<void> {
  while (!(await removeEmpty(target))) await run("umount", ["--lazy", "--no-canonicalize", target]);
}

/** False when something is mounted there. */
async function removeEmpty(target: string): Promise<boolean> {
  try {
    await rmdir(target);
    return true;
  } catch (error) {
    switch (codeOf(error)) {
      case "ENOENT":
        return true;
      case "EBUSY":
        return false;
      case "ENOTDIR":
        return removeEmptyFile(target);
      default:
        throw error;
    }
  }
}

async function removeEmptyFile(target: string): Promise<boolean> {
  try {
    await unlink(target);
    return true;
  } catch (error) {
    if (codeOf(error) === "EBUSY") return false;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
