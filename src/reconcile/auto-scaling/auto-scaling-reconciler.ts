/** Auto Scaling groups: load, plan, apply, in one transaction per group; it never waits for anything. */
import { groupKey } from "../../model/autoscaling/names.ts";
import type { AutoScalingInstance } from "../../model/autoscaling/records.ts";
import type { Instance } from "../../model/ec2/records.ts";
import type { Target } from "../../model/elb/records.ts";
import type { Store } from "../../store/store.ts";
import {
  autoScalingGroups,
  autoScalingInstances,
  scalingActivities,
} from "../../store/tables/autoscaling.ts";
import { instances } from "../../store/tables/ec2.ts";
import { targetGroups, targets } from "../../store/tables/elb.ts";
import { Controller, type ReconcileResult } from "../controller.ts";
import { type AutoScalingDeps, applyStep } from "./apply.ts";
import { planGroup } from "./plan.ts";
import { observeGroup } from "./snapshot.ts";

/** A member goes through at most a handful of states at once; more rounds would be a bug. */
const MOST_PLANS = 20;

/** Activities are kept for six weeks (API reference, DescribeScalingActivities). */
const KEPT_MS = 42 * 24 * 3_600_000;

export function createAutoScalingReconciler(deps: AutoScalingDeps): {
  start(): void;
  stop(): Promise<void>;
} {
  const { store, clock, log } = deps;
  const controller = new Controller({
    name: "auto-scaling",
    clock,
    log,
    reconcile: async (key) => reconcileGroup(deps, key),
  });
  const enqueueMember = (member: AutoScalingInstance | undefined): void => {
    if (member !== undefined) controller.enqueue(groupKey(member, member.groupName));
  };
  return {
    start() {
      store.onChange(autoScalingGroups, ({ key, after }) => {
        if (after !== undefined) controller.enqueue(key);
      });
      store.onChange(autoScalingInstances, ({ before, after }) => enqueueMember(after ?? before));
      store.onChange(instances, ({ key, before, after }) => {
        if (concernsGroup(before, after)) enqueueMember(store.get(autoScalingInstances, key));
      });
      store.onChange(targets, ({ before, after }) => {
        const id = (after ?? before)?.targetId;
        if (id !== undefined && concernsHealth(before, after)) {
          enqueueMember(store.get(autoScalingInstances, id));
        }
      });
      store.onChange(targetGroups, ({ key }) => {
        for (const group of store.where(autoScalingGroups, "targetGroup", key)) {
          controller.enqueue(groupKey(group, group.name));
        }
      });
      dropOldActivities(store, clock.now());
      for (const group of store.list(autoScalingGroups)) controller.enqueue(groupKey(group, group.name));
    },
    stop: () => controller.stop(),
  };
}

/** Plans and applies until there is nothing left to do. */
export function reconcileGroup(deps: AutoScalingDeps, key: string): ReconcileResult | undefined {
  const { store, clock, random, log } = deps;
  for (let plans = 0; plans < MOST_PLANS; plans++) {
    const group = store.get(autoScalingGroups, key);
    if (group === undefined) return undefined;
    const now = clock.now();
    const plan = planGroup(observeGroup(store, group), now, random);
    if (plan.steps.length === 0) {
      return plan.lookAgainAt === undefined ? undefined : { againAfterMs: plan.lookAgainAt - now };
    }
    store.transaction((tx) => {
      for (const step of plan.steps) applyStep({ deps, tx, group, now }, step);
    });
  }
  log.error("an Auto Scaling group is planned over and over", { group: key });
  return { againAfterMs: 1000 };
}

function dropOldActivities(store: Store, now: number): void {
  store.transaction((tx) => {
    for (const activity of store.list(scalingActivities)) {
      if (activity.startTime < now - KEPT_MS) tx.delete(scalingActivities, activity.activityId);
    }
  });
}

function concernsGroup(before: Instance | undefined, after: Instance | undefined): boolean {
  return before?.state !== after?.state || before?.desiredState !== after?.desiredState;
}

function concernsHealth(before: Target | undefined, after: Target | undefined): boolean {
  return before?.health.state !== after?.health.state || before?.deregisteredAt !== after?.deregisteredAt;
}
