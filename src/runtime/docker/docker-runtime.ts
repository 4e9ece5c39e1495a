/** The container runtime on Docker Engine (API 1.41 and later). Remembers nothing: what there is, the engine says. */
import type Docker from "dockerode";
import { unreachable } from "../../lib/assert.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { failure, type Result, success } from "../../lib/result.ts";
import type {
  ContainerRuntime,
  ContainerSpec,
  LogLine,
  ObservedContainer,
  RuntimeFailure,
  Sandbox,
  SandboxSpec,
} from "../container-runtime.ts";
import { connect, type DockerHost, isGone, isLocal, readEngineError, toFailure } from "./connection.ts";
import { type ControlGroups, createControlGroups } from "./control-groups.ts";
import {
  CONTAINER_LABEL,
  containerOptions,
  INSTALLATION_LABEL,
  SANDBOX_LABEL,
  sandboxName,
  sandboxOptions,
} from "./create-options.ts";
import type { OtherContainers } from "./isolation-options.ts";
import { createLogReader } from "./log-frames.ts";
import { ensureMachineImage } from "./machine-image.ts";
import { resolveMounts } from "./mounts.ts";
import { observedContainer } from "./observe.ts";
import { withOpenFiles } from "./open-files.ts";
import { ensurePauseImage } from "./pause-image.ts";
import { pullImage } from "./pull.ts";
import { runInContainer } from "./run-in-container.ts";
import { createSandboxFiles, type SandboxFiles } from "./sandbox-files.ts";
import { readStats } from "./stats.ts";
import { endProgram, openTerminal } from "./terminal.ts";
import { watchEngine } from "./watch.ts";

export interface DockerRuntimeOptions {
  /** Six hexadecimal digits: marks what is ours on an engine that others use too. */
  readonly installation: string;
  readonly dockerHost: DockerHost;
  /** Holds a directory for each sandbox that has files of its own. The engine must see the same files there. */
  readonly filesDirectory: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface Engine {
  readonly docker: Docker;
  readonly installation: string;
  readonly processorCount: number;
  readonly groups: ControlGroups;
  readonly files: SandboxFiles;
  ensurePauseImage(): Promise<void>;
  ensureMachineImage(): Promise<void>;
}

export async function createDockerRuntime(options: DockerRuntimeOptions): Promise<ContainerRuntime> {
  const { installation, clock, log } = options;
  const docker = connect(options.dockerHost);
  const info: { readonly CgroupDriver?: string; readonly CgroupVersion?: string; readonly NCPU: number } =
    await docker.info();
  const driver =
    info.CgroupDriver === "systemd" || info.CgroupDriver === "cgroupfs" ? info.CgroupDriver : "none";
  const engine: Engine = {
    docker,
    installation,
    processorCount: info.NCPU,
    groups: createControlGroups(
      { driver: isLocal(options.dockerHost) ? driver : "none", version: info.CgroupVersion === "2" ? 2 : 1 },
      log,
    ),
    files: createSandboxFiles(options.filesDirectory),
    ensurePauseImage: once(() => ensurePauseImage(docker)),
    ensureMachineImage: once(() => ensureMachineImage(docker)),
  };
  const closing = new AbortController();
  return {
    ensureSandbox: (spec) => ensureSandbox(engine, spec),
    pullImage: (reference, credentials) => pullImage(docker, reference, credentials),
    createContainer: (spec) => createContainer(engine, spec),
    startContainer: (containerId) => startContainer(engine, containerId),
    stopContainer: (containerId, timeoutSeconds) => stopContainer(docker, containerId, timeoutSeconds),
    runInSandbox: (sandboxId, program) =>
      runInContainer(docker, clock, sandboxName(installation, sandboxId), program),
    openTerminal: (containerId, program, events) => openTerminal(docker, clock, containerId, program, events),
    async endProgram(programId) {
      try {
        await endProgram(docker, clock, programId);
        return success(undefined);
      } catch (error) {
        return failure(toFailure("stop-failed", error));
      }
    },
    stats: (containerId) => readStats(docker, containerId),
    removeSandbox: (sandboxId) => removeSandbox(engine, sandboxId),
    observeSandbox: (sandboxId) => observeSandbox(engine, sandboxId),
    async listSandboxes() {
      try {
        return success(await listSandboxes(engine));
      } catch (error) {
        return failure(toFailure("create-failed", error));
      }
    },
    watch: (changed) =>
      watchEngine({
        docker,
        installation,
        clock,
        log,
        changed,
        signal: closing.signal,
        listSandboxes: () => listSandboxes(engine),
      }),
    followLogs: (containerId, since, line, signal) =>
      followLogs(docker, containerId, since, line, AbortSignal.any([signal, closing.signal])),
    async close() {
      closing.abort();
    },
  };
}

/** Concurrent callers share one run; one that failed is not remembered. */
function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work().catch((error: unknown) => {
      running = undefined;
      throw error;
    });
    return running;
  };
}

