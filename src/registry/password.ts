/**
 * Passwords of the registry: signed texts that tell when they end, so that nothing needs to be kept but the
 * installation's secret.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How long GetAuthorizationToken's tokens are valid. */
export const PASSWORD_LIFETIME_MS = 12 * 60 * 60 * 1000;

/** The installation's secret; made on first use. Only its owner may read the file. */
export function registrySecret(stateDirectory: string): string {
  const file = join(stateDirectory, "registry-secret");
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, randomBytes(32).toString("base64url"), { mode: 0o600, flush: true });
  try {
    // Unlike a rename, a link never replaces a secret that another start made meanwhile.
    linkSync(partial, file);
  } finally {
    rmSync(partial);
  }
  return readFileSync(file, "utf8");
}

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
