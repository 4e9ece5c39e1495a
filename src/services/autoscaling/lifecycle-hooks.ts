import type * as wire from "@aws-sdk/client-auto-scaling";
import {
  DEFAULT_HEARTBEAT_SECONDS,
  findWait,
  globalTimeoutSeconds,
  heartbeat,
  LAUNCHING,
  TERMINATING,
} from "../../model/autoscaling/hooks.ts";
import type { AutoScalingGroup, AutoScalingInstance, HookWait } from "../../model/autoscaling/records.ts";
import { autoScalingGroups, autoScalingInstances } from "../../store/tables/autoscaling.ts";
import type { HandlerContext } from "../operation.ts";
import { checkRange, oneOf, requireMember } from "./constraints.ts";
import { noHook, noLifecycleAction, notSupported, validationError } from "./errors.ts";
import { membersOf, requireGroup } from "./resolve.ts";

const TRANSITIONS = [LAUNCHING, TERMINATING] as const;
const RESULTS = ["CONTINUE", "ABANDON"] as const;
/** For a group (Auto Scaling user guide, "Quotas"). */
const MOST_HOOKS = 50;

/** What is named replaces what `former` had. Throws ValidationError. */
export function readHook(
  input: wire.LifecycleHookSpecification | wire.PutLifecycleHookType,
  groupName: string,
  former?: wire.LifecycleHook,
): wire.LifecycleHook {
  const name = requireMember(input.LifecycleHookName, "lifecycleHookName");
  const transition =
    oneOf(input.LifecycleTransition, "lifecycleTransition", TRANSITIONS) ?? former?.LifecycleTransition;
  if (transition === undefined) {
    throw validationError("LifecycleTransition is required when creating a lifecycle hook");
  }
  // There is no SNS and no SQS here that could carry the message; hooks work without it.
  if (input.NotificationTargetARN) throw notSupported("notification targets of lifecycle hooks");
  checkRange(input.HeartbeatTimeout, "heartbeatTimeout", 30, 7200);
  const HeartbeatTimeout = input.HeartbeatTimeout ?? former?.HeartbeatTimeout ?? DEFAULT_HEARTBEAT_SECONDS;
  return {
    LifecycleHookName: name,
    AutoScalingGroupName: groupName,
    LifecycleTransition: transition,
    RoleARN: input.RoleARN ?? former?.RoleARN,
    NotificationMetadata: input.NotificationMetadata ?? former?.NotificationMetadata,
    HeartbeatTimeout,
    GlobalTimeout: globalTimeoutSeconds(HeartbeatTimeout),
    DefaultResult: oneOf(input.DefaultResult, "defaultResult", RESULTS) ?? former?.DefaultResult ?? "ABANDON",
  };
}

export function putLifecycleHook(
  input: wire.PutLifecycleHookType,
  context: HandlerContext,
): wire.PutLifecycleHookAnswer {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const others = group.lifecycleHooks.filter(
    ({ LifecycleHookName }) => LifecycleHookName !== input.LifecycleHookName,
  );
  const former = group.lifecycleHooks.find(
    ({ LifecycleHookName }) => LifecycleHookName === input.LifecycleHookName,
  );
  const hook = readHook(input, group.name, former);
  if (others.length >= MOST_HOOKS) {
    throw validationError(`The group cannot have more than ${MOST_HOOKS} lifecycle hooks`);
  }
  context.store.transaction((tx) =>
    tx.put(autoScalingGroups, { ...group, lifecycleHooks: [...others, hook] }),
  );
  return {};
}

/** Actions that the hook holds up go on (API reference: Terminating is completed, Pending is abandoned). */
export function deleteLifecycleHook(
  input: wire.DeleteLifecycleHookType,
  context: HandlerContext,
): wire.DeleteLifecycleHookAnswer {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const name = requireMember(input.LifecycleHookName, "lifecycleHookName");
  requireHook(group, name);
  const lifecycleHooks = group.lifecycleHooks.filter(({ LifecycleHookName }) => LifecycleHookName !== name);
  context.store.transaction((tx) => {
    for (const member of membersOf(context, group)) {
      const wait = findWait(member, name, undefined);
      if (wait === undefined || member.lifecycleState !== "Pending:Wait") continue;
      tx.put(autoScalingInstances, answered(member, wait, "ABANDON"));
    }
    tx.put(autoScalingGroups, { ...group, lifecycleHooks });
  });
  return {};
}

function requireHook(group: AutoScalingGroup, name: string): wire.LifecycleHook {
  const hook = group.lifecycleHooks.find(({ LifecycleHookName }) => LifecycleHookName === name);
  if (hook === undefined) throw noHook(name, group.name);
  return hook;
}

export function describeLifecycleHooks(
  input: wire.DescribeLifecycleHooksType,
  context: HandlerContext,
): wire.DescribeLifecycleHooksAnswer {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const names = input.LifecycleHookNames ?? [];
  return {
    LifecycleHooks: group.lifecycleHooks.filter(
      ({ LifecycleHookName }) => names.length === 0 || names.includes(LifecycleHookName ?? ""),
    ),
  };
}

export function describeLifecycleHookTypes(): wire.DescribeLifecycleHookTypesAnswer {
  return { LifecycleHookTypes: [...TRANSITIONS] };
}

interface ActionInput {
  readonly LifecycleHookName?: string | undefined;
  readonly AutoScalingGroupName?: string | undefined;
  readonly LifecycleActionToken?: string | undefined;
  readonly InstanceId?: string | undefined;
}

export function completeLifecycleAction(
  input: wire.CompleteLifecycleActionType,
  context: HandlerContext,
): wire.CompleteLifecycleActionAnswer {
  const { member, wait } = requireAction(input, context);
  const result = oneOf(
    requireMember(input.LifecycleActionResult, "lifecycleActionResult"),
    "lifecycleActionResult",
    RESULTS,
  );
  context.store.transaction((tx) => tx.put(autoScalingInstances, answered(member, wait, result)));
  return {};
}

export function recordLifecycleActionHeartbeat(
  input: wire.RecordLifecycleActionHeartbeatType,
  context: HandlerContext,
): wire.RecordLifecycleActionHeartbeatAnswer {
  const { member, wait, hook } = requireAction(input, context);
  const beaten = heartbeat(wait, hook, context.clock.now());
  context.store.transaction((tx) => tx.put(autoScalingInstances, replaced(member, wait, beaten)));
  return {};
}

function requireAction(input: ActionInput, context: HandlerContext) {
  const group = requireGroup(context, input.AutoScalingGroupName);
  const hook = requireHook(group, requireMember(input.LifecycleHookName, "lifecycleHookName"));
  const name = hook.LifecycleHookName ?? "";
  for (const member of membersOf(context, group)) {
    if (input.InstanceId !== undefined && member.instanceId !== input.InstanceId) continue;
    if (input.InstanceId === undefined && input.LifecycleActionToken === undefined) continue;
    const wait = findWait(member, name, input.LifecycleActionToken);
    if (wait !== undefined) return { member, wait, hook };
  }
  throw noLifecycleAction(input.LifecycleActionToken, input.InstanceId);
}

function answered(
  member: AutoScalingInstance,
  wait: HookWait,
  result: HookWait["result"],
): AutoScalingInstance {
  return replaced(member, wait, { ...wait, result });
}

function replaced(member: AutoScalingInstance, wait: HookWait, by: HookWait): AutoScalingInstance {
  return { ...member, waiting: (member.waiting ?? []).map((other) => (other === wait ? by : other)) };
}
