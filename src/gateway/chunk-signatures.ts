/** Whether each piece of a chunked body was signed, each with the signature before it. */
import { createHash, createHmac } from "node:crypto";
import { readChunks } from "./protocols/aws-chunked.ts";

export interface SeedSignature {
  /** Of the request itself: what the first piece follows. */
  readonly signature: string;
  readonly date: string;
  readonly scope: string;
}

export function chunksAreSigned(body: Buffer, key: Buffer, seed: SeedSignature): boolean {
  const chunked = readChunks(body);
  if (chunked === undefined) return false;
  const { date, scope } = seed;
  const sign = (kind: string, ...parts: readonly string[]) =>
    createHmac("sha256", key)
      .update([`AWS4-HMAC-SHA256-${kind}`, date, scope, ...parts].join("\n"))
      .digest("hex");
  let previous = seed.signature;
  for (const { data, signature } of chunked.chunks) {
    if (sign("PAYLOAD", previous, sha256(""), sha256(data)) !== signature) return false;
    previous = signature;
  }
  const trailers = Object.entries(chunked.trailers).map(([name, value]) => `${name}:${value}\n`);
  return (
    trailers.length === 0 || sign("TRAILER", previous, sha256(trailers.join(""))) === chunked.trailerSignature
  );
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
