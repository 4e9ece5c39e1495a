/**
 * Files and directories of a sandbox's own on this machine: `<files>/<sandbox>/…`. They may hold secrets: nobody but
 * their owner reads them, and they go with the sandbox.
 */
import { chmod, chown, mkdir, open, readdir, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { MountSource } from "../container-runtime.ts";
import { type HeldPlace, holdPlace, releasePlaces, requireHeld } from "./held-mounts.ts";

type OwnFile = Extract<MountSource, { kind: "own-file" }>;
type OwnDirectory = Extract<MountSource, { kind: "own-directory" }>;

/** unix(7): `sun_path` has 108 bytes, with the zero at the end. */
const LONGEST_SOCKET_PATH = 107;

/** Short, since paths of sockets are. */
export function sandboxFilesIn(stateDirectory: string): string {
  return join(stateDirectory, "files");
}

export interface SandboxFiles {
  /** Anew, whatever was there; whole or not at all. Returns its path. */
  writeFile(source: OwnFile): Promise<string>;
  makeDirectory(source: OwnDirectory): Promise<string>;
  /** Throws, in words for the user, when the path is too long for a socket. */
  socketPath(sandboxId: string, path: string): Promise<string>;
  /** `holdPlace`, here. */
  hold(place: HeldPlace): Promise<string>;
  /** `requireHeld`, of those that are here. */
  requireHeld(sources: readonly string[]): Promise<void>;
  /** Ids of the sandboxes that have any. */
  list(): Promise<string[]>;
  remove(sandboxId: string): Promise<void>;
}

export function createSandboxFiles(root: string): SandboxFiles {
  const ensureRoot = async (sandboxId: string) => {
    const own = join(root, sandboxId);
    await mkdir(own, { recursive: true, mode: 0o700 });
    // The engine compares: a link in the way of the state directory is followed once, here.
    return realpath(own);
  };
  return {
    async writeFile({ sandboxId, path, text, owner }) {
      const place = join(await ensureRoot(sandboxId), path);
      await mkdir(dirname(place), { recursive: true, mode: 0o700 });
      const unfinished = `${place}.new`;
      await rm(unfinished, { force: true });
      const file = await open(unfinished, "wx", 0o600);
      try {
        await file.chown(owner.userId, owner.groupId);
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(unfinished, place);
      return place;
    },
    async makeDirectory({ sandboxId, path, owner }) {
      const place = join(await ensureRoot(sandboxId), path);
      await mkdir(place, { recursive: true, mode: 0o755 });
      await chmod(place, 0o755);
      await chown(place, owner.userId, owner.groupId);
      return place;
    },
    async socketPath(sandboxId, path) {
      const place = join(await ensureRoot(sandboxId), path);
      if (Buffer.byteLength(place) > LONGEST_SOCKET_PATH) {
        throw new Error(
          `the state directory's path is too long for a socket in it: ${place} has more than ${LONGEST_SOCKET_PATH} bytes`,
        );
      }
      return place;
    },
    hold: (place) => holdPlace(root, place),
    requireHeld: (sources) => requireHeld(root, sources),
    list: () => readdir(root).catch(() => []),
    async remove(sandboxId) {
      // First, and surely: what is still mounted would be emptied.
      await releasePlaces(root, sandboxId);
      await rm(join(root, sandboxId), { recursive: true, force: true });
    },
  };
}
