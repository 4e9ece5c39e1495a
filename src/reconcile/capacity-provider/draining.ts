/** Managed draining: instances that Auto Scaling is to terminate lose their tasks first (developer guide, "Managed instance draining"). */
import type * as wire from "@aws-sdk/client-auto-scaling";
import { findWait, globalTimeoutSeconds, heartbeat, TERMINATING } from "../../model/autoscaling/hooks.ts";
import { groupKey } from "../../model/autoscaling/names.ts";
import type { AutoScalingGroup, AutoScalingInstance, HookWait } from "../../model/autoscaling/records.ts";
import type { Store, Transaction } from "../../store/store.ts";
import { autoScalingGroups, autoScalingInstances } from "../../store/tables/autoscaling.ts";
import { containerInstances } from "../../store/tables/ecs.ts";
import type { ManagedGroup, ManagedMember } from "./observe.ts";

export const DRAINING_HOOK = "ecs-managed-draining-termination-hook";
const HEARTBEAT_SECONDS = 3600;

function drainingHook(groupName: string): wire.LifecycleHook {
  return {
    LifecycleHookName: DRAINING_HOOK,
    AutoScalingGroupName: groupName,
    LifecycleTransition: TERMINATING,
    HeartbeatTimeout: HEARTBEAT_SECONDS,
    GlobalTimeout: globalTimeoutSeconds(HEARTBEAT_SECONDS),
    DefaultResult: "CONTINUE",
  };
}

/**
 * The hook is there as long as a capacity provider of a cluster drains the group. AWS leaves it behind when the
 * provider goes, and instances then wait an hour for nobody; here it goes too.
 */
export function applyHook(tx: Transaction, { group, provider, cluster }: ManagedGroup): void {
  const wanted = cluster !== undefined && provider?.autoScalingGroupProvider.managedDraining === "ENABLED";
  const there = group.lifecycleHooks.find(({ LifecycleHookName }) => LifecycleHookName === DRAINING_HOOK);
  if (wanted && there === undefined) {
    putHooks(tx, group, [...group.lifecycleHooks, drainingHook(group.name)]);
  }
  if (!wanted && there !== undefined) {
    putHooks(
      tx,
      group,
      group.lifecycleHooks.filter((hook) => hook !== there),
    );
  }
}

function putHooks(
  tx: Transaction,
  group: AutoScalingGroup,
  lifecycleHooks: readonly wire.LifecycleHook[],
): void {
  tx.put(autoScalingGroups, { ...group, lifecycleHooks });
}

/** Drains the container instance; when its last task is gone, the instance may go on terminating. */
export function applyDraining(
  store: Store,
  tx: Transaction,
  { group }: ManagedGroup,
  member: ManagedMember,
  now: number,
): void {
  const { record, containerInstance } = member;
  if (record.lifecycleState !== "Terminating:Wait") return;
  const wait = findWait(record, DRAINING_HOOK, undefined);
  if (wait === undefined) return;
  if (containerInstance?.status === "ACTIVE") {
    tx.put(containerInstances, {
      ...containerInstance,
      status: "DRAINING",
      version: containerInstance.version + 1,
    });
  }
  const answer = nextWait(store, group, member, wait, now);
  if (answer !== wait) tx.put(autoScalingInstances, withWait(record, wait, answer));
}

function nextWait(
  store: Store,
  group: AutoScalingGroup,
  { containerInstance, tasks }: ManagedMember,
  wait: HookWait,
  now: number,
): HookWait {
  if (containerInstance === undefined || tasks === 0) return { ...wait, result: "CONTINUE" };
  const hook = store
    .get(autoScalingGroups, groupKey(group, group.name))
    ?.lifecycleHooks.find(({ LifecycleHookName }) => LifecycleHookName === DRAINING_HOOK);
  const late = wait.until - now < (HEARTBEAT_SECONDS * 1000) / 2;
  return hook === undefined || !late || wait.until >= wait.latest ? wait : heartbeat(wait, hook, now);
}

function withWait(record: AutoScalingInstance, wait: HookWait, by: HookWait): AutoScalingInstance {
  return { ...record, waiting: (record.waiting ?? []).map((other) => (other === wait ? by : other)) };
}
