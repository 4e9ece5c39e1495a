/**
 * The image of sandboxes, made here from the machine's own busybox: nothing is pulled. Its process holds the
 * namespaces, reaps what is left to it, and ends at once when told to.
 */
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { finishProgress, isGone } from "./connection.ts";
import { tarOf } from "./tar.ts";

/** The number goes up with any change of what the image holds. */
const REPOSITORY = "berth/pause";
const TAG = "1";
export const PAUSE_IMAGE = `${REPOSITORY}:${TAG}`;

const BUSYBOX_PATHS = ["/bin/busybox", "/usr/bin/busybox"];

/** The shell reaps: while it waits for its own child it collects every other one, too. */
const pauseWith = (sleep: string) => `trap "exit 0" TERM INT; while :; do ${sleep} 86400 & wait $!; done`;

export const PAUSE = pauseWith("sleep");

export const PAUSE_COMMAND = ["/busybox", "sh", "-c", pauseWith("/busybox sleep")];

/** Throws, with the remedy, when the machine has no static busybox. */
export async function ensurePauseImage(docker: Docker): Promise<void> {
  await ensureImage(docker, { repository: REPOSITORY, tag: TAG }, async () =>
    tarOf([{ path: "busybox", mode: 0o755, body: (await findBusybox()).body }]),
  );
}

/** Imports what `archive` makes, unless the engine has an image of that name. */
export async function ensureImage(
  docker: Docker,
  { repository, tag }: { readonly repository: string; readonly tag: string },
  archive: () => Promise<Buffer>,
): Promise<void> {
  try {
    await docker.getImage(`${repository}:${tag}`).inspect();
    return;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  const progress = await docker.importImage(Readable.from([await archive()]), { repo: repository, tag });
  await finishProgress(docker, progress);
}

export async function findBusybox(): Promise<{ readonly path: string; readonly body: Buffer }> {
  for (const path of BUSYBOX_PATHS) {
    const body = await readFile(path).catch(() => undefined);
    if (body !== undefined && isStaticExecutable(body)) return { path, body };
  }
  throw new Error(
    `no statically linked busybox at ${BUSYBOX_PATHS.join(" or ")}; install it: apt-get install busybox-static`,
  );
}

/** An ELF file (64 bits, little-endian) none of whose program headers names an interpreter. */
export function isStaticExecutable(file: Buffer): boolean {
  const ELF_64_LITTLE = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
  const PT_INTERP = 3;
  if (file.length < 64 || ELF_64_LITTLE.some((byte, at) => file[at] !== byte)) return false;
  const start = Number(file.readBigUInt64LE(32));
  const entrySize = file.readUInt16LE(54);
  const count = file.readUInt16LE(56);
  for (let i = 0; i < count; i++) {
    const at = start + i * entrySize;
    if (at + 4 > file.length || file.readUInt32LE(at) === PT_INTERP) return false;
  }
  return true;
}
