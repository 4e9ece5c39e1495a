/**
 * The network in this machine's kernel: a namespace per VPC, links into sandboxes, a firewall and routes in between.
 * Asks the kernel what there is, plans, applies, and asks again until nothing is left to do. Remembers one thing
 * only, what the firewall of a VPC was last made from; the kernel's own stamp tells whether that is still true.
 */
import type { Log } from "../../lib/log.ts";
import type { VpcConfig } from "../config.ts";
import type { Fabric } from "../fabric.ts";
import { compileFirewall, VPC_TABLE } from "../firewall/compile-firewall.ts";
import { fingerprint, type Ruleset, renderChange, renderReplacement } from "../firewall/ruleset.ts";
import { internetNamespaceName, namespacePrefix, UPLINK, vpcNamespaceName } from "../links/names.ts";
import {
  LINK_GROUP,
  type ObservedLink,
  planLinks,
  renderLinkSeal,
  renderLinkSetup,
} from "../links/plan-links.ts";
import { INTERNET_END, planRouteChanges, planRoutes, withoutLinks } from "../routing/plan-routes.ts";
import { createLinks, type LinkContext, removeLinks, removeRules, resolveSandboxes } from "./apply-links.ts";
import { type BatchFailure, CommandError, ipBatch, ipBatchForced, nft, setParameters } from "./commands.ts";
import { Internet, ROUTER_PARAMETERS } from "./internet.ts";
import {
  deleteNamespace,
  ensureNamespace,
  listNamespaces,
  namespaceExists,
  namespacePath,
} from "./namespaces.ts";
import { type ObservedVpc, observeFirewall, observeVpc } from "./observe-vpc.ts";
import { OwnNamespaces } from "./own-namespaces.ts";
import { KeyedLock } from "./serial.ts";

export interface LinuxFabricDependencies {
  /** Six hexadecimal digits. */
  readonly installation: string;
  /** For example `198.18.0.0/16`; its first addresses are the host's (.1) and the internet's (.2). */
  readonly publicPool: string;
  readonly log: Log;
}

/** In a VPC's namespace links answer for every address behind them, see docs of `planRoutes`. */
const VPC_PARAMETERS = { ...ROUTER_PARAMETERS, "ipv4/conf/default/proxy_arp": "1" };

/** Sandboxes may go while they are linked; then the next look plans without them. More would hide a mistake. */
const MOST_ROUNDS = 4;

export function createLinuxFabric(dependencies: LinuxFabricDependencies): Fabric {
  return new LinuxFabric(dependencies);
}

class LinuxFabric implements Fabric {
  readonly #installation: string;
  readonly #log: Log;
  readonly #internet: Internet;
  readonly #lock = new KeyedLock();
  readonly #firewalls = new Map<string, { readonly ruleset: Ruleset; readonly fingerprint: string }>();
  /** VPCs whose namespace this process has set up: parameters cannot be seen from outside. */
  readonly #prepared = new Set<string>();
  readonly #ownNamespaces: OwnNamespaces;

  constructor({ installation, publicPool, log }: LinuxFabricDependencies) {
    this.#installation = installation;
    this.#log = log;
    this.#internet = new Internet(installation, publicPool);
    this.#ownNamespaces = new OwnNamespaces(installation);
  }

  async start(): Promise<void> {
    await this.#internet.start();
    await this.#ownNamespaces.sweep();
  }

  vpcNamespace(vpcId: string): string {
    return vpcNamespaceName(this.#installation, vpcId);
  }

  async observeVpcs(): Promise<readonly string[]> {
    const prefix = namespacePrefix(this.#installation);
    return (await listNamespaces(`${prefix}vpc-`)).map((name) => name.slice(prefix.length));
  }

  applyVpc(config: VpcConfig): Promise<{ readonly linkedInterfaceIds: readonly string[] }> {
    return this.#lock.run(config.vpcId, async () => {
      const namespace = await this.#prepareNamespace(config.vpcId);
      const context = { installation: this.#installation, namespace, log: this.#log };
      // The firewall first: it forwards nothing for links that it does not know, and none exists before its rules.
      await this.#applyFirewall(config, namespace);
      // Interfaces whose sandbox is there but takes no link: left out, so that they do not hold up the others.
      const refused = new Set<string>();
      let failures: readonly BatchFailure[] = [];
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const outcome = await this.#applyRound(config, context, refused);
        if (outcome.kind === "settled") {
          return { linkedInterfaceIds: outcome.linkedInterfaceIds };
        }
        failures = outcome.failures;
      }
      throw new Error(`the VPC ${config.vpcId} does not become as declared: ${JSON.stringify(failures)}`);
    });
  }

