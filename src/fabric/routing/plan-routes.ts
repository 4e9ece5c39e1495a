/**
 * The routes of a VPC's namespace: what they should be, and the commands from what is there to that. Knows nothing
 * of security groups, and makes no links.
 *
 * The order in which the kernel looks, as AWS has it (longest prefix, the local route among them):
 * 1. routes of the sender's subnet that are more specific than the VPC's range, or replace the local route;
 * 2. the local route: an interface's address, else nothing (`lo`, whose packets the firewall drops);
 * 3. the other routes of the sender's subnet;
 * 4. nothing.
 */
import type { InterfaceConfig, RouteConfig, SubnetConfig, VpcConfig } from "../config.ts";
import { linkName, UPLINK } from "../links/names.ts";
import { addressInRange, isWithin, requireAddress, requireRange } from "./ranges.ts";
import { subnetMarks } from "./subnet-marks.ts";

/** Routes by table and destination, rules, and addresses on `lo`, each in the words of `ip`. */
export interface RoutingState {
  readonly localAddresses: ReadonlySet<string>;
  /** `<table> <destination>` → the route without its table. */
  readonly routes: ReadonlyMap<string, string>;
  readonly rules: ReadonlySet<string>;
}

/** Where the resolver answers beside the base address + 2 (VPC user guide, "Amazon DNS server"). */
export const LINK_LOCAL_RESOLVER = "169.254.169.253";

/**
 * Where instance metadata (EC2 user guide, "Use the Instance Metadata Service") and the endpoint of tasks (Amazon ECS
 * developer guide, "Amazon ECS task metadata endpoint") are served, in every VPC.
 */
export const METADATA_ADDRESSES: readonly string[] = ["169.254.169.254", "169.254.170.2"];

/** Neighbours on an uplink have no addresses of their own: these stand for "the other end", by a fixed neighbour entry. */
export const INTERNET_END = { address: "169.254.0.1", mac: "02:be:00:00:00:01" };
export const VPC_END = { address: "169.254.0.2", mac: "02:be:00:00:00:02" };

/** Before and after the main table, which holds the local route, where the kernel puts it. */
const MORE_SPECIFIC_PRIORITY = 100;
const MAIN_PRIORITY = 32_766;
const OTHER_ROUTES_PRIORITY = 40_000;
const LAST_PRIORITY = 50_000;

export function resolverAddresses(config: VpcConfig): readonly string[] {
  return config.dnsSupport ? [addressInRange(config.cidr, 2), LINK_LOCAL_RESOLVER] : [];
}

export function gatewayAddress(subnet: SubnetConfig): string {
  return addressInRange(subnet.cidr, 1);
}

/** @param linked interfaces whose link exists, or will when the commands run; routes to others are black holes */
export function planRoutes(config: VpcConfig, linked: ReadonlySet<string>): RoutingState {
  const routes = new Map<string, string>();
  const rules = new Set([`priority ${MAIN_PRIORITY} table main`, `priority ${LAST_PRIORITY} blackhole`]);
  const interfaces = new Map(config.interfaces.map((one) => [one.interfaceId, one]));
  const marks = subnetMarks(config.subnets);
  routes.set(`main ${requireRange(config.cidr)}`, `${config.cidr} dev lo`);
  for (const one of config.interfaces) {
    if (!linked.has(one.interfaceId)) continue;
    const address = requireAddress(one.address);
    routes.set(`main ${address}`, `${address} dev ${linkName(one.interfaceId)}`);
  }
  for (const subnet of config.subnets) {
    const mark = marks.get(subnet.subnetId) ?? 0;
    for (const route of subnet.routes) {
      const specific = route.destination === config.cidr || isWithin(route.destination, config.cidr);
      const table = mark * 2 + (specific ? 1 : 0);
      const priority = specific ? MORE_SPECIFIC_PRIORITY : OTHER_ROUTES_PRIORITY;
      rules.add(`priority ${priority} fwmark 0x${mark.toString(16)} table ${table}`);
      const destination = destinationWord(route.destination);
      routes.set(`${table} ${destination}`, renderRoute(destination, route, { config, interfaces, linked }));
    }
  }
  const localAddresses = new Set([
    ...config.subnets.map(gatewayAddress),
    ...resolverAddresses(config),
    ...METADATA_ADDRESSES,
  ]);
  return { localAddresses, routes, rules };
}

interface RouteTargets {
  readonly config: VpcConfig;
  readonly interfaces: ReadonlyMap<string, InterfaceConfig>;
  readonly linked: ReadonlySet<string>;
}

function renderRoute(destination: string, route: RouteConfig, targets: RouteTargets): string {
  const { target } = route;
  if (target.kind === "internet-gateway" && targets.config.internetGateway) {
    return `${destination} via ${INTERNET_END.address} dev ${UPLINK} onlink`;
  }
  if (target.kind === "interface" && targets.linked.has(target.interfaceId)) {
    const one = targets.interfaces.get(target.interfaceId);
    // An interface with the check on takes nothing that is not addressed to it, so nothing is sent there.
    if (one !== undefined && !one.sourceDestCheck) {
      return `${destination} via ${one.address} dev ${linkName(one.interfaceId)} onlink`;
    }
  }
  return `blackhole ${destination}`;
}

/** `ip` prints the range of everything, and ranges of one address, in its own way. */
function destinationWord(range: string): string {
  return requireRange(range) === "0.0.0.0/0" ? "default" : range.replace(/\/32$/, "");
}

/** Commands for `ip -batch`; additions come first, so that nothing that stays is interrupted. */
export function planRouteChanges(observed: RoutingState, wanted: RoutingState): readonly string[] {
  const commands: string[] = [];
  for (const address of missing(wanted.localAddresses, observed.localAddresses)) {
    commands.push(`addr add ${address}/32 dev lo`);
  }
  for (const [key, route] of wanted.routes) {
    if (observed.routes.get(key) !== route) commands.push(`route replace ${route} table ${tableOf(key)}`);
  }
  for (const rule of missing(wanted.rules, observed.rules)) commands.push(`rule add ${rule}`);
  for (const rule of missing(observed.rules, wanted.rules)) commands.push(`rule del ${rule}`);
  for (const [key, route] of observed.routes) {
    if (!wanted.routes.has(key)) commands.push(`route del ${route} table ${tableOf(key)}`);
  }
  for (const address of missing(observed.localAddresses, wanted.localAddresses)) {
    commands.push(`addr del ${address}/32 dev lo`);
  }
  return commands;
}

/** The state as it will be when links are gone: the kernel removes their routes with them. */
export function withoutLinks(state: RoutingState, gone: ReadonlySet<string>): RoutingState {
  const routes = [...state.routes].filter(([, route]) => {
    const device = / dev (\S+)/.exec(route)?.[1];
    return device === undefined || !gone.has(device);
  });
  return { ...state, routes: new Map(routes) };
}

function missing(from: ReadonlySet<string>, where: ReadonlySet<string>): string[] {
  return [...from].filter((one) => !where.has(one));
}

function tableOf(key: string): string {
  return key.slice(0, key.indexOf(" "));
}
