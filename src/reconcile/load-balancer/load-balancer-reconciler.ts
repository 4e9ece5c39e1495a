/**
 * Keeps the nodes of load balancers as the store has them, and writes back what they see: the load balancer's state,
 * the health of targets; and removes targets that have drained. Keys are ARNs of load balancers, and of target
 * groups that nothing forwards to. Writes nothing else.
 */
import { isDeepStrictEqual } from "node:util";
import type { LoadBalancerNodeConfig, ObservedTarget } from "../../fabric/config.ts";
import type { LoadBalancerFabric } from "../../fabric/fabric.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { LoadBalancer, Target, TargetGroup } from "../../model/elb/records.ts";
import type { Store, Transaction } from "../../store/store.ts";
import { instances, networkInterfaces } from "../../store/tables/ec2.ts";
import { loadBalancers, targetGroups, targets } from "../../store/tables/elb.ts";
import {
  addressOfTarget,
  invalidState,
  isInstanceTarget,
  isTargetGroupInUse,
  targetKey,
  targetsOf,
} from "../../store/targets.ts";
import { Controller, type ReconcileResult } from "../controller.ts";
import { watchLoadBalancers } from "./affected.ts";
import { backendIdOf, forwardedGroups, planNodes } from "./plan-nodes.ts";
import { isDrained, planTargetHealth, SHORTEST_DRAINING_MS, unusedHealth } from "./target-health.ts";

export interface LoadBalancerReconcilerDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly loadBalancers: LoadBalancerFabric;
}

export interface LoadBalancerReconciler {
  start(): void;
  stop(): Promise<void>;
  /** Resolves when nothing is left to do now; for tests. */
  settled(): Promise<void>;
}

/** Not an ARN: removes nodes that no load balancer has. */
const LEFTOVERS = "leftovers";

/** How often nodes are asked while a target waits for its first success, or drains; and else. */
const BUSY_MS = SHORTEST_DRAINING_MS;
const QUIET_MS = 3_000;

export function createLoadBalancerReconciler(
  dependencies: LoadBalancerReconcilerDependencies,
): LoadBalancerReconciler {
  const { store, clock, log } = dependencies;
  const nodes = new Nodes(dependencies);
  const controller = new Controller({
    name: "load-balancer",
    clock,
    log,
    async reconcile(key) {
      if (key === LEFTOVERS) return nodes.removeLeftovers();
      const group = store.get(targetGroups, key);
      if (group !== undefined) return reconcileUnusedGroup(store, group);
      const loadBalancer = store.get(loadBalancers, key);
      if (loadBalancer === undefined) {
        controller.enqueue(LEFTOVERS);
        return undefined;
      }
      return reconcileLoadBalancer(dependencies, nodes, loadBalancer);
    },
  });
  return {
    start() {
      watchLoadBalancers(store, {
        loadBalancer(arn) {
          controller.enqueue(arn);
          // A load balancer may have left a subnet, and its node there.
          controller.enqueue(LEFTOVERS);
        },
        targetGroup: (arn) => controller.enqueue(arn),
      });
      for (const { arn } of store.list(loadBalancers)) controller.enqueue(arn);
      for (const { arn } of store.list(targetGroups)) controller.enqueue(arn);
      controller.enqueue(LEFTOVERS);
    },
    stop: () => controller.stop(),
    settled: () => controller.settled(),
  };
}

/** Nodes as this process last made them, so that looking at targets does not mean to apply again. */
class Nodes {
  readonly #dependencies: LoadBalancerReconcilerDependencies;
  readonly #applied = new Map<string, LoadBalancerNodeConfig>();

  constructor(dependencies: LoadBalancerReconcilerDependencies) {
    this.#dependencies = dependencies;
  }

