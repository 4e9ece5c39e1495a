/** The next step of one instance of a group: pure. */
import { abandonedAction } from "../../model/autoscaling/activities.ts";
import { hookOutcome, LAUNCHING, TERMINATING } from "../../model/autoscaling/hooks.ts";
import { isSuspended } from "../../model/autoscaling/processes.ts";
import type { Instance } from "../../model/ec2/records.ts";
import type { GroupPlan, Step } from "./plan.ts";
import type { GroupSnapshot, Member } from "./snapshot.ts";

/** How long after the end of its delay a target is left to reconcile/load-balancer. */
const DRAIN_SLACK_MS = 30_000;

const NOTHING: GroupPlan = { steps: [] };

export function planMember(snapshot: GroupSnapshot, member: Member, now: number): GroupPlan {
  const { instanceId, lifecycleState } = member.record;
  const deleting = snapshot.group.status !== undefined;
  switch (lifecycleState) {
    case "Pending":
    case "Pending:Wait":
    case "Pending:Proceed":
      return planPending(snapshot, member, now);
    case "InService":
      return planInService(snapshot, member, now);
    case "Terminating":
      return planLeaving(snapshot, member, now, () => planTerminating(snapshot, instanceId));
    case "Terminating:Wait":
      return planTerminatingWait(snapshot, member, now);
    case "Terminating:Proceed":
      return planTermination(member);
    case "Detaching":
      return planLeaving(snapshot, member, now, () => [{ kind: "gone", instanceId, detached: true }]);
    case "EnteringStandby":
      return planLeaving(snapshot, member, now, () => [{ kind: "standby", instanceId }]);
    case "Standby":
      // A group that is force-deleted takes them with it.
      return deleting ? { steps: [{ kind: "state", instanceId, to: "Terminating" }] } : NOTHING;
    default:
      return NOTHING;
  }
}

function isDown(instance: Instance | undefined): boolean {
  return instance === undefined || (instance.state !== "pending" && instance.state !== "running");
}

function planPending(snapshot: GroupSnapshot, { record, instance }: Member, now: number): GroupPlan {
  const { instanceId, lifecycleState } = record;
  if (isDown(instance)) {
    const reason = instance?.stateReason?.message ?? "Server.InternalError: Internal error on launch";
    const statusMessage = `Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: ${reason}`;
    return { steps: [{ kind: "cancel-launch", instanceId, statusMessage }] };
  }
  if (instance?.state !== "running") return NOTHING;
  if (lifecycleState === "Pending:Wait") {
    const outcome = hookOutcome(record.waiting ?? [], snapshot.group.lifecycleHooks, now);
    if (outcome.kind === "waiting") return { steps: [], lookAgainAt: outcome.until };
    if (outcome.kind === "continue") {
      return { steps: [{ kind: "state", instanceId, to: "Pending:Proceed" }] };
    }
    const statusMessage = abandonedAction(outcome.token, outcome.timedOut);
    return { steps: [{ kind: "cancel-launch", instanceId, statusMessage }] };
  }
  const hooks = hooksOf(snapshot, LAUNCHING);
  if (lifecycleState === "Pending" && hooks.length > 0) {
    return { steps: [{ kind: "wait-for-hooks", instanceId, to: "Pending:Wait", hooks }] };
  }
  return { steps: [{ kind: "in-service", instanceId }] };
}

function hooksOf({ group }: GroupSnapshot, transition: string) {
  return group.lifecycleHooks.filter(({ LifecycleTransition }) => LifecycleTransition === transition);
}

