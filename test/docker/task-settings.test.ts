import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { ContainerSpec, MountSource } from "../../src/runtime/container-runtime.ts";
import { createDockerWorld, type DockerWorld, sandbox, shell, value } from "./docker-setup.ts";

let world: DockerWorld;
let folder: string;
before(async () => {
  world = await createDockerWorld();
  folder = mkdtempSync("/tmp/berth-settings-");
});
after(async () => {
  await world.cleanUp();
  rmSync(folder, { recursive: true, force: true });
});

const MIB = 1024 * 1024;

/** What a container prints: its lines, in order. */
async function linesOf(
  sandboxId: string,
  script: string,
  more: Partial<ContainerSpec> = {},
): Promise<string[]> {
  const { containerId } = value(await world.runtime.createContainer(shell(world, sandboxId, script, more)));
  value(await world.runtime.startContainer(containerId));
  const lines: string[] = [];
  const { signal } = new AbortController();
  await world.runtime.followLogs(containerId, 0, ({ message }) => lines.push(message), signal);
  return lines;
}

function mount(source: MountSource, containerPath: string, readOnly = false) {
  return { source, containerPath, readOnly };
}

test("memory, devices, limits and security are as asked for", async () => {
  value(await world.runtime.ensureSandbox(sandbox("linux")));
  const script = `
    busybox grep " /scratch " /proc/mounts
    busybox grep " /dev/shm " /proc/mounts
    busybox ls /dev | busybox grep -c fuse
    ulimit -n
    busybox grep NoNewPrivs /proc/self/status
    busybox cat /sys/fs/cgroup/memory/memory.swappiness /sys/fs/cgroup/memory.swap.max 2>/dev/null
    busybox cat /proc/sys/kernel/msgmax
    busybox touch /file 2>&1
    busybox cat /proc/1/comm`;
  const lines = await linesOf("linux", script, {
    memoryBytes: 64 * MIB,
    temporaryFileSystems: [{ containerPath: "/scratch", sizeBytes: 8 * MIB, options: ["noexec"] }],
    sharedMemoryBytes: 32 * MIB,
    devices: [{ hostPath: "/dev/fuse", containerPath: "/dev/fuse", permissions: "rw" }],
    ulimits: [{ name: "nofile", soft: 123, hard: 456 }],
    securityOptions: ["no-new-privileges"],
    swapBytes: 16 * MIB,
    swappiness: 20,
    sysctls: { "kernel.msgmax": "9000" },
    readonlyRootFilesystem: true,
    initProcessEnabled: true,
  });
  const text = lines.join("\n");
  assert.match(text, /tmpfs \/scratch tmpfs .*noexec.*size=8192k/);
  assert.match(text, /\/dev\/shm tmpfs .*size=32768k/);
  assert.ok(lines.includes("1"), text);
  assert.ok(lines.includes("123"), text);
  assert.match(text, /NoNewPrivs:\s+1/);
  assert.ok(lines.includes("9000"), text);
  assert.match(text, /Read-only file system/);
  assert.match(lines.at(-1) ?? "", /init/);
});

test("containers see the processes and the shared memory of their sandbox", async () => {
  value(await world.runtime.ensureSandbox(sandbox("shared", { sysctls: { "kernel.msgmax": "9001" } })));
  const shared = { processNamespace: { kind: "sandbox" }, ipcNamespace: { kind: "sandbox" } } as const;
  const first = shell(world, "shared", "echo here > /dev/shm/note; exec busybox sleep 60", {
    ...shared,
    name: "first",
  });
  const { containerId } = value(await world.runtime.createContainer(first));
  value(await world.runtime.startContainer(containerId));
  const script =
    "while ! busybox test -f /dev/shm/note; do busybox sleep 0.05; done; busybox cat /dev/shm/note /proc/sys/kernel/msgmax; busybox ps | busybox grep -c 'sleep 60$'";
  assert.deepEqual(await linesOf("shared", script, { ...shared, name: "second" }), ["here", "9001", "1"]);
  const alone = "busybox test -f /dev/shm/note || echo alone; busybox ls /dev/shm 2>&1 | busybox wc -l";
  const none = await linesOf("shared", alone, { name: "third", ipcNamespace: { kind: "none" } });
  assert.equal(none[0], "alone");
});