  async apply(config: LoadBalancerNodeConfig): Promise<void> {
    if (isDeepStrictEqual(this.#applied.get(config.nodeId), config)) return;
    this.#applied.delete(config.nodeId);
    await this.#dependencies.loadBalancers.applyNode(config);
    this.#applied.set(config.nodeId, config);
  }

  /** A node that cannot be asked is applied anew by the next run. */
  async observe(nodeId: string): Promise<readonly ObservedTarget[]> {
    try {
      return await this.#dependencies.loadBalancers.observeTargets(nodeId);
    } catch (error) {
      this.#applied.delete(nodeId);
      throw error;
    }
  }

  async removeLeftovers(): Promise<undefined> {
    const { store, log, loadBalancers: fabric } = this.#dependencies;
    const running = await fabric.observeNodes();
    const wanted = new Set(
      store.list(loadBalancers).flatMap((record) => record.zones.map((zone) => zone.networkInterfaceId)),
    );
    for (const nodeId of running.filter((candidate) => !wanted.has(candidate))) {
      this.#applied.delete(nodeId);
      await fabric.removeNode(nodeId);
      log.info("load balancer node removed", { nodeId });
    }
    return undefined;
  }
}

async function reconcileLoadBalancer(
  dependencies: LoadBalancerReconcilerDependencies,
  nodes: Nodes,
  loadBalancer: LoadBalancer,
): Promise<ReconcileResult> {
  const { store, clock } = dependencies;
  const planned = planNodes(store, loadBalancer);
  const before = registrations(store, loadBalancer.arn);
  const ready = planned.filter((node) => store.get(networkInterfaces, node.nodeId)?.linkState === "ready");
  // One node's failure must not keep the others from being served.
  throwFirst(await Promise.allSettled(ready.map((node) => nodes.apply(node))));
  if (ready.length === loadBalancer.zones.length) markActive(store, loadBalancer.arn);

  const observed = (await Promise.all(ready.map((node) => nodes.observe(node.nodeId)))).flat();
  const busy = writeTargets(store, loadBalancer.arn, observed, before, clock.now());
  return { againAfterMs: busy ? BUSY_MS : QUIET_MS };
}

function throwFirst(outcomes: readonly PromiseSettledResult<void>[]): void {
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}

function markActive(store: Store, arn: string): void {
  store.transaction((tx) => {
    const record = store.get(loadBalancers, arn);
    if (record === undefined || record.state === "active") return;
    tx.put(loadBalancers, { ...record, state: "active" });
  });
}

/** Which registration of each target a configuration was planned for. */
function registrations(store: Store, loadBalancerArn: string): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const group of forwardedGroups(store, loadBalancerArn)) {
    for (const target of targetsOf(store, group.arn)) known.set(targetKey(target), registrationOf(target));
  }
  return known;
}

function registrationOf(target: Target): string {
  return `${target.registeredAt}/${target.deregisteredAt ?? ""}`;
}

/**
 * Writes what has changed and deletes what has drained. Targets that were registered or deregistered after the nodes
 * were planned are left alone: what was seen is about the registration before. Returns whether to look again soon.
 */
function writeTargets(
  store: Store,
  loadBalancerArn: string,
  observed: readonly ObservedTarget[],
  planned: ReadonlyMap<string, string>,
  now: number,
): boolean {
  let busy = false;
  store.transaction((tx) => {
    for (const group of forwardedGroups(store, loadBalancerArn)) {
      for (const target of targetsOf(store, group.arn)) {
        if (planned.get(targetKey(target)) !== registrationOf(target)) {
          busy = true;
          continue;
        }
        const state = writeTarget(tx, store, group, target, observed, now);
        busy ||= state === "initial" || state === "draining";
      }
    }
  });
  return busy;
}

function writeTarget(
  tx: Transaction,
  store: Store,
  group: TargetGroup,
  target: Target,
  observed: readonly ObservedTarget[],
  now: number,
): Target["health"]["state"] | undefined {
  const backendId = backendIdOf(group.arn);
  const address = addressOfTarget(store, target);
  const observations = observed.filter(
    (candidate) =>
      candidate.backendId === backendId && candidate.address === address && candidate.port === target.port,
  );
  if (isForgotten(store, target) || isDrained(target, group, observations, now)) {
    tx.delete(targets, targetKey(target));
    return undefined;
  }
  const invalid = target.deregisteredAt === undefined ? invalidState(store, target.targetId) : undefined;
  const health = invalid ?? planTargetHealth(target, group, observations);
  if (!isDeepStrictEqual(health, target.health)) tx.put(targets, { ...target, health });
  return health.state;
}

/** The instance was terminated, and EC2 does not list it any more. */
function isForgotten(store: Store, { targetId }: Target): boolean {
  return isInstanceTarget(targetId) && store.get(instances, targetId) === undefined;
}

/** Nothing forwards to it: its targets are unused, and those that drained have nothing left to drain. */
function reconcileUnusedGroup(store: Store, group: TargetGroup): undefined {
  if (isTargetGroupInUse(store, group.arn)) return undefined;
  store.transaction((tx) => {
    for (const target of targetsOf(store, group.arn)) {
      if (target.deregisteredAt !== undefined || isForgotten(store, target)) {
        tx.delete(targets, targetKey(target));
        continue;
      }
      const health = unusedHealth();
      if (!isDeepStrictEqual(health, target.health)) tx.put(targets, { ...target, health });
    }
  });
  return undefined;
}
