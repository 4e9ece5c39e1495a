/** `berth down`: ends the server, and unless told to keep it, everything that it made. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Config, type ConfigFlags, readConfig } from "../config.ts";
import { interfaceNamespaceName } from "../fabric/links/names.ts";
import { createLinuxFabric } from "../fabric/linux/linux-fabric.ts";
import { createHaproxyLoadBalancers } from "../fabric/load-balancer/load-balancers.ts";
import { createResolverFabric } from "../fabric/resolver/resolver-fabric.ts";
import { systemClock } from "../lib/clock.ts";
import { createLog, type Log } from "../lib/log.ts";
import { createDockerRuntime } from "../runtime/docker/docker-runtime.ts";
import { sandboxFilesIn } from "../runtime/docker/sandbox-files.ts";
import { findEngine, stopOwnEngine } from "../runtime/docker/stop-engine.ts";
import { CommandFailure, say } from "./output.ts";
import { findRunningServer } from "./process-file.ts";
import { isSimulated } from "./simulation-mark.ts";

export interface DownFlags extends ConfigFlags {
  readonly keep?: boolean | undefined;
}

const STOP_TIMEOUT_MS = 30_000;

export async function down(flags: DownFlags): Promise<void> {
  const config = readConfig(flags, process.env);
  const { stateDirectory, installation } = config;
  const simulated = isSimulated(stateDirectory);
  if (!simulated && process.getuid?.() !== 0) {
    throw new CommandFailure("Berth needs root; run sudo ./berth down");
  }
  await stopServer(stateDirectory);
  if (simulated && !flags.keep) {
    rmSync(stateDirectory, { recursive: true, force: true });
    say("nothing of the simulation is left");
    return;
  }
  if (flags.keep) {
    say(`state and containers stay; ./berth up takes them over again (${stateDirectory})`);
    return;
  }
  const log = createLog("warn");
  say("removing containers");
  await removeContainers(config, log);
  say("removing load balancers and the resolver");
  const loadBalancers = createHaproxyLoadBalancers({
    stateDirectory: join(stateDirectory, "lb"),
    namespaceOf: (nodeId) => interfaceNamespaceName(installation, nodeId),
    log,
  });
  for (const nodeId of await loadBalancers.observeNodes()) await loadBalancers.removeNode(nodeId);
  loadBalancers.close();
  await createResolverFabric({ stateDirectory, log }).close({ stop: true });
  say("removing networks");
  await createLinuxFabric({ installation, publicPool: config.publicPool, log }).removeEverything();
  if (await stopOwnEngine(stateDirectory, pause)) say("stopped the container engine that Berth had started");
  rmSync(stateDirectory, { recursive: true, force: true });
  say("nothing of Berth is left but images in the container engine");
}

async function stopServer(stateDirectory: string): Promise<void> {
  const server = findRunningServer(stateDirectory);
  if (server === undefined) return;
  say(`stopping Berth (process ${server.processId})`);
  process.kill(server.processId, "SIGTERM");
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (findRunningServer(stateDirectory)?.processId === server.processId) {
    if (Date.now() > deadline) {
      say("it does not stop by itself; killing it");
      process.kill(server.processId, "SIGKILL");
      return;
    }
    await pause(50);
  }
}

async function removeContainers(
  { dockerHost, installation, stateDirectory }: Config,
  log: Log,
): Promise<void> {
  const engine = await findEngine(dockerHost);
  if (engine === undefined) {
    say("no container engine answers: its containers, if any, go with the next ./berth up and down");
    return;
  }
  const runtime = await createDockerRuntime({
    installation,
    dockerHost: engine,
    filesDirectory: sandboxFilesIn(stateDirectory),
    clock: systemClock,
    log,
  });
  const sandboxes = await runtime.listSandboxes();
  if (!sandboxes.ok) throw new CommandFailure(`the container engine refused: ${sandboxes.failure.message}`);
  await Promise.all(
    sandboxes.value.map(async (sandboxId) => {
      const removed = await runtime.removeSandbox(sandboxId);
      if (!removed.ok) log.warn("a sandbox stays", { sandboxId, message: removed.failure.message });
    }),
  );
  await runtime.close();
}
