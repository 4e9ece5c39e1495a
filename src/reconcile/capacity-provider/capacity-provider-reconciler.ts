/** Capacity providers: managed scaling, managed termination protection and managed draining of their groups. */
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import { capacityChanges } from "../../model/autoscaling/activities.ts";
import { groupKey } from "../../model/autoscaling/names.ts";
import { isSuspended } from "../../model/autoscaling/processes.ts";
import type { AutoScalingGroup } from "../../model/autoscaling/records.ts";
import type { Task } from "../../model/ecs/records.ts";
import { instanceTypeOfGroup } from "../../store/group-launch.ts";
import type { Store, Transaction } from "../../store/store.ts";
import { autoScalingGroups, autoScalingInstances } from "../../store/tables/autoscaling.ts";
import { capacityProviders, clusters, containerInstances, tasks } from "../../store/tables/ecs.ts";
import { Controller, type ReconcileResult } from "../controller.ts";
import { applyDraining, applyHook } from "./draining.ts";
import { instancesFor } from "./estimate.ts";
import { binOf, countInstances, type ManagedGroup, observeManagedGroup, waitingTasks } from "./observe.ts";
import { EVALUATION_PERIOD_MS, planScaling } from "./plan-scaling.ts";
import { alarmName, applyPolicy, findManagedPolicy, isScaled } from "./scaling-policy.ts";

export interface CapacityProviderDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Several changes at once are one look. */
const GATHER_MS = 200;

/** Since when the metric of a group, by its key, is below its target. Forgotten at a restart: it counts anew. */
type Calm = Map<string, number>;

export function createCapacityProviderReconciler(deps: CapacityProviderDeps): {
  start(): void;
  stop(): Promise<void>;
} {
  const { store, clock, log } = deps;
  const calm: Calm = new Map();
  const controller = new Controller({
    name: "capacity-provider",
    clock,
    log,
    reconcile: async (key) => reconcileManagedGroup(deps, calm, key),
  });
  const look = (group: AutoScalingGroup | undefined): void => {
    if (group !== undefined) controller.enqueueAfter(groupKey(group, group.name), GATHER_MS);
  };
  const lookAtProvider = (groupArn: string | undefined): void => {
    if (groupArn !== undefined) look(store.where(autoScalingGroups, "arn", groupArn)[0]);
  };
  const lookAtInstance = (instanceId: string | undefined): void => {
    const member = instanceId === undefined ? undefined : store.get(autoScalingInstances, instanceId);
    if (member !== undefined) look(store.get(autoScalingGroups, groupKey(member, member.groupName)));
  };
  const lookAtTask = (task: Task): void => {
    const name = task.capacityProviderName;
    if (task.containerInstanceArn !== undefined) {
      lookAtInstance(store.get(containerInstances, task.containerInstanceArn)?.ec2InstanceId);
    } else if (name !== undefined) {
      const own = store.where(capacityProviders, "scope", `${task.account}/${task.region}`);
      lookAtProvider(
        own.find((provider) => provider.name === name)?.autoScalingGroupProvider.autoScalingGroupArn,
      );
    }
  };
  return {
    start() {
      store.onChange(capacityProviders, ({ before, after }) =>
        lookAtProvider((after ?? before)?.autoScalingGroupProvider.autoScalingGroupArn),
      );
      store.onChange(clusters, ({ before, after }) => {
        const cluster = after ?? before;
        if (cluster === undefined) return;
        for (const provider of store.where(
          capacityProviders,
          "scope",
          `${cluster.account}/${cluster.region}`,
        )) {
          lookAtProvider(provider.autoScalingGroupProvider.autoScalingGroupArn);
        }
      });
      store.onChange(autoScalingGroups, ({ after }) => look(after));
      store.onChange(autoScalingInstances, ({ key }) => lookAtInstance(key));
      store.onChange(containerInstances, ({ before, after }) =>
        lookAtInstance((after ?? before)?.ec2InstanceId),
      );
      store.onChange(tasks, ({ before, after }) => {
        const task = after ?? before;
        if (task !== undefined && task.launchType === "EC2" && concernsCapacity(before, after))
          lookAtTask(task);
      });
      for (const group of store.list(autoScalingGroups)) look(group);
    },
    stop: () => controller.stop(),
  };
}

