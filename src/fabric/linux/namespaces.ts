/** Named network namespaces, and who is who among namespaces. */
import { type FileHandle, open, readdir, stat, statfs } from "node:fs/promises";
import { NAMESPACE_DIRECTORY } from "../links/names.ts";
import type { NamespaceIdentity } from "../links/plan-links.ts";
import { ipBatchForced, run } from "./commands.ts";

/** File system type of namespaces; a name without it is left from before a reboot, or from a crash. */
const NSFS_MAGIC = 0x6e736673;

export function namespacePath(name: string): string {
  return `${NAMESPACE_DIRECTORY}/${name}`;
}

export function processNamespacePath(processId: number): string {
  return `/proc/${processId}/ns/net`;
}

export async function listNamespaces(prefix: string): Promise<readonly string[]> {
  const names = await readdir(NAMESPACE_DIRECTORY).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => name.startsWith(prefix)).sort();
}

/** Makes the namespace if there is none of the name. @returns whether it did */
export async function ensureNamespace(name: string): Promise<boolean> {
  if (await namespaceExists(name)) return false;
  await deleteNamespace(name);
  await run(undefined, ["ip", "netns", "add", name]);
  return true;
}

export async function namespaceExists(name: string): Promise<boolean> {
  try {
    return (await statfs(namespacePath(name))).type === NSFS_MAGIC;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

/** Removes the name. The namespace itself stays while something runs in it, so its links are removed before. */
export async function deleteNamespace(name: string): Promise<void> {
  const names = await listNamespaces(name);
  if (!names.includes(name)) return;
  await ipBatchForced(undefined, [`netns del ${name}`]);
  if ((await listNamespaces(name)).includes(name)) {
    throw new Error(`the network namespace ${name} cannot be deleted`);
  }
}

/** Undefined when there is no such namespace, or no such process any more. */
export async function namespaceIdentity(path: string): Promise<NamespaceIdentity> {
  try {
    return `net:${(await stat(path)).ino}`;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Holds the namespace while the handle is open. Undefined when it is not the expected one any more. */
export async function openNamespace(
  path: string,
  expected: NamespaceIdentity,
): Promise<FileHandle | undefined> {
  const handle = await open(path).catch((error: unknown) => {
    if (isAbsence(error)) return undefined;
    throw error;
  });
  if (handle === undefined || `net:${(await handle.stat()).ino}` === expected) return handle;
  await handle.close();
  return undefined;
}

/** Means this very namespace, for children too, even if the process that it is of ends and its number goes to another. */
export function fixedPath(handle: FileHandle): string {
  return `/proc/${process.pid}/fd/${handle.fd}`;
}

/** Runs `work` with a path that is fixed meanwhile. Undefined when the namespace is not the expected one any more. */
export async function withNamespace<T>(
  path: string,
  expected: NamespaceIdentity,
  work: (fixedPath: string) => Promise<T>,
): Promise<T | undefined> {
  const handle = await openNamespace(path, expected);
  if (handle === undefined) return undefined;
  try {
    return await work(fixedPath(handle));
  } finally {
    await handle.close();
  }
}

/** A dead process that nobody has waited for has no namespace (ENOENT), one that just ended no directory (ESRCH). */
function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ESRCH" || code === "ENOTDIR";
}
