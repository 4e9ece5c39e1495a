/** Which load balancers and target groups a change of a record concerns. */
import { isDeepStrictEqual } from "node:util";
import type { NetworkInterface } from "../../model/ec2/records.ts";
import type { Action, Target } from "../../model/elb/records.ts";
import type { Change, Store } from "../../store/store.ts";
import { certificates } from "../../store/tables/acm.ts";
import { instances, networkInterfaces } from "../../store/tables/ec2.ts";
import { listenerRules, listeners, loadBalancers, targetGroups, targets } from "../../store/tables/elb.ts";
import { loadBalancersOfTargetGroup } from "../../store/targets.ts";

export interface Affected {
  loadBalancer(arn: string): void;
  targetGroup(arn: string): void;
}

/** Calls with the keys that every later change concerns, more than once if need be. */
export function watchLoadBalancers(store: Store, affected: Affected): void {
  const group = (arn: string) => {
    affected.targetGroup(arn);
    for (const loadBalancerArn of loadBalancersOfTargetGroup(store, arn))
      affected.loadBalancer(loadBalancerArn);
  };
  const groupsOf = (actions: readonly Action[]) => {
    for (const action of actions) {
      if (action.kind !== "forward") continue;
      for (const { targetGroupArn } of action.targetGroups) affected.targetGroup(targetGroupArn);
    }
  };
  const instance = (instanceId: string) => {
    for (const target of store.where(targets, "instance", instanceId)) group(target.targetGroupArn);
  };
  store.onChange(loadBalancers, (change) => affected.loadBalancer(change.key));
  store.onChange(listeners, (change) => {
    for (const listener of versions(change)) {
      affected.loadBalancer(listener.loadBalancerArn);
      groupsOf(listener.defaultActions);
    }
  });
  store.onChange(listenerRules, (change) => {
    for (const rule of versions(change)) {
      const listener = store.get(listeners, rule.listenerArn);
      if (listener !== undefined) affected.loadBalancer(listener.loadBalancerArn);
      groupsOf(rule.actions);
    }
  });
  store.onChange(targetGroups, (change) => group(change.key));
  store.onChange(targets, (change) => {
    if (isHealthOnly(change)) return;
    for (const target of versions(change)) group(target.targetGroupArn);
  });
  store.onChange(networkInterfaces, (change) => {
    for (const { owner, instanceAttachment } of versions<NetworkInterface>(change)) {
      if (owner.kind === "load-balancer") affected.loadBalancer(owner.loadBalancerArn);
      if (instanceAttachment?.deviceIndex === 0 && !isLinkOnly(change))
        instance(instanceAttachment.instanceId);
    }
  });
  store.onChange(instances, ({ key, before, after }) => {
    if (before?.state !== after?.state) instance(key);
  });
  store.onChange(certificates, (change) => {
    for (const listener of store.where(listeners, "certificate", change.key)) {
      affected.loadBalancer(listener.loadBalancerArn);
    }
  });
}

function versions<R>(change: Change<R>): R[] {
  return [change.before, change.after].filter((record) => record !== undefined);
}

function isLinkOnly({ before, after }: Change<NetworkInterface>): boolean {
  return before?.privateIpAddress === after?.privateIpAddress;
}

/** Health is our own writing. */
function isHealthOnly({ before, after }: Change<Target>): boolean {
  if (before === undefined || after === undefined) return false;
  return isDeepStrictEqual({ ...before, health: undefined }, { ...after, health: undefined });
}
