/** Session tokens of IMDSv2. They hold their end and for whom they are in themselves, so that they survive a restart. */
import { createHmac, timingSafeEqual } from "node:crypto";

/** The longest life of a token, and the shortest (EC2 user guide, "Use the Instance Metadata Service"). */
export const MOST_SECONDS = 21_600;
const DIGEST_BYTES = 32;
const TIME_BYTES = 8;

export function newToken(secret: string, instanceId: string, expiresAt: number): string {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(Math.trunc(expiresAt)));
  return Buffer.concat([time, digest(secret, instanceId, time)]).toString("base64url");
}

/** Milliseconds since the epoch; undefined for a token that was never given to this instance. */
export function expiryOf(secret: string, instanceId: string, token: string): number | undefined {
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length !== TIME_BYTES + DIGEST_BYTES) return undefined;
  const time = bytes.subarray(0, TIME_BYTES);
  const genuine = timingSafeEqual(bytes.subarray(TIME_BYTES), digest(secret, instanceId, time));
  return genuine ? Number(time.readBigUInt64BE()) : undefined;
}

function digest(secret: string, instanceId: string, time: Buffer): Buffer {
  return createHmac("sha256", secret)
    .update(`instance metadata token of ${instanceId} `)
    .update(time)
    .digest();
}
