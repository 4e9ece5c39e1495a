/**
 * Ids of access keys. Those that an installation issues carry its mark, so that a key that was deleted or has expired
 * is still known as one of its own: unknown keys are the operator's.
 */
import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DRAWN = 10;
const MARK = 6;

export type KeyKind = "AKIA" | "ASIA";

/** Characters that `newKeyId` wants drawn from `KEY_ALPHABET`. */
export const KEY_DRAWN_CHARACTERS = DRAWN;
export const KEY_ALPHABET = ALPHABET;

/** @param drawn ten random characters @param secret the installation's own */
export function newKeyId(kind: KeyKind, drawn: string, secret: string): string {
  return `${kind}${drawn}${mark(kind, drawn, secret)}`;
}

/** Whether this installation issued it, now or once. */
export function isIssuedKeyId(accessKeyId: string, secret: string): boolean {
  const parts = /^(AKIA|ASIA)([A-Z2-7]{10})([A-Z2-7]{6})$/.exec(accessKeyId);
  return parts !== null && mark(parts[1] ?? "", parts[2] ?? "", secret) === parts[3];
}

function mark(kind: string, drawn: string, secret: string): string {
  const bytes = createHmac("sha256", secret).update(`access key ${kind}${drawn}`).digest().subarray(0, MARK);
  return Array.from(bytes, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");
}
