/**
 * Passwords of the registry: signed texts that tell when they end, so that nothing needs to be kept but the
 * installation's secret.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** How long GetAuthorizationToken's tokens are valid. */
export const PASSWORD_LIFETIME_MS = 12 * 60 * 60 * 1000;

/** `now` in ms; valid for 12 hours. */
export function issueRegistryPassword(secret: string, now: number): string {
  const expiry = String(now + PASSWORD_LIFETIME_MS);
  return `${expiry}.${sign(secret, expiry)}`;
}

export function isRegistryPassword(secret: string, password: string, now: number): boolean {
  const [expiry = "", signature = ""] = password.split(".");
  const wanted = Buffer.from(sign(secret, expiry));
  const given = Buffer.from(signature);
  if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) return false;
  return Number(expiry) > now;
}

function sign(secret: string, text: string): string {
  return createHmac("sha256", secret).update(`registry|${text}`).digest("base64url");
}
