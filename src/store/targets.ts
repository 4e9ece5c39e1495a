/** Target groups and their targets, for all who register: the ELBv2 handlers and the registration of ECS tasks. */

import type { Target, TargetGroup } from "../model/elb/records.ts";
import type { Scope } from "../model/scope.ts";
import type { StoreReader, Transaction } from "./store.ts";
import { instances } from "./tables/ec2.ts";
import { listenerRules, listeners, targetGroups, targets } from "./tables/elb.ts";
import { primaryInterfaceOf } from "./task-endpoints.ts";

export interface TargetAddress {
  readonly targetGroupArn: string;
  /** An IPv4 address, or an instance id. */
  readonly targetId: string;
  readonly port: number;
}

export interface TargetRegistration extends TargetAddress, Scope {
  /** `all` for an address outside the group's VPC. */
  readonly availabilityZone?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly registeredAt: number;
}

export function targetKey(address: TargetAddress): string {
  return `${address.targetGroupArn}|${address.targetId}|${address.port}`;
}

export function findTarget(store: StoreReader, address: TargetAddress): Target | undefined {
  return store.get(targets, targetKey(address));
}

/** Registered and draining targets of a group. */
export function targetsOf(store: StoreReader, targetGroupArn: string): Target[] {
  return store.where(targets, "targetGroup", targetGroupArn);
}

/**
 * Registers a target: `initial` when a listener or rule forwards to the group, else `unused`. A registered
 * target stays as it is; a draining one starts anew.
 */
export function registerTarget(tx: Transaction, store: StoreReader, registration: TargetRegistration): void {
  const existing = findTarget(store, registration);
  if (existing !== undefined && existing.deregisteredAt === undefined) return;
  const { account, region, targetGroupArn, targetId, port, availabilityZone, registeredAt } = registration;
  tx.put(targets, {
    account,
    region,
    targetGroupArn,
    targetId,
    port,
    ...(availabilityZone === undefined ? {} : { availabilityZone }),
    registeredAt,
    health: isTargetGroupInUse(store, targetGroupArn) ? REGISTRATION_IN_PROGRESS : NOT_IN_USE,
  });
}

/**
 * Begins to drain a target; `reconcile/load-balancer` deletes the record when the group's delay is over. A target
 * that no load balancer sends requests to has nothing to drain and is gone at once. Unknown targets and those that
 * drain already stay as they are.
 */
export function deregisterTarget(
  tx: Transaction,
  store: StoreReader,
  address: TargetAddress & { readonly deregisteredAt: number },
): void {
  const existing = findTarget(store, address);
  if (existing === undefined || existing.deregisteredAt !== undefined) return;
  if (!isTargetGroupInUse(store, address.targetGroupArn)) {
    tx.delete(targets, targetKey(address));
    return;
  }
  tx.put(targets, {
    ...existing,
    deregisteredAt: address.deregisteredAt,
    health: DEREGISTRATION_IN_PROGRESS,
  });
}

/** Where requests for it go: the primary address of a running instance; undefined when it has none. */
export function addressOfTarget(store: StoreReader, { targetId }: TargetAddress): string | undefined {
  if (!isInstanceTarget(targetId)) return targetId;
  if (store.get(instances, targetId)?.state !== "running") return undefined;
  return primaryInterfaceOf(store, targetId)?.privateIpAddress;
}

export function isInstanceTarget(targetId: string): boolean {
  return targetId.startsWith("i-");
}

/** What is said of an instance that does not run; undefined when it runs, and of other targets. */
export function invalidState(store: StoreReader, targetId: string): Target["health"] | undefined {
  if (!isInstanceTarget(targetId)) return undefined;
  const state = store.get(instances, targetId)?.state ?? "terminated";
  if (state === "running" || state === "pending") return undefined;
  const stopped = state === "stopped" || state === "stopping";
  return {
    state: "unused",
    reason: "Target.InvalidState",
    description: `Target is in the ${stopped ? "stopped" : "terminated"} state`,
  };
}

/** Whether a listener or a rule forwards to the group. */
export function isTargetGroupInUse(store: StoreReader, targetGroupArn: string): boolean {
  return (
    store.count(listeners, "targetGroup", targetGroupArn) > 0 ||
    store.count(listenerRules, "targetGroup", targetGroupArn) > 0
  );
}

/** The load balancers whose listeners or rules forward to the group, sorted. */
export function loadBalancersOfTargetGroup(store: StoreReader, targetGroupArn: string): string[] {
  const arns = new Set(
    store.where(listeners, "targetGroup", targetGroupArn).map((listener) => listener.loadBalancerArn),
  );
  for (const rule of store.where(listenerRules, "targetGroup", targetGroupArn)) {
    const listener = store.get(listeners, rule.listenerArn);
    if (listener !== undefined) arns.add(listener.loadBalancerArn);
  }
  return [...arns].sort();
}

/** In the scope, by ARN. */
export function findTargetGroup(store: StoreReader, scope: Scope, arn: string): TargetGroup | undefined {
  const group = store.get(targetGroups, arn);
  return group?.account === scope.account && group.region === scope.region ? group : undefined;
}

/** Reason codes and texts: Elastic Load Balancing user guide, "Target health reason codes". */
export const REGISTRATION_IN_PROGRESS: Target["health"] = {
  state: "initial",
  reason: "Elb.RegistrationInProgress",
  description: "Target registration is in progress",
};
export const NOT_IN_USE: Target["health"] = {
  state: "unused",
  reason: "Target.NotInUse",
  description: "Target group is not configured to receive traffic from the load balancer",
};
export const DEREGISTRATION_IN_PROGRESS: Target["health"] = {
  state: "draining",
  reason: "Target.DeregistrationInProgress",
  description: "Target deregistration is in progress",
};
