/**
 * Paths in directories that containers write to while they are walked. Each step starts from a handle of the one
 * before, never from a name that may have become a link since (openat(2), by way of /proc/self/fd).
 */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readlink } from "node:fs/promises";

/** open(2); Node does not name it. A handle that is a place alone: nothing can be read or written by it. */
const O_PATH = 0o10000000;
/** As many as the kernel follows in one path. */
const MOST_LINKS = 40;

/**
 * A handle of the place that `path` names when `root` is the root of all paths, links included; directories that are
 * not there are made. The caller closes it. Throws, in the engine's words, when something in the way is no directory,
 * or links go round in a circle.
 */
export async function openBelow(root: string, path: string): Promise<FileHandle> {
  const first = await openPlace(root, path);
  if (first === undefined) throw cannotMake(path, "ENOENT");
  const way: Way = { root: first, below: [] };
  let place: FileHandle | undefined;
  try {
    await walk(way, path);
    place = way.below.at(-1) ?? way.root;
    return place;
  } finally {
    for (const handle of [way.root, ...way.below]) if (handle !== place) await handle.close();
  }
}

/** What was gone through. */
interface Way {
  readonly root: FileHandle;
  readonly below: FileHandle[];
}

async function walk({ root, below }: Way, path: string): Promise<void> {
  let links = 0;
  let left = path.split("/");
  while (left.length > 0) {
    const [name = "", ...others] = left;
    left = others;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      await below.pop()?.close();
      continue;
    }
    const here = `/proc/self/fd/${(below.at(-1) ?? root).fd}/${name}`;
    const found = await openOrMake(here, path);
    if (!(await found.stat()).isSymbolicLink()) {
      below.push(found);
      continue;
    }
    await found.close();
    links += 1;
    if (links > MOST_LINKS) throw cannotMake(path, "ELOOP");
    // What is no link any more is looked at once more.
    const target = await readlink(here).catch(() => name);
    if (target.startsWith("/")) for (const handle of below.splice(0)) await handle.close();
    left = [...target.split("/"), ...left];
  }
}

async function openOrMake(here: string, path: string): Promise<FileHandle> {
  const found = await openPlace(here, path);
  if (found !== undefined) return found;
  try {
    await mkdir(here, { mode: 0o755 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw cannotMake(path, codeOf(error));
  }
  const made = await openPlace(here, path);
  if (made === undefined) throw cannotMake(path, "ENOENT");
  return made;
}

/** Of a link itself, not of what it leads to. Undefined when nothing is there. */
async function openPlace(here: string, path: string): Promise<FileHandle | undefined> {
  try {
    return await open(here, O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw cannotMake(path, codeOf(error));
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** The engine's words for the same. Not the system's own error, which would look as if the engine could not be reached. */
function cannotMake(path: string, code: string): Error {
  const problem = PROBLEMS[code] ?? code;
  return new Error(`error while creating mount source path '${path}': mkdir ${path}: ${problem}`);
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  ENOTDIR: "not a directory",
  ELOOP: "too many levels of symbolic links",
};
