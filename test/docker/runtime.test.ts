/** The container runtime on the machine's real Docker Engine; images are imported, nothing comes from a network. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type Docker from "dockerode";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { systemRandom } from "../../src/lib/random.ts";
import type {
  ContainerRuntime,
  ContainerSpec,
  ObservedContainer,
} from "../../src/runtime/container-runtime.ts";
import { connect, finishProgress } from "../../src/runtime/docker/connection.ts";
import { createDockerRuntime } from "../../src/runtime/docker/docker-runtime.ts";
import { ensureEngine } from "../../src/runtime/docker/engine.ts";
import { tarOf } from "../../src/runtime/docker/tar.ts";

const installation = systemRandom.hex(6);
/** Nobody listens on that port of the loopback device, so a pull ends at once. */
const repository = `127.0.0.1:1/berth-test-${installation}`;
const changed = new Set<string>();
let directory: string;
let docker: Docker;
let dockerHost: string;
let runtime: ContainerRuntime;
let imageId: string;
let sandboxId: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "berth-docker-test-"));
  ({ dockerHost } = await ensureEngine({ log: silentLog, stateDirectory: directory }));
  docker = connect(dockerHost);
  const body = await readFile("/bin/busybox");
  const archive = tarOf([{ path: "busybox", mode: 0o755, body }]);
  await finishProgress(
    docker,
    await docker.importImage(Readable.from([archive]), { repo: repository, tag: "1" }),
  );
  runtime = await createDockerRuntime({
    installation,
    dockerHost,
    filesDirectory: directory,
    clock: systemClock,
    log: silentLog,
  });
  runtime.watch((id) => changed.add(id));
  const pulled = await runtime.pullImage(`${repository}:1`);
  assert.ok(pulled.ok, "an image that only this machine has is taken as it is");
  imageId = pulled.value.imageId;
});

beforeEach(() => {
  sandboxId = systemRandom.hex(32);
});

after(async () => {
  const listed = await runtime.listSandboxes();
  for (const id of listed.ok ? listed.value : []) await runtime.removeSandbox(id);
  await runtime.close();
  await docker.getImage(`${repository}:1`).remove();
  await rm(directory, { recursive: true, force: true });
});

async function sandbox(): Promise<number> {
  const made = await runtime.ensureSandbox({
    sandboxId,
    hostname: "ip-10-9-1-5.ap-northeast-1.compute.internal",
    nameServers: ["10.9.0.2"],
    searchDomains: ["ap-northeast-1.compute.internal"],
    hosts: [{ name: "ip-10-9-1-5.ap-northeast-1.compute.internal", address: "10.9.1.5" }],
    limits: { nanoCpus: 250_000_000, memoryBytes: 64 * 1024 * 1024 },
  });
  assert.ok(made.ok, JSON.stringify(made));
  return made.value.processId;
}

async function run(name: string, script: string, more: Partial<ContainerSpec> = {}): Promise<string> {
  const containerId = await create(name, script, more);
  const started = await runtime.startContainer(containerId);
  assert.ok(started.ok, JSON.stringify(started));
  return containerId;
}

async function create(name: string, script: string, more: Partial<ContainerSpec> = {}): Promise<string> {
  const made = await runtime.createContainer({
    sandboxId,
    name,
    engineName: `ecs-test-1-${name}-${systemRandom.hex(20)}`,
    imageId,
    entryPoint: ["/busybox", "sh", "-c"],
    command: [script],
    network: { kind: "sandbox" },
    environment: { GREETING: "hello world" },
    labels: {},
    ulimits: [],
    mounts: [],
    ...more,
  });
  assert.ok(made.ok, JSON.stringify(made));
  return made.value.containerId;
}

async function observe(name: string | undefined): Promise<ObservedContainer | undefined> {
  const observed = await runtime.observeSandbox(sandboxId);
  assert.ok(observed.ok, JSON.stringify(observed));
  return observed.value.find((container) => container.name === name);
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 150; i++) {
    if (await condition()) return;
    await pause(100);
  }
  assert.fail(`never: ${what}`);
}

async function output(containerId: string, since = 0): Promise<string[]> {
  const lines: string[] = [];
  await runtime.followLogs(
    containerId,
    since,
    ({ message }) => lines.push(message),
    AbortSignal.timeout(10_000),
  );
  return lines;
}

