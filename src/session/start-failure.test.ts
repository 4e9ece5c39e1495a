import assert from "node:assert/strict";
import { test } from "node:test";
import { startFailure } from "./start-failure.ts";

const PREFIX = "----------ERROR-------\nUnable to start command: Failed to start pty: ";
const runc = (text: string) =>
  `OCI runtime exec failed: exec failed: unable to start container process: ${text}: unknown`;

test("a program that is not there is told in the agent's words", () => {
  const refused = (word: string, message: string) => startFailure({ kind: "refused", word, message });
  assert.equal(
    refused("bash", runc('exec: "bash": executable file not found in $PATH')),
    `${PREFIX}exec: "bash": executable file not found in $PATH\n`,
  );
  assert.equal(
    refused("/bin/bash", runc('exec: "/bin/bash": stat /bin/bash: no such file or directory')),
    `${PREFIX}fork/exec /bin/bash: no such file or directory\n`,
  );
  assert.equal(
    refused("/etc/passwd", runc('exec: "/etc/passwd": permission denied')),
    `${PREFIX}fork/exec /etc/passwd: permission denied\n`,
  );
  assert.equal(refused("sh", "Container abc is not running"), `${PREFIX}Container abc is not running\n`);
});