test("a path of a machine is the same for all that mount it, and gone with the machine", async () => {
  value(await world.runtime.ensureSandbox(sandbox("i-0volumes", { machine: true })));
  for (const id of ["one", "two"]) value(await world.runtime.ensureSandbox(sandbox(id)));
  const data = mount({ kind: "machine", sandboxId: "i-0volumes", path: "/opt/data" }, "/data");
  await linesOf("one", "echo from-one > /data/file", { mounts: [data] });
  assert.deepEqual(
    await linesOf("two", "busybox cat /data/file; echo x 2>/dev/null > /data/file || echo ro", {
      mounts: [{ ...data, readOnly: true }],
    }),
    ["from-one", "ro"],
  );
  const seen = value(
    await world.runtime.runInSandbox("i-0volumes", {
      arguments: ["/bin/sh"],
      input: "cat /opt/data/file; ln -s / /opt/escape; ln -s ../../../../../../etc /opt/up",
      timeoutSeconds: 10,
    }),
  );
  assert.equal(seen.output, "from-one\n");
  // Links of the machine lead to its own file system, not to this one.
  const source = (path: string): MountSource => ({ kind: "machine", sandboxId: "i-0volumes", path });
  const mounts = [
    mount(source("/opt/escape"), "/root-of-machine"),
    mount(source("/opt/up"), "/etc-of-machine"),
  ];
  assert.deepEqual(
    await linesOf("one", "busybox head -n 2 /root-of-machine/etc/os-release /etc-of-machine/os-release", {
      mounts,
      name: "escape",
    }),
    [
      "==> /root-of-machine/etc/os-release <==",
      'NAME="Amazon Linux"',
      'VERSION="2023"',
      "",
      "==> /etc-of-machine/os-release <==",
      'NAME="Amazon Linux"',
      'VERSION="2023"',
    ],
  );
});

test("shared volumes are the machine's: made when they may be, and removed with it", async () => {
  value(await world.runtime.ensureSandbox(sandbox("i-0shared", { machine: true })));
  value(await world.runtime.ensureSandbox(sandbox("three")));
  const source = { kind: "volume", sandboxId: "i-0shared", volume: "cache" } as const;
  const mustExist = mount({ ...source, mustExist: true }, "/cache");
  const refused = await world.runtime.createContainer(shell(world, "three", "true", { mounts: [mustExist] }));
  assert.deepEqual(refused, {
    ok: false,
    failure: {
      kind: "create-failed",
      message:
        "initialize volume: volume detection failed, volume 'cache' does not exist and autoprovision is set to false",
    },
  });
  await linesOf("three", "echo kept > /cache/file", {
    mounts: [mount({ ...source, labels: { a: "b" } }, "/cache")],
  });
  value(await world.runtime.removeSandbox("three"));
  value(await world.runtime.ensureSandbox(sandbox("four")));
  assert.deepEqual(await linesOf("four", "busybox cat /cache/file", { mounts: [mustExist] }), ["kept"]);
  const name = `ecs-${world.installation}-i-0shared-cache`;
  assert.equal((await world.docker.getVolume(name).inspect()).Labels["a"], "b");
  value(await world.runtime.removeSandbox("four"));
  value(await world.runtime.removeSandbox("i-0shared"));
  await assert.rejects(world.docker.getVolume(name).inspect());
});

test("a directory stands for a file system, and nothing leads out of it", async () => {
  value(await world.runtime.ensureSandbox(sandbox("files")));
  const root = join(folder, "fs-1/files");
  await linesOf("files", "echo 1 > /efs/a", {
    mounts: [mount({ kind: "directory", root, path: "/deep/down" }, "/efs")],
  });
  assert.equal(readFileSync(join(root, "deep/down/a"), "utf8"), "1\n");
  mkdirSync(join(folder, "outside"));
  writeFileSync(join(root, "plain"), "");
  symlinkSync("../../outside", join(root, "relative"));
  symlinkSync(join(folder, "outside"), join(root, "absolute"));
  symlinkSync("circle", join(root, "circle"));
  for (const path of ["/relative", "/absolute", "/../../outside"]) {
    await linesOf("files", "echo 2 > /efs/escaped", {
      name: `c${path.replaceAll(/\W/g, "")}${path.length}`,
      mounts: [mount({ kind: "directory", root, path }, "/efs")],
    });
  }
  assert.ok(!existsSync(join(folder, "outside/escaped")));
  for (const [path, problem] of [
    ["/plain/x", "not a directory"],
    ["/circle", "too many levels of symbolic links"],
  ] as const) {
    const spec = shell(world, "files", "true", {
      name: "refused",
      mounts: [mount({ kind: "directory", root, path }, "/efs")],
    });
    assert.deepEqual(await world.runtime.createContainer(spec), {
      ok: false,
      failure: {
        kind: "create-failed",
        message: `error while creating mount source path '${path}': mkdir ${path}: ${problem}`,
      },
    });
  }
});

test("a link that is put in a mount's way leads nowhere, for those either that have it from another", async () => {
  value(await world.runtime.ensureSandbox(sandbox("swap")));
  const root = join(folder, "fs-2/files");
  const mounts = [mount({ kind: "directory", root, path: "/a/b" }, "/efs")];
  const spec = { mountsFrom: [{ name: "web", readOnly: false }], name: "second" };
  const made = [
    value(await world.runtime.createContainer(shell(world, "swap", "echo 1 > /efs/f", { mounts }))),
    value(await world.runtime.createContainer(shell(world, "swap", "echo 2 >> /efs/f", spec))),
  ];
  renameSync(join(root, "a/b"), join(root, "a/moved"));
  mkdirSync(join(folder, "in-the-way"));
  symlinkSync(join(folder, "in-the-way"), join(root, "a/b"));
  for (const { containerId } of made) {
    value(await world.runtime.startContainer(containerId));
    await world.docker.getContainer(containerId).wait();
  }
  assert.equal(readFileSync(join(root, "a/moved/f"), "utf8"), "1\n2\n");
  assert.deepEqual(readdirSync(join(folder, "in-the-way")), []);
  value(await world.runtime.removeSandbox("swap"));
  assert.equal(readFileSync(join(root, "a/moved/f"), "utf8"), "1\n2\n");
  assert.ok(!readFileSync("/proc/self/mountinfo", "utf8").includes(`${world.filesDirectory}/swap/`));
  assert.ok(!existsSync(join(world.filesDirectory, "swap")));
});

