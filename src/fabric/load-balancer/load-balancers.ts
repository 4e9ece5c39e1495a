/**
 * The load balancer port on HAProxy: one for each node, in the node's namespace. It serves and checks on its own
 * while Berth is down, and is taken over when Berth is back. What runs is always asked, never remembered.
 */
import { chmod, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../../lib/log.ts";
import type { LoadBalancerNodeConfig, ObservedTarget } from "../config.ts";
import type { LoadBalancerFabric } from "../fabric.ts";
import {
  describeTargets,
  OBSERVE_COMMAND,
  type ObservedProxy,
  parseObservation,
  parseSessions,
  SESSIONS_COMMAND,
  serverStateFile,
} from "./observe-servers.ts";
import { planAdmissions, planServers } from "./plan-servers.ts";
import {
  checkConfig,
  findOldWorkers,
  findProxy,
  isInNamespace,
  type ProxyPaths,
  proxyPaths,
  requestReload,
  startProxy,
  stopProxy,
} from "./proxy-process.ts";
import { OPEN_PREFIX, serverName } from "./render-backend.ts";
import { type RenderOptions, renderHaproxyConfig, renderNodeFiles, structureOf } from "./render-config.ts";
import { ask, change, ProxyUnreachable } from "./runtime-api.ts";

export interface HaproxyLoadBalancersOptions {
  /** Absolute; a directory for each node is made in it. Short: socket paths have 107 bytes. */
  readonly stateDirectory: string;
  /** The network namespace of a node, as `ip netns` names it. */
  namespaceOf(nodeId: string): string;
  readonly log: Log;
  /** The user that serves traffic; by default the one of Debian's package. */
  readonly user?: string;
}

export interface HaproxyLoadBalancers extends LoadBalancerFabric {
  /** Ends what this process does about them; the proxies go on. */
  close(): void;
}

/** What HAProxy needs of a socket's path for its temporary name while it binds. */
const LONGEST_SOCKET_PATH = 107 - ".1234567.tmp".length;
const EXAMPLE_NODE = "eni-0123456789abcdef0";
const READY_MS = 10_000;
/** New servers are looked at often, so that a first success counts at once; slow starters later less often. */
const ADMISSION_MS = 200;
const SLOW_ADMISSION_MS = 1_000;
const QUICK_ADMISSIONS = 150;
/** Each round does what is left; one is the rule, two when a worker took over in between. */
const MOST_ROUNDS = 5;

/** Throws when the state directory's path is too long for sockets in it. */
export function createHaproxyLoadBalancers(options: HaproxyLoadBalancersOptions): HaproxyLoadBalancers {
  const socketPath = proxyPaths(options.stateDirectory, EXAMPLE_NODE).adminSocket;
  if (Buffer.byteLength(socketPath) > LONGEST_SOCKET_PATH) {
    throw new Error(`the state directory's path is too long for Unix sockets: ${options.stateDirectory}`);
  }
  const nodes = new NodeQueue();
  const admissions = new Admissions(options, nodes);
  return {
    applyNode: (config) =>
      nodes.run(config.nodeId, async () => {
        await applyNode(config, options);
        admissions.watch(config.nodeId);
      }),
    removeNode: (nodeId) =>
      nodes.run(nodeId, async () => {
        admissions.forget(nodeId);
        const paths = proxyPaths(options.stateDirectory, nodeId);
        await stopProxy(paths);
        await rm(paths.directory, { recursive: true, force: true });
      }),
    observeNodes: () => observeNodes(options.stateDirectory),
    observeTargets: (nodeId) => observeTargets(nodeId, options),
    close: () => admissions.close(),
  };
}

/** One piece of work at a time for a node. */
class NodeQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  run<T>(nodeId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(nodeId) ?? Promise.resolve();
    const result = before.then(work, work);
    const settled = result
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(nodeId) === settled) this.#last.delete(nodeId);
      });
    this.#last.set(nodeId, settled);
    return result;
  }
}

