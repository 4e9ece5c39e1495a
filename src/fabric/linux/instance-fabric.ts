/** The network inside instances, in the kernel: observe, plan, apply, until nothing is left to do. Remembers nothing. */
import type { FileHandle } from "node:fs/promises";
import type { Log } from "../../lib/log.ts";
import type { BridgeEndpointConfig, InstanceNetworkConfig } from "../config.ts";
import type { InstanceFabric } from "../fabric.ts";
import { fingerprint, renderReplacement } from "../firewall/ruleset.ts";
import { compileInstanceFirewall, INSTANCE_TABLE } from "../instance/compile-instance-firewall.ts";
import {
  type ObservedBridgeLink,
  planBridge,
  renderBridge,
  renderContainerSetup,
  renderEndpointCreation,
  renderEndpointSeal,
  type WantedEndpoint,
} from "../instance/plan-bridge.ts";
import { CommandError, ipBatch, ipBatchForced, ipShow, nft, setParameters } from "./commands.ts";
import { ROUTER_PARAMETERS } from "./internet.ts";
import {
  fixedPath,
  namespaceIdentity,
  openNamespace,
  processNamespacePath,
  withNamespace,
} from "./namespaces.ts";
import { observeStamp } from "./observe-vpc.ts";
import { KeyedLock, mapLimited } from "./serial.ts";

/** A machine that forwards for its containers, also from its own loopback addresses (Amazon ECS agent). */
const INSTANCE_PARAMETERS = { ...ROUTER_PARAMETERS, "ipv4/conf/all/route_localnet": "1" };

/** Children at a time: each is processor-bound for some 3 ms. */
const CONCURRENCY = 4;
/** Links made in one go; each keeps a file open meanwhile. */
const MOST_AT_ONCE = 250;
/** Sandboxes may go while they are linked; then the next look plans without them. More would hide a mistake. */
const MOST_ROUNDS = 4;

export function createLinuxInstanceFabric(log: Log): InstanceFabric {
  return new LinuxInstanceFabric(log);
}

/** An instance whose namespace is held open. */
interface OpenInstance {
  readonly instanceId: string;
  readonly namespace: string;
  readonly identity: string;
}

class LinuxInstanceFabric implements InstanceFabric {
  readonly #log: Log;
  readonly #lock = new KeyedLock();

  constructor(log: Log) {
    this.#log = log;
  }

