import assert from "node:assert/strict";
import { readlink } from "node:fs/promises";
import { after, before, test } from "node:test";
import type { LogLine } from "../../src/runtime/container-runtime.ts";
import { createDockerWorld, type DockerWorld, eventually, sandbox, shell, value } from "./docker-setup.ts";

let world: DockerWorld;
before(async () => {
  world = await createDockerWorld();
});
after(() => world.cleanUp());

async function output(containerId: string, since = 0): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  await world.runtime.followLogs(
    containerId,
    since,
    (line) => lines.push(line),
    new AbortController().signal,
  );
  return lines;
}

async function run(
  sandboxId: string,
  script: string,
  more: Parameters<typeof shell>[3] = {},
): Promise<string> {
  const { containerId } = value(await world.runtime.createContainer(shell(world, sandboxId, script, more)));
  value(await world.runtime.startContainer(containerId));
  return containerId;
}

async function stateOf(sandboxId: string, name: string) {
  return value(await world.runtime.observeSandbox(sandboxId)).find((container) => container.name === name);
}

test("a sandbox is a namespace with nothing but loopback; its containers share it, its names and its resolver", async () => {
  const made = value(await world.runtime.ensureSandbox(sandbox("names")));
  const again = value(await world.runtime.ensureSandbox(sandbox("names")));
  assert.deepEqual(again, made);
  const script =
    "busybox cat /etc/resolv.conf /etc/hosts; busybox hostname; busybox ip -o link | busybox wc -l; busybox readlink /proc/self/ns/net";
  const lines = (await output(await run("names", script))).map(({ message }) => message);
  assert.ok(lines.includes("nameserver 10.0.0.2"));
  assert.ok(lines.includes("search ap-northeast-1.compute.internal"));
  assert.ok(lines.includes("10.0.11.82\tip-10-0-11-82.ap-northeast-1.compute.internal"));
  assert.ok(lines.includes("127.0.0.1\tlocalhost"));
  assert.deepEqual(lines.slice(-3), [
    "ip-10-0-11-82.ap-northeast-1.compute.internal",
    "1",
    await readlink(`/proc/${made.processId}/ns/net`),
  ]);
});

test("creating a container twice gives the same one, also from another process", async () => {
  value(await world.runtime.ensureSandbox(sandbox("twice")));
  const first = value(await world.runtime.createContainer(shell(world, "twice", "true")));
  const other = await world.anotherRuntime();
  assert.deepEqual(value(await other.createContainer(shell(world, "twice", "true"))), first);
});

test("a container that ends shows its exit code, and output is told once more from any time on", async () => {
  value(await world.runtime.ensureSandbox(sandbox("ends")));
  // The engine keeps the order of lines in one stream, not between two: hence the pauses.
  const containerId = await run(
    "ends",
    "echo one; busybox sleep 0.2; echo two >&2; busybox sleep 0.2; echo three; exit 3",
  );
  const lines = await output(containerId);
  assert.deepEqual(
    lines.map(({ message }) => message),
    ["one", "two", "three"],
  );
  const last = lines.at(-1)?.timestamp ?? 0;
  assert.deepEqual((await output(containerId, last)).at(-1), lines.at(-1));
  assert.ok((await output(containerId, last)).every(({ timestamp }) => timestamp >= last));
  const state = await stateOf("ends", "web");
  assert.deepEqual([state?.state, state?.exitCode, state?.outOfMemory], ["exited", 3, false]);
});

test("a container that heeds its stop signal ends by itself, another one is killed after its time", async () => {
  value(await world.runtime.ensureSandbox(sandbox("stop")));
  const polite = await run("stop", 'trap "exit 5" TERM; echo ready; while :; do busybox sleep 0.05; done', {
    name: "polite",
  });
  const deaf = await run("stop", 'trap "" TERM; echo ready; while :; do busybox sleep 1; done', {
    name: "deaf",
  });
  const ready = async () => ((await stateOf("stop", "deaf"))?.state === "running" ? true : undefined);
  await eventually("both run", ready);
  await new Promise((resolve) => setTimeout(resolve, 300));
  value(await world.runtime.stopContainer(polite, 10));
  value(await world.runtime.stopContainer(deaf, 1));
  value(await world.runtime.stopContainer(deaf, 1));
  value(await world.runtime.stopContainer("f".repeat(64), 1));
  assert.equal((await stateOf("stop", "polite"))?.exitCode, 5);
  assert.equal((await stateOf("stop", "deaf"))?.exitCode, 137);
});

