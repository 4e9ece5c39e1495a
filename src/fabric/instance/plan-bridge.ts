/**
 * Docker's default bridge inside an instance: which links to make and to remove, and the words for it. A link's alias,
 * set when all else of it is done, tells what it was made as.
 */
import { createHash } from "node:crypto";
import { assert } from "../../lib/assert.ts";
import type { BridgeEndpointConfig } from "../config.ts";
import { requireMac } from "../links/names.ts";
import { isWithin, requireAddress } from "../routing/ranges.ts";

export const BRIDGE = "docker0";
export const BRIDGE_RANGE = "172.17.0.0/16";
export const BRIDGE_ADDRESS = "172.17.0.1";
const PREFIX_LENGTH = 16;
/** As Docker's `com.docker.network.driver.mtu`. */
const MTU = 1500;

/** Set when the bridge is complete. */
const BRIDGE_ALIAS = "complete";

export interface ObservedBridgeLink {
  readonly name: string;
  readonly alias: string | undefined;
  /** The bridge that it hangs on. */
  readonly master?: string | undefined;
}

export interface WantedEndpoint {
  readonly name: string;
  readonly alias: string;
  readonly endpoint: BridgeEndpointConfig;
}

export interface BridgePlan {
  /** Names; to be removed before anything is made. */
  readonly remove: readonly string[];
  readonly create: readonly WantedEndpoint[];
  readonly keep: readonly WantedEndpoint[];
  /** There is none, or its making was cut off: then it is in `remove` too. */
  readonly makeBridge: boolean;
}

/** @param identities namespaces by endpoint id; an endpoint without one gets no link */
export function planBridge(
  endpoints: readonly BridgeEndpointConfig[],
  identities: ReadonlyMap<string, string>,
  observed: readonly ObservedBridgeLink[],
): BridgePlan {
  const present = new Map(observed.map((link) => [link.name, link]));
  const makeBridge = present.get(BRIDGE)?.alias !== BRIDGE_ALIAS;
  const create: WantedEndpoint[] = [];
  const keep: WantedEndpoint[] = [];
  for (const endpoint of endpoints) {
    const identity = identities.get(endpoint.endpointId);
    if (identity === undefined) continue;
    const made = [endpoint.address, endpoint.macAddress, MTU].join(" ");
    const hash = createHash("sha256").update(made).digest("hex").slice(0, 16);
    const wanted = {
      name: endpointLinkName(endpoint.endpointId),
      alias: `${endpoint.endpointId.slice(0, 12)} in ${identity} as ${hash}`,
      endpoint,
    };
    const link = present.get(wanted.name);
    if (!makeBridge && link?.alias === wanted.alias && link.master === BRIDGE) keep.push(wanted);
    else create.push(wanted);
  }
  const kept = new Set(keep.map(({ name }) => name));
  const remove = observed
    .map(({ name }) => name)
    .filter((name) => (isEndpointLink(name) && !kept.has(name)) || (makeBridge && name === BRIDGE));
  return { remove, create, keep, makeBridge };
}

/** The instance's end, as Docker names it: `veth` and seven digits. */
function endpointLinkName(endpointId: string): string {
  assert(/^[0-9a-f]{64}$/.test(endpointId), `an endpoint's id, not ${endpointId}`);
  return `veth${endpointId.slice(0, 7)}`;
}

function isEndpointLink(name: string): boolean {
  return /^veth[0-9a-f]{7}$/.test(name);
}

/** In the instance's namespace. The address is `02:42:` and four digits that the instance decides. */
export function renderBridge(instanceId: string): readonly string[] {
  const digits = createHash("sha256").update(instanceId).digest("hex").slice(0, 8).match(/../g) ?? [];
  return [
    `link add name ${BRIDGE} address 02:42:${digits.join(":")} mtu ${MTU} type bridge`,
    `addr add ${BRIDGE_ADDRESS}/${PREFIX_LENGTH} brd 172.17.255.255 dev ${BRIDGE}`,
    `link set ${BRIDGE} up`,
    `link set ${BRIDGE} alias ${BRIDGE_ALIAS}`,
  ];
}

/** In the instance's namespace. @param sandbox a path to the container's namespace */
export function renderEndpointCreation({ name, endpoint }: WantedEndpoint, sandbox: string): string {
  const mac = requireMac(endpoint.macAddress);
  return `link add name ${name} mtu ${MTU} type veth peer name eth0 address ${mac} mtu ${MTU} netns ${sandbox}`;
}

/** In the container's namespace. */
export function renderContainerSetup({ endpoint }: WantedEndpoint): readonly string[] {
  return [
    "link set lo up",
    `addr replace ${requireBridgeAddress(endpoint.address)}/${PREFIX_LENGTH} brd 172.17.255.255 dev eth0`,
    "link set eth0 up",
    `route replace default via ${BRIDGE_ADDRESS} dev eth0`,
  ];
}

/** In the instance's namespace, last. A container may reach its own published port: the packet turns round. */
export function renderEndpointSeal({ name, alias }: WantedEndpoint): readonly string[] {
  return [
    `link set ${name} master ${BRIDGE}`,
    `link set ${name} type bridge_slave hairpin on`,
    `link set ${name} up`,
    `link set ${name} alias "${alias}"`,
  ];
}

export function requireBridgeAddress(address: string): string {
  assert(isWithin(`${requireAddress(address)}/32`, BRIDGE_RANGE), `an address of ${BRIDGE}, not ${address}`);
  return address;
}
