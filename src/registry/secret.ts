/** The secret that the registry's passwords are signed with. */
import { join } from "node:path";
import { secretFile } from "../lib/secret-file.ts";

/** The installation's secret; made on first use. */
export function registrySecret(stateDirectory: string): string {
  return secretFile(join(stateDirectory, "registry-secret"));
}