test("a health check is run inside and its verdict shows; changes are told", async () => {
  const changed = new Set<string>();
  const watcher = await world.anotherRuntime();
  watcher.watch((sandboxId) => changed.add(sandboxId));
  value(await world.runtime.ensureSandbox(sandbox("health")));
  const healthCheck = {
    test: ["CMD-SHELL", "busybox test -f /tmp-ok"],
    intervalMs: 200,
    timeoutMs: 2000,
    retries: 1,
    startPeriodMs: 0,
  };
  const script = "busybox sleep 0.5; : > /tmp-ok; busybox sleep 60";
  await run("health", script, { healthCheck });
  await eventually("healthy", async () =>
    (await stateOf("health", "web"))?.health === "healthy" ? true : undefined,
  );
  assert.ok(changed.has("health"));
});

test("a program that does not exist is told in the engine's words, and stays visible", async () => {
  value(await world.runtime.ensureSandbox(sandbox("nope")));
  const spec = shell(world, "nope", "", { entryPoint: ["/no/such/program"] });
  const { containerId } = value(await world.runtime.createContainer(spec));
  const started = await world.runtime.startContainer(containerId);
  assert.ok(!started.ok && started.failure.kind === "start-failed");
  assert.match(started.failure.message, /no such file or directory/);
  assert.match((await stateOf("nope", "web"))?.error ?? "", /no such file or directory/);
});

test("the limits of a sandbox hold for all of its containers together", async () => {
  const limits = { nanoCpus: 500_000_000, memoryBytes: 32 * 1024 * 1024 };
  value(await world.runtime.ensureSandbox(sandbox("limits", { limits })));
  // Dirty pages of a tmpfs count as memory, and cannot be given back.
  const script = "busybox dd if=/dev/zero of=/dev/shm/x bs=1M count=60";
  await output(await run("limits", script));
  const state = await stateOf("limits", "web");
  assert.deepEqual([state?.exitCode, state?.outOfMemory], [137, true]);
});

test("a registry that does not answer is told in the engine's words; an image that is here is taken all the same", async () => {
  const refused = await world.runtime.pullImage("127.0.0.1:1/nothing:1");
  assert.ok(!refused.ok && refused.failure.kind === "image-pull-failed");
  assert.match(refused.failure.message, /127\.0\.0\.1:1.*connection refused/);
  assert.equal(value(await world.runtime.pullImage(world.image)).imageId, world.imageId);
});

test("removing a sandbox takes its containers and volumes along, and may be repeated", async () => {
  value(await world.runtime.ensureSandbox(sandbox("gone")));
  const mounts = [
    {
      source: { kind: "volume" as const, sandboxId: "gone", volume: "data" },
      containerPath: "/data",
      readOnly: false,
    },
  ];
  await run("gone", "echo kept > /data/file; busybox sleep 60", { name: "writer", mounts });
  const shared = "while ! busybox test -f /data/file; do busybox sleep 0.05; done; busybox cat /data/file";
  const reader = await run("gone", shared, { name: "reader", mounts });
  assert.deepEqual(
    (await output(reader)).map(({ message }) => message),
    ["kept"],
  );
  value(await world.runtime.removeSandbox("gone"));
  value(await world.runtime.removeSandbox("gone"));
  assert.deepEqual(value(await world.runtime.observeSandbox("gone")), []);
  assert.ok(!value(await world.runtime.listSandboxes()).includes("gone"));
  const { Volumes } = await world.docker.listVolumes({
    filters: { label: [`berth.installation=${world.installation}`] },
  });
  assert.deepEqual(Volumes ?? [], []);
});

test("another installation's sandboxes are not seen", async () => {
  value(await world.runtime.ensureSandbox(sandbox("mine")));
  const other = await createDockerWorld();
  try {
    assert.deepEqual(value(await other.runtime.listSandboxes()), []);
    value(await other.runtime.removeSandbox("mine"));
    assert.ok(value(await world.runtime.listSandboxes()).includes("mine"));
  } finally {
    await other.cleanUp();
  }
});
