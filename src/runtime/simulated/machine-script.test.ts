import assert from "node:assert/strict";
import { test } from "node:test";
import { newMachineFiles, runScript } from "./machine-script.ts";

function configAfter(...scripts: string[]): string | undefined {
  const files = newMachineFiles();
  for (const input of scripts) runScript(files, { arguments: ["/bin/bash", "-s"], input });
  const shown = runScript(files, { arguments: ["cat", "/etc/ecs/ecs.config"] });
  assert.equal(shown.exitCode, 0);
  return shown.output;
}

test("echo appends, overwrites, and its quotes and variables are the shell's", () => {
  assert.equal(
    configAfter("#!/bin/bash\necho ECS_CLUSTER=main >> /etc/ecs/ecs.config\n"),
    "ECS_CLUSTER=main\n",
  );
  assert.equal(configAfter("echo A=1 >> /etc/ecs/ecs.config; echo 'B=2 3'>/etc/ecs/ecs.config"), "B=2 3\n");
  assert.equal(
    configAfter('C=main\necho "ECS_CLUSTER=$C-x" | sudo tee -a /etc/ecs/ecs.config'),
    "ECS_CLUSTER=main-x\n",
  );
  assert.equal(configAfter('echo -e "A=1\\nB=2" >> /etc/ecs/ecs.config'), "A=1\nB=2\n");
});

test("a shell within the shell does the same", () => {
  assert.equal(configAfter("sudo bash -c 'echo A=1 >> /etc/ecs/ecs.config'"), "A=1\n");
});

test("a here document goes to the file that cat or tee names, before or behind it", () => {
  const text = 'ECS_CLUSTER=main\nECS_INSTANCE_ATTRIBUTES={"stack": "prod"}\n';
  assert.equal(configAfter(`cat <<'EOF' >> /etc/ecs/ecs.config\n${text}EOF\nyum update -y`), text);
  assert.equal(configAfter(`cat >> /etc/ecs/ecs.config <<EOT\n${text}EOT`), text);
  assert.equal(configAfter(`tee -a /etc/ecs/ecs.config <<-EOT\n\tA=$B\n\tEOT`), "A=\n");
});

test("printf repeats its format, a group's output goes to one file", () => {
  assert.equal(configAfter("printf '%s\\n' A=1 B=2 >> /etc/ecs/ecs.config"), "A=1\nB=2\n");
  assert.equal(configAfter("{ echo A=1; echo B=2; } > /etc/ecs/ecs.config"), "A=1\nB=2\n");
});

test("a script that is an argument is run as one that is given as input, and its output is shown", () => {
  const files = newMachineFiles();
  const { output } = runScript(files, { arguments: ["sh", "-c", "echo hello && start ecs"] });
  assert.equal(output, "hello\n");
});
