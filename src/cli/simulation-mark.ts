/** A file in the state directory tells that nothing of it was ever in the kernel or the engine. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

function markOf(stateDirectory: string): string {
  return join(stateDirectory, "simulated");
}

export function isSimulated(stateDirectory: string): boolean {
  return existsSync(markOf(stateDirectory));
}

export function markSimulated(stateDirectory: string): void {
  writeFileSync(markOf(stateDirectory), "", { mode: 0o600 });
}
