/** The secret that the registry's passwords are signed with. */
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

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
