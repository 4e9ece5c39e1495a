/** An engine, a busybox image made on this machine, and an installation id of the test's own. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { systemRandom } from "../../src/lib/random.ts";
import type { ContainerRuntime, ContainerSpec, SandboxSpec } from "../../src/runtime/container-runtime.ts";
import { connect } from "../../src/runtime/docker/connection.ts";
import { createDockerRuntime } from "../../src/runtime/docker/docker-runtime.ts";
import { ensureEngine } from "../../src/runtime/docker/engine.ts";
import { tarOf } from "../../src/runtime/docker/tar.ts";

export interface DockerWorld {
  readonly docker: Docker;
  readonly runtime: ContainerRuntime;
  readonly installation: string;
  /** Where sandboxes have files of their own. */
  readonly filesDirectory: string;
  /** Its name in the engine, which no registry has: pulling it fails, and the engine's own is taken. */
  readonly image: string;
  readonly imageId: string;
  /** Another process of the same installation. */
  anotherRuntime(): Promise<ContainerRuntime>;
  cleanUp(): Promise<void>;
}

export async function createDockerWorld(): Promise<DockerWorld> {
  const { dockerHost } = await ensureEngine({
    log: silentLog,
    stateDirectory: "/var/lib/berth-test-engine",
    dockerHost: process.env["DOCKER_HOST"],
    path: process.env["PATH"],
  });
  const docker = connect(dockerHost);
  const installation = systemRandom.hex(6);
  // Port 1 of this machine: refused at once, so that no test reaches for a registry outside.
  const image = `127.0.0.1:1/berth-test-${installation}:1`;
  // Paths of unix sockets have at most 107 characters.
  const filesDirectory = await mkdtemp("/tmp/bf-");
  const runtimes: ContainerRuntime[] = [];
  const anotherRuntime = async () => {
    const runtime = await createDockerRuntime({
      installation,
      dockerHost,
      filesDirectory,
      clock: systemClock,
      log: silentLog,
    });
    runtimes.push(runtime);
    return runtime;
  };
  const runtime = await anotherRuntime();
  await importBusybox(docker, image);
  return {
    docker,
    runtime,
    installation,
    filesDirectory,
    image,
    imageId: (await docker.getImage(image).inspect()).Id,
    anotherRuntime,
    async cleanUp() {
      const listed = await runtime.listSandboxes();
      if (listed.ok) for (const sandboxId of listed.value) await runtime.removeSandbox(sandboxId);
      for (const each of runtimes) await each.close();
      await docker.getImage(image).remove({ force: true });
      await rm(filesDirectory, { recursive: true, force: true });
    },
  };
}

async function importBusybox(docker: Docker, image: string): Promise<void> {
  const body = await readFile("/bin/busybox");
  const archive = tarOf([
    { path: "bin/busybox", mode: 0o755, body },
    { path: "bin/sh", mode: 0o755, body },
  ]);
  const [repo, tag] = [image.slice(0, image.lastIndexOf(":")), image.slice(image.lastIndexOf(":") + 1)];
  const progress = await docker.importImage(Readable.from([archive]), { repo, tag });
  await new Promise((resolve) => docker.modem.followProgress(progress, resolve));
}

export function sandbox(sandboxId: string, more: Partial<SandboxSpec> = {}): SandboxSpec {
  return {
    sandboxId,
    hostname: "ip-10-0-11-82.ap-northeast-1.compute.internal",
    nameServers: ["10.0.0.2"],
    searchDomains: ["ap-northeast-1.compute.internal"],
    hosts: [{ name: "ip-10-0-11-82.ap-northeast-1.compute.internal", address: "10.0.11.82" }],
    limits: {},
    ...more,
  };
}

/** A container that runs `script` in busybox's shell. */
export function shell(
  world: DockerWorld,
  sandboxId: string,
  script: string,
  more: Partial<ContainerSpec> = {},
): ContainerSpec {
  return {
    sandboxId,
    name: "web",
    engineName: `ecs-web-1-${more.name ?? "web"}-${systemRandom.hex(20)}`,
    imageId: world.imageId,
    entryPoint: ["/bin/sh", "-c"],
    command: [script],
    network: { kind: "sandbox" },
    environment: { PATH: "/bin" },
    labels: {},
    ulimits: [],
    mounts: [],
    ...more,
  };
}

export function value<T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!result.ok) throw new Error(`the engine refused: ${JSON.stringify(result)}`);
  return result.value;
}

/** Asks again every 50 ms until the answer is not undefined; throws after ten seconds. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within ten seconds: ${what}`);
}