test("containers of a sandbox share its network, host name, resolver and hosts", async () => {
  const processId = await sandbox();
  assert.equal(await sandbox(), processId, "the second time it is the same one");
  const containerId = await run(
    "app",
    "/busybox cat /etc/resolv.conf /etc/hosts; /busybox hostname; echo $GREETING; /busybox ls /sys/class/net; /busybox readlink /proc/self/ns/net",
  );
  const lines = await output(containerId);
  for (const line of [
    "nameserver 10.9.0.2",
    "search ap-northeast-1.compute.internal",
    "127.0.0.1\tlocalhost",
    "10.9.1.5\tip-10-9-1-5.ap-northeast-1.compute.internal",
    "ip-10-9-1-5.ap-northeast-1.compute.internal",
    "hello world",
    "lo",
  ]) {
    assert.ok(lines.includes(line), `${line} in ${lines.join(" | ")}`);
  }
  assert.equal(lines.filter((line) => /^(eth|veth|docker)/.test(line)).length, 0, "no network but its own");
  assert.deepEqual((await runtime.listSandboxes()).ok, true);
  await until("the change was told", async () => changed.has(sandboxId));
});

test("a container that obeys SIGTERM ends with its own code, one that does not is killed", async () => {
  await sandbox();
  const obeys = await run("obeys", "trap 'exit 7' TERM; while :; do /busybox sleep 1 & wait; done");
  const deaf = await run("deaf", "trap '' TERM; while :; do /busybox sleep 1; done");
  const [first, second] = await Promise.all([
    runtime.stopContainer(obeys, 10),
    runtime.stopContainer(deaf, 1),
  ]);
  assert.ok(first.ok && second.ok);
  assert.deepEqual([(await observe("obeys"))?.exitCode, (await observe("deaf"))?.exitCode], [7, 137]);
  assert.ok((await runtime.stopContainer(obeys, 1)).ok, "it has stopped already");
});

test("the health check that is asked for decides, and follows what the container does", async () => {
  await sandbox();
  await run("app", "/busybox touch /well; /busybox sleep 3; /busybox rm /well; /busybox sleep 60", {
    healthCheck: {
      test: ["CMD", "/busybox", "test", "-e", "/well"],
      intervalMs: 1000,
      timeoutMs: 1000,
      retries: 1,
      startPeriodMs: 0,
    },
  });
  await until("healthy", async () => (await observe("app"))?.health === "healthy");
  await until("unhealthy", async () => (await observe("app"))?.health === "unhealthy");
});

test("output is told from a moment on, also long after the container has ended", async () => {
  await sandbox();
  const containerId = await run("app", "echo one; echo two >&2; /busybox sleep 1; echo three");
  assert.deepEqual((await output(containerId)).sort(), ["one", "three", "two"]);
  const ended = await observe("app");
  assert.equal(ended?.state, "exited");
  assert.deepEqual(await output(containerId, (ended?.startedAt ?? 0) + 700), ["three"]);
});

test("a container that needs more memory than it may have is killed, and says why", async () => {
  await sandbox();
  await run("app", "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done", { memoryBytes: 8 * 1024 * 1024 });
  await until("killed", async () => (await observe("app"))?.state === "exited");
  assert.equal((await observe("app"))?.outOfMemory, true);
});

test("creating twice makes one container; one that cannot start says so in the engine's words", async () => {
  await sandbox();
  const containerId = await create("app", "", { entryPoint: ["/nosuch"] });
  assert.equal(await create("app", "", { entryPoint: ["/nosuch"] }), containerId);
  const started = await runtime.startContainer(containerId);
  assert.equal(started.ok ? "" : started.failure.kind, "start-failed");
  assert.match((await observe("app"))?.error ?? "", /\/nosuch.*no such file or directory/);
});

test("a pull from a registry that does not answer is a failure with its reason", async () => {
  const pulled = await runtime.pullImage(`${repository}-other:1`);
  assert.equal(pulled.ok, false);
  assert.match(pulled.ok ? "" : pulled.failure.message, /connection refused/);
});

test("a sandbox ends at once when told to, and its removal leaves nothing", async () => {
  await sandbox();
  await run("app", "trap '' TERM; while :; do /busybox sleep 1; done");
  const holder = await observe(undefined);
  const began = performance.now();
  await docker.getContainer(holder?.containerId ?? "").stop({ t: 10 });
  assert.ok(performance.now() - began < 3000);
  assert.equal((await observe(undefined))?.state, "exited");
  assert.ok((await runtime.removeSandbox(sandboxId)).ok);
  assert.ok((await runtime.removeSandbox(sandboxId)).ok, "already gone is success");
  const listed = await runtime.listSandboxes();
  assert.equal(listed.ok && listed.value.includes(sandboxId), false);
});

test("another installation on the same engine sees nothing of ours", async () => {
  await sandbox();
  const other = await createDockerRuntime({
    installation: systemRandom.hex(6),
    dockerHost,
    filesDirectory: directory,
    clock: systemClock,
    log: silentLog,
  });
  assert.deepEqual(await other.listSandboxes(), { ok: true, value: [] });
  assert.deepEqual(await other.observeSandbox(sandboxId), { ok: true, value: [] });
  await other.close();
});
