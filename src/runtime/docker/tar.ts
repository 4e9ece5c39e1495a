/** A tar archive of a few files, as `docker import` reads it (POSIX ustar). */
interface TarFile {
  /** Relative, without a leading slash; directories are made by the reader. At most 100 bytes. */
  readonly path: string;
  readonly mode: number;
  readonly body: Buffer;
}

interface TarLink {
  readonly path: string;
  readonly linkTo: string;
}

interface TarDirectory {
  readonly path: string;
  readonly mode: number;
}

export type TarEntry = TarFile | TarLink | TarDirectory;

const BLOCK = 512;
const NOTHING = Buffer.alloc(0);

export function tarOf(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const body = "body" in entry ? entry.body : NOTHING;
    return [header(entry, body.length), body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, offset, "ascii");
  const isLink = "linkTo" in entry;
  block.write(entry.path, 0, 100, "utf8");
  octal(isLink ? 0o777 : entry.mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.fill(" ", 148, 156);
  block.write(isLink ? "2" : "body" in entry ? "0" : "5", 156, "ascii");
  if (isLink) block.write(entry.linkTo, 157, 100, "utf8");
  block.write("ustar\0" + "00", 257, "ascii");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "ascii");
  return block;
}