async function listLabelled(
  engine: Engine,
  labels: readonly string[] = [],
): Promise<readonly Docker.ContainerInfo[]> {
  return engine.docker.listContainers({
    all: true,
    filters: { label: [`${INSTALLATION_LABEL}=${engine.installation}`, ...labels] },
  });
}

/** With those of which files alone are left: their container could not be made before this process died. */
async function listSandboxes(engine: Engine): Promise<string[]> {
  const containers = await listLabelled(engine);
  const labelled = containers.flatMap(({ Labels }) => Labels[SANDBOX_LABEL] ?? []);
  return [...new Set([...labelled, ...(await engine.files.list())])];
}

async function ensureSandbox(engine: Engine, spec: SandboxSpec): Promise<Result<Sandbox, RuntimeFailure>> {
  const { docker, installation, processorCount, groups } = engine;
  const name = sandboxName(installation, spec.sandboxId, spec.holdsFor);
  try {
    let found = await inspect(docker, name);
    if (found === undefined) {
      await (spec.machine === true ? engine.ensureMachineImage() : engine.ensurePauseImage());
      // A machine is not in a task's group.
      const cgroupParent =
        spec.machine === true ? undefined : await groups.ensure(spec.sandboxId, spec.limits);
      await docker.createContainer(sandboxOptions(spec, { installation, cgroupParent, processorCount }));
      found = await inspect(docker, name);
    } else if (!found.State.Running && spec.machine !== true) {
      // After the machine was started anew: the engine knows the container, but its control group is gone.
      await groups.ensure(spec.sandboxId, spec.limits);
    }
    if (found?.State.Running === false) {
      await docker.getContainer(found.Id).start();
      found = await inspect(docker, name);
    }
    if (found?.State.Running !== true) {
      return failure({ kind: "start-failed", message: found?.State.Error || "the sandbox ended at once" });
    }
    return success({ sandboxId: spec.sandboxId, containerId: found.Id, processId: found.State.Pid });
  } catch (error) {
    return failure(toFailure("create-failed", error));
  }
}

