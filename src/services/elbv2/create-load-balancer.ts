import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { initialAttributes, loadBalancerAttributes } from "../../model/elb/attributes.ts";
import { canonicalHostedZoneId } from "../../model/elb/hosted-zones.ts";
import { loadBalancerArn, loadBalancerDnsName, loadBalancerPath } from "../../model/elb/names.ts";
import type { LoadBalancer } from "../../model/elb/records.ts";
import type { Tag } from "../../model/tags.ts";
import { loadBalancers } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { oneOf, requireMember } from "./constraints.ts";
import {
  duplicateLoadBalancerName,
  invalidConfiguration,
  operationNotPermitted,
  tooManyLoadBalancers,
} from "./errors.ts";
import { checkLoadBalancerName } from "./names.ts";
import { type NodePlacement, putNode } from "./nodes.ts";
import { ipv6Needed, readPlacements, requireInternetGateway, twoZonesNeeded } from "./placements.ts";
import { scopeKey } from "./resolve.ts";
import { defaultSecurityGroup, readSecurityGroups } from "./security-groups.ts";
import { readTags, sameTags } from "./tags.ts";
import { describeLoadBalancer } from "./views/load-balancer.ts";

/** Of each type, in an account and region. */
const MOST_LOAD_BALANCERS = 50;

/**
 * Writes the load balancer, `provisioning`, and the interface of each of its nodes. A repetition with the same
 * settings answers what is there.
 */
export function createLoadBalancer(
  input: wire.CreateLoadBalancerInput,
  context: HandlerContext,
): wire.CreateLoadBalancerOutput {
  const settings = readSettings(input, context);
  const existing = context.store
    .where(loadBalancers, "scope", scopeKey(context))
    .find((loadBalancer) => loadBalancer.name === settings.name);
  if (existing !== undefined) {
    if (!isSame(existing, settings)) throw duplicateLoadBalancerName(settings.name);
    return { LoadBalancers: [describeLoadBalancer(context.store, existing)] };
  }
  const placements = readPlacements(context, input, settings);
  checkLimits(context, settings);
  const record = newLoadBalancer(context, settings);
  const written = context.store.transaction((tx) => {
    const zones = placements.map((placement) => putNode(tx, context, record, placement));
    const complete = { ...record, zones };
    tx.put(loadBalancers, complete);
    return complete;
  });
  return { LoadBalancers: [describeLoadBalancer(context.store, written)] };
}

interface Settings {
  readonly name: string;
  readonly type: LoadBalancer["type"];
  readonly scheme: LoadBalancer["scheme"];
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly tags: readonly Tag[];
}

function readSettings(input: wire.CreateLoadBalancerInput, context: HandlerContext): Settings {
  const name = requireMember(input.Name, "name");
  checkLoadBalancerName(name);
  const type = oneOf(input.Type, "type", ["application", "network", "gateway"]) ?? "application";
  if (type === "gateway")
    throw operationNotPermitted("Berth does not support load balancers of type 'gateway'");
  const scheme = oneOf(input.Scheme, "scheme", ["internet-facing", "internal"]) ?? "internet-facing";
  checkIpAddressType(input.IpAddressType);
  if (type === "application" && namesNoSubnets(input)) throw twoZonesNeeded();
  // The full check of the subnets follows when they are going to be used: a repetition need not find them free.
  const present = new Set(subnetIdsOf(input));
  const placements: readonly NodePlacement[] = readPlacements(
    context,
    { Subnets: [...present] },
    { type, scheme },
    present,
  );
  const vpcId = placements[0]?.subnet.vpcId ?? "";
  const named = readSecurityGroups(context, input.SecurityGroups ?? [], vpcId);
  const useDefault = named.length === 0 && type === "application";
  return {
    name,
    type,
    scheme,
    vpcId,
    subnetIds: [...present],
    securityGroupIds: useDefault ? defaultSecurityGroup(context, vpcId) : named,
    tags: readTags(input.Tags),
  };
}

/** Throws unless `ipv4`: subnets here have no IPv6 ranges. */
export function checkIpAddressType(value: string | undefined): void {
  const type = oneOf(value, "ipAddressType", ["ipv4", "dualstack", "dualstack-without-public-ipv4"]);
  if (type !== undefined && type !== "ipv4") throw ipv6Needed();
}

function namesNoSubnets(input: wire.CreateLoadBalancerInput): boolean {
  return subnetIdsOf(input).length === 0;
}

function subnetIdsOf(input: wire.CreateLoadBalancerInput): string[] {
  return [...(input.Subnets ?? []), ...(input.SubnetMappings ?? []).map((mapping) => mapping.SubnetId ?? "")];
}

function isSame(existing: LoadBalancer, settings: Settings): boolean {
  return (
    existing.type === settings.type &&
    existing.scheme === settings.scheme &&
    sameSet(
      existing.zones.map((zone) => zone.subnetId),
      settings.subnetIds,
    ) &&
    sameSet(existing.securityGroupIds, settings.securityGroupIds) &&
    sameTags(existing.tags, settings.tags)
  );
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value) => b.includes(value));
}

function checkLimits(context: HandlerContext, settings: Settings): void {
  if (settings.scheme === "internet-facing") requireInternetGateway(context, settings.vpcId);
  const ofType = context.store
    .where(loadBalancers, "scope", scopeKey(context))
    .filter((loadBalancer) => loadBalancer.type === settings.type);
  if (ofType.length >= MOST_LOAD_BALANCERS) throw tooManyLoadBalancers();
  if (settings.securityGroupIds.length > 5) {
    throw invalidConfiguration("You can specify at most '5' security groups for a load balancer");
  }
}

function newLoadBalancer(context: HandlerContext, settings: Settings): LoadBalancer {
  const { scope, random, clock } = context;
  const { name, type, scheme } = settings;
  const id = random.hex(16);
  const dnsName = loadBalancerDnsName(
    { name, type, scheme, region: scope.region },
    { id, digits: random.digits(10) },
  );
  return {
    ...scope,
    arn: loadBalancerArn(scope, loadBalancerPath(type, name, id)),
    name,
    type,
    scheme,
    vpcId: settings.vpcId,
    securityGroupIds: settings.securityGroupIds,
    zones: [],
    dnsName,
    canonicalHostedZoneId: canonicalHostedZoneId(type, scope.region),
    ipAddressType: "ipv4",
    state: "provisioning",
    attributes: initialAttributes(loadBalancerAttributes({ type, scheme })),
    createdTime: clock.now(),
    tags: settings.tags,
  };
}
