/** Lifecycle hooks (Auto Scaling user guide, "Amazon EC2 Auto Scaling lifecycle hooks"). */
import type * as wire from "@aws-sdk/client-auto-scaling";
import type { AutoScalingInstance, HookWait } from "./records.ts";

export const LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING";
export const TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING";

export const DEFAULT_HEARTBEAT_SECONDS = 3600;
const LONGEST_WAIT_SECONDS = 172_800;

/** 48 hours, or 100 times the heartbeat timeout, whichever is smaller (API reference, LifecycleHook). */
export function globalTimeoutSeconds(heartbeatSeconds: number): number {
  return Math.min(LONGEST_WAIT_SECONDS, 100 * heartbeatSeconds);
}

export function newHookWait(hook: wire.LifecycleHook, now: number, token: string): HookWait {
  const heartbeat = hook.HeartbeatTimeout ?? DEFAULT_HEARTBEAT_SECONDS;
  return {
    hookName: hook.LifecycleHookName ?? "",
    token,
    until: now + heartbeat * 1000,
    latest: now + globalTimeoutSeconds(heartbeat) * 1000,
  };
}

/** What RecordLifecycleActionHeartbeat does. */
export function heartbeat(wait: HookWait, hook: wire.LifecycleHook, now: number): HookWait {
  const seconds = hook.HeartbeatTimeout ?? DEFAULT_HEARTBEAT_SECONDS;
  return { ...wait, until: Math.min(wait.latest, now + seconds * 1000) };
}

export type HookOutcome =
  | { readonly kind: "waiting"; readonly until: number }
  | { readonly kind: "continue" }
  | { readonly kind: "abandon"; readonly token: string; readonly timedOut: boolean };

/** ABANDON by one ends the waiting for all; a hook that was deleted no longer holds anything up. */
export function hookOutcome(
  waits: readonly HookWait[],
  hooks: readonly wire.LifecycleHook[],
  now: number,
): HookOutcome {
  let until = Number.POSITIVE_INFINITY;
  for (const wait of waits) {
    const hook = hooks.find(({ LifecycleHookName }) => LifecycleHookName === wait.hookName);
    if (hook === undefined && wait.result === undefined) continue;
    const timedOut = wait.result === undefined && wait.until <= now;
    const result = wait.result ?? (timedOut ? (hook?.DefaultResult ?? "ABANDON") : undefined);
    if (result === "ABANDON") return { kind: "abandon", token: wait.token, timedOut };
    if (result === undefined) until = Math.min(until, wait.until);
  }
  return until === Number.POSITIVE_INFINITY ? { kind: "continue" } : { kind: "waiting", until };
}

/** The wait with that name, and that token where one is given, that has no answer yet. */
export function findWait(
  member: AutoScalingInstance,
  hookName: string,
  token: string | undefined,
): HookWait | undefined {
  return member.waiting?.find(
    (wait) =>
      wait.hookName === hookName &&
      wait.result === undefined &&
      (token === undefined || wait.token === token),
  );
}