function planInService(snapshot: GroupSnapshot, member: Member, now: number): GroupPlan {
  const { group } = snapshot;
  const { record, instance } = member;
  const { instanceId } = record;
  const graceEnds = record.since + group.healthCheckGracePeriod * 1000;
  let lookAgainAt: number | undefined;
  if (group.status === undefined && !isSuspended(group, "HealthCheck")) {
    const replaced = !isSuspended(group, "ReplaceUnhealthy");
    if (isDown(instance) && replaced) return { steps: [{ kind: "take-out", instanceId, reason: "ec2" }] };
    if (record.healthStatus === "Unhealthy" && replaced) {
      return { steps: [{ kind: "take-out", instanceId, reason: "user" }] };
    }
    const failing =
      group.healthCheckType.split(",").includes("ELB") &&
      member.targets.some(({ health }) => health.state === "unhealthy");
    if (failing && replaced && now >= graceEnds) {
      return { steps: [{ kind: "take-out", instanceId, reason: "elb" }] };
    }
    if (failing) lookAgainAt = graceEnds;
  }
  return { steps: isDown(instance) ? [] : planTargets(snapshot, member), lookAgainAt };
}

/** Registers what is not registered; targets of groups that were detached go. */
function planTargets({ group, targetGroups }: GroupSnapshot, { record, targets }: Member): Step[] {
  if (isSuspended(group, "AddToLoadBalancer") || group.status !== undefined) return [];
  return targetGroups
    .filter(
      ({ arn }) =>
        !targets.some((target) => target.targetGroupArn === arn && target.deregisteredAt === undefined),
    )
    .map(({ arn, port }) => ({
      kind: "register",
      instanceId: record.instanceId,
      targetGroupArn: arn,
      port,
    }));
}

/** Out of the load balancers first, and only when its connections have drained further. */
function planLeaving(
  { group }: GroupSnapshot,
  member: Member,
  now: number,
  then: () => readonly Step[],
): GroupPlan {
  const { instanceId } = member.record;
  const steps: Step[] = [];
  let lookAgainAt: number | undefined;
  for (const { targetGroupArn, port, deregisteredAt } of member.targets) {
    if (deregisteredAt === undefined) steps.push({ kind: "deregister", instanceId, targetGroupArn, port });
    else {
      const at = deregisteredAt + longestDrainMs(member, targetGroupArn);
      if (at <= now) steps.push({ kind: "drop-target", instanceId, targetGroupArn, port });
      else lookAgainAt = Math.min(lookAgainAt ?? at, at);
    }
  }
  if (steps.length > 0) return { steps };
  if (member.targets.length === 0 || group.status !== undefined || isDown(member.instance)) {
    return { steps: then() };
  }
  const told = member.activity?.statusCode !== "InProgress";
  return { steps: told ? [] : [{ kind: "draining", instanceId }], lookAgainAt };
}

/** reconcile/load-balancer deletes what has drained; should its load balancer be gone, nobody would. */
function longestDrainMs(member: Member, targetGroupArn: string): number {
  return (member.drainSeconds.get(targetGroupArn) ?? 0) * 1000 + DRAIN_SLACK_MS;
}

function planTerminating(snapshot: GroupSnapshot, instanceId: string): Step[] {
  const hooks = snapshot.group.status === undefined ? hooksOf(snapshot, TERMINATING) : [];
  if (hooks.length === 0) return [{ kind: "state", instanceId, to: "Terminating:Proceed" }];
  return [{ kind: "wait-for-hooks", instanceId, to: "Terminating:Wait", hooks }];
}

/** Whatever the hooks say, it goes: ABANDON only ends the waiting for the others. */
function planTerminatingWait({ group }: GroupSnapshot, { record }: Member, now: number): GroupPlan {
  const outcome = hookOutcome(record.waiting ?? [], group.lifecycleHooks, now);
  // DeleteAutoScalingGroup with ForceDelete deletes the outstanding lifecycle actions (API reference).
  if (outcome.kind === "waiting" && group.status === undefined) {
    return { steps: [], lookAgainAt: outcome.until };
  }
  return { steps: [{ kind: "state", instanceId: record.instanceId, to: "Terminating:Proceed" }] };
}

function planTermination({ record, instance }: Member): GroupPlan {
  const { instanceId } = record;
  if (instance === undefined || instance.state === "terminated") {
    return { steps: [{ kind: "gone", instanceId, detached: false }] };
  }
  if (instance.desiredState === "terminated") return NOTHING;
  return { steps: [{ kind: "terminate-instance", instanceId }] };
}
