/** Which links to make and to remove. A link's alias, set when all else of it is done, tells what it was made as. */
import { createHash } from "node:crypto";
import { assert } from "../../lib/assert.ts";
import type { InterfaceConfig, VpcConfig } from "../config.ts";
import { addressInRange, networkOf, prefixLengthOf, requireAddress } from "../routing/ranges.ts";
import { isInterfaceLink, linkName, requireMac, UPLINK } from "./names.ts";

/** All links of ours are in this group, so that one command removes those of a namespace. The number means nothing. */
export const LINK_GROUP = 190;

/** As between instances of a VPC (EC2 user guide, "MTU for your EC2 instance"); nothing ever leaves the machine. */
export const MTU = 9001;

export interface ObservedLink {
  readonly name: string;
  readonly alias: string | undefined;
}

/** Identifies a network namespace while it exists (its inode); undefined when the sandbox is gone. */
export type NamespaceIdentity = string | undefined;

export interface WantedLink {
  readonly name: string;
  readonly alias: string;
  readonly interface: InterfaceConfig;
  /** With the subnet's prefix length: `10.0.11.82/24`. */
  readonly addressWithPrefix: string;
  readonly gateway: string;
}

export interface LinkPlan {
  /** Names, in no order. To be removed before anything is made: a link that is made anew is in both lists. */
  readonly remove: readonly string[];
  readonly create: readonly WantedLink[];
  readonly keep: readonly WantedLink[];
  readonly uplink: "keep" | "create" | "remove" | "none";
}

/** @param identities by interface id; an interface without one gets no link */
export function planLinks(
  config: VpcConfig,
  identities: ReadonlyMap<string, NamespaceIdentity>,
  observed: readonly ObservedLink[],
): LinkPlan {
  const present = new Map(observed.map((link) => [link.name, link.alias]));
  const create: WantedLink[] = [];
  const keep: WantedLink[] = [];
  for (const one of config.interfaces) {
    const wanted = wantedLink(config, one, identities.get(one.interfaceId));
    if (wanted === undefined) continue;
    if (present.get(wanted.name) === wanted.alias) keep.push(wanted);
    else create.push(wanted);
  }
  const kept = new Set(keep.map((link) => link.name));
  const remove = observed.map((link) => link.name).filter((name) => isInterfaceLink(name) && !kept.has(name));
  return { remove, create, keep, uplink: planUplink(config, present) };
}

function planUplink(config: VpcConfig, present: ReadonlyMap<string, string | undefined>): LinkPlan["uplink"] {
  if (!config.internetGateway) return present.has(UPLINK) ? "remove" : "none";
  return present.get(UPLINK) === UPLINK ? "keep" : "create";
}

function wantedLink(
  config: VpcConfig,
  one: InterfaceConfig,
  identity: NamespaceIdentity,
): WantedLink | undefined {
  const subnet = config.subnets.find((candidate) => candidate.subnetId === one.subnetId);
  if (identity === undefined || subnet === undefined) return undefined;
  const addressWithPrefix = `${requireAddress(one.address)}/${prefixLengthOf(subnet.cidr)}`;
  const gateway = addressInRange(subnet.cidr, 1);
  const device = deviceName(one);
  const made = [
    addressWithPrefix,
    gateway,
    one.macAddress,
    JSON.stringify(natGatewayOf(one)),
    MTU,
    ...(device === "eth0" ? [] : [device]),
    ...(one.onFargate === true ? ["on Fargate"] : []),
  ].join(" ");
  const hash = createHash("sha256").update(made).digest("hex").slice(0, 16);
  return {
    name: linkName(one.interfaceId),
    // Of a further device only: what routes by rules, which stay when their link goes.
    alias: [`${one.interfaceId} in ${identity} as ${hash}`, ...(isFurther(one) ? [device] : [])].join(" "),
    interface: one,
    addressWithPrefix,
    gateway,
  };
}

export function natGatewayOf(one: InterfaceConfig): boolean {
  return one.sandbox.kind === "own-namespace" && one.sandbox.natGateway;
}

