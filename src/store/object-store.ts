/**
 * The bytes of S3's objects and of parts of uploads: a file each, that is never changed. A file has its name only when
 * all of it is on the disk; which file belongs to which object is the Store's matter. Names are drawn, so no key of a
 * client reaches the file system.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type FileHandle, link, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Random } from "../lib/random.ts";

const TEMPORARY = "new-";

/** The object that the file was of has been replaced or deleted meanwhile. */
export class FileGone extends Error {}

function throwIfGone(error: unknown): never {
  throw error instanceof Error && "code" in error && error.code === "ENOENT"
    ? new FileGone(error.message)
    : error;
}

/** Of a file: all of it, or bytes from `start` up to and with `end`. */
export interface Piece {
  readonly name: string;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
}

export class ObjectStore {
  readonly #directory: string;
  readonly #random: Random;

  constructor(directory: string, random: Random) {
    this.#directory = directory;
    this.#random = random;
  }

  /** Returns the name of the new file. */
  async write(bytes: Uint8Array): Promise<string> {
    return this.#create((file) => file.writeFile(bytes));
  }

  /** The files one after the other, as a new one; `onChunk` is told all bytes as they go by. Throws FileGone. */
  async join(pieces: readonly Piece[], onChunk: (chunk: Uint8Array) => void = () => {}): Promise<string> {
    return this.#create(async (file) => {
      for (const { name, start, end } of pieces) {
        const part = await this.#open(name);
        for await (const chunk of part.createReadStream({ start, end })) {
          onChunk(chunk);
          await file.writeFile(chunk);
        }
      }
    });
  }

  /** The same bytes under a name of their own. Throws FileGone. */
  async copy(name: string): Promise<string> {
    const copied = this.#newName();
    await link(this.#path(name), this.#path(copied)).catch(throwIfGone);
    await this.#syncDirectory();
    return copied;
  }

  /**
   * Bytes from `start` up to and with `end`; they can be read to their end also when the file is deleted meanwhile.
   * Undefined when it is gone already.
   */
  async read(name: string, start: number, end: number): Promise<AsyncIterable<Uint8Array> | undefined> {
    try {
      const file = await this.#open(name);
      return file.createReadStream({ start, end });
    } catch (error) {
      if (error instanceof FileGone) return undefined;
      throw error;
    }
  }

  /** For what is small. */
  readWhole(name: string): Buffer {
    return readFileSync(this.#path(name));
  }

  /** What is gone already does not matter. */
  async delete(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => rm(this.#path(name), { force: true })));
  }

  /** At start, before anything is written: deletes what no record names. */
  sweep(inUse: ReadonlySet<string>): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.#directory)) {
      if (!inUse.has(name)) rmSync(join(this.#directory, name), { force: true });
    }
  }

  async #create(fill: (file: FileHandle) => Promise<void>): Promise<string> {
    const name = this.#newName();
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const temporary = join(this.#directory, TEMPORARY + name);
    try {
      const file = await open(temporary, "wx", 0o600);
      try {
        await fill(file);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path(name));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await this.#syncDirectory();
    return name;
  }

  async #open(name: string): Promise<FileHandle> {
    return open(this.#path(name), "r").catch(throwIfGone);
  }

  async #syncDirectory(): Promise<void> {
    const directory = await open(this.#directory, "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  #newName(): string {
    return this.#random.hex(32);
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}
