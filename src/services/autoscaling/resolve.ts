/** Finds and requires this service's resources within the caller's account and region. */
import { groupKey, groupNameOf } from "../../model/autoscaling/names.ts";
import type { AutoScalingGroup, AutoScalingInstance } from "../../model/autoscaling/records.ts";
import { inScope } from "../../model/scope.ts";
import { autoScalingGroups, autoScalingInstances } from "../../store/tables/autoscaling.ts";
import type { HandlerContext } from "../operation.ts";
import { requireMember } from "./constraints.ts";
import { groupNotFound, noManagedInstance, notPartOfGroup } from "./errors.ts";

export function scopeKey(context: HandlerContext): string {
  return `${context.scope.account}/${context.scope.region}`;
}

/** By name or ARN. Throws ValidationError. */
export function requireGroup(context: HandlerContext, nameOrArn: string | undefined): AutoScalingGroup {
  const name = groupNameOf(requireMember(nameOrArn, "autoScalingGroupName"));
  const group = context.store.get(autoScalingGroups, groupKey(context.scope, name));
  if (group === undefined) throw groupNotFound(name);
  return group;
}

export function membersOf(context: HandlerContext, group: AutoScalingGroup): AutoScalingInstance[] {
  return context.store
    .where(autoScalingInstances, "group", groupKey(group, group.name))
    .sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
}

/** Of any group. Throws ValidationError. */
export function requireMemberInstance(
  context: HandlerContext,
  instanceId: string | undefined,
): AutoScalingInstance {
  const id = requireMember(instanceId, "instanceId");
  const member = context.store.get(autoScalingInstances, id);
  if (member === undefined || !inScope(member, context.scope)) throw noManagedInstance(id);
  return member;
}

/** Of one group. Throws ValidationError. */
export function requireInstanceOf(
  context: HandlerContext,
  group: AutoScalingGroup,
  instanceId: string,
): AutoScalingInstance {
  const member = context.store.get(autoScalingInstances, instanceId);
  if (member === undefined || !inScope(member, group) || member.groupName !== group.name) {
    throw notPartOfGroup(instanceId, group.name);
  }
  return member;
}