/** `eth0`, or on an instance with several interfaces `eth1` and so on. On Fargate `eth0` is the platform's own. */
export function deviceName({ deviceIndex = 0, onFargate = false }: InterfaceConfig): string {
  assert(Number.isInteger(deviceIndex) && deviceIndex >= 0, `a device index, not ${deviceIndex}`);
  return onFargate ? "eth1" : `eth${deviceIndex}`;
}

function isFurther({ deviceIndex = 0 }: InterfaceConfig): boolean {
  return deviceIndex > 0;
}

/** Makes the pair, the sandbox's end as its device in its namespace. @param namespace a path */
export function renderLinkCreation(link: WantedLink, namespace: string): string {
  const vpcEnd = `name ${link.name} mtu ${MTU} group ${LINK_GROUP}`;
  const sandboxEnd = `name ${deviceName(link.interface)} address ${requireMac(link.interface.macAddress)} mtu ${MTU} netns ${namespace}`;
  return `link add ${vpcEnd} type veth peer ${sandboxEnd}`;
}

const INSTANCE_METADATA = "169.254.169.254";

/** Routing tables of further interfaces, as Amazon Linux numbers them (amazon-ec2-net-utils). */
const FIRST_TABLE = 10_000;
/** The routes of a further interface come after those of the primary one. */
const FURTHER_METRIC = 10_000;

/** In the sandbox's namespace. What comes from the address of a further interface leaves by it, nothing else does. */
export function renderSandboxSetup(link: WantedLink): readonly string[] {
  const device = deviceName(link.interface);
  const index = link.interface.deviceIndex ?? 0;
  if (index === 0) {
    return [
      "link set lo up",
      `addr replace ${link.addressWithPrefix} dev ${device}`,
      `link set ${device} up`,
      `route replace default via ${link.gateway} dev ${device}`,
      ...(link.interface.onFargate === true ? [`route replace blackhole ${INSTANCE_METADATA}`] : []),
    ];
  }
  const table = furtherTable(index);
  const { address } = link.interface;
  return [
    "link set lo up",
    `addr replace ${link.addressWithPrefix} dev ${device} noprefixroute`,
    `link set ${device} up`,
    `route replace ${networkOf(link.addressWithPrefix)} dev ${device} src ${address} metric ${FURTHER_METRIC + index}`,
    `route replace ${networkOf(link.addressWithPrefix)} dev ${device} src ${address} table ${table}`,
    `route replace default via ${link.gateway} dev ${device} table ${table}`,
    `rule add priority ${table} from ${address} table ${table}`,
  ];
}

/** Rules stay in a sandbox when its link goes: the one of this device, to be removed before it is made again. */
export function renderRuleRemoval(deviceIndex: number): string {
  return `rule del priority ${furtherTable(deviceIndex)}`;
}

/** Where a complete link of a further device led, as its alias tells; undefined for `eth0`. */
export function furtherDeviceOf(
  alias: string | undefined,
): { readonly identity: string; readonly deviceIndex: number } | undefined {
  const [, identity, index] = / in (\S+) as [0-9a-f]+ eth(\d+)$/.exec(alias ?? "") ?? [];
  return identity === undefined ? undefined : { identity, deviceIndex: Number(index) };
}

function furtherTable(deviceIndex: number): number {
  return FIRST_TABLE + deviceIndex;
}

/** In the VPC's namespace, after the sandbox is ready. The neighbour entry is fixed: no ARP, and none to forge. */
export function renderLinkSetup(link: WantedLink): readonly string[] {
  const { address, macAddress } = link.interface;
  return [
    `ntable change name arp_cache dev ${link.name} proxy_delay 0`,
    `link set ${link.name} up`,
    `neigh replace ${address} lladdr ${requireMac(macAddress)} dev ${link.name} nud permanent`,
  ];
}

export function renderLinkSeal(link: WantedLink): string {
  return `link set ${link.name} alias "${link.alias}"`;
}