async function applyNode(
  config: LoadBalancerNodeConfig,
  options: HaproxyLoadBalancersOptions,
): Promise<void> {
  const paths = proxyPaths(options.stateDirectory, config.nodeId);
  await mkdir(paths.directory, { recursive: true, mode: 0o700 });
  await chmod(paths.directory, 0o700);
  const render: RenderOptions = { directory: paths.directory, user: options.user ?? "haproxy" };
  const structure = structureOf(config, render);

  const running = await findUsable(config.nodeId, paths, options);
  if (running === undefined) {
    await stopProxy(paths);
    // Servers are all added at run time, where they can begin with a full count of failures to go.
    await writeNode(withoutTargets(config), paths, render, "");
    await rename(paths.nextConfig, paths.config);
    await startProxy(paths, options.namespaceOf(config.nodeId));
    await waitForStructure(paths, structure);
    options.log.info("load balancer node started", { nodeId: config.nodeId });
  } else if (running.structure !== structure) {
    const states = serverStateFile(await ask(paths.adminSocket, "show servers state"));
    await writeNode(withTargetsThatRun(config, running), paths, render, states);
    await rename(paths.nextConfig, paths.config);
    await requestReload(paths);
    await waitForStructure(paths, structure);
    options.log.debug("load balancer node reloaded", { nodeId: config.nodeId });
  }
  await applyServers(config, paths);
  await removeStaleFiles(config, paths);
}

/** The proxy that runs where it should and answers. */
async function findUsable(
  nodeId: string,
  paths: ProxyPaths,
  options: HaproxyLoadBalancersOptions,
): Promise<ObservedProxy | undefined> {
  const processId = await findProxy(paths);
  if (processId === undefined) return undefined;
  if (!(await isInNamespace(processId, options.namespaceOf(nodeId)))) return undefined;
  try {
    return await observe(paths);
  } catch (error) {
    if (error instanceof ProxyUnreachable) return undefined;
    throw error;
  }
}

async function observe(paths: ProxyPaths): Promise<ObservedProxy> {
  return parseObservation(await ask(paths.adminSocket, OBSERVE_COMMAND));
}

function withoutTargets(config: LoadBalancerNodeConfig): LoadBalancerNodeConfig {
  return { ...config, backends: config.backends.map((backend) => ({ ...backend, targets: [] })) };
}

/** Only what runs is written to the configuration: its state comes over with it. The rest is added afterwards. */
function withTargetsThatRun(config: LoadBalancerNodeConfig, running: ObservedProxy): LoadBalancerNodeConfig {
  const names = new Set(
    running.servers
      .filter((server) => !server.maintenance)
      .map((server) => `${server.backendId}/${server.name}`),
  );
  return {
    ...config,
    backends: config.backends.map((backend) => ({
      ...backend,
      targets: backend.targets.filter(
        (target) =>
          names.has(`${backend.backendId}/${serverName(target)}`) &&
          names.has(`${backend.backendId}/${OPEN_PREFIX}${serverName(target)}`),
      ),
    })),
  };
}

/** Writes files and the next configuration, and has HAProxy check it; what runs is not touched. */
async function writeNode(
  config: LoadBalancerNodeConfig,
  paths: ProxyPaths,
  render: RenderOptions,
  serverStates: string,
): Promise<void> {
  for (const [name, content] of renderNodeFiles(config)) {
    const path = join(paths.directory, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, content, { mode: 0o600 });
  }
  await writeFile(paths.stateFile, serverStates, { mode: 0o600 });
  await writeFile(paths.nextConfig, renderHaproxyConfig(config, render), { mode: 0o600 });
  await checkConfig(paths, paths.nextConfig);
}

async function waitForStructure(paths: ProxyPaths, structure: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const running = await observe(paths).catch(() => undefined);
    if (running?.structure === structure) return;
    await delay(25);
  }
  throw new Error(`haproxy in ${paths.directory} does not serve its new configuration`);
}