test("links that go to and fro while mounts are made lead nowhere", async () => {
  value(await world.runtime.ensureSandbox(sandbox("race")));
  const root = join(folder, "fs-3/files");
  mkdirSync(join(root, "x"), { recursive: true });
  mkdirSync(join(folder, "out/there"), { recursive: true });
  symlinkSync(join(folder, "out"), join(root, "l"));
  const swap = `cd ${root}; while :; do mv -T x y; mv -T l x; mv -T x l; mv -T y x; done`;
  const swapping = spawn("/bin/sh", ["-c", swap], { stdio: "ignore" });
  try {
    for (let i = 0; i < 20; i++) {
      const mounts = [mount({ kind: "directory", root, path: "/x/below" }, "/efs")];
      const spec = shell(world, "race", "busybox ls /efs; echo > /efs/there", { name: `app-${i}`, mounts });
      const made = await world.runtime.createContainer(spec);
      if (made.ok) value(await world.runtime.startContainer(made.value.containerId));
    }
  } finally {
    swapping.kill();
  }
  value(await world.runtime.removeSandbox("race"));
  assert.deepEqual(readdirSync(join(folder, "out")), ["there"]);
});

test("what was held and is not any more is not mounted", async () => {
  value(await world.runtime.ensureSandbox(sandbox("unheld")));
  const root = join(folder, "fs-4/files");
  const mounts = [mount({ kind: "directory", root, path: "/" }, "/efs")];
  const spec = shell(world, "unheld", "true", { mounts });
  const { containerId } = value(await world.runtime.createContainer(spec));
  execFileSync("umount", ["--lazy", join(world.filesDirectory, "unheld/mounts/web.0")]);
  const started = await world.runtime.startContainer(containerId);
  assert.ok(!started.ok && started.failure.kind === "start-failed");
  assert.match(started.failure.message, /bind source path does not exist/);
});

test("a sandbox of which files alone are left is listed, and removed with what is mounted there", async () => {
  const root = join(folder, "fs-5/files");
  const mounts = [mount({ kind: "directory", root, path: "/" }, "/efs")];
  const spec = shell(world, "left", "true", { mounts, imageId: "sha256:none", network: { kind: "none" } });
  assert.equal((await world.runtime.createContainer(spec)).ok, false);
  writeFileSync(join(root, "kept"), "");
  assert.ok(value(await world.runtime.listSandboxes()).includes("left"));
  value(await world.runtime.removeSandbox("left"));
  assert.ok(!value(await world.runtime.listSandboxes()).includes("left"));
  assert.ok(existsSync(join(root, "kept")));
});

test("volumes of another container are mounted where it has them", async () => {
  value(await world.runtime.ensureSandbox(sandbox("from")));
  const mounts = [mount({ kind: "volume", sandboxId: "from", volume: "v" }, "/v")];
  await linesOf("from", "echo first > /v/file", { mounts, name: "first" });
  const script = "busybox cat /v/file; echo x 2>/dev/null > /v/file || echo ro";
  assert.deepEqual(
    await linesOf("from", script, { name: "second", mountsFrom: [{ name: "first", readOnly: true }] }),
    ["first", "ro"],
  );
});

test("output is discarded, or kept as the engine is told", async () => {
  value(await world.runtime.ensureSandbox(sandbox("output")));
  const discard = shell(world, "output", "echo lost", { name: "lost", output: { kind: "discard" } });
  const { containerId } = value(await world.runtime.createContainer(discard));
  assert.equal((await world.docker.getContainer(containerId).inspect()).HostConfig.LogConfig?.Type, "none");
  const kept = shell(world, "output", "echo kept", {
    name: "kept",
    output: { kind: "keep", options: { mode: "non-blocking", "max-buffer-size": "4m", "max-size": "1m" } },
  });
  const made = value(await world.runtime.createContainer(kept));
  assert.deepEqual((await world.docker.getContainer(made.containerId).inspect()).HostConfig.LogConfig, {
    Type: "json-file",
    Config: { mode: "non-blocking", "max-buffer-size": "4m", "max-size": "1m", "max-file": "4" },
  });
  const wrong = shell(world, "output", "true", {
    name: "wrong",
    output: { kind: "keep", options: { color: "red" } },
  });
  const refused = await world.runtime.createContainer(wrong);
  assert.ok(!refused.ok && /unknown log opt 'color' for json-file log driver/.test(refused.failure.message));
});