function concernsCapacity(before: Task | undefined, after: Task | undefined): boolean {
  return (
    before?.lastStatus !== after?.lastStatus ||
    before?.desiredStatus !== after?.desiredStatus ||
    before?.containerInstanceArn !== after?.containerInstanceArn
  );
}

/** One look at one group; whatever it does, it does in one transaction. */
export function reconcileManagedGroup(
  deps: CapacityProviderDeps,
  calm: Calm,
  key: string,
): ReconcileResult | undefined {
  const { store, clock, random } = deps;
  const group = store.get(autoScalingGroups, key);
  if (group === undefined) {
    calm.delete(key);
    return undefined;
  }
  const managed = observeManagedGroup(store, group);
  store.transaction((tx) => {
    applyHook(tx, managed);
    applyPolicy(store, tx, managed, random);
    for (const member of managed.members) {
      applyDraining(store, tx, managed, member, clock.now());
    }
    applyProtection(tx, managed, clock.now());
    if (isScaled(managed)) scale(deps, tx, calm, managed);
    else calm.delete(key);
  });
  return managed.cluster === undefined ? undefined : { againAfterMs: EVALUATION_PERIOD_MS };
}

/** Instances with tasks that are not daemons' are protected from scale-in, the others are not. */
function applyProtection(tx: Transaction, { provider, cluster, members }: ManagedGroup, now: number): void {
  const settings = provider?.autoScalingGroupProvider;
  if (cluster === undefined || settings?.managedTerminationProtection !== "ENABLED") return;
  const warmupMs = (settings.managedScaling?.instanceWarmupPeriod ?? 300) * 1000;
  for (const { record, nonDaemonTasks } of members) {
    if (record.lifecycleState !== "InService") continue;
    const busy = nonDaemonTasks > 0;
    // A new instance keeps the group's protection while its first tasks are on their way.
    if (busy === record.protectedFromScaleIn || (!busy && now - record.since < warmupMs)) continue;
    tx.put(autoScalingInstances, { ...record, protectedFromScaleIn: busy });
  }
}

function scale(deps: CapacityProviderDeps, tx: Transaction, calm: Calm, managed: ManagedGroup): void {
  const { store, clock, log } = deps;
  const { provider, cluster } = managed;
  const key = groupKey(managed.group, managed.group.name);
  // As the hook may have changed it a moment ago.
  const group = store.get(autoScalingGroups, key) ?? managed.group;
  if (provider === undefined || cluster === undefined) return;
  if (group.status !== undefined || isSuspended(group, "AlarmNotification")) return;
  const settings = provider.autoScalingGroupProvider.managedScaling;
  const now = clock.now();
  const counts = countInstances(managed, (settings?.instanceWarmupPeriod ?? 300) * 1000, now);
  const bin = binOf(managed, instanceTypeOfGroup(store, group));
  const wanted = bin === undefined ? 0 : instancesFor(waitingTasks(store, cluster, provider), bin);
  const plan = planScaling(
    {
      minSize: group.minSize,
      maxSize: group.maxSize,
      instances: group.desiredCapacity,
      inUse: counts.inUse,
      missing: Math.max(0, wanted - counts.incoming),
      targetCapacity: settings?.targetCapacity ?? 100,
      minimumStep: settings?.minimumScalingStepSize ?? 1,
      maximumStep: settings?.maximumScalingStepSize ?? 10_000,
      calmSince: calm.get(key),
    },
    now,
  );
  if (plan.calmSince === undefined) calm.delete(key);
  else calm.set(key, plan.calmSince);
  if (plan.desiredCapacity === undefined || plan.desiredCapacity === group.desiredCapacity) return;
  const from = group.desiredCapacity;
  log.info("managed scaling", { group: group.name, from, to: plan.desiredCapacity, metric: plan.metric });
  const policy = findManagedPolicy(store, managed);
  const direction = plan.desiredCapacity > from ? "High" : "Low";
  tx.put(autoScalingGroups, {
    ...group,
    desiredCapacity: plan.desiredCapacity,
    ...(policy === undefined
      ? {}
      : {
          capacityChange: {
            at: now,
            text: capacityChanges.alarm(
              alarmName(policy, direction),
              policy.name,
              from,
              plan.desiredCapacity,
            ),
          },
        }),
  });
}