  removeVpc(vpcId: string): Promise<void> {
    return this.#lock.run(vpcId, async () => {
      const name = this.vpcNamespace(vpcId);
      this.#forget(vpcId);
      const exists = await namespaceExists(name);
      const links = exists ? (await observeVpc(namespacePath(name))).links : [];
      await this.#ownNamespaces.removeUndeclared(vpcId, namesOf(links), []);
      if (exists) await deleteLinkGroup(namespacePath(name));
      await deleteNamespace(name);
    });
  }

  async removeEverything(): Promise<void> {
    const internet = internetNamespaceName(this.#installation);
    for (const name of await listNamespaces(namespacePrefix(this.#installation))) {
      if (name !== internet && (await namespaceExists(name))) await deleteLinkGroup(namespacePath(name));
    }
    await this.#internet.remove();
    this.#firewalls.clear();
    this.#prepared.clear();
  }

  async #prepareNamespace(vpcId: string): Promise<string> {
    const name = this.vpcNamespace(vpcId);
    const namespace = namespacePath(name);
    if (await ensureNamespace(name)) this.#forget(vpcId);
    if (!this.#prepared.has(vpcId)) {
      await setParameters(namespace, VPC_PARAMETERS);
      await ipBatch(namespace, ["link set lo up"]);
      this.#prepared.add(vpcId);
    }
    return namespace;
  }

  #forget(vpcId: string): void {
    this.#prepared.delete(vpcId);
    this.#firewalls.delete(vpcId);
  }

  async #applyFirewall(config: VpcConfig, namespace: string): Promise<void> {
    const ruleset = compileFirewall(config);
    const wanted = { ruleset, fingerprint: fingerprint(ruleset) };
    const observed = await observeFirewall(namespace);
    const known = this.#firewalls.get(config.vpcId);
    if (observed !== wanted.fingerprint) {
      const change =
        known !== undefined && known.fingerprint === observed
          ? renderChange(VPC_TABLE, known.ruleset, ruleset)
          : undefined;
      await this.#changeFirewall(config.vpcId, namespace, change, ruleset);
    }
    this.#firewalls.set(config.vpcId, wanted);
  }

  /** A small change is tried first; whatever stands in its way, the whole table always works. */
  async #changeFirewall(
    vpcId: string,
    namespace: string,
    change: string | undefined,
    ruleset: Ruleset,
  ): Promise<void> {
    if (change !== undefined) {
      try {
        await nft(namespace, change);
        return;
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        this.#log.warn("a firewall's change was refused, the table is replaced", { vpcId, error });
      }
    }
    await nft(namespace, renderReplacement(VPC_TABLE, ruleset));
  }

  /** Looks, plans, and either finds nothing to do or does it. */
  async #applyRound(config: VpcConfig, context: LinkContext, refused: Set<string>): Promise<RoundOutcome> {
    const { namespace } = context;
    const observed = await observeVpc(namespace);
    await this.#ownNamespaces.removeUndeclared(config.vpcId, namesOf(observed.links), config.interfaces);
    const interfaces = config.interfaces.filter((one) => !refused.has(one.interfaceId));
    const identities = await resolveSandboxes(context, interfaces);
    const links = planLinks(config, identities, observed.links);
    await removeLinks(context, [...links.remove, ...(links.uplink === "remove" ? [UPLINK] : [])]);
    const removed = observed.links.filter(({ name }) => links.remove.includes(name));
    await removeRules(context, removed, interfaces, identities);
    const uplink = await this.#applyUplink(config, namespace, links.uplink, observed);
    const created = await createLinks(context, links.create, identities, refused);
    const routing = planRoutes(
      config,
      new Set([...links.keep, ...created].map((link) => link.interface.interfaceId)),
    );
    const gone = new Set([...links.remove, ...(uplink.renewed ? [UPLINK] : [])]);
    const commands = [
      ...created.flatMap(renderLinkSetup),
      ...uplink.setup,
      ...planRouteChanges(withoutLinks(observed.routing, gone), routing),
      ...created.map(renderLinkSeal),
      ...uplink.seal,
    ];
    const failures = await ipBatchForced(namespace, commands);
    const isIdle = commands.length + links.remove.length + links.create.length === 0;
    if (isIdle && links.uplink !== "remove") {
      return { kind: "settled", linkedInterfaceIds: links.keep.map((link) => link.interface.interfaceId) };
    }
    return { kind: "changed", failures };
  }

  async #applyUplink(
    config: VpcConfig,
    namespace: string,
    plan: "keep" | "create" | "remove" | "none",
    observed: ObservedVpc,
  ): Promise<UplinkChange> {
    if (plan === "none" || plan === "remove") return { renewed: plan === "remove", setup: [], seal: [] };
    if (plan === "create") {
      if (observed.links.some((link) => link.name === UPLINK)) {
        await ipBatchForced(namespace, [`link del ${UPLINK}`]);
      }
      await ipBatch(namespace, this.#internet.renderUplinkCreation(config.vpcId));
    }
    const publicIps = config.publicAddresses.map((pair) => pair.publicIp);
    await this.#internet.applyPublicAddresses(config.vpcId, publicIps, plan === "create");
    if (plan === "keep") return { renewed: false, setup: [], seal: [] };
    const { address, mac } = INTERNET_END;
    return {
      renewed: true,
      setup: [`link set ${UPLINK} up`, `neigh replace ${address} lladdr ${mac} dev ${UPLINK} nud permanent`],
      seal: [`link set ${UPLINK} alias ${UPLINK}`],
    };
  }
}

type RoundOutcome =
  | { readonly kind: "settled"; readonly linkedInterfaceIds: readonly string[] }
  | { readonly kind: "changed"; readonly failures: readonly BatchFailure[] };

interface UplinkChange {
  /** The kernel has forgotten the routes through the uplink of before. */
  readonly renewed: boolean;
  readonly setup: readonly string[];
  readonly seal: readonly string[];
}

function namesOf(links: readonly ObservedLink[]): readonly string[] {
  return links.map((link) => link.name);
}

/** Links outlive a namespace's name while a process is inside; their other ends would too. */
async function deleteLinkGroup(namespace: string): Promise<void> {
  await ipBatchForced(namespace, [`link del group ${LINK_GROUP}`]);
}