  applyInstance(config: InstanceNetworkConfig): Promise<{ readonly linkedEndpointIds: readonly string[] }> {
    const { instanceId, processId } = config;
    return this.#lock.run(instanceId, async () => {
      const path = processNamespacePath(processId);
      const identity = await namespaceIdentity(path);
      const own = await namespaceIdentity(processNamespacePath(process.pid));
      // A process number of a machine that ended may by now be a process of the host.
      if (identity === undefined || identity === own)
        throw new Error(`the namespace of ${instanceId} is gone`);
      const linked = await withNamespace(path, identity, (namespace) =>
        this.#apply(config.endpoints, { instanceId, namespace, identity }),
      );
      if (linked === undefined) throw new Error(`the namespace of ${instanceId} is gone`);
      return { linkedEndpointIds: linked };
    });
  }

  async #apply(
    endpoints: readonly BridgeEndpointConfig[],
    instance: OpenInstance,
  ): Promise<readonly string[]> {
    const { namespace } = instance;
    // Endpoints whose container is there but takes no link: left out, so that they do not hold up the others.
    const refused = new Set<string>();
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const identities = await resolveContainers(
        endpoints.filter(({ endpointId }) => !refused.has(endpointId)),
        instance,
      );
      const [links, stamp] = await Promise.all([
        observeLinks(namespace),
        observeStamp(namespace, INSTANCE_TABLE),
      ]);
      const plan = planBridge(endpoints, identities, links);
      if (plan.makeBridge) await setParameters(namespace, INSTANCE_PARAMETERS);
      // The rules come before the links: no container is reached, or sends, without them.
      await applyFirewall(namespace, [...plan.keep, ...plan.create], stamp);
      await removeLinks(namespace, plan.remove);
      if (plan.makeBridge) await ipBatch(namespace, renderBridge(instance.instanceId));
      const isIdle = plan.create.length + plan.remove.length === 0 && !plan.makeBridge;
      if (isIdle) return plan.keep.map(({ endpoint }) => endpoint.endpointId);
      for (let first = 0; first < plan.create.length; first += MOST_AT_ONCE) {
        const some = plan.create.slice(first, first + MOST_AT_ONCE);
        await this.#createEndpoints(instance, some, identities, refused);
      }
    }
    throw new Error(`the bridge of ${instance.instanceId} does not become as declared`);
  }

  /** One child makes all pairs, one more for each container sets up its end, and one seals what succeeded. */
  async #createEndpoints(
    { instanceId, namespace }: OpenInstance,
    wanted: readonly WantedEndpoint[],
    identities: ReadonlyMap<string, string>,
    refused: Set<string>,
  ): Promise<void> {
    const refuse = ({ endpoint }: WantedEndpoint, error: unknown) => {
      refused.add(endpoint.endpointId);
      this.#log.warn("a container could not be linked to docker0", {
        instanceId,
        endpointId: endpoint.endpointId,
        error,
      });
    };
    const open: { readonly one: WantedEndpoint; readonly handle: FileHandle; readonly path: string }[] = [];
    try {
      for (const one of wanted) {
        const { endpointId, processId } = one.endpoint;
        const handle = await openNamespace(processNamespacePath(processId), identities.get(endpointId));
        if (handle !== undefined) open.push({ one, handle, path: fixedPath(handle) });
      }
      const creations = open.map(({ one, path }) => renderEndpointCreation(one, path));
      const failures = new Map(
        (await ipBatchForced(namespace, creations)).map(({ command, message }) => [command, message]),
      );
      const made = await mapLimited(open, CONCURRENCY, async ({ one, path }, index) => {
        const failure = failures.get(creations[index] ?? "");
        try {
          if (failure !== undefined) throw new CommandError(["ip"], creations[index] ?? "", failure);
          await ipBatch(path, renderContainerSetup(one));
          return true;
        } catch (error) {
          if (!(error instanceof CommandError)) throw error;
          refuse(one, error);
          return false;
        }
      });
      // A container that ended just now took its link along; the next look finds that.
      const seals = open
        .filter((_, index) => made[index] === true)
        .flatMap(({ one }) => renderEndpointSeal(one));
      await ipBatchForced(namespace, seals);
    } finally {
      for (const { handle } of open) await handle.close();
    }
  }
}

async function applyFirewall(
  namespace: string,
  endpoints: readonly WantedEndpoint[],
  stamp: string | undefined,
): Promise<void> {
  const ruleset = compileInstanceFirewall(endpoints.map(({ endpoint }) => endpoint));
  if (fingerprint(ruleset) !== stamp) await nft(namespace, renderReplacement(INSTANCE_TABLE, ruleset));
}

/** The namespaces of the endpoints' containers, by endpoint id; neither the host's nor the instance's own. */
async function resolveContainers(
  endpoints: readonly BridgeEndpointConfig[],
  instance: OpenInstance,
): Promise<ReadonlyMap<string, string>> {
  const own = await namespaceIdentity(processNamespacePath(process.pid));
  const identities = new Map<string, string>();
  await mapLimited(endpoints, 32, async ({ endpointId, processId }) => {
    const identity = await namespaceIdentity(processNamespacePath(processId));
    if (identity === undefined || identity === own || identity === instance.identity) return;
    identities.set(endpointId, identity);
  });
  return identities;
}

async function observeLinks(namespace: string): Promise<readonly ObservedBridgeLink[]> {
  const objects = await ipShow(namespace, ["link show"]);
  return objects.map((object) => {
    const alias = object["ifalias"];
    const master = object["master"];
    return {
      name: String(object["ifname"]),
      alias: typeof alias === "string" ? alias : undefined,
      master: typeof master === "string" ? master : undefined,
    };
  });
}

async function removeLinks(namespace: string, names: readonly string[]): Promise<void> {
  const failures = await ipBatchForced(
    namespace,
    names.map((name) => `link del ${name}`),
  );
  const others = failures.filter(({ message }) => !/Cannot find device|No such device/.test(message));
  if (others.length > 0) throw new Error(`links cannot be removed: ${JSON.stringify(others)}`);
}