async function applyServers(config: LoadBalancerNodeConfig, paths: ProxyPaths): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { servers } = await observe(paths);
    const commands = planServers(config.backends, servers);
    if (commands.length === 0) return;
    await change(paths.adminSocket, commands);
  }
  throw new Error(`haproxy in ${paths.directory} does not take its servers`);
}

/** Certificates and bodies that the configuration no longer names; the worker has read what it needs. */
async function removeStaleFiles(config: LoadBalancerNodeConfig, paths: ProxyPaths): Promise<void> {
  const wanted = renderNodeFiles(config);
  for (const folder of ["certificates", "bodies"]) {
    for (const name of await readdir(join(paths.directory, folder)).catch(() => [])) {
      if (!wanted.has(`${folder}/${name}`)) await rm(join(paths.directory, folder, name), { force: true });
    }
  }
}

async function observeNodes(stateDirectory: string): Promise<readonly string[]> {
  const names = await readdir(stateDirectory).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) =>
      (await findProxy(proxyPaths(stateDirectory, name))) === undefined ? [] : [name],
    ),
  );
  return found.flat();
}

async function observeTargets(
  nodeId: string,
  options: HaproxyLoadBalancersOptions,
): Promise<readonly ObservedTarget[]> {
  const paths = proxyPaths(options.stateDirectory, nodeId);
  const running = await findUsable(nodeId, paths, options);
  if (running === undefined) throw new ProxyUnreachable(`no proxy runs in ${options.namespaceOf(nodeId)}`);
  const older = await findOldWorkers(paths);
  const olderSessions = await Promise.all(
    older.map(async (processId) => {
      // It may end at any moment, and its connections with it.
      const answer = await ask(paths.masterSocket, `@!${processId} ${SESSIONS_COMMAND}`).catch(() => "");
      return parseSessions(answer);
    }),
  );
  return describeTargets(running.servers, olderSessions.flat());
}

/** Watches nodes that have servers behind a closed gate, and opens it at their first success. */
class Admissions {
  readonly #options: HaproxyLoadBalancersOptions;
  readonly #nodes: NodeQueue;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #closed = false;

  constructor(options: HaproxyLoadBalancersOptions, nodes: NodeQueue) {
    this.#options = options;
    this.#nodes = nodes;
  }

  watch(nodeId: string, looks = 0): void {
    if (this.#closed) return;
    this.forget(nodeId);
    const timer = setTimeout(
      () => {
        this.#timers.delete(nodeId);
        void this.#look(nodeId, looks);
      },
      looks < QUICK_ADMISSIONS ? ADMISSION_MS : SLOW_ADMISSION_MS,
    );
    timer.unref();
    this.#timers.set(nodeId, timer);
  }

  forget(nodeId: string): void {
    clearTimeout(this.#timers.get(nodeId));
    this.#timers.delete(nodeId);
  }

  close(): void {
    this.#closed = true;
    for (const nodeId of [...this.#timers.keys()]) this.forget(nodeId);
  }

  async #look(nodeId: string, looks: number): Promise<void> {
    const paths = proxyPaths(this.#options.stateDirectory, nodeId);
    try {
      const waiting = await this.#nodes.run(nodeId, async () => {
        const plan = planAdmissions((await observe(paths)).servers);
        await change(paths.adminSocket, plan.commands);
        return plan.waiting;
      });
      // Someone may have begun to watch it anew meanwhile, with a count of its own.
      if (waiting && !this.#timers.has(nodeId)) this.watch(nodeId, looks + 1);
    } catch (error) {
      // A proxy that is gone is started again by the next apply, which watches again.
      if (error instanceof ProxyUnreachable) return;
      this.#options.log.warn("load balancer node cannot be asked for its targets", { nodeId, error });
      this.watch(nodeId, QUICK_ADMISSIONS);
    }
  }
}
