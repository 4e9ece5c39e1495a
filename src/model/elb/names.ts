/** How Elastic Load Balancing names things: ARNs, their parts, DNS names. */
import { createHash } from "node:crypto";
import { arn, parseArn } from "../arn.ts";
import type { Scope } from "../scope.ts";
import type { LoadBalancer } from "./records.ts";

const SERVICE = "elasticloadbalancing";

export type ResourceKind = "load-balancer" | "target-group" | "listener" | "rule";

const HEX16 = "[0-9a-f]{16}";
const RESOURCE_PATTERNS: Readonly<Record<ResourceKind, RegExp>> = {
  "load-balancer": new RegExp(`^loadbalancer/(app|net|gwy)/[A-Za-z0-9-]+/${HEX16}$`),
  "target-group": new RegExp(`^targetgroup/[A-Za-z0-9-]+/${HEX16}$`),
  listener: new RegExp(`^listener/(app|net|gwy)/[A-Za-z0-9-]+/${HEX16}/${HEX16}$`),
  rule: new RegExp(`^listener-rule/(app|net|gwy)/[A-Za-z0-9-]+/${HEX16}/${HEX16}/${HEX16}$`),
};

/** `app/<name>/<id>`: what ENI descriptions, access logs and Terraform's `arn_suffix` show. */
export function loadBalancerPath(type: LoadBalancer["type"], name: string, id: string): string {
  return `${type === "application" ? "app" : "net"}/${name}/${id}`;
}

export function loadBalancerArn(scope: Scope, path: string): string {
  return arn(SERVICE, scope, `loadbalancer/${path}`);
}

/** `app/<name>/<id>` of a load balancer's ARN. */
export function loadBalancerPathOf(loadBalancerArn: string): string {
  return loadBalancerArn.slice(loadBalancerArn.indexOf(":loadbalancer/") + ":loadbalancer/".length);
}

export function targetGroupArn(scope: Scope, name: string, id: string): string {
  return arn(SERVICE, scope, `targetgroup/${name}/${id}`);
}

export function listenerArn(loadBalancerArn: string, id: string): string {
  return `${loadBalancerArn.replace(":loadbalancer/", ":listener/")}/${id}`;
}

/** Clients derive the listener's ARN from the rule's, so the one is the other and an id. */
export function ruleArn(listenerArn: string, id: string): string {
  return `${listenerArn.replace(":listener/", ":listener-rule/")}/${id}`;
}

/** A listener's default rule has an ARN although it is no record: always the same for a listener. */
export function defaultRuleArn(listenerArn: string): string {
  return ruleArn(
    listenerArn,
    createHash("sha256").update(`default:${listenerArn}`).digest("hex").slice(0, 16),
  );
}

/** `…:listener-rule/app/n/i/l/r` → `…:listener/app/n/i/l`. */
export function listenerArnOfRule(ruleArn: string): string {
  return ruleArn.slice(0, ruleArn.lastIndexOf("/")).replace(":listener-rule/", ":listener/");
}

/** What an ARN names; undefined for anything that is no resource of this service, account and region. */
export function resourceKindOf(text: string, scope: Scope): ResourceKind | undefined {
  const parts = parseArn(text);
  if (parts === undefined || parts.service !== SERVICE) return undefined;
  if (parts.account !== scope.account || parts.region !== scope.region) return undefined;
  const kinds = Object.keys(RESOURCE_PATTERNS) as ResourceKind[];
  return kinds.find((kind) => RESOURCE_PATTERNS[kind].test(parts.resource));
}

/** `digits`: ten or so random ones; a network load balancer's name has its id instead. */
export function loadBalancerDnsName(
  loadBalancer: Pick<LoadBalancer, "type" | "scheme" | "name" | "region">,
  parts: { readonly id: string; readonly digits: string },
): string {
  const { type, scheme, name, region } = loadBalancer;
  if (type === "network") return `${name}-${parts.id}.elb.${region}.amazonaws.com`;
  const prefix = scheme === "internal" ? "internal-" : "";
  return `${prefix}${name}-${parts.digits}.${region}.elb.amazonaws.com`;
}
