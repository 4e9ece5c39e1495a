/** Keeping a text so that the file it is in does not tell it: AES-256-GCM, bound to what it belongs to. */
import { createCipheriv, createDecipheriv, createHash } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface Sealing {
  /** Any length; the installation's secret. */
  readonly secret: string;
  /** What the text belongs to: it does not open for anything else. */
  readonly owner: string;
}

/** `nonce`: 24 hexadecimal digits, never used before with this secret. Returns base64. */
export function seal(value: string, { secret, owner }: Sealing, nonce: string): string {
  const nonceBytes = Buffer.from(nonce, "hex");
  const cipher = createCipheriv(ALGORITHM, keyOf(secret), nonceBytes);
  cipher.setAAD(Buffer.from(owner));
  const sealed = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
  return Buffer.concat([nonceBytes, cipher.getAuthTag(), sealed]).toString("base64");
}

/** Throws when the text was changed, or sealed with another secret or for another owner. */
export function unseal(sealed: string, { secret, owner }: Sealing): string {
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv(ALGORITHM, keyOf(secret), bytes.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(owner));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const rest = bytes.subarray(NONCE_BYTES + TAG_BYTES);
  return Buffer.concat([decipher.update(rest), decipher.final()]).toString("utf8");
}

function keyOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
