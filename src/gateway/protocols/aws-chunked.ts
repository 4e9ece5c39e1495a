/**
 * Bodies in pieces (S3 API reference, "Signature calculations: transferring payload in multiple chunks"): each with its
 * length, some with a signature, and headers that follow the last one.
 */
import { GatewayFault } from "../faults.ts";

export interface ChunkedBody {
  readonly body: Buffer;
  readonly chunks: readonly Chunk[];
  /** In lower case. */
  readonly trailers: Readonly<Record<string, string>>;
  readonly trailerSignature?: string | undefined;
}

export interface Chunk {
  readonly data: Buffer;
  readonly signature?: string | undefined;
}

const END = "\r\n";
/** A length and a signature. */
const LONGEST_HEAD = 200;
const MOST_TRAILERS = 20;
/** Of every chunk but the last: without it a body could be made of millions. */
const SMALLEST_CHUNK = 8192;

export function isChunked(headers: Readonly<Record<string, string | undefined>>): boolean {
  return (headers["x-amz-content-sha256"] ?? "").startsWith("STREAMING-");
}

/** Undefined when it is not well-formed, or ends too early. Throws GatewayFault where one is too small. */
export function readChunks(bytes: Buffer): ChunkedBody | undefined {
  const chunks: Chunk[] = [];
  let at = 0;
  for (;;) {
    const line = lineAt(bytes, at);
    const [, hex = "", signature] =
      /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line ?? "") ?? [];
    if (line === undefined || hex === "") return undefined;
    const length = Number.parseInt(hex, 16);
    at += line.length + END.length;
    const data = bytes.subarray(at, at + length);
    if (data.length < length) return undefined;
    const before = chunks.at(-1)?.data.length ?? SMALLEST_CHUNK;
    if (length > 0 && before < SMALLEST_CHUNK) throw chunkTooSmall();
    chunks.push({ data, signature });
    if (length === 0) break;
    at += length;
    if (lineAt(bytes, at) !== "") return undefined;
    at += END.length;
  }
  return { body: Buffer.concat(chunks.map(({ data }) => data)), chunks, ...readTrailers(bytes, at) };
}

function chunkTooSmall(): GatewayFault {
  const message = `Only the last chunk is allowed to have a size less than ${SMALLEST_CHUNK} bytes`;
  return new GatewayFault("InvalidChunkSizeError", message, 403);
}

function readTrailers(bytes: Buffer, start: number): Pick<ChunkedBody, "trailers" | "trailerSignature"> {
  const trailers: Record<string, string> = {};
  let at = start;
  for (let count = 0; count < MOST_TRAILERS; count++) {
    const line = lineAt(bytes, at) ?? bytes.toString("latin1", at, at + LONGEST_HEAD);
    const [, name = "", value = ""] = /^([a-zA-Z0-9-]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === "") break;
    // A trailer may tell a digest of the body, and not what else is asked.
    if (/^x-amz-(checksum-|trailer-signature$)/i.test(name)) trailers[name.toLowerCase()] = value;
    at += line.length + END.length;
  }
  const { "x-amz-trailer-signature": trailerSignature, ...others } = trailers;
  return { trailers: others, trailerSignature };
}

function lineAt(bytes: Buffer, at: number): string | undefined {
  const end = bytes.indexOf(END, at);
  return end < 0 || end - at > LONGEST_HEAD ? undefined : bytes.toString("latin1", at, end);
}
