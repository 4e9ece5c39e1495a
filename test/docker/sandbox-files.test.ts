/** Files that a sandbox's containers are given, and output that is forwarded to a socket among them. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Mount } from "../../src/runtime/container-runtime.ts";
import { createDockerWorld, type DockerWorld, eventually, sandbox, shell, value } from "./docker-setup.ts";

let world: DockerWorld;

before(async () => {
  world = await createDockerWorld();
});
after(() => world?.cleanUp());

const owner = { userId: 1234, groupId: 56 };

function mounts(sandboxId: string, text: string): Mount[] {
  return [
    {
      source: { kind: "own-file", sandboxId, path: "config/a.conf", text, owner },
      containerPath: "/etc/a.conf",
      readOnly: false,
    },
    {
      source: { kind: "own-directory", sandboxId, path: "socket", owner },
      containerPath: "/var/run",
      readOnly: false,
    },
  ];
}

async function run(sandboxId: string, script: string, more: Parameters<typeof shell>[3]): Promise<string[]> {
  const { containerId } = value(await world.runtime.createContainer(shell(world, sandboxId, script, more)));
  value(await world.runtime.startContainer(containerId));
  const lines: string[] = [];
  await world.runtime.followLogs(
    containerId,
    0,
    ({ message }) => lines.push(message),
    AbortSignal.timeout(20_000),
  );
  return lines;
}

test("a file is its owner's alone, and goes with the sandbox", async () => {
  value(await world.runtime.ensureSandbox(sandbox("owned")));
  const own = join(world.filesDirectory, "owned");
  assert.deepEqual(
    await run("owned", "busybox cat /etc/a.conf; echo x > /var/run/made && busybox id -u", {
      mounts: mounts("owned", "one\ntwo"),
      user: "1234:56",
    }),
    ["one", "two1234"],
  );
  const file = statSync(join(own, "config/a.conf"));
  assert.deepEqual([file.mode & 0o777, file.uid, file.gid], [0o600, 1234, 56]);
  assert.equal(statSync(own).mode & 0o777, 0o700);
  assert.equal(statSync(join(own, "socket/made")).uid, 1234);
  value(await world.runtime.removeSandbox("owned"));
  assert.ok(!existsSync(own));
});

test("a container whose text was written by a process that then died gets the new one", async () => {
  value(await world.runtime.ensureSandbox(sandbox("again")));
  const script = "busybox cat /etc/a.conf";
  mkdirSync(join(world.filesDirectory, "again/config"), { recursive: true });
  assert.deepEqual(await run("again", script, { name: "first", mounts: mounts("again", "old\n") }), ["old"]);
  assert.deepEqual(await run("again", script, { name: "second", mounts: mounts("again", "new\n") }), ["new"]);
});

test("output goes to the socket with its tag, and starting waits for nobody", async () => {
  value(await world.runtime.ensureSandbox(sandbox("forward")));
  const received: Buffer[] = [];
  const server = createServer((socket) => socket.on("data", (data) => received.push(Buffer.from(data))));
  const output = {
    kind: "forward",
    socket: { sandboxId: "forward", path: "socket/fluent.sock" },
    tag: "web-firelens-0123",
    bufferLimit: "1048576",
  } as const;
  const spec = shell(world, "forward", "echo hello; busybox sleep 60", {
    output,
    mounts: mounts("forward", ""),
  });
  const { containerId } = value(await world.runtime.createContainer(spec));
  value(await world.runtime.startContainer(containerId));
  server.listen(join(world.filesDirectory, "forward/socket/fluent.sock"));
  try {
    const seen = await eventually("the line is there", () => {
      const text = Buffer.concat(received).toString("latin1");
      return text.includes("hello") ? text : undefined;
    });
    assert.ok(seen.includes("web-firelens-0123") && seen.includes(containerId));
    assert.deepEqual((await world.docker.getContainer(containerId).inspect()).HostConfig.LogConfig, {
      Type: "fluentd",
      Config: {
        tag: "web-firelens-0123",
        "fluentd-address": `unix://${world.filesDirectory}/forward/socket/fluent.sock`,
        "fluentd-async": "true",
        "fluentd-buffer-limit": "1048576",
        "fluentd-sub-second-precision": "true",
      },
    });
  } finally {
    server.close();
    value(await world.runtime.stopContainer(containerId, 0));
  }
});

test("a path that no socket can have is refused in words", async () => {
  value(await world.runtime.ensureSandbox(sandbox("long")));
  const output = { kind: "forward", socket: { sandboxId: "long", path: "s".repeat(108) }, tag: "t" } as const;
  const refused = await world.runtime.createContainer(shell(world, "long", "true", { output }));
  assert.ok(!refused.ok && /path is too long for a socket/.test(refused.failure.message));
});
