/** User data in a real machine, as reconcile/instance runs it at the first boot. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { systemClock } from "../../src/lib/clock.ts";
import { exampleInstance } from "../../src/reconcile/instance/testing.ts";
import { runUserData } from "../../src/reconcile/instance/user-data/run-user-data.ts";
import { createDockerWorld, type DockerWorld, sandbox, value } from "./docker-setup.ts";

let world: DockerWorld;
before(async () => {
  world = await createDockerWorld();
});
after(() => world.cleanUp());

/** Its console output, and what a command prints afterwards. */
async function boot(instanceId: string, userData: string | Buffer, command = "true") {
  value(await world.runtime.ensureSandbox(sandbox(instanceId, { machine: true, hostname: "ip-10-0-1-7" })));
  let output = "";
  await runUserData({
    instance: exampleInstance({ instanceId, userData: Buffer.from(userData).toString("base64") }),
    runtime: world.runtime,
    clock: systemClock,
    print: (text) => {
      output += text;
    },
  });
  const after = await world.runtime.runInSandbox(instanceId, {
    arguments: ["/bin/sh", "-c", command],
    timeoutSeconds: 20,
  });
  return { output, after: value(after).output };
}

test("a failing script does not stop the boot, and its output is in the console output", async () => {
  const { output, after } = await boot(
    "i-0ba",
    "#!/bin/bash -e\necho ECS_CLUSTER=main >> /etc/ecs/ecs.config\necho hello\nfalse\necho never\n",
    "cat /etc/ecs/ecs.config; stat -c %a /var/lib/cloud/instance/scripts/part-001",
  );
  assert.match(output, /^hello$/m);
  assert.doesNotMatch(output, /never/);
  assert.match(output, /Failed to run module scripts-user/);
  assert.match(output, /finished at/);
  assert.equal(after, "ECS_CLUSTER=main\n700\n");
});

test("a script whose interpreter is not there fails by itself", async () => {
  const { output } = await boot("i-0bb", "#!/usr/bin/python3\nprint('hello')\n");
  assert.match(output, /Failed running .*part-001 \[12[67]\]/);
  assert.match(output, /finished at/);
});

test("gzipped MIME runs its boothook first, then files, then scripts in their order", async () => {
  const parts = [
    ["text/x-shellscript", "#!/bin/sh\ncat /opt/app/x\necho script\n"],
    ["text/cloud-boothook", "#cloud-boothook\n#!/bin/sh\necho hook\n"],
    [
      "text/cloud-config",
      [
        "#cloud-config",
        "write_files:",
        "- path: /opt/app/x",
        "  permissions: '0600'",
        "  content: |",
        "    it's $HOME",
        "- {path: /opt/app/y, encoding: b64, content: AP8=}",
        "runcmd:",
        '- [sh, -c, "echo run $0", "a b"]',
      ].join("\n"),
    ],
  ];
  const mime = [
    'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="BOUNDARY"\n',
    ...parts.map(([type, text]) => `--BOUNDARY\nContent-Type: ${type}; charset="us-ascii"\n\n${text}\n`),
    "--BOUNDARY--\n",
  ].join("\n");
  const { output, after } = await boot("i-0bc", gzipSync(mime), "stat -c '%a %s' /opt/app/x /opt/app/y");
  const said = output.split("\n").filter((line) => line !== "" && !line.startsWith("Cloud-init"));
  assert.deepEqual(said, ["hook", "it's $HOME", "script", "run a b"]);
  assert.equal(after, "600 11\n644 2\n");
});