async function inspect(docker: Docker, idOrName: string): Promise<Docker.ContainerInspectInfo | undefined> {
  try {
    return await docker.getContainer(idOrName).inspect();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

async function createContainer(
  engine: Engine,
  spec: ContainerSpec,
): Promise<Result<{ readonly containerId: string }, RuntimeFailure>> {
  const { docker, installation, processorCount } = engine;
  try {
    const [existing] = await listLabelled(engine, [
      `${SANDBOX_LABEL}=${spec.sandboxId}`,
      `${CONTAINER_LABEL}=${spec.name}`,
    ]);
    if (existing !== undefined) return success({ containerId: existing.Id });
    const holder = await namespaceHolder(engine, spec);
    if (holder === "missing") {
      return failure({ kind: "create-failed", message: `No such sandbox: ${spec.sandboxId}` });
    }
    const cgroupParent =
      spec.sandboxLimits === undefined
        ? holder?.HostConfig.CgroupParent || undefined
        : await engine.groups.ensure(spec.sandboxId, spec.sandboxLimits);
    const others = await otherContainers(engine, spec);
    const options = containerOptions(
      await withOpenFiles(spec, () => limitedProcess(engine, holder)),
      { ...others, containerId: holder?.Id, labels: holder?.Config.Labels ?? {} },
      { installation, cgroupParent, processorCount },
    );
    return success({ containerId: (await docker.createContainer(options)).id });
  } catch (error) {
    return failure(toFailure("create-failed", error));
  }
}

/** A process with the limits that the engine gives to those of this machine. */
async function limitedProcess(engine: Engine, holder: Docker.ContainerInspectInfo | undefined) {
  if (holder !== undefined) return holder.State.Pid;
  const running = (await listLabelled(engine)).find(
    ({ State, Labels }) => State === "running" && Labels[CONTAINER_LABEL] === undefined,
  );
  return running && (await inspect(engine.docker, running.Id))?.State.Pid;
}

/** Throws when something that is shared is not there. */
async function otherContainers(engine: Engine, spec: ContainerSpec): Promise<OtherContainers> {
  const { docker, installation } = engine;
  const sharedWith = async (namespace: ContainerSpec["ipcNamespace"]) => {
    if (namespace === undefined || namespace.kind === "none") return undefined;
    const sandboxId = namespace.kind === "joined" ? namespace.sandboxId : spec.sandboxId;
    const found = await inspect(docker, sandboxName(installation, sandboxId));
    if (found === undefined) throw new Error(`No such sandbox: ${sandboxId}`);
    return found.Id;
  };
  const mountsFromIds = [];
  for (const { name, readOnly } of spec.mountsFrom ?? []) {
    const [found] = await listLabelled(engine, [
      `${SANDBOX_LABEL}=${spec.sandboxId}`,
      `${CONTAINER_LABEL}=${name}`,
    ]);
    if (found === undefined) throw new Error(`No such container: ${name}`);
    mountsFromIds.push({ containerId: found.Id, readOnly });
  }
  return {
    processNamespaceId: await sharedWith(spec.processNamespace),
    ipcNamespaceId: await sharedWith(spec.ipcNamespace),
    ...(mountsFromIds.length === 0 ? {} : { mountsFromIds }),
    mounts: await resolveMounts(engine, spec),
    ...(spec.output?.kind === "forward"
      ? { outputSocket: await engine.files.socketPath(spec.output.socket.sandboxId, spec.output.socket.path) }
      : {}),
  };
}

/** Undefined where a container needs none. */
async function namespaceHolder(
  { docker, installation }: Engine,
  { sandboxId, name, network }: ContainerSpec,
): Promise<Docker.ContainerInspectInfo | undefined | "missing"> {
  switch (network.kind) {
    case "none":
      return undefined;
    case "own":
      return (await inspect(docker, sandboxName(installation, sandboxId, name))) ?? "missing";
    case "joined":
      return (await inspect(docker, sandboxName(installation, network.sandboxId))) ?? "missing";
    case "sandbox":
      return (await inspect(docker, sandboxName(installation, sandboxId))) ?? "missing";
    default:
      return unreachable(network);
  }
}

async function startContainer(
  { docker, files }: Engine,
  containerId: string,
): Promise<Result<undefined, RuntimeFailure>> {
  try {
    // Those that it has from other containers are among them.
    const mounts = (await inspect(docker, containerId))?.Mounts ?? [];
    await files.requireHeld(mounts.map(({ Source }) => Source));
    await docker.getContainer(containerId).start();
  } catch (error) {
    if (readEngineError(error).statusCode !== 304) return failure(toFailure("start-failed", error));
  }
  return success(undefined);
}

async function stopContainer(
  docker: Docker,
  containerId: string,
  timeoutSeconds: number,
): Promise<Result<undefined, RuntimeFailure>> {
  try {
    await docker.getContainer(containerId).stop({ t: timeoutSeconds });
  } catch (error) {
    // 304: it has already stopped.
    if (!isGone(error) && readEngineError(error).statusCode !== 304) {
      return failure(toFailure("stop-failed", error));
    }
  }
  return success(undefined);
}

/** The sandbox's own container goes last: as long as it is there, the sandbox is listed and removed again. */
async function removeSandbox(engine: Engine, sandboxId: string): Promise<Result<undefined, RuntimeFailure>> {
  const { docker } = engine;
  try {
    const containers = await listLabelled(engine, [`${SANDBOX_LABEL}=${sandboxId}`]);
    const [own, others] = [
      containers.filter(({ Labels }) => Labels[CONTAINER_LABEL] === undefined),
      containers.filter(({ Labels }) => Labels[CONTAINER_LABEL] !== undefined),
    ];
    await Promise.all(others.map(({ Id }) => removeContainer(docker, Id)));
    await removeVolumes(engine, sandboxId);
    await engine.files.remove(sandboxId);
    await Promise.all(own.map(({ Id }) => removeContainer(docker, Id)));
    await engine.groups.remove(sandboxId);
    return success(undefined);
  } catch (error) {
    return failure(toFailure("stop-failed", error));
  }
}

async function removeContainer(docker: Docker, containerId: string): Promise<void> {
  try {
    await docker.getContainer(containerId).remove({ force: true, v: true });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

async function removeVolumes({ docker, installation }: Engine, sandboxId: string): Promise<void> {
  const { Volumes: volumes } = await docker.listVolumes({
    filters: {
      label: [`${INSTALLATION_LABEL}=${installation}`, `${SANDBOX_LABEL}=${sandboxId}`],
    },
  });
  for (const { Name } of volumes ?? []) {
    await docker
      .getVolume(Name)
      .remove()
      .catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
  }
}

async function observeSandbox(
  engine: Engine,
  sandboxId: string,
): Promise<Result<readonly ObservedContainer[], RuntimeFailure>> {
  try {
    const listed = await listLabelled(engine, [`${SANDBOX_LABEL}=${sandboxId}`]);
    const inspected = await Promise.all(listed.map(({ Id }) => inspect(engine.docker, Id)));
    return success(inspected.flatMap((info) => (info === undefined ? [] : [observedContainer(info)])));
  } catch (error) {
    return failure(toFailure("create-failed", error));
  }
}

async function followLogs(
  docker: Docker,
  containerId: string,
  since: number,
  line: (line: LogLine) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const info = await inspect(docker, containerId);
    if (info === undefined) return;
    const stream = await docker.getContainer(containerId).logs({
      follow: true,
      stdout: true,
      stderr: true,
      timestamps: true,
      since: (since / 1000).toFixed(3),
      abortSignal: signal,
    });
    const reader = createLogReader(info.Config.Tty);
    for await (const chunk of stream) {
      for (const read of reader.push(Buffer.from(chunk))) line(read);
    }
    for (const read of reader.end()) line(read);
    const after = await inspect(docker, containerId);
    if (after?.State.Running === true && after.State.StartedAt === info.State.StartedAt && !signal.aborted) {
      throw new Error("the container engine closed the stream of a container's output");
    }
  } catch (error) {
    if (!signal.aborted && !isGone(error)) throw error;
  }
}
