/** Makes links between a VPC's namespace and sandboxes, step by step; a link that is not sealed is made anew. */
import type { Log } from "../../lib/log.ts";
import type { InterfaceConfig } from "../config.ts";
import { renderNatGateway } from "../firewall/render-nat-gateway.ts";
import { interfaceNamespaceName } from "../links/names.ts";
import {
  furtherDeviceOf,
  type NamespaceIdentity,
  natGatewayOf,
  type ObservedLink,
  renderLinkCreation,
  renderRuleRemoval,
  renderSandboxSetup,
  type WantedLink,
} from "../links/plan-links.ts";
import { CommandError, ipBatch, ipBatchForced, nft, setParameters } from "./commands.ts";
import { ROUTER_PARAMETERS } from "./internet.ts";
import {
  ensureNamespace,
  namespaceIdentity,
  namespacePath,
  processNamespacePath,
  withNamespace,
} from "./namespaces.ts";
import { mapLimited } from "./serial.ts";

/** Children at a time: each is processor-bound for some 3 ms. */
const CONCURRENCY = 4;

export interface LinkContext {
  readonly installation: string;
  /** Path of the VPC's namespace. */
  readonly namespace: string;
  readonly log: Log;
}

export function sandboxPath(installation: string, one: InterfaceConfig): string {
  return one.sandbox.kind === "process"
    ? processNamespacePath(one.sandbox.processId)
    : namespacePath(interfaceNamespaceName(installation, one.interfaceId));
}

/** Which namespace each interface is to be in. Makes those that the fabric owns. */
export async function resolveSandboxes(
  context: LinkContext,
  interfaces: readonly InterfaceConfig[],
): Promise<ReadonlyMap<string, NamespaceIdentity>> {
  const { installation, log } = context;
  const own = await namespaceIdentity(processNamespacePath(process.pid));
  const identities = new Map<string, NamespaceIdentity>();
  await mapLimited(interfaces, 32, async (one) => {
    if (one.sandbox.kind === "own-namespace") {
      await ensureNamespace(interfaceNamespaceName(installation, one.interfaceId));
    }
    const identity = await namespaceIdentity(sandboxPath(installation, one));
    // A process number of a sandbox that ended may by now be a process of the host.
    if (identity !== undefined && identity === own) {
      log.warn("a sandbox's process is in the host's network namespace, taken as gone", {
        interfaceId: one.interfaceId,
      });
    } else if (identity !== undefined) identities.set(one.interfaceId, identity);
  });
  return identities;
}

/**
 * @param refused takes the ids of interfaces whose sandbox the kernel refused to link; a sandbox that just went is none
 * @returns the links that now need only their side in the VPC
 */
export async function createLinks(
  context: LinkContext,
  links: readonly WantedLink[],
  identities: ReadonlyMap<string, NamespaceIdentity>,
  refused: Set<string>,
): Promise<readonly WantedLink[]> {
  const made = await mapLimited(links, CONCURRENCY, async (link) => {
    const path = sandboxPath(context.installation, link.interface);
    const identity = identities.get(link.interface.interfaceId);
    return await withNamespace(path, identity, (fixedPath) => createLink(context, link, fixedPath)).catch(
      (error: unknown) => {
        if (!(error instanceof CommandError)) throw error;
        refused.add(link.interface.interfaceId);
        context.log.warn("an interface could not be linked", {
          interfaceId: link.interface.interfaceId,
          error,
        });
        return undefined;
      },
    );
  });
  return links.filter((_, index) => made[index] === true);
}

async function createLink(context: LinkContext, link: WantedLink, sandbox: string): Promise<boolean> {
  await ipBatch(context.namespace, [renderLinkCreation(link, sandbox)]);
  if (natGatewayOf(link.interface)) {
    await setParameters(sandbox, ROUTER_PARAMETERS);
    await nft(sandbox, renderNatGateway());
  }
  const { deviceIndex = 0 } = link.interface;
  // Of a link that was cut off in its making, or whose sandbox was not known when it was removed.
  if (deviceIndex > 0) await ipBatchForced(sandbox, [renderRuleRemoval(deviceIndex)]);
  await ipBatch(sandbox, renderSandboxSetup(link));
  return true;
}

/** The kernel takes the routes of a link that goes, not its rule. Sandboxes that hold no other interface go whole. */
export async function removeRules(
  context: LinkContext,
  links: readonly ObservedLink[],
  interfaces: readonly InterfaceConfig[],
  identities: ReadonlyMap<string, NamespaceIdentity>,
): Promise<void> {
  for (const { alias } of links) {
    const device = furtherDeviceOf(alias);
    const neighbour = interfaces.find(
      ({ interfaceId }) => device !== undefined && identities.get(interfaceId) === device.identity,
    );
    if (device === undefined || neighbour === undefined) continue;
    await withNamespace(sandboxPath(context.installation, neighbour), device.identity, (sandbox) =>
      ipBatchForced(sandbox, [renderRuleRemoval(device.deviceIndex)]),
    );
  }
}

/** "Cannot find device": the sandbox went, and the kernel took the link with it. */
export async function removeLinks(context: LinkContext, names: readonly string[]): Promise<void> {
  const failures = await ipBatchForced(
    context.namespace,
    names.map((name) => `link del ${name}`),
  );
  const others = failures.filter((failure) => !/Cannot find device|No such device/.test(failure.message));
  if (others.length > 0) throw new Error(`links cannot be removed: ${JSON.stringify(others)}`);
}
