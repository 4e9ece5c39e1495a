/**
 * Blobs on disk by the SHA-256 of their content, shared by all repositories, and the uploads that become blobs. Names
 * of files are made of hexadecimal digits only, so no path of a client reaches the file system.
 */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, type ReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { DIGEST } from "../model/ecr/manifest.ts";
import { digestInvalid, tooLarge, uploadInvalid, uploadUnknown } from "./errors.ts";

const UPLOAD_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** "Maximum layer size" of the ECR quotas: 52,000 MiB. */
const LARGEST_BLOB = 52_000 * 1024 * 1024;

export class BlobStore {
  readonly #blobs: string;
  readonly #uploads: string;
  readonly #busy = new Set<string>();

  constructor(directory: string) {
    this.#blobs = join(directory, "blobs", "sha256");
    this.#uploads = join(directory, "uploads");
  }

  /** Bytes; undefined when it is not there. */
  async size(digest: string): Promise<number | undefined> {
    return fileSize(this.#blobFile(digest));
  }

  /** The blob is about to be used by a push: the collector lets it live for a while. */
  async touch(digest: string): Promise<void> {
    const now = new Date();
    await utimes(this.#blobFile(digest), now, now);
  }

  /** `start` and `end` are included. */
  stream(digest: string, start: number, end: number): ReadStream {
    return createReadStream(this.#blobFile(digest), { start, end });
  }

  async startUpload(): Promise<string> {
    await mkdir(this.#uploads, { recursive: true, mode: 0o700 });
    const id = randomUUID();
    const file = await open(this.#uploadFile(id), "wx", 0o600);
    await file.close();
    return id;
  }

  async uploadSize(id: string): Promise<number> {
    const size = await fileSize(this.#uploadFile(id));
    if (size === undefined) throw uploadUnknown();
    return size;
  }

  /** Appends a body; `offset` is where its sender thinks that it begins. Returns the new size. */
  async append(id: string, body: Readable, offset: number | undefined): Promise<number> {
    return this.#exclusively(id, async () => {
      let size = await this.uploadSize(id);
      if (offset !== undefined && offset !== size) {
        throw uploadInvalid(`the next chunk begins at byte ${size}`, 416);
      }
      const file = await open(this.#uploadFile(id), "a", 0o600);
      try {
        for await (const chunk of body) {
          size += chunk.length;
          if (size > LARGEST_BLOB) throw tooLarge();
          await file.writeFile(chunk);
        }
      } finally {
        await file.close();
      }
      return size;
    });
  }

  /** Makes the upload a blob when its content has the digest; else the upload is gone. */
  async finish(id: string, digest: string): Promise<void> {
    if (!DIGEST.test(digest)) throw digestInvalid();
    await this.#exclusively(id, async () => {
      await this.uploadSize(id);
      const file = this.#uploadFile(id);
      if ((await hashOf(file)) !== digest) {
        await rm(file, { force: true });
        throw digestInvalid();
      }
      await sync(file);
      await mkdir(this.#blobs, { recursive: true, mode: 0o700 });
      await rename(file, this.#blobFile(digest));
      await sync(this.#blobs);
    });
  }

  async cancel(id: string): Promise<void> {
    await this.#exclusively(id, async () => {
      await this.uploadSize(id);
      await rm(this.#uploadFile(id), { force: true });
    });
  }

  /** Deletes blobs that `isReferenced` does not know and uploads, when nobody touched them since `before` (ms). */
  async collect(isReferenced: (digest: string) => boolean, before: number): Promise<number> {
    let collected = 0;
    for (const [directory, keep] of [
      [this.#blobs, (name: string) => isReferenced(`sha256:${name}`)],
      [this.#uploads, (name: string) => this.#busy.has(name)],
    ] as const) {
      for (const name of await readdir(directory).catch(() => [])) {
        const found = await stat(join(directory, name)).catch(() => undefined);
        // Asked last: a push may have finished while the file was looked at.
        if (found === undefined || found.mtimeMs >= before || keep(name)) continue;
        await rm(join(directory, name), { force: true });
        collected += 1;
      }
    }
    return collected;
  }

  #blobFile(digest: string): string {
    if (!DIGEST.test(digest)) throw digestInvalid();
    return join(this.#blobs, digest.slice("sha256:".length));
  }

  #uploadFile(id: string): string {
    if (!UPLOAD_ID.test(id)) throw uploadUnknown();
    return join(this.#uploads, id);
  }

  async #exclusively<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.#busy.has(id)) throw uploadInvalid("another request is writing to this upload", 409);
    this.#busy.add(id);
    try {
      return await work();
    } finally {
      this.#busy.delete(id);
    }
  }
}

async function fileSize(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}

/** Of a file or a directory. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
